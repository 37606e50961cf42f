import hashlib

from odoo import api, fields, models
from odoo.tools import ormcache

from ..amazon_api.orders import is_to_send
from ..utils.states import find_code, normalize
from .res_partner_buyer import MARK

ADDRESS_FIELDS = ('name', 'street', 'street2', 'city', 'state_id', 'zip', 'country_id')


class ResPartner(models.Model):
    _inherit = 'res.partner'

    amazon_email = fields.Char(index='btree_not_null', copy=False, readonly=True,
                               groups='sales_team.group_sale_salesman',
                               help="The anonymised address by which Amazon names a buyer to a seller.")
    amazon_key = fields.Char(copy=False, readonly=True, groups='base.group_system',
                             help="What this buyer or address is recognised by.")

    _amazon_key_unique = models.UniqueIndex("(amazon_key) WHERE amazon_key IS NOT NULL")

    @api.model
    def _amazon_find_or_create(self, marketplace, payloads):
        """Return customer and delivery address of each order, created where they are new.

        A buyer is known by Amazon's anonymised e-mail address; without it by name and address together, never by name
        alone. Buyers whom Amazon does not name share one customer per marketplace.

        :param list payloads: `Order` objects of the Orders API 2026-01-01
        :return: order id -> (customer, delivery address)
        :rtype: dict
        """
        buyers = {payload['orderId']: self._amazon_prepare_buyer(marketplace, payload) for payload in payloads}
        named = {order_id: buyer for order_id, buyer in buyers.items() if buyer}
        customers = self._amazon_get_or_create({buyer['key']: buyer['customer'] for buyer in named.values()})
        for buyer in named.values():
            customers[buyer['key']]._amazon_complete(buyer['customer'])
        apart = {
            order_id: customers[buyer['key']]._amazon_delivery_key(buyer['address'])
            for order_id, buyer in named.items()
            if buyer['address'].get('street') and _digest(buyer['address']) != customers[buyer['key']]._amazon_digest()}
        deliveries = self._amazon_get_or_create({
            key: {**named[order_id]['address'], 'type': 'delivery', 'parent_id': customers[named[order_id]['key']].id}
            for order_id, key in apart.items()})
        result = {}
        for order_id, buyer in buyers.items():
            customer = customers[buyer['key']] if buyer else marketplace._get_anonymous_partner()
            result[order_id] = (customer, deliveries[apart[order_id]] if order_id in apart else customer)
        return result

    def _amazon_complete(self, vals):
        """Write name and address of a buyer of whom Amazon had stated no street before, and a VAT number that it had
        not stated.
        """
        if vals.get('street') and not self.street:
            self.write({field: vals.get(field) for field in (*ADDRESS_FIELDS, 'phone')})
        if vals.get('vat') and not self.vat:
            self.with_context(no_vat_validation=True).write({'vat': vals['vat'], 'is_company': vals['is_company']
                                                             or self.is_company})

    @api.model
    def _amazon_get_or_create(self, vals_by_key):
        """Return partners by their key (see `amazon_key`), creating the new ones together."""
        if not vals_by_key:
            return {}
        found = {partner.amazon_key: partner
                 for partner in self.with_context(active_test=False).search([('amazon_key', 'in', list(vals_by_key))],
                                                                            order='id desc')}
        new_keys = [key for key in vals_by_key if key not in found]
        # The VAT number was checked already, and one that does not pass must not stop the order.
        partners = self.with_context(no_vat_validation=True, amazon_mark=MARK).create(
            [{**vals_by_key[key], 'amazon_key': key, 'amazon_is_buyer': True} for key in new_keys]).with_env(self.env)
        return {**found, **dict(zip(new_keys, partners, strict=True))}

    def _amazon_delivery_key(self, address):
        return f'{self.id}/{_digest(address)}'

    def _amazon_digest(self):
        return _digest({field: self[field].id if self._fields[field].relational else self[field]
                        for field in ADDRESS_FIELDS})

    @api.model
    def _amazon_prepare_buyer(self, marketplace, payload):
        """Return key, customer values and delivery address of an order's buyer, or None where Amazon names nobody.

        The customer's own record holds the first address; any other becomes a delivery address below it.
        """
        buyer = payload.get('buyer') or {}
        address = self._amazon_prepare_address((payload.get('recipient') or {}).get('deliveryAddress') or {},
                                               marketplace)
        company_name = buyer.get('buyerCompanyName')
        email = buyer.get('buyerEmail')
        name = _clean(company_name) or _clean(buyer.get('buyerName')) or address.get('name')
        masked = is_to_send(payload) and not address.get('street') and (address.get('city') or address.get('zip'))
        if masked and not name:
            # Amazon may state the rest later; what it stated already is of this buyer, and not of all whom it does not
            # name.
            name = marketplace._get_anonymous_partner().name
        if not name or not (email or address.get('street') or masked):
            return None
        customer = {
            **address, **self._amazon_prepare_business(marketplace, payload, address),
            'name': name, 'is_company': bool(company_name), 'company_id': marketplace.company_id.id, 'customer_rank': 1,
            'amazon_email': email, 'email': email,
        }
        scope = f'{marketplace.company_id.id}/{email.lower()}/{company_name or ""}' if email else _digest(customer)
        return {'key': f'{marketplace.seller_id.id}/{scope}', 'customer': customer, 'address': address}

    @api.model
    def _amazon_prepare_business(self, marketplace, payload, address):
        """Return VAT number, registered name and address of a business buyer; a number that is no VAT number goes to
        the notes.
        """
        own = [entry for entry in (payload.get('tax') or {}).get('taxRegistrations') or []
               if entry.get('entityType') == 'BUYER' and entry.get('taxRegistrationNumber')]
        if not own:
            return {}
        numbers, registered = [], {}
        for entry in sorted(own, key=lambda entry: entry.get('taxRegistrationType') != 'VAT'):
            number, where = entry['taxRegistrationNumber'], entry.get('taxRegistrationAddress')
            registered = self._amazon_prepare_address(where, marketplace) if where else {}
            country = self.env['res.country'].browse(registered.get('country_id') or address.get('country_id'))
            vat, _code = self._run_vat_checks(country, number, validation='setnull')
            if vat:
                return {**registered, 'vat': vat}
            numbers.append(number)
        comment = self.env._("Tax number given at Amazon, not a valid VAT number: %s", ', '.join(numbers))
        return {**registered, 'comment': comment}

    @api.model
    def _amazon_prepare_address(self, address, marketplace):
        """Return partner values of a `CustomerAddress`."""
        country = self._amazon_find_country(address.get('countryCode')) or marketplace.country_id
        lines = [_clean(address.get(f'addressLine{number}')) for number in (1, 2, 3)]
        extended = address.get('extendedFields') or {}
        if extended.get('streetName'):
            # Brazil: street and number apart, then complement and neighbourhood.
            lines = [
                ', '.join(filter(None, (_clean(extended.get('streetName')), _clean(extended.get('streetNumber'))))),
                     _clean(extended.get('complement')), _clean(extended.get('neighborhood'))]
        lines = [line for line in lines if line]
        district = _clean(address.get('districtOrCounty')) or _clean(address.get('municipality'))
        return {
            'name': _clean(address.get('name')), 'street': lines[0] if lines else False,
            'street2': ', '.join(lines[1:] + [district] * bool(district)) or False,
            'city': _clean(address.get('city')), 'zip': _clean(address.get('postalCode')), 'country_id': country.id,
            'state_id': self._amazon_find_state(
                country, _clean(address.get('stateOrRegion')), _clean(address.get('postalCode'))).id,
            'phone': _clean(address.get('phone')),
        }

    @api.model
    def _amazon_find_country(self, code):
        return self.env['res.country'].browse(self._amazon_get_countries().get({'UK': 'GB'}.get(code, code)))

    @api.model
    def _amazon_find_state(self, country, text, postcode=''):
        """Return the state that Amazon names by code or name, in whichever spelling, or by Canada's postal codes; none
        where it is unclear.
        """
        known = self._amazon_get_states(country.id)
        found = known.get(normalize(text or ''))
        return self.env['res.country.state'].browse(found
                                                    or known.get(
                                                        normalize(find_code(country.code, text or '', postcode or '')
                                                                  or '')))

    @api.model
    @ormcache()
    def _amazon_get_countries(self):
        """Return the ids of countries by code."""
        return {country.code: country.id for country in self.env['res.country'].search_fetch([], ['code'])}

    @api.model
    @ormcache('country_id')
    def _amazon_get_states(self, country_id):
        """Return the ids of the states of a country by code and by name, as `normalize` spells them."""
        states = self.env['res.country.state'].search_fetch([('country_id', '=', country_id)], ['code', 'name'])
        return {normalize(text): state.id for state in states for text in (state.name, state.code)}


def _clean(text):
    """Return a text without white space around and repeated inside it, or False."""
    return ' '.join((text or '').split()) or False


def _digest(vals):
    parts = [str(vals.get(field) or '').casefold() for field in ADDRESS_FIELDS]
    return hashlib.sha256('\n'.join(parts).encode()).hexdigest()
