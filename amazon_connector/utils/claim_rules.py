"""Rules by which it is found what Amazon owes: each returns events with the units that nothing settles.

The finder (`amazon.claim`) decides when an event is a claim, and keeps it up to date.
"""

import datetime
import math
from typing import NamedTuple

from odoo.tools import SQL

from .claim_match import FOUND, GIVEN, PAID, Event, Reversal, Supply, Use, group_by, pair_given, settle, take
from .ledger_plan import LedgerPlan

# What lies further back is settled or lost.
SCAN = datetime.timedelta(days=550)
# A disposal is ordered if a removal of that SKU was requested so many days before, or shortly after it.
ORDERED_BEFORE, ORDERED_AFTER = 60, 3
# How many days after a loss a unit that turns up is that one; one that turns up later settles it, too, as long as it
# can be claimed.
FOUND_WITHIN = 30
# Kinds of reimbursements whose units turn up in reports of their own: receipts and returns.
ARRIVING = ('inbound', 'return')


class Facts(NamedTuple):
    """What a rule knows of an event.

    `vals` are values of an `amazon.claim`, `evidence` are values of `amazon.claim.evidence`; `policy` is the kind of
    window that counts; `unit_value` is in the currency
    of the company, None where the finder finds it; `is_due` says that nothing is to be waited for.
    """

    vals: dict
    evidence: list
    policy: str
    unit_value: float | None = None
    is_due: bool = False


class Row(NamedTuple):
    """Equal rows of the ledger of one day, added up; `ids` are those of the `amazon.ledger.line`."""

    date: datetime.date
    sku: str
    fnsku: str
    asin: str
    event_type: str
    code: str
    reference: str
    center: str
    disposition: str
    country: str
    quantity: int
    unreconciled: int | None
    ids: list


def get_item(record) -> str:
    """Return what a row or record is about: its SKU, else its FNSKU."""
    return record.sku or record.fnsku or ''


# === REIMBURSEMENTS === #

class Pool:
    """The reimbursements of a seller, whose units settle events; each settles one."""

    def __init__(self, seller):
        self.seller, self.env = seller, seller.env
        self.records = self.env['amazon.reimbursement'].search(
            [('seller_id', '=', seller.id)], order='approval_date, id')
        self.cash = {record: Supply(record.approval_date.date(), record.cash_quantity, record)
                     for record in self.records if record.cash_quantity > 0}
        self.given = {record: Supply(record.approval_date.date(), record.inventory_quantity, record)
                      for record in self.records if record.inventory_quantity > 0 and not self._is_of_arrival(record)}
        self._by_order = group_by(self.records, lambda record: (record.order_ref or '', get_item(record)))
        self._by_item = group_by(self.records, lambda record: (self._get_kind(record), get_item(record)))

    @classmethod
    def _is_of_arrival(cls, record):
        """Return whether money is taken back because units arrived: Amazon counts them as given back with it, and they
        are known by their receipt or return already.
        """
        return record.cash_quantity < 0 and cls._get_kind(record) in ARRIVING

    @staticmethod
    def _get_kind(record):
        if record.kind != 'reversal':
            return record.kind
        return record.original_kind or record.original_id.kind or 'other'

    def get(self, kind, item):
        """Return what was paid, given back and taken back for an item, by the reason's kind, as `settle` takes it."""
        return self._split(self._by_item.get((kind, item), ()))

    def get_of_orders(self, order_refs, item):
        """Return the same of what was paid for an item of some orders, for whatever reason."""
        return self._split([record for ref in order_refs for record in self._by_order.get((ref, item), ())])

    def _split(self, records):
        return {
            'paid': [self.cash[record] for record in records if record in self.cash],
            'given': [self.given[record] for record in records if record in self.given],
            'reversals': [Reversal(record.approval_date.date(), -record.cash_quantity,
                                   self.cash.get(record.original_id), record)
                          for record in records if record.cash_quantity < 0]}

    def get_of_case(self, case_ref):
        """Return the supplies that were paid on a case of Seller Support."""
        return [supply for record, supply in self.cash.items() if record.case_ref == case_ref]

    def pair_given(self, found):
        """Take the rows of units that Amazon gave back out of those that turned up (by item)."""
        for item, records in group_by(self.given, get_item).items():
            pair_given([(self.given[record], record.kind == 'reversal') for record in records], found.get(item, []))


