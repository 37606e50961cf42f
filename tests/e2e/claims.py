"""What Amazon owes at the end of a simulated year is found, and nothing else."""

import collections
import datetime

# A lost unit may turn up within this time: before, it is no claim.
WAIT = datetime.timedelta(days=30)


def read_claims(system, kind, before):
    """Return the open units of claims by SKU and reference."""
    found = collections.Counter()
    for claim in system.call('amazon.claim', 'search_read', [('kind', '=', kind), ('event_date', '<=', str(before))],
                             ['sku', 'reference', 'open_units']):
        found[claim['sku'], claim['reference']] += claim['open_units']
    return dict(+found)


def read_truth(rows, name, before, reference='reference'):
    found = collections.Counter()
    for row in rows:
        if row['date'] <= str(before):
            found[row['sku'], row[reference]] += row[name]
    return dict(+found)


def run_claims(system):
    """Run the flow until the reports of the whole year were read, and the claims found from them."""
    last = {}

    def is_done():
        system.control('fba/rest', {})
        system.update('amazon_report', system.call('amazon.report', 'search', []), create_date='2026-01-01')
        reports = system.call('amazon.report', 'search_read', [
            ('report_type', 'in', ['GET_FBA_REIMBURSEMENTS_DATA', 'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA']),
            ('state', 'in', ('done', 'empty'))], ['report_type', 'end_date'])
        recent = str(datetime.datetime.now() - datetime.timedelta(days=2))
        done = {report['report_type'] for report in reports if report['end_date'] > recent}
        last['runs'] = last.get('runs', 0) + (len(done) == 2)
        return last['runs'] > 2
    system.run('fba_claims', is_done, seconds=900)


def check_claims(system, end):
    """Find the claims of a year whose ledger is booked, and hold them against what is true at its end."""
    run_claims(system)
    truth = system.control('fba?seller=eu')
    before = end - WAIT
    lost, damaged = (read_truth(truth[kind], 'open', before) for kind in ('lost', 'damaged'))
    assert lost and damaged
    for kind, owed, day in (('lost', lost, before), ('damaged', damaged, before),
                            ('removal', read_truth(truth['removals'], 'missing', end, 'order'), end),
                            ('disposed', read_truth(truth['disposed'], 'quantity', before), before)):
        found = collections.Counter(read_claims(system, kind, day))
        missed = collections.Counter(owed)
        missed.subtract(found)
        # A unit that Amazon paid without owing it may be that of the next loss.
        spare = collections.Counter(truth['overpaid']) if kind == 'lost' else collections.Counter()
        wrong = {key: count for key, count in missed.items() if not 0 <= count <= spare[key[0]]}
        assert not wrong, f'{kind} (owed and not claimed, or below 0 the other way round): {wrong}'
