"""The inventory of fields that name or describe a buyer, and how they are erased. The job, the counts and the tests use
it.
"""

import re
from typing import NamedTuple

# How a value is erased when its time is over.
EMPTY = 'empty'      # nothing is left
NUMBER = 'number'    # "Amazon buyer 12"
ORDER = 'order'      # Amazon's number of the order
KNOWN = 'known'      # only the parts that are known to describe goods, money and dates
GIFT = 'gift'        # a fixed text, on the line that holds a gift message
WRITTEN = 'written'  # a fixed text, but for what the audit trail of journal entries protects
DELETE = 'delete'    # the record itself


class Entry(NamedTuple):
    """One field that may hold a buyer's data; `on_invoice` is what a kept invoice shows, see
    `res.company.amazon_invoice_data`.
    """

    model: str
    field: str
    how: str
    on_invoice: bool = False


# Increased where the inventory grows: records that were erased by an older one are erased again.
INVENTORY_VERSION = 4
INVENTORY = (
    Entry('res.partner', 'name', NUMBER, on_invoice=True),
    # All other texts and files of partners are emptied, too, whichever modules are installed: see `is_emptied`.
    *(Entry('res.partner', field, EMPTY, on_invoice=True) for field in (
        'street', 'street2', 'street_name', 'street_number', 'street_number2', 'zip', 'city', 'vat', 'company_registry',
        'company_name', 'peppol_endpoint', 'l10n_it_codice_fiscale')),
    *(Entry('res.partner', field, EMPTY) for field in ('partner_latitude', 'partner_longitude')),
    Entry('res.partner.bank', '*', DELETE),
    Entry('amazon.order', 'payload', KNOWN),
    Entry('amazon.order', 'error', WRITTEN),
    Entry('sale.order', 'client_order_ref', ORDER),
    *(Entry('sale.order', field, EMPTY) for field in ('note', 'signed_by', 'signature', 'access_token')),
    Entry('sale.order.line', 'name', GIFT),
    *(Entry('stock.picking', field, EMPTY) for field in ('note', 'signature')),
    Entry('stock.move', 'description_picking_manual', EMPTY),
    *(Entry('account.move', field, EMPTY, on_invoice=True) for field in ('ref', 'narration')),
    *(Entry('account.move', field, EMPTY) for field in ('access_token', 'invoice_source_email')),
    Entry('account.move.line', 'name', GIFT),
    *(Entry('amazon.label', field, EMPTY) for field in ('request', 'inputs')),
    Entry('mail.mail', '*', DELETE),
    Entry('mail.scheduled.message', '*', DELETE),
    Entry('mail.compose.message', '*', DELETE),
    Entry('mail.message', 'body', WRITTEN),
    *(Entry('mail.message', field, EMPTY) for field in (
        'subject', 'email_from', 'reply_to', 'incoming_email_to', 'incoming_email_cc', 'outgoing_email_to')),
    *(Entry('mail.notification', field, EMPTY) for field in ('mail_email_address', 'failure_reason')),
    *(Entry('mail.tracking.value', field, EMPTY) for field in ('old_value_char', 'new_value_char', 'old_value_text',
                                                               'new_value_text')),
    *(Entry('mail.activity', field, EMPTY) for field in ('res_name', 'summary', 'note')),
    Entry('ir.attachment', '*', DELETE),
    *(Entry('payment.transaction', field, EMPTY) for field in (
        'partner_name', 'partner_email', 'partner_address', 'partner_zip', 'partner_city', 'partner_phone')),
    Entry('snailmail.letter', '*', DELETE),
    Entry('sms.sms', '*', DELETE),
)

# Texts of partners without personal data: settings, and names that are computed from the name.
PARTNER_KEPT = frozenset({
    'complete_name', 'commercial_company_name', 'signup_type', 'invoice_edi_format_store', 'fiscal_country_codes'})
# Fields for users who may not read addresses: the name, and notes of colleagues for those who sell to it.
PARTNER_SHOWN = PARTNER_KEPT | {
    'name', 'display_name', 'parent_name', 'company_name', 'ref', 'sale_warn_msg', 'picking_warn_msg',
    'invoice_warn_msg'}
# Fields that are searched or computed by addresses without depending on them formally.
PARTNER_HIDDEN = frozenset({'partner_latitude', 'partner_longitude', 'phone_mobile_search',
                            'phone_sanitized_blacklisted', 'signup_url'})
TEXTS = ('char', 'text', 'html', 'json', 'properties')
# Fields of models beside partners that repeat what is hidden in their partner: those that are computed from it, those
# with such a name, which copy it (leads, letters, registrations), and these.
REPEATED_NAME = re.compile(
    r'(\w+_)?(contact_address|street2?|zip(_code)?|city|vat|(email|phone|mobile)(_cc|_formatted|_from|_normalized|'
    r'_sanitized|_to)?)')
REPEATED = {
    'mail.compose.message': {'reply_to'},
    'mail.message': {'reply_to'},
    'mail.notification': {'mail_email_address', 'sms_number'},
    'mailing.trace': {'email', 'sms_number'},
    'sms.composer': {'recipient_single_number', 'recipient_single_number_itf', 'numbers', 'sanitized_numbers'},
    'sms.resend.recipient': {'sms_number'},
    'sms.sms': {'number'},
    'snailmail.letter': {'attachment_datas'},
}