def settle_cases(events, pool, cases):
    """Settle events by what was paid on the case that somebody filed for them, whatever reason Amazon names.

    :param dict cases: key of a claim -> case
    """
    for event in events:
        case = cases.get(to_key(event.key))
        for supply in pool.get_of_case(case) if case else ():
            if get_item(supply.source) == _get_item(event):
                take([event], supply, PAID)


def to_key(parts) -> str:
    """Return the key of a claim by the parts that make an event known."""
    return '|'.join(str(part if part is not None and part is not False else '') for part in parts)


def _get_item(event):
    return event.facts.vals['sku'] or event.facts.vals['fnsku']


def _group(events):
    return group_by(events, _get_item).items()


# === THE LEDGER: LOST, DAMAGED, DISPOSED OF === #

def read_rows(seller) -> dict:
    """Return the rows of the ledger that matter for claims, by what they mean (`claim_kind` of their reason)."""
    env, plan = seller.env, LedgerPlan(seller)
    env['amazon.ledger.line'].flush_model()
    pairs = env.execute_query(SQL(
        "SELECT DISTINCT COALESCE(event_type, ''), COALESCE(code, '') FROM amazon_ledger_line WHERE seller_id = %s",
        seller.id))
    meanings = {pair: plan.find_reason(*pair).claim_kind for pair in pairs}
    wanted = [pair for pair, meaning in meanings.items() if meaning]
    if not wanted:
        return {}
    rows = [Row(*values) for values in env.execute_query(SQL(
        """SELECT line.date, COALESCE(sku, ''), COALESCE(fnsku, ''), COALESCE(MAX(asin), ''), COALESCE(event_type, ''),
                  COALESCE(code, ''), COALESCE(reference, ''), COALESCE(center, ''), COALESCE(disposition, ''),
                  COALESCE(country_code, ''), SUM(quantity)::int, SUM(unreconciled)::int, array_agg(line.id)
             FROM amazon_ledger_line line JOIN amazon_ledger_day day ON day.id = line.day_id
            WHERE line.seller_id = %s AND day.state != 'open' AND line.date >= CURRENT_DATE - %s::int
              AND (COALESCE(event_type, ''), COALESCE(code, '')) IN %s AND quantity != 0
            GROUP BY line.date, sku, fnsku, event_type, code, reference, center, disposition, country_code, quantity > 0
            ORDER BY line.date""", seller.id, SCAN.days, tuple(wanted)))]
    return group_by(rows, lambda row: meanings[row.event_type, row.code])


def find_warehouse(rows, pool, cases) -> list:
    """Return units that Amazon lost, damaged or destroyed in its warehouses (rules 1 to 3). Amazon pays for what it
    destroyed as for what it lost or damaged: what these leave settles it.
    """
    lost, damaged, disposed = _make_lost(rows), _make_damaged(rows), _find_disposed(rows, pool)
    settle_cases([*lost, *damaged, *disposed], pool, cases)
    _settle_lost(rows, pool, lost, disposed)
    _settle_damaged(pool, damaged, disposed)
    return [*lost, *damaged, *disposed]


def _make_lost(rows):
    return [_make_event('lost', row, most=row.unreconciled) for row in rows.get('lost', ()) if row.quantity < 0]


def _settle_lost(rows, pool, lost, disposed):
    """Settle units that Amazon misplaced (rule 1) by what turned up, was paid or given back."""
    found = group_by([Supply(row.date, row.quantity, row) for row in (*rows.get('found', ()), *rows.get('lost', ()))
                      if row.quantity > 0], lambda supply: get_item(supply.source))
    pool.pair_given(found)
    latest = pool.env['amazon.claim.policy']._find(pool.seller, 'lost').window_days
    for item, of_item, others in _group_both(lost, disposed):
        settle(of_item, found.get(item, ()), **pool.get('lost', item), within=FOUND_WITHIN, latest=latest,
               others=others)


def _make_damaged(rows):
    """Return units that Amazon damaged (rule 2): of each pair the row that leaves its condition."""
    return [_make_event('damaged', row) for row in rows.get('damaged', ()) if row.quantity < 0]


def _settle_damaged(pool, damaged, disposed):
    for item, of_item, others in _group_both(damaged, disposed):
        settle(of_item, **pool.get('damaged', item), others=others)


