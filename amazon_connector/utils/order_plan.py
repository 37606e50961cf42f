"""Values of the sales order of an Amazon order, computed before anything is written."""

from decimal import Decimal
from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.fields import Command

from ..amazon_api.orders import PENDING, count_shipped, find_replaced, has_street, is_to_send, read_order
from ..amazon_api.proceeds import (
    DISCOUNT,
    GIFT_WRAP,
    ITEM,
    SHIPPING,
    TAX,
    PricesMissing,
    Proceeds,
    ProceedsError,
    read_proceeds,
)
from ..amazon_api.shapes import AbsentError, ShapeError, read_time
from ..amazon_api.tax_check import split
from .order_charges import GOODS, OTHER, name_charge, number_parts
from .order_taxes import ChargeTax, ItemTaxes, TaxAsked
from .phrases import tell
from .piece_price import divide
from .tax_places import TaxPlaces
from .words import explain

CHANNELS = {'MERCHANT': 'fbm', 'AMAZON': 'fba'}
SHIP_PLUS = 'FBM_SHIP_PLUS'


class Problem(NamedTuple):
    """Why an order cannot be processed automatically, and what to do; `waits`: Amazon is asked again, before a person
    is unless `at_once`.
    """

    reason: str
    next_step: str
    waits: bool = False
    at_once: bool = False


class OrderProblem(UserError):
    """Raised for an order that cannot become a sales order as Amazon sent it; `problem` says why and what to do."""

    def __init__(self, reason, next_step, waits=False):
        super().__init__(reason)
        self.problem = Problem(reason, next_step, waits)


class OrderIncomplete(OrderProblem):
    """Raised where Amazon has not stated yet all that an order needs: it is read again later."""

    def __init__(self, env, reason):
        super().__init__(reason, tell(env)._(
            "Amazon is asked again by itself for some hours. If it stays like this, compare with Seller Central, "
            "then read "
            "the order from Amazon again."), waits=True)


def read_payload(order) -> dict:
    """Return the payload of a received order (`amazon.order`), with all values that are used checked for their type.

    :raises OrderIncomplete: Amazon has not stated all that an order needs
    :raises OrderProblem: something cannot be understood
    """
    env = order.env
    try:
        payload = read_order(order.payload or {})
    except AbsentError as error:
        raise OrderIncomplete(env, explain(env, error)) from None
    except ShapeError as error:
        raise OrderProblem(explain(env, error), _compare(env)) from None
    address = (payload.get('recipient') or {}).get('deliveryAddress') or {}
    code = address.get('countryCode')
    if code and not env['res.partner']._amazon_find_country(code):
        raise OrderProblem(tell(env)._("Amazon sent a country that Odoo does not know: %s.", code[:10]), _compare(env))
    return payload


def _compare(env):
    return tell(env)._("Compare with Seller Central; read the order from Amazon again when Amazon has corrected it.")