def is_emptied(field):
    """Return whether the values of this field of partners (a `Field` of Odoo) are erased with a buyer's data.

    What follows from other fields by itself is not written.
    """
    follows = field.related or (field.compute and field.readonly)
    return bool(field.store and field.type in (*TEXTS, 'binary', 'image') and not follows
                and field.name not in PARTNER_KEPT)


def find_hidden(registry, model):
    """Return the names of the fields of partners that show more of a buyer than the name: stored texts, and texts that
    are computed from these.
    """
    texts = {name: field for name, field in model._fields.items() if field.type in TEXTS and name not in PARTNER_SHOWN}
    hidden = {name for name, field in texts.items() if field.store}
    found = hidden
    while found:
        found = {name for name, field in texts.items()
                 if name not in hidden and hidden.intersection(registry.field_depends.get(field, ()))}
        hidden |= found
    return frozenset(hidden | PARTNER_HIDDEN)


class Repeated(NamedTuple):
    """The fields of a model that repeat what is hidden in partners, and the paths from its records to these partners;
    without a path, a record may repeat the address of any partner.
    """

    fields: frozenset
    links: tuple


def find_repeated(registry, model, hidden):
    """Return the `Repeated` of a model, whichever modules are installed.

    :param hidden: names of fields of partners
    """
    links = [name for name, field in model._fields.items() if field.type == 'many2one' and not field.inherited
             and field.comodel_name == 'res.partner' and (field.store or field.related)]
    texts = {name: field for name, field in model._fields.items() if field.type in TEXTS}
    found = {name for name in texts if links and REPEATED_NAME.fullmatch(name)} | REPEATED.get(model._name, set())
    for name, field in texts.items():
        paths = [path.rpartition('.') for path in registry.field_depends.get(field, ())]
        through = [link for link, _dot, last in paths if last in hidden and is_partner(registry, model, link)]
        found.update([name] * bool(through))
        links += through
    return Repeated(frozenset(found), tuple(dict.fromkeys(links)))


def is_partner(registry, model, path):
    """Return whether a path of names of fields leads from a model to partners."""
    for name in path.split('.'):
        field = model._fields.get(name)
        if not field or not field.relational:
            return False
        model = registry[field.comodel_name]
    return model._name == 'res.partner'


# Keys of an order's values that say where a buyer lives, or how he is reached.
ADDRESS_KEY = re.compile(r'addressLine\d|email|phone|taxRegistrationNumber|purchaseOrderNumber', re.IGNORECASE)
# Values of an order that are kept as Amazon sent them; properties that Amazon adds later are dropped until they are
# listed here.
KEPT = {
    'orderId': True, 'orderAliases': True, 'createdTime': True, 'lastUpdatedTime': True, 'programs': True,
    'associatedOrders': True, 'salesChannel': True, 'proceeds': True, 'fulfillmentOrders': True,
    'fulfillment': {
        'fulfillmentStatus': True, 'fulfilledBy': True, 'fulfillmentServiceLevel': True, 'shipByWindow': True,
        'deliverByWindow': True, 'labelPrintingWindow': True},
    'orderItems': {
        'orderItemId': True, 'quantityOrdered': True, 'measurement': True, 'associatedOrderItems': True,
        'programs': True, 'proceeds': True, 'expense': True, 'promotion': True, 'tax': True,
        'product': {'asin': True, 'title': True, 'sellerSku': True, 'condition': True, 'price': True,
                    'serialNumbers': True},
        'cancellation': {'cancellationRequest': {'requester': True}, 'cancellationExecution': {'cancelledBy': True}},
        'fulfillment': {
            'quantityFulfilled': True, 'quantityUnfulfilled': True, 'picking': True,
            'packing': {'serialNumberRequirement': True},
            'shipping': {'scheduledDeliveryWindow': True, 'shippingConstraints': True}}},
    'packages': {
        'packageReferenceId': True, 'createdTime': True, 'packageStatus': True, 'carrier': True, 'shipTime': True,
        'shippingService': True, 'trackingNumber': True, 'packageItems': True},
}


def scrub(payload, kept=None):
    """Return an `Order` of the Orders API 2026-01-01 without the values that name or describe its buyer."""
    kept = KEPT if kept is None else kept
    if kept is True:
        return payload
    if isinstance(payload, list):
        return [scrub(entry, kept) for entry in payload]
    if isinstance(payload, dict):
        return {key: scrub(value, kept[key]) for key, value in payload.items() if key in kept}
    # A plain value in the place of an object may hold anything, so it is dropped.
    return None


def find_addresses(payload):
    """Return what an `Order` says of where its buyer lives or how he is reached, as tuples of texts in small letters
    that must stand together. Names, and what says the region only, are left out.
    """
    found = set()
    if isinstance(payload, dict):
        texts = {key: str(value).casefold() for key, value in payload.items() if isinstance(value, str)}
        found = {(text,) for key, text in texts.items() if ADDRESS_KEY.search(key)}
        found.add((texts.get('postalCode', ''), texts.get('city', '')))
    below = payload.values() if isinstance(payload, dict) else payload if isinstance(payload, list) else ()
    found = {parts for parts in found if all(len(text) > 3 for text in parts)}
    return found.union(*(find_addresses(value) for value in below))


def is_personal(payload):
    """Return whether an `Order` holds values that may not be kept."""
    return bool(payload) and scrub(payload) != payload
