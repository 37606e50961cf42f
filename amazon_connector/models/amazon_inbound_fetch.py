import datetime

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError
from ..amazon_api.inbound import (
    OPEN,
    UNDER_WAY,
    read_entries,
    read_item,
    read_plan,
    read_plan_shipments,
    read_planned,
    read_shipment,
)
from ..amazon_api.paging import PageGuard
from ..amazon_api.shapes import ShapeError
from ..utils.phrases import tell
from ..utils.words import explain
from .amazon_ledger_day import DAY

ONCE_A_DAY = datetime.timedelta(hours=22)
# So many ids fit into one request; so many of the latest plans are looked through for an id that version 0 lacks.
IDS, PLANS = 50, 20
# What Amazon corrects of shipments that are done is read for so long.
RECENT_DAYS = 120


class AmazonInbound(models.Model):
    """What Amazon says of the shipments to it: once a day, and only while transfers are open."""

    _inherit = 'amazon.inbound'

    @api.model
    def _sync_inbound(self, sync):
        """Bring the shipments of a seller up to date: those that the ledger names, what Amazon says of open ones, their
        states.
        """
        seller = sync.seller_id
        seller._make_inbound_types()
        self._find_received(seller)
        sync._commit()
        if self._is_due(seller):
            seller.inbound_fetched = fields.Datetime.now()
            with sync._isolate(tell(self.env)._("Shipments to Amazon")):
                problems = self._fetch(sync, seller._get_client(), set(self._get_open(seller).mapped('shipment_ref')),
                                       [('picking_ids', '!=', False)])
                sync._add_problems(tell(self.env)._("Shipments to Amazon"), problems)
        recent = fields.Date.today() - DAY * RECENT_DAYS
        changing = ['|', '|', ('state', 'in', ('open', 'short')), '&', ('state', '=', 'done'),
                    ('last_receipt', '>', recent), '&', ('state', '=', 'cancel'), ('picking_ids', '!=', False)]
        self.search([('seller_id', '=', seller.id), *changing])._refresh()
        sync._commit()

    @api.model
    def _sync_opening(self, sync):
        """Ask Amazon about the shipments that may be under way when the ledger of a seller is opened: once, until a
        person wants it again.
        """
        seller = sync.seller_id
        if seller.inbound_fetched:
            return
        refs = seller._find_opening_refs()
        problems = self._fetch(sync, seller._get_client(), refs, [
            '|', ('shipment_ref', 'in', list(refs)), ('amazon_status', 'in', UNDER_WAY)])
        sync._add_problems(tell(self.env)._("Shipments to Amazon"), problems)
        seller.inbound_fetched = fields.Datetime.now()
        sync._commit()

    @api.model
    def _find_received(self, seller):
        """Make a shipment of each that the ledger names and nobody has typed."""
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT move.amazon_ledger_ref FROM stock_move move
                 JOIN amazon_ledger_day day ON day.id = move.amazon_ledger_day_id
                WHERE day.seller_id = %(seller)s AND move.amazon_ledger_ref IS NOT NULL
                  AND NOT EXISTS (SELECT FROM amazon_inbound known WHERE known.seller_id = %(seller)s
                                     AND known.shipment_ref = move.amazon_ledger_ref)""", seller=seller.id))
        self.create([{'seller_id': seller.id, 'shipment_ref': ref} for (ref,) in rows])

    @api.model
    def _is_due(self, seller):
        """Return whether Amazon is to be asked: goods are to be sent or on their way, and it was not today."""
        if seller.inbound_fetched and seller.inbound_fetched > fields.Datetime.now() - ONCE_A_DAY:
            return False
        transfers = self.env['stock.picking'].search_count([
            ('location_dest_id.amazon_seller_id', '=', seller.id), ('location_dest_id.amazon_kind', '=', 'inbound'),
            '|', ('state', 'not in', ('done', 'cancel')), '&', ('state', '=', 'done'),
            ('amazon_inbound_id', '=', False)], limit=1)
        return bool(transfers or self._get_open(seller))

    @api.model
    def _get_open(self, seller):
        """Return the shipments of a seller that Amazon may still receive units of, if transfers of Odoo send them: open
        ones, and for some time those that came short, which Amazon may open again.
        """
        recent = fields.Date.today() - DAY * RECENT_DAYS
        return self.search([
            ('seller_id', '=', seller.id), ('picking_ids', '!=', False), ('picking_ids.state', '!=', 'cancel'),
            '|', ('state', '=', 'open'), '&', ('state', '=', 'short'),
            '|', ('create_date', '>', recent), ('last_receipt', '>', recent)])

    # === READING === #

    @api.model
    def _fetch(self, sync, client, wanted, counted):
        """Read what Amazon says of a seller's shipments; return what could not be understood, in words.

        :param set wanted: ids of shipments that are asked for beside those that Amazon lists as open
        :param list counted: domain of the shipments whose quantities are read
        """
        seller, problems, found = sync.seller_id, [], {}
        for market in seller.marketplace_ids:
            with sync._isolate(tell(self.env)._("Shipments to Amazon (%s)", market.name)):
                found.update(self._list(client, market, problems, ShipmentStatusList=','.join(OPEN)))
        lacking = sorted(wanted - found.keys())
        for market in seller.marketplace_ids if lacking else ():
            for refs in split_every(IDS, lacking):
                with sync._isolate(tell(self.env)._("Shipments to Amazon (%s)", market.name)):
                    found.update(self._list(client, market, problems, ShipmentIdList=','.join(refs)))
        lacking = wanted - found.keys()
        if lacking:
            with sync._isolate(tell(self.env)._("Plans of shipments to Amazon")):
                found.update(self._find_planned(client, lacking, problems))
        self._store(seller, found)
        sync._commit()
        self._fetch_items(sync, client, found, counted, problems)
        return problems

    @api.model
    def _list(self, client, market, problems, **query):
        """Return the shipments of one search (`getShipments`) by id, each with its marketplace."""
        guard, found = PageGuard('getShipments'), {}
        query = {'QueryType': 'SHIPMENT', 'MarketplaceId': market.marketplace_ref, **query}
        while query:
            payload = client.call('getShipments', **query).payload
            for entry in read_entries(payload, 'ShipmentData'):
                try:
                    shipment = read_shipment(entry)
                except ShapeError as error:
                    problems.append(explain(self.env, error))
                else:
                    found[shipment.ref] = shipment, market
            token = guard.next(_TokenReply(payload))
            query = token and {'QueryType': 'NEXT_TOKEN', 'NextToken': token, 'MarketplaceId': market.marketplace_ref}
        return found

    @api.model
    def _find_planned(self, client, refs, problems):
        """Return those of some shipments by id that only plans of 2024-03-20 have, looked for in the latest of them
        (`listInboundPlans`, `getInboundPlan`, `getShipment`); plans of other services are refused, and left out.
        """
        found = {}
        for status in ('ACTIVE', 'SHIPPED'):
            payload = client.call('listInboundPlans', status=status, pageSize=PLANS, sortBy='LAST_UPDATED_TIME',
                                  sortOrder='DESC').payload
            for entry in read_entries(payload, 'inboundPlans')[:PLANS]:
                if refs <= found.keys():
                    return found
                try:
                    plan = read_plan(entry)
                    for shipment_ref in read_plan_shipments(client.call('getInboundPlan', plan).payload):
                        shipment = read_planned(client.call('inbound.getShipment', plan, shipment_ref).payload)
                        if shipment.ref in refs:
                            found[shipment.ref] = shipment, None
                except NOT_OF_THE_RECORD:
                    raise
                except ShapeError as error:
                    problems.append(explain(self.env, error))
                except AmazonError as error:
                    if error.status not in (400, 404):
                        raise
        return found

    @api.model
    def _store(self, seller, found):
        """Write what Amazon says of shipments on those that are known, and make the others, to be chosen."""
        known = {inbound.shipment_ref: inbound for inbound in self.search([
            ('seller_id', '=', seller.id), ('shipment_ref', 'in', list(found))])}
        countries = self.env['amazon.fulfillment.center'].sudo()._find(
            seller.company_id, {shipment.center for shipment, _market in found.values()})
        for ref, (shipment, _market) in found.items():
            vals = {'name': shipment.name or False, 'center': shipment.center or False,
                    'amazon_status': shipment.status or False}
            inbound = known.get(ref) or self.create({'seller_id': seller.id, 'shipment_ref': ref})
            if shipment.center in countries and not inbound.country_id:
                vals['country_id'] = countries[shipment.center].id
            changed = {name: value for name, value in vals.items() if value and value != (
                inbound[name].id if name == 'country_id' else inbound[name])}
            if changed:
                inbound.write(changed)

    @api.model
    def _fetch_items(self, sync, client, found, counted, problems):
        """Read what Amazon has received of some shipments that it named (`getShipmentItemsByShipmentId`)."""
        inbounds = self.search([('seller_id', '=', sync.seller_id.id), ('shipment_ref', 'in', list(found)), *counted])
        for inbound in inbounds:
            market = found[inbound.shipment_ref][1] or sync.seller_id._get_home_market()
            with sync._isolate(inbound.shipment_ref):
                payload = client.call('getShipmentItemsByShipmentId', inbound.shipment_ref,
                                      MarketplaceId=market.marketplace_ref).payload
                inbound._store_items(payload, problems)
                sync._commit()

    def _store_items(self, payload, problems):
        """Store the quantities of this shipment; when they were read, only where Amazon states all of them."""
        items, is_whole = {}, not _TokenReply(payload).payload['nextToken']
        for entry in read_entries(payload, 'ItemData'):
            try:
                item = read_item(entry)
            except ShapeError as error:
                problems.append(explain(self.env, error))
                is_whole = False
            else:
                is_whole &= item.received is not None
                items[item.sku] = {'sku': item.sku, 'fnsku': item.fnsku, 'shipped': item.shipped,
                                   **({} if item.received is None else {'received': item.received})}
        self.items_read = fields.Datetime.now() if items and is_whole else False
        known = {item.sku: item for item in self.item_ids}
        self.env['amazon.inbound.item'].create([
            {'inbound_id': self.id, **vals} for sku, vals in items.items() if sku not in known])
        for sku, item in known.items():
            if sku in items:
                item.write(items[sku])


class _TokenReply:
    """A reply of version 0 as `PageGuard` reads it: its token is in the payload, with a capital."""

    pagination = next_token = None

    def __init__(self, payload):
        body = payload.get('payload', payload) if isinstance(payload, dict) else {}
        self.payload = {'nextToken': body.get('NextToken') or body.get('nextToken')} if isinstance(body, dict) else {}
