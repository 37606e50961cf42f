import datetime
import re

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ..amazon_reports.fulfilled_shipments import REPORT_TYPE, read_fulfilled_shipments

# Columns of a row that are stored; none is a buyer's.
COLUMNS = ('shipment_item_ref', 'shipment_ref', 'order_ref', 'merchant_order_ref', 'item_ref', 'sku', 'quantity',
           'shipment_date', 'center', 'sales_channel')
PORTION = 1000
# Amazon makes the report for a month at most. Most rows come within hours, but sellers saw most of a week missing.
DAY, MOST_DAYS, LATE_DAYS, RECENT_DAYS = datetime.timedelta(days=1), 30, 10, 60
# Countries that become known later change orders of so many days.
KEEP_DAYS = 120
ONCE_A_DAY, AFTER_ERROR = datetime.timedelta(hours=22), datetime.timedelta(hours=6)
AMAZON_ORDER = re.compile(r'\d{3}-\d{7}-\d{7}')


class AmazonFbaShipment(models.Model):
    """Units of one order that Amazon shipped from one fulfillment center; written below the ORM.

    Orders of other shops (multi-channel fulfilment) are among them: they explain what the ledger shipped, and are no
    orders of Amazon's.
    """

    _name = 'amazon.fba.shipment'
    _description = "Shipment by Amazon"
    _rec_name = 'order_ref'
    _log_access = False
    _order = 'shipment_date desc, id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='seller_id.company_id')
    shipment_item_ref = fields.Char("Shipment item", required=True, readonly=True)
    shipment_ref = fields.Char("Shipment", readonly=True)
    order_ref = fields.Char("Order at Amazon", readonly=True, index=True)
    merchant_order_ref = fields.Char("Order of the other shop", readonly=True)
    item_ref = fields.Char("Amazon Item", readonly=True)
    sku = fields.Char("SKU", readonly=True)
    quantity = fields.Integer("Units", readonly=True)
    shipment_date = fields.Datetime("Shipped on", readonly=True)
    center = fields.Char("Fulfillment center", readonly=True, index=True)
    country_id = fields.Many2one('res.country', "Left from", readonly=True)
    sales_channel = fields.Char(readonly=True)
    is_multichannel = fields.Boolean("Of another shop", readonly=True,
                                     help="Amazon only ships it: no order of Amazon's.")
    sale_order_id = fields.Many2one('sale.order', "Sales Order", readonly=True, index='btree_not_null',
                                    ondelete='set null')

    _shipment_unique = models.Constraint('UNIQUE(seller_id, shipment_item_ref)', "This shipment is already there.")

    # === REPORT === #

    @api.model
    def _request_due(self, seller):
        """Request what Amazon shipped since the last report, once a day, where a seller sells by FBA."""
        reports = self.env['amazon.report'].search([
            ('seller_id', '=', seller.id), ('report_type', '=', REPORT_TYPE)], order='id desc', limit=20)
        now, last = fields.Datetime.now(), reports[:1]
        pause = AFTER_ERROR if last.state == 'error' else ONCE_A_DAY
        if last and last.create_date > now - pause or not self._has_orders(seller):
            return
        told = self._find_told(reports)
        known = told or self.search([('seller_id', '=', seller.id)], limit=1).shipment_date
        start = known - DAY * LATE_DAYS if known else now - DAY * MOST_DAYS
        self.env['amazon.report']._want(
            seller._get_home_market(), REPORT_TYPE, start_date=start.replace(microsecond=0),
            end_date=min(start + DAY * MOST_DAYS, now).replace(microsecond=0))

    @api.model
    def _find_told(self, reports):
        """Return until when reports, the latest first, have told what was shipped, or False. One that has nothing to
        tell says so only where the one before it had nothing, either: Amazon also answers so where it had no time.
        """
        made = reports.filtered(lambda report: report.state not in ('error', 'wanted'))
        for number, report in enumerate(made, 1):
            before = made[number:number + 1]
            if report.row_count or report.state in ('asked', 'ready') or before and not before.row_count:
                return report.end_date
        return False

    @api.model
    def _has_orders(self, seller):
        return seller.ledger_state == 'on' or bool(self.env['sale.order'].search_count([
            ('amazon_marketplace_id.seller_id', '=', seller.id), ('amazon_channel', '=', 'fba'),
            ('date_order', '>', fields.Datetime.now() - DAY * RECENT_DAYS)], limit=1))

    @api.model
    def _import_report(self, report, sync):
        """Store the shipments of a report, each once however often it is reported; see `amazon_report.IMPORTERS`."""
        rows = list(read_fulfilled_shipments(report._get_content(), report.charset or ''))
        report._begin(rows)
        good = {row.shipment_item_ref: row for row in rows if not row.problem}
        for portion in split_every(PORTION, list(good.values())[report.position:]):
            self._store(report.seller_id, portion)
            report.position += len(portion)
            if not sync._commit():
                return False
        return True

    @api.model
    def _store(self, seller, rows):
        values = [(seller.id, *(getattr(row, name) or None for name in COLUMNS), is_multichannel(row)) for row in rows]
        names = ', '.join(('seller_id', *COLUMNS, 'is_multichannel'))
        changed = ', '.join(f'{name} = EXCLUDED.{name}' for name in (*COLUMNS[1:], 'is_multichannel'))
        self.env.cr.execute_values(
            f"""INSERT INTO amazon_fba_shipment ({names}) VALUES %s
                ON CONFLICT (seller_id, shipment_item_ref) DO UPDATE SET {changed},
                   country_id = CASE WHEN amazon_fba_shipment.center = EXCLUDED.center
                                     THEN amazon_fba_shipment.country_id END""", values)
        self.invalidate_model()

    # === COUNTRIES === #

    @api.model
    def _sync_departures(self, sync):
        """Let the orders of a flow's seller know where their goods left from; return whether there was time for all.
        """
        orders = self._resolve(sync.seller_id)
        sync._commit()
        return sync._in_portions(orders.ids, lambda ids: orders.browse(ids)._amazon_set_departure())

    @api.model
    def _resolve(self, seller):
        """Find the countries of a seller's shipments by their centers, and ask a person for those that nobody knows.

        :return: the orders (`sale.order`) that do not know yet where their goods left from
        """
        self._update_countries(seller)
        centers = self.env['amazon.fulfillment.center'].sudo()
        waiting = centers._count_waiting(seller)
        if waiting:
            centers._ask(seller.company_id, waiting)
            told = seller._for_person()
            told._alert(
                told.env._("Amazon ships from centers whose country is not known"),
                told.env._("Choose their country under FBA Stock, Fulfillment Centers: the tax of the orders from "
                           "there depends on it. Unknown are: %s", ', '.join(sorted(waiting)[:20])))
        return self._link_orders(seller)

    @api.model
    def _update_countries(self, seller):
        rows = self.env.execute_query(SQL(
            "SELECT DISTINCT center FROM amazon_fba_shipment WHERE seller_id = %s AND center IS NOT NULL", seller.id))
        known = self.env['amazon.fulfillment.center'].sudo()._find(seller.company_id, [row[0] for row in rows])
        if known:
            self.env.cr.execute_values(
                f"""UPDATE amazon_fba_shipment shipment SET country_id = known.country_id
                      FROM (VALUES %s) AS known(center, country_id)
                     WHERE shipment.seller_id = {int(seller.id)} AND shipment.center = known.center
                       AND shipment.country_id IS DISTINCT FROM known.country_id""",
                [(code, country.id) for code, country in known.items()])
        self.invalidate_model()

    @api.model
    def _link_orders(self, seller):
        """Tie shipments to their sales orders; return those that have no country of departure or another one."""
        self.env['sale.order'].flush_model()
        self.env.cr.execute(SQL(
            """UPDATE amazon_fba_shipment shipment SET sale_order_id = sale.id
                 FROM sale_order sale JOIN amazon_seller_marketplace market ON market.id = sale.amazon_marketplace_id
                WHERE shipment.seller_id = %s AND market.seller_id = %s AND shipment.sale_order_id IS NULL
                  AND NOT shipment.is_multichannel AND sale.amazon_order_ref = shipment.order_ref""",
            seller.id, seller.id))
        self.invalidate_model()
        rows = self.env.execute_query(SQL(
            """SELECT sale.id FROM sale_order sale JOIN amazon_fba_shipment shipment ON shipment.sale_order_id = sale.id
                WHERE shipment.seller_id = %s AND shipment.shipment_date > %s
             GROUP BY sale.id
               HAVING COUNT(*) = COUNT(shipment.country_id)
                  AND (CASE WHEN MIN(shipment.country_id) = MAX(shipment.country_id) THEN MIN(shipment.country_id) END
                       IS DISTINCT FROM sale.amazon_departure_country_id OR sale.amazon_departure_state IS NULL)""",
            seller.id, fields.Datetime.now() - DAY * KEEP_DAYS))
        return self.env['sale.order'].browse([row[0] for row in rows])

    @api.model
    def _find_departures(self, seller, refs):
        """Return the countries that the goods of orders left from, by Amazon's number of the order; only of orders
        whose shipments are all known to be from one country.

        :param refs: Amazon order ids
        :rtype: dict
        """
        shipments = self.search_fetch([
            ('seller_id', '=', seller.id), ('order_ref', 'in', list(refs)), ('is_multichannel', '=', False)],
            ['order_ref', 'country_id'])
        found = {ref: of_order.mapped('country_id') if all(shipment.country_id for shipment in of_order) else []
                 for ref, of_order in shipments.grouped('order_ref').items()}
        return {ref: countries for ref, countries in found.items() if len(countries) == 1}


def is_multichannel(row) -> bool:
    """Return whether Amazon shipped this for another shop."""
    channel = re.sub('[^a-z]', '', row.sales_channel.lower())
    if channel:
        return channel.startswith('nonamazon')
    return bool(row.merchant_order_ref) and not AMAZON_ORDER.fullmatch(row.order_ref)