class OrderPlan:
    """Header and lines of the sales order for one received order.

    :param order: the received order (`amazon.order`)
    :param dict payload: its payload as `read_payload` returns it
    :param tuple partners: customer and delivery address
    :param dict listings: SKU -> listing of the marketplace
    :param places: the `TaxPlaces` of the marketplace
    :raises UserError: the order cannot be understood; the text says why and what to do

    `unknown` are the listings without a product, `asked` those whose pieces of one unit nobody has confirmed.
    `tax_question` is the question about its taxes that a person must answer (see `tax_questions`) before it is
    confirmed, or None.
    """

    def __init__(self, order, payload, partners, listings, places=None):
        self.env = order.env
        self.order = order
        self.payload = payload
        self.marketplace = order.marketplace_id
        self.channel = CHANNELS[payload['fulfillment']['fulfilledBy']]
        self.replaced = find_replaced(payload)
        self.customer, self.delivery = partners
        self._listings = listings
        self.proceeds = self._read_proceeds()
        self.place = self._find_place(places or TaxPlaces(self.marketplace))
        self.tax_question = None
        sold = order.env['amazon.listing'].union(*map(self.get_listing, self.items))
        self.unknown = sold.filtered(lambda listing: not listing.product_id)
        self.asked = sold.filtered(lambda listing: listing.pack_check == 'ask')
        self.lines = self._prepare_lines()

    @property
    def _currency(self):
        """Return the currency of the order in Odoo, and of Amazon's amounts."""
        return self.marketplace.pricelist_id.currency_id or self.marketplace.company_id.currency_id

    @property
    def items(self):
        """Return the items of the order, as Amazon sent them."""
        return self.payload['orderItems']

    @property
    def is_pending(self) -> bool:
        """Return whether the order is pending at Amazon."""
        return self.order.amazon_status in PENDING

    @property
    def has_no_prices_yet(self) -> bool:
        """Return whether prices may be missing: the payment is not authorised, or the order is not fulfilled."""
        return self.is_pending or self.order.amazon_status == 'UNFULFILLABLE'

    def is_tax_stated(self) -> bool | None:
        """Return whether Amazon states the tax of this order; None where the order has none."""
        taxed = any(line.get('tax_ids') and any(self.env['account.tax'].browse(line['tax_ids'][0][2]).mapped('amount'))
                    for line in self.lines)
        return any(charge.tax for charge in self.proceeds.charges) if taxed else None

    @property
    def lacks_address(self) -> bool:
        """Return whether the delivery address is missing, because the application lacks a role."""
        missing = not has_street(self.payload) if is_to_send(self.payload) else not self.payload.get('recipient')
        return self.channel == 'fbm' and not self.is_pending and missing

    def shipped(self) -> dict:
        """Return the units that were shipped already, by order item id."""
        return count_shipped(self.payload)

    def get_listing(self, item):
        """Return the listing of an order item."""
        return self._listings[item['product'].get('sellerSku') or item['product'].get('asin') or item['orderItemId']]

    # === HEADER === #

    def prepare_header(self) -> dict:
        """Return the values of the sales order that follow Amazon as long as the order is open."""
        fulfillment = self.payload['fulfillment']
        ship_by = _latest(fulfillment.get('shipByWindow'))
        return {
            'amazon_status': self.order.amazon_status, 'amazon_ship_by': ship_by,
            'amazon_total': float(self.proceeds.total),
            'amazon_deliver_by': _latest(fulfillment.get('deliverByWindow')), 'commitment_date': ship_by,
            'amazon_service_level': fulfillment.get('fulfillmentServiceLevel'),
            'amazon_programs': ', '.join(self.payload.get('programs') or []) or False,
            'amazon_is_ship_plus': SHIP_PLUS in (self.payload.get('programs') or []),
            'client_order_ref': (self.payload.get('buyer') or {}).get('buyerPurchaseOrderNumber')
            or self.order.amazon_order_ref,
        }

    def prepare_partners(self) -> dict:
        """Return the values of customer and addresses of the sales order."""
        return {
            'partner_id': self.customer.id, 'partner_invoice_id': self.customer.id,
            'partner_shipping_id': self.delivery.id, **self.prepare_taxes(),
        }

    def prepare_taxes(self) -> dict:
        """Return the values of the jurisdiction of the sales order."""
        return {'fiscal_position_id': self.fiscal_position.id, 'amazon_source_country_id': self.place.source.id}

    def prepare_order(self) -> dict:
        """Return the values to create the sales order with, lines included."""
        market = self.marketplace
        name = market._get_order_name(self.order.amazon_order_ref)
        return {
            **self.prepare_header(), **self.prepare_partners(), **({'name': name} if name else {}),
            'amazon_order_ref': self.order.amazon_order_ref, 'amazon_channel': self.channel,
            'amazon_marketplace_id': market.id,
            'company_id': market.company_id.id, 'warehouse_id': market.warehouse_id.id, 'team_id': market.team_id.id,
            'user_id': market.user_id.id, 'pricelist_id': market.pricelist_id.id, 'journal_id': market.journal_id.id,
            'payment_term_id': market.payment_term_id.id, 'date_order': to_datetime(self.payload['createdTime']),
            'carrier_id': market._get_delivery_carrier(self.payload['fulfillment'].get('fulfillmentServiceLevel')).id
            if self.channel == 'fbm' else False, 'require_signature': False, 'require_payment': False, 'note': False,
            'origin': self.env._("Replacement of %s", self.replaced) if self.replaced else False,
            'order_line': [Command.create(vals) for vals in self.lines],
        }

    def _find_place(self, places):
        """Return the jurisdiction, and keep the object that decides the taxes of items in it."""
        delivery = self.delivery
        if self.customer == self.marketplace.anonymous_partner_id:
            # Anonymous buyers share one customer, but each order is taxed where its goods went.
            address = (self.payload.get('recipient') or {}).get('deliveryAddress') or {}
            partners = self.env['res.partner']
            delivery = partners.new(
                {key: value for key, value in partners._amazon_prepare_address(address, self.marketplace).items()
                 if key in ('country_id', 'state_id', 'zip')})
        customer = self.customer if delivery == self.delivery else delivery
        place = places.find(customer, delivery, places.find_source(self.channel, self.order.amazon_order_ref),
                            self._get_scheme())
        self._taxes = ItemTaxes(places, place, self.proceeds.charges)
        return place

    def _get_scheme(self):
        schemes = {entry.get('reportingScheme') for item in self.items
                   for entry in (item.get('tax') or {}).get('taxCalculationBreakdowns') or []}
        return schemes.pop() if len(schemes) == 1 else None

    @property
    def fiscal_position(self):
        """Return the fiscal position of the sales order."""
        return self.place.position

    # === LINES === #

    def _read_proceeds(self):
        try:
            proceeds = read_proceeds(self.payload, free=self.replaced is not None)
        except PricesMissing as error:
            if self.has_no_prices_yet:
                return Proceeds(None, Decimal(0), [])
            raise OrderIncomplete(self.env, tell(self.env)._("Amazon has not stated the price of %s.",
                                                             ', '.join(error.items))) from None
        except ProceedsError as error:
            reason = tell(self.env)._("Amazon's amounts of this order contradict each other: %s.", error)
            raise OrderProblem(reason, _compare(self.env)) from None
        expected = self._currency
        if proceeds.currency and proceeds.currency != expected.name:
            raise UserError(tell(self.env)._(
                "The order is in %(order_currency)s, but the pricelist of %(marketplace)s is in %(currency)s. Choose a "
                "pricelist in "
                "the order's currency on the marketplace.", order_currency=proceeds.currency,
                marketplace=self.marketplace.name, currency=expected.name))
        return proceeds

    def _prepare_lines(self) -> list[dict]:
        """Return the values of the lines: items, other charges, and tax that has a line of its own."""
        charges, self._apart = {}, {True: Decimal(0), False: Decimal(0)}
        for charge in self.proceeds.charges:
            charges.setdefault(charge.item_ref, []).append(charge)
        lines = []
        for item in self.items:
            lines += self._prepare_item(item, charges.get(item['orderItemId'], []))
        for charge in charges.get('', []):
            product = self.marketplace._get_charge_product(charge.kind)
            tax = self._decide_taxes([charge], product)[charge]
            lines.append(self._prepare_charge(charge, tax, product, self.env._("Tip") if charge.kind == 'DELIVERY_TIP'
                                              else product.name))
        lines += self._prepare_tax_lines()
        return [{**line, 'sequence': 10 + position} for position, line in enumerate(number_parts(lines))]

    def _decide_taxes(self, charges, product):
        """Return the `ChargeTax` of each charge; none where a person must choose it."""
        try:
            taxes = self._taxes.decide(charges, product)
        except TaxAsked as asked:
            self.tax_question = self.tax_question or asked.question
            taxes = {charge: ChargeTax(self.env['account.tax']) for charge in charges}
        for charge, tax in taxes.items():
            self._apart[charge.remitted or self.marketplace._is_tax_amazons()] += tax.apart
        return taxes

    def _prepare_item(self, item, charges):
        listing = self.get_listing(item)
        product = listing.product_id or self.marketplace.fallback_product_id
        unit = {'product_uom_id': (listing._get_uom() or product.uom_id).id,
                'amazon_sku': item['product'].get('sellerSku') or False,
                'amazon_needs_codes': 'TRANSPARENCY' in (item.get('programs') or [])}
        title = item['product'].get('title') or product.display_name
        lines, quantity = [], item['quantityOrdered']
        if quantity and not any(charge.kind == ITEM for charge in charges):
            # Pending, or given free of charge.
            lines.append(self._prepare_line(item['orderItemId'], GOODS, product, title, quantity, Decimal(0)) | unit)
        taxes = self._decide_taxes(charges, product) if charges else {}
        for charge in charges:
            name, tax = self._describe(charge, item, title), taxes[charge]
            if charge.kind == ITEM and quantity:
                lines += self._prepare_goods(charge, tax, product, name, quantity, unit)
            elif charge.gross:
                lines.append(self._prepare_charge(charge, tax, product, name))
        gift = ((item.get('fulfillment') or {}).get('packing') or {}).get('giftOption') or {}
        if gift.get('giftMessage'):
            lines.append({'display_type': 'line_note', 'amazon_item_ref': item['orderItemId'], 'amazon_charge': 'note',
                          'amazon_charge_of': GOODS, 'name': self.env._("Gift message: %s", gift['giftMessage'])})
        return lines

    def _prepare_goods(self, charge, tax, product, name, quantity, unit):
        """Return the values of the line of what was sold, and of one more where Odoo rounds the price of one piece."""
        amount = charge.gross - tax.apart
        left = divide(self.env['sale.order.line'], amount, quantity, self._currency)[1]
        lines = [self._prepare_line(charge.item_ref, GOODS, product, name, quantity, amount - left, tax) | unit]
        if left:
            # The stated tax is that of all: none is left for this.
            rest = ChargeTax(tax.taxes, None if tax.stated is None else Decimal(0))
            rounding = self._prepare_line(charge.item_ref, OTHER, self.marketplace.fee_product_id,
                                          self.env._("Rounding: %s", name), 1, left, rest)
            lines.append({**rounding, 'amazon_charge_of': GOODS})
        return lines

    def _prepare_charge(self, charge, tax, product, name):
        # A charge for an item with a quantity of zero is no line of goods.
        kind = OTHER if charge.kind == ITEM else name_charge(charge.kind)
        line = self._prepare_line(charge.item_ref, kind, self.marketplace._get_charge_product(charge.kind), name, 1,
                                  charge.gross - tax.apart, tax)
        return {**line, 'amazon_charge_of': name_charge(charge.of)}

    def _prepare_tax_lines(self):
        """Return the values of the lines of tax that is no tax of the company: remitted by Amazon, or only shown."""
        product = self.marketplace.tax_product_id
        names = {True: self.env._("Tax collected and remitted by Amazon"), False: self.env._("Tax collected")}
        return [self._prepare_line('', name_charge(TAX), product, names[remitted], 1, amount)
                for remitted, amount in self._apart.items() if amount]

    def _prepare_line(self, item_ref, charge, product, name, quantity, amount, tax=None):
        taxes = tax.taxes._amazon_get_included() if tax else self.env['account.tax']
        price = divide(self.env['sale.order.line'], amount, quantity, self._currency)[0]
        return {
            'product_id': product.id, 'name': name, 'product_uom_qty': quantity, 'price_unit': price,
            'tax_ids': [Command.set(taxes.ids)],
            'extra_tax_data': self._prepare_tax_data(taxes, tax.stated if tax else None, amount, quantity, price),
            'discount': 0.0, 'amazon_item_ref': item_ref or False,
            'amazon_charge': charge, 'amazon_charge_of': charge, 'is_delivery': charge == name_charge(SHIPPING),
        }

    def _prepare_tax_data(self, taxes, stated, amount, quantity, price):
        """Return the data by which Odoo takes Amazon's tax to the cent, which rounds by piece or by line (see
        `_import_base_line_extra_tax_data` of `account.tax`), or False where Odoo computes the tax of the price.
        """
        rates = taxes.flatten_taxes_hierarchy().mapped('amount')
        if stated is None or not any(rates):
            return False
        currency = self._currency
        net, parts = float(amount - stated), split(stated, rates, Decimal(str(currency.rounding)))
        return {
            'currency_id': currency.id, 'price_unit': price, 'discount': 0.0, 'quantity': quantity,
            'manual_total_excluded_currency': net,
            'manual_tax_amounts': {str(tax.id): {'base_amount_currency': net, 'tax_amount_currency': float(part)}
                                   for tax, part in zip(taxes.flatten_taxes_hierarchy(), parts, strict=True)},
        }

    def _describe(self, charge, item, title):
        if charge.kind == ITEM:
            return f"[{item['product'].get('sellerSku') or item['product'].get('asin')}] {title}"
        if charge.kind == SHIPPING:
            return tell(self.env)._("Shipping: %s", title)
        if charge.kind == GIFT_WRAP:
            return tell(self.env)._("Gift wrap: %s", title)
        if charge.kind == DISCOUNT:
            promotions = [entry.get('promotionId') for entry in (item.get('promotion') or {}).get('breakdowns') or []]
            kind = tell(self.env)._("Discount on shipping") if charge.of == SHIPPING else tell(self.env)._("Discount")
            return ' - '.join(filter(None, [kind, title, *promotions]))
        return tell(self.env)._("%(kind)s: %(title)s", kind=charge.kind.replace('_', ' ').capitalize(), title=title)


def to_datetime(text: str):
    """Return Amazon's ISO 8601 time as a naive datetime in UTC, as Odoo stores them."""
    return read_time(text)


def _latest(window):
    text = (window or {}).get('latestDateTime')
    return to_datetime(text) if text else False
