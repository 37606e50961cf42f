import collections
import datetime

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..utils.border_plan import Movement, find_crossings
from ..utils.intrastat import find_commodity_code, find_origin
from ..utils.ledger_plan import LedgerPlan, read_parts

# So many months are looked through; the first of them only completes the second.
MONTHS = 5
ONCE_A_DAY = datetime.timedelta(hours=20)
# Beside the Union, where stock needs a VAT number.
OTHER_VAT_COUNTRIES = ('GB', 'CH', 'NO')


class AmazonBorderTransfer(models.Model):
    """Find own goods that crossed borders in the ledger."""

    _inherit = 'amazon.border.transfer'

    @api.model
    def _sync_borders(self, seller):
        """Bring the transfers between countries of a seller up to date, once a day, and warn of stock in countries
        without a VAT number.
        """
        now = fields.Datetime.now()
        if not seller.borders_collected or seller.borders_collected < now - ONCE_A_DAY:
            self._collect(seller)
            self._warn_of_vat(seller)
            seller.borders_collected = now

    @api.model
    def _collect(self, seller):
        """Bring the drafts of the last months in line with the ledger; what differs from issued ones is a further part.
        """
        first = fields.Date.today().replace(day=1) - relativedelta(months=MONTHS - 1)
        plan = LedgerPlan(seller)
        wanted = collections.defaultdict(collections.Counter)
        known, skus, booked = self._read_movements(seller, first)
        plan.learn_products({sku for _fnsku, sku in skus.values()}, {fnsku for fnsku, _sku in skus.values() if fnsku})
        for crossing in find_crossings(known):
            source, target = plan.find_country(crossing.source), plan.find_country(crossing.target)
            month = crossing.departed.replace(day=1)
            if source and target and month > first:
                fnsku, sku = skus[crossing.key]
                parts = booked.get((crossing.key, crossing.departed))
                if parts is None:
                    found = plan.find_products(sku, fnsku)
                    parts = plan.find_parts(*next(iter(found))) if len(found) == 1 else {}
                for product, pieces in (parts or {False: 1}).items():
                    wanted[month, source, target][product, '' if product else sku] += crossing.quantity * pieces
        self._update(seller, first, wanted)

    @api.model
    def _read_movements(self, seller, first):
        """Return the transfers of the ledger by day and country, FNSKU and SKU by their keys, and the pieces by product
        (id) that a unit was booked with, by key and day.
        """
        self.env['amazon.ledger.line'].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT COALESCE(fnsku, ''), COALESCE(MIN(sku), ''), date, country_code, SUM(quantity)::int,
                      MIN(product_id) FILTER (WHERE pack_quantity > 0), MIN(NULLIF(pack_quantity, 0)),
                      MIN(parts::text)
                 FROM amazon_ledger_line
                WHERE seller_id = %s AND date >= %s AND LOWER(event_type) = 'whsetransfers'
                  AND country_code IS NOT NULL
             GROUP BY COALESCE(fnsku, ''), CASE WHEN fnsku IS NULL THEN sku END, date, country_code,
                      quantity > 0""", seller.id, first))
        skus = {row[0] or row[1]: row[:2] for row in rows}
        booked = {(row[0] or row[1], row[2]): read_parts(*row[5:]) for row in rows if row[5]}
        return [Movement(row[0] or row[1], *row[2:5]) for row in rows], skus, booked

    # === DOCUMENTS === #

    @api.model
    def _update(self, seller, first, wanted):
        """Write what crossed borders, by month and countries: product (or SKU without one) and pieces."""
        transfers = self.search([('seller_id', '=', seller.id), ('month', '>', first)])
        by_key = transfers.grouped(lambda transfer: (transfer.month, transfer.source_id, transfer.target_id))
        for key in {**wanted, **by_key}:
            of_key = by_key.get(key) or self
            issued = of_key.filtered(lambda transfer: transfer.state == 'issued')
            rest = collections.Counter(wanted.get(key, {}))
            for line in issued.line_ids:
                rest[line.product_id.id, '' if line.product_id else line.sku or ''] -= line.quantity
            rest = {thing: quantity for thing, quantity in rest.items() if quantity}
            draft = of_key - issued
            if not rest:
                draft.unlink()
                continue
            month, source, target = key
            draft = draft[:1] or self.create({
                'seller_id': seller.id, 'month': month, 'source_id': source.id, 'target_id': target.id,
                'part': max(issued.mapped('part'), default=0) + 1})
            draft._fill(rest)

    def _fill(self, rest):
        """Write the lines and VAT numbers of a draft.

        :param dict rest: (id of the product or False, SKU without one) -> pieces
        """
        lines = {(line.product_id.id, '' if line.product_id else line.sku or ''): line for line in self.line_ids}
        self.env['amazon.border.transfer.line'].union(
            *(line for thing, line in lines.items() if thing not in rest)).unlink()
        for thing, quantity in rest.items():
            vals, line = self._prepare_line(*thing, quantity), lines.get(thing)
            if not line:
                self.env['amazon.border.transfer.line'].create({'transfer_id': self.id, **vals})
            elif changed := {name: value for name, value in vals.items()
                             if line._fields[name].convert_to_write(line[name], line) != value}:
                line.write(changed)
        numbers = {'source_vat': self._find_vat(self.company_id, self.source_id),
                   'target_vat': self._find_vat(self.company_id, self.target_id)}
        self.write({name: value for name, value in numbers.items() if self[name] != value})

    def _prepare_line(self, product_id, sku, quantity):
        product = self.env['product.product'].browse(product_id or []).with_company(self.company_id)
        cost = product.standard_price if product else 0.0
        return {
            'product_id': product.id, 'sku': product.default_code if product else sku, 'quantity': quantity,
            'unit_cost': cost, 'value': self.currency_id.round(cost * quantity),
            'hs_code': find_commodity_code(product) or False, 'origin_id': find_origin(product).id,
            'weight': product.weight * quantity if product else 0.0}

    # === VAT NUMBERS === #

    @api.model
    def _find_vat(self, company, country):
        """Return the VAT number of a company in a country, by the company itself or a fiscal position for that country,
        or False.
        """
        if country == (company.account_fiscal_country_id or company.country_id):
            return company.vat or False
        positions = self.env['account.fiscal.position'].sudo()
        return positions.search([*positions._check_company_domain(company), ('country_id', '=', country.id),
                                 ('foreign_vat', '!=', False)], limit=1).foreign_vat or False

    @api.model
    def _warn_of_vat(self, seller):
        """Give somebody a task, once for each country, where stock lies in a country without a VAT number there."""
        union = self.env.ref('base.europe').country_ids
        locations = self.env['stock.location'].sudo().search([
            ('amazon_seller_id', '=', seller.id), ('amazon_country_id', '!=', False)])
        for country, places in locations.grouped('amazon_country_id').items():
            if not (country in union or country.code in OTHER_VAT_COUNTRIES):
                continue
            if self._find_vat(seller.company_id, country):
                places.filtered('amazon_vat_warned').amazon_vat_warned = False
            elif not any(places.mapped('amazon_vat_warned')) and self.env['stock.quant'].sudo().search_count(
                    [('location_id', 'in', places.ids), ('quantity', '>', 0)], limit=1):
                places.amazon_vat_warned = True
                told = seller._for_person()
                name = country.with_env(told.env).name
                told._alert(
                    told.env._("Amazon keeps your goods in %s, where you have no VAT number", name),
                    told.env._("Stock in another country usually needs a registration for VAT there. Register, and "
                               "make a fiscal position with that number (Accounting, Configuration, Fiscal "
                               "Positions); or switch off storage in %s in Seller Central.", name))