def _group_both(events, others):
    """Yield each item with its events of both lists."""
    groups = group_by(events, _get_item), group_by(others, _get_item)
    for item in dict.fromkeys([*groups[0], *groups[1]]):
        yield item, *(group.get(item, []) for group in groups)


def _find_disposed(rows, pool):
    """Return units that Amazon destroyed or gave away although no removal order asked for it (rule 3)."""
    events = [_make_event('disposed', row) for row in rows.get('disposed', ()) if row.quantity < 0]
    ordered = group_by(_read_disposals(pool.seller), lambda supply: get_item(supply.source))
    for event in events:
        for supply in ordered.get(_get_item(event), ()):
            if -ORDERED_AFTER <= (event.date - supply.date).days <= ORDERED_BEFORE:
                count = min(supply.left, event.units)
                supply.left, event.units = supply.left - count, event.units - count
    return events


def _read_disposals(seller):
    """Return the units that removal orders destroy: of an order for the goods those that Amazon destroyed instead."""
    for line in seller.env['amazon.removal.line'].search(
            [('seller_id', '=', seller.id), ('removal_id.request_date', '!=', False)], order='id'):
        removal = line.removal_id
        units = line.disposed if removal._is_return() else max(line.requested - line.cancelled, line.disposed)
        yield Supply(removal.request_date.date(), units, line)


def _make_event(kind, row, most=None):
    key = (kind, row.date, row.sku, row.fnsku, row.code, row.reference, row.center, row.disposition, row.country)
    vals = {'kind': kind, 'sku': row.sku, 'fnsku': row.fnsku, 'asin': row.asin, 'center': row.center,
            'country_code': row.country, 'disposition': row.disposition, 'reference': row.reference}
    return Event(key, row.date, -row.quantity, Facts(vals, _describe_row(row, 'event', row.quantity), kind), most)


def _describe_row(row, kind, quantity):
    """Return evidence: one entry for each of equal rows, which are movements of their own."""
    share = quantity // len(row.ids) if quantity % len(row.ids) == 0 else None
    entries = [(line, share) for line in sorted(row.ids)] if share else [(min(row.ids), quantity)]
    return [{'kind': kind, 'date': row.date, 'quantity': count, 'reference': row.reference, 'center': row.center,
             'code': row.code, 'ledger_line_id': line} for line, count in entries]


# === REMOVALS === #

def find_removals(pool, cases) -> list:
    """Return units of removals that came short (rule 5): those of which Amazon accounts for nothing, and those in
    parcels that did not reach the warehouse.
    """
    events = [*_find_short_orders(pool), *_find_short_parcels(pool)]
    settle_cases(events, pool, cases)
    for item, of_item in _group(events):
        settle(of_item, **pool.get('removal', item))
    return events


def _find_short_orders(pool):
    lines = pool.env['amazon.removal.line'].search(
        [('seller_id', '=', pool.seller.id), ('removal_id.is_open', '=', False),
         ('removal_id.request_date', '!=', False)])
    events = []
    for line in lines.filtered(lambda line: line._get_missing()):
        removal = line.removal_id
        vals = {**_get_names(line, 'removal'), 'reference': removal.order_ref, 'removal_id': removal.id}
        date = (removal.updated or removal.request_date).date()
        evidence = [{'kind': 'event', 'date': date, 'quantity': line._get_missing(), 'reference': removal.order_ref,
                     'removal_line_id': line.id}]
        key = ('removal', removal.order_ref, line.sku, line.fnsku, line.disposition)
        events.append(Event(key, date, line._get_missing(), Facts(vals, evidence, 'removal')))
    return events


def _find_short_parcels(pool):
    lines = pool.env['amazon.removal.parcel.line'].search(
        [('seller_id', '=', pool.seller.id), ('parcel_id.is_expected', '=', True), ('quantity', '>', 0)])
    return [_make_parcel_event(line) for line in lines]


def _make_parcel_event(line):
    parcel = line.parcel_id
    shipped = parcel.shipment_date.date()
    vals = {**_get_names(line, 'parcel'), 'reference': parcel.tracking_ref, 'removal_id': parcel.removal_id.id}
    # A parcel that came, but not as a whole, is claimed from its delivery on.
    is_short = parcel.state in ('short', 'written_off') and parcel.received_date
    date = parcel.received_date.date() if is_short else shipped
    evidence = [{'kind': 'event', 'date': shipped, 'quantity': line.quantity, 'reference': parcel.tracking_ref,
                 'parcel_line_id': line.id}]
    key = ('parcel', parcel.removal_id.order_ref, parcel.tracking_ref or shipped, line.sku, line.fnsku,
           line.disposition)
    event = Event(key, date, line.quantity, Facts(vals, evidence, 'removal' if is_short else 'parcel'))
    received = line.quantity - math.ceil(round(line.missing, 4))
    if received > 0:
        event.uses.append(Use(Supply((parcel.received_date or parcel.shipment_date).date(), 0, line), received, FOUND))
    return event


def _get_names(line, kind):
    return {'kind': kind, 'sku': line.sku or '', 'fnsku': line.fnsku or '', 'disposition': line.disposition or ''}


# === PAID BELOW COST === #

def find_below_cost(pool, cases) -> list:
    """Return units that Amazon paid below their cost (rule 7); those of which it took the money back are none."""
    events, policy = [], pool.env['amazon.claim.policy']._find(pool.seller, 'below_cost')
    for record, supply in pool.cash.items():
        taken_back = -sum(min(other.cash_quantity, 0) for other in record.reversal_ids)
        units = max(record.cash_quantity - taken_back, 0)
        shortfall = record.unit_cost - record.unit_value
        if record.is_below_cost and units and shortfall > record.unit_cost * policy.tolerance / 100:
            vals = {**_get_names_of(record), 'kind': 'below_cost', 'reference': record.reimbursement_ref,
                    'reimbursement_id': record.id}
            evidence = [{'kind': 'event', 'date': supply.date, 'quantity': record.cash_quantity,
                         'reference': record.reimbursement_ref, 'reimbursement_id': record.id,
                         'amount': record.amount, 'currency_id': record.currency_id.id}]
            events.append(Event(('below_cost', *record._get_key()), supply.date, units,
                                Facts(vals, evidence, 'below_cost', unit_value=shortfall)))
    settle_cases(events, pool, cases)
    return events


def _get_names_of(record):
    return {'sku': record.sku or '', 'fnsku': record.fnsku or '', 'asin': record.asin or '',
            'order_ref': record.order_ref or ''}


# === EVIDENCE === #

def describe(event) -> list:
    """Return all evidence of an event, values of `amazon.claim.evidence`: its own, what settles it, what was taken
    back.
    """
    return [*event.facts.evidence, *(entry for use in event.uses for entry in _describe_use(use)),
            *(_describe_reversal(step, count) for step, count in event.reversals)]


def _describe_reversal(step, count):
    record = step.source
    entry = {'kind': 'reversed', 'date': step.date, 'quantity': count, 'reference': record.reimbursement_ref,
             'reimbursement_id': record.id}
    if record.currency_id and record.cash_quantity:
        entry |= {'amount': record.currency_id.round(record.amount / -record.cash_quantity * count),
                  'currency_id': record.currency_id.id}
    return entry


def _describe_use(use):
    source, kind = use.supply.source, {FOUND: 'found', PAID: 'paid', GIVEN: 'given'}[use.how]
    if isinstance(source, Row):
        return [{'kind': kind, 'date': source.date, 'quantity': use.quantity, 'reference': source.reference,
                 'center': source.center, 'code': source.code, 'ledger_line_id': min(source.ids)}]
    if source._name == 'amazon.reimbursement':
        amount = source.unit_amount or (source.amount / source.cash_quantity if source.cash_quantity else 0)
        return [{'kind': kind, 'date': use.supply.date, 'quantity': use.quantity,
                 'reference': source.reimbursement_ref, 'reimbursement_id': source.id,
                 **({'amount': source.currency_id.round(amount * use.quantity), 'currency_id': source.currency_id.id}
                    if kind == 'paid' and source.currency_id else {})}]
    if source._name == 'amazon.removal.parcel.line':
        return [{'kind': kind, 'date': use.supply.date, 'quantity': use.quantity,
                 'reference': source.parcel_id.tracking_ref, 'parcel_line_id': source.id}]
    return [{'kind': 'returned', 'date': use.supply.date, 'quantity': use.quantity, 'reference': source.display_name,
             'return_id': source.id}]


__all__ = ['PAID', 'Facts', 'Pool', 'describe', 'find_below_cost', 'find_removals', 'find_warehouse', 'read_rows',
           'settle_cases', 'to_key']
