"""The simulator's reports of FBA and of returns come as Amazon's do: headers, encodings, limits, cancellations."""

import csv
import datetime
import gzip

import pytest
import requests
from amazon_reports import (
    customer_returns,
    customer_returns_xml,
    fba_returns,
    fulfilled_shipments,
    ledger,
    ledger_summary,
    reimbursements,
    removal_orders,
    removal_shipments,
    replacements,
)
from amazon_reports.settlement import SettlementFile
from simulator import amazon_models, fba_centers

from .caller import Caller, assert_valid

SAMPLES = amazon_models.DIRECTORY.parent / 'samples'
DE = 'A1PA6795UKMFR9'
DETAIL, SUMMARY = 'GET_LEDGER_DETAIL_VIEW_DATA', 'GET_LEDGER_SUMMARY_VIEW_DATA'
RETURNS = 'GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA'
REQUESTS, REQUESTS_XML = 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE', 'GET_XML_RETURNS_DATA_BY_RETURN_DATE'
REIMBURSEMENTS = 'GET_FBA_REIMBURSEMENTS_DATA'
TODAY = datetime.date.today()
# The newest header of each report among the samples, and that of older files.
HEADERS = {
    DETAIL: ('header_field_2026.tsv', 'header_as_documented.tsv'),
    SUMMARY: ('rows_testmade_fc_and_country.tsv', 'header_as_documented.tsv'),
    RETURNS: ('rows_field.tsv', 'rows_testmade_de_without_comments.tsv'),
    REQUESTS: ('header_field_2026_33_columns.tsv', 'header_as_documented_32.tsv'),
    REIMBURSEMENTS: ('rows_from_field_statistics.tsv', None),
    'GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA': ('row_testmade.tsv', 'row_testmade.tsv'),
    'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA': ('header_field_2026_17_columns.tsv', None),
    'GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA': ('rows_testmade.tsv', 'rows_testmade.tsv'),
    'GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL': ('header.tsv', 'header.tsv'),
}


def day(number):
    return (TODAY + datetime.timedelta(days=number)).isoformat()


def event(type, number, **values):
    return {'type': type, 'date': day(number), 'sku': 'SKU-1', **values}


EVENTS = [
    event('receive', -30, quantity=20, center='WRO5', reference='FBA15ABCDEF0', title="Täglich 'Brot'"),
    event('ship', -25, quantity=2, center='WRO5', order_ref='302-0000001-0000001'),
    event('replace', -24, quantity=1, center='WRO5', order_ref='302-0000001-0000002',
          original_ref='302-0000001-0000001'),
    event('return', -20, quantity=1, center='LEJ1', order_ref='302-0000001-0000001', license_plate='LPN1',
          comments="It's broken|<really>"),
    event('lose', -19, quantity=2, center='WRO5'),
    event('reimburse', -10, reason='Lost_Warehouse', amount='4.10', cash=2),
    event('remove', -10, order_ref='R1', requested=1, disposition='SELLABLE', center='WRO5', fee='1.5',
          parcels=[{'date': day(-8), 'quantity': 1, 'tracking_ref': 'T1'}]),
    event('return_request', -12, order_ref='304-0000001-0000001', rma_ref='D1RRMA', label_cost='4.14'),
]


class Reports:
    """Reports through plain calls."""

    def __init__(self, amazon, region='eu'):
        self.amazon, self.caller = amazon, Caller(amazon, region)

    def ask(self, type, start=-40, end=0, marketplaces=(DE,), **options):
        moment = datetime.datetime.now(datetime.timezone.utc)
        body = {'reportType': type, 'marketplaceIds': list(marketplaces),
                'dataStartTime': (moment + datetime.timedelta(days=start)).strftime('%Y-%m-%dT00:00:00Z'),
                'dataEndTime': (moment + datetime.timedelta(days=end)).strftime('%Y-%m-%dT%H:%M:%SZ')}
        if options:
            body['reportOptions'] = options
        reply = self.caller.send('POST', '/reports/2021-06-30/reports', body)
        assert_valid('createReport', reply)
        return reply

    def wait(self, type, *range, **options):
        reply = self.ask(type, *range, **options)
        assert reply.status_code == 202, reply.text
        while True:
            report = self.caller.get(f"/reports/2021-06-30/reports/{reply.json()['reportId']}")
            assert_valid('getReport', report)
            if report.json()['processingStatus'] not in ('IN_QUEUE', 'IN_PROGRESS'):
                return report.json()

    def download(self, report):
        reply = self.caller.get(f"/reports/2021-06-30/documents/{report['reportDocumentId']}")
        assert_valid('getReportDocument', reply)
        answer = requests.get(reply.json()['url'], timeout=10)
        return gzip.decompress(answer.content), answer.headers['content-type']

    def read(self, type, *range, encoding='utf-8-sig', **options):
        content, _type = self.download(self.wait(type, *range, **options))
        return list(csv.DictReader(content.decode(encoding).splitlines(), delimiter='\t', quoting=csv.QUOTE_NONE))


@pytest.fixture
def reports(amazon):
    # A second of the test is 100,000 of Amazon's, so nothing may be asked for twice within a moment.
    amazon.control('reset', {'speed': 100_000})
    amazon.control('fba?seller=eu', EVENTS)
    return Reports(amazon)


@pytest.mark.parametrize(('type', 'older'), [
    (type, older) for type in HEADERS for older in (False, True) if HEADERS[type][older]])
def test_headers_are_those_of_the_samples(amazon, type, older):
    amazon.control('reset', {'speed': 100_000, 'older_reports': older})
    amazon.control('fba?seller=eu', EVENTS)
    reports = Reports(amazon)
    content, _type = reports.download(reports.wait(type, -30))
    sample = (SAMPLES / type / HEADERS[type][older]).read_text('utf-8-sig')
    assert content.splitlines()[0].decode('utf-8-sig') == sample.splitlines()[0]


def test_codes_of_centres_are_those_whose_country_is_sure():
    with (amazon_models.DIRECTORY.parent / 'fulfillment_centers.csv').open(encoding='utf-8', newline='') as file:
        known = {row['code']: row for row in csv.DictReader(file)}
    for code, country in fba_centers.CENTERS.items():
        assert (known[code]['country'], known[code]['confidence']) == (country, 'agree'), code


@pytest.mark.parametrize(('type', 'encoding', 'start'), [
    (DETAIL, 'utf-8', b'\xef\xbb\xbfDate'), (SUMMARY, 'utf-8', b'\xef\xbb\xbfDate'),
    (REIMBURSEMENTS, 'cp1252', b'approval-date'), (RETURNS, 'utf-8', b'return-date')])
def test_encodings(reports, type, encoding, start):
    content, content_type = reports.download(reports.wait(type))
    assert content.startswith(start) and "Täglich 'Brot'".encode(encoding) in content
    assert content_type.lower() == f'text/plain; charset={encoding}'


def test_amounts_are_written_in_the_way_of_the_home_marketplace(amazon, reports):
    assert reports.read(REIMBURSEMENTS, encoding='cp1252')[0]['amount-total'] == '8,20'
    assert reports.read('GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA')[0]['removal-fee'] == '1,50'
    assert reports.read(REQUESTS)[0]['Label cost'] == '4,14'
    amazon.control('reset', {'speed': 100_000, 'homes': {'eu': 'GB'}})
    amazon.control('fba?seller=eu', EVENTS)
    row = Reports(amazon).read(REIMBURSEMENTS, encoding='cp1252')[0]
    assert (row['amount-total'], row['currency-unit']) == ('8.20', 'GBP')


def test_returns_to_merchants_have_english_months_and_blanks(reports):
    row = reports.read(REQUESTS)[0]
    assert row['Return request date'] == datetime.date.fromisoformat(day(-12)).strftime('%d-%b-%Y')
    assert (row['Merchant RMA ID'], row['SafeT claim id'], row['Order Item ID']) == (' ', ' ', ' ')


def test_comments_have_entities(reports):
    row = reports.read(RETURNS)[0]
    assert row['customer-comments'] == 'It&#39;s broken|&lt;really&gt;'
    assert row['return-date'].startswith(day(-20)) and row['return-date'].endswith('+00:00')


# === WHAT AMAZON REFUSES === #

def test_the_ledger_may_be_asked_for_ten_times_a_day(amazon, reports):
    amazon.control('reset', {'speed': 1000})  # a day is 86 seconds
    reports = Reports(amazon)
    replies = [reports.ask(type, -number) for number in range(6) for type in (DETAIL, SUMMARY)]
    assert [reply.status_code for reply in replies] == [202] * 10 + [429] * 2
    assert replies[-1].json()['errors'][0]['code'] == 'QuotaExceeded'
    assert reports.ask(RETURNS).status_code == 202
    assert Reports(amazon, 'na').ask(DETAIL, marketplaces=['ATVPDKIKX0DER']).status_code == 202
    amazon.control('fba/rest?seller=eu', {})
    assert reports.ask(DETAIL).status_code == 202


def test_the_same_report_again_too_soon_is_cancelled(amazon):
    amazon.control('reset', {'speed': 1000})  # half an hour is 1.8 seconds, four hours are 14
    amazon.control('fba?seller=eu', EVENTS)
    reports = Reports(amazon)
    assert [reports.wait(RETURNS)['processingStatus'] for _time in range(2)] == ['DONE', 'CANCELLED']
    assert reports.wait(RETURNS, -41)['processingStatus'] == 'DONE'
    assert reports.wait(RETURNS, marketplaces=['A13V1IB3VIYZZH'])['processingStatus'] == 'CANCELLED'
    assert [reports.wait(DETAIL)['processingStatus'] for _time in range(2)] == ['DONE', 'CANCELLED']
    assert [reports.wait(REQUESTS)['processingStatus'] for _time in range(2)] == ['DONE', 'DONE']
    amazon.control('fba/rest?seller=eu', {})
    assert reports.wait(RETURNS)['processingStatus'] == 'DONE'


def test_without_data_a_report_is_cancelled_and_the_ledger_is_empty(reports):
    assert reports.wait(RETURNS, -15, -14)['processingStatus'] == 'CANCELLED'
    assert reports.wait(REQUESTS, -40, -30)['processingStatus'] == 'CANCELLED'
    assert reports.wait(REQUESTS_XML, -40, -30)['processingStatus'] == 'CANCELLED'
    assert reports.read(DETAIL, -15, -14) == []
    assert reports.read(SUMMARY, -5, 0, aggregateByLocation='FC', aggregatedByTimePeriod='DAILY') == []
    assert reports.read(SUMMARY, -5, 0, aggregateByLocation='COUNTRY', aggregatedByTimePeriod='DAILY')


def test_options_may_not_be_empty_and_unknown_ones_are_ignored(reports):
    assert reports.ask(DETAIL, eventType='').status_code == 400
    assert reports.read(DETAIL, eventType='Receipts,Shipments') == []
    assert {row['Event Type'] for row in reports.read(DETAIL, eventType='Receipts')} == {'Receipts'}
    monthly = reports.read(SUMMARY, -70, aggregateByTimePeriod='DAILY')
    assert monthly == reports.read(SUMMARY, -70)


def test_dates_ahead_or_the_wrong_way_round_are_refused(reports):
    assert reports.ask(DETAIL, 1, 2).status_code == 400
    assert reports.ask(DETAIL, -1, -3).status_code == 400


def test_returns_of_more_than_sixty_days_end_fatal_with_the_reason(reports):
    report = reports.wait(REQUESTS, -61, 0)
    assert report['processingStatus'] == 'FATAL'
    assert b'60 days' in reports.download(report)[0]


def test_faults_strike_these_reports_too(amazon, reports):
    for kind, status in (('report_fatal', 'FATAL'), ('report_cancelled', 'CANCELLED')):
        amazon.fault(kind, operation='createReport', count=1)
        assert reports.wait(DETAIL)['processingStatus'] == status
    amazon.fault('report_header_only', operation='createReport', count=1)
    assert reports.read(DETAIL, -33) == []
    amazon.fault('report_damaged', operation='createReport', count=1)
    assert 'MSKU' not in reports.read(DETAIL, -34)[0]


def test_the_control_refuses_in_words(amazon):
    reply = requests.post(f'{amazon.url}/_control/fba?seller=eu', timeout=10, json=[
        *EVENTS, event('ship', 0, quantity=100, center='WRO5')])
    assert reply.status_code == 422
    assert "event 9 (ship): SKU-1: 100 SELLABLE at WRO5" in reply.json()['problems']
    assert amazon.control('fba?seller=eu')['units'] == {}


def test_the_control_tells_what_is_true(amazon, reports):
    truth = amazon.control('fba?seller=eu')
    assert truth['units'] == {'SKU-1': {'PL': {'SELLABLE': 14}, 'DE': {'SELLABLE': 1}}}
    assert truth['lost'][0]['open'] == 0 and truth['reimbursed']['Lost_Warehouse']['amount'] == '8.20'
    assert amazon.control(f'fba?seller=eu&date={day(-19)}')['lost'][0]['open'] == 2
    assert amazon.control('fba?seller=na')['units'] == {}


# === SHIPMENTS TO AMAZON === #

LOT = {'sku': 'SKU-1', 'quantity': 20, 'expiration': '2027-12-31', 'lot': 'L1'}
PLANS = [
    {'type': 'plan', 'date': day(-40), 'reference': 'FBA15AAAAAA1', 'name': "Autumn", 'center': 'WRO5',
     'items': [LOT, {'sku': 'SKU-2', 'quantity': 5}], 'plan_ref': "Autumn plan"},
    {'type': 'plan', 'date': day(-40), 'reference': 'FBA15AAAAAA2', 'center': 'LEJ1', 'plan_ref': "Autumn plan",
     'items': [{'sku': 'SKU-2', 'quantity': 5}], 'status': 'READY_TO_SHIP'},
    {'type': 'plan', 'date': day(-30), 'reference': 'AWD1', 'center': 'LEJ1', 'awd': True,
     'items': [{'sku': 'SKU-2', 'quantity': 5}]},
    {'type': 'plan', 'date': day(-35), 'reference': 'FBA15AAAAAA1', 'status': 'SHIPPED'},
    event('receive', -30, quantity=18, center='POZ1', reference='FBA15AAAAAA1'),
]
PL = 'A1C3SOZRARQ6R3'


@pytest.fixture
def caller(amazon):
    amazon.control('fba?seller=eu', PLANS)
    return Caller(amazon)


def ask(caller, operation, path, status=200, **query):
    reply = caller.get(path, **query)
    assert_valid(operation, reply)
    assert reply.status_code == status
    return reply.json()


def test_shipments_are_listed_with_what_was_received(caller, amazon):
    path = '/fba/inbound/v0/shipments'
    found = ask(caller, 'getShipments', path, QueryType='SHIPMENT', MarketplaceId=PL, ShipmentStatusList='RECEIVING')
    shipment = found['payload']['ShipmentData'][0]
    assert (shipment['ShipmentId'], shipment['ShipmentName'], shipment['DestinationFulfillmentCenterId']) == (
        'FBA15AAAAAA1', 'Autumn', 'WRO5')
    items = ask(caller, 'getShipmentItemsByShipmentId', f'{path}/FBA15AAAAAA1/items')['payload']['ItemData']
    assert [(item['SellerSKU'], item['QuantityShipped'], item['QuantityReceived']) for item in items] == [
        ('SKU-1', 20, 18), ('SKU-2', 5, 0)]
    ready = ask(caller, 'getShipments', path, QueryType='SHIPMENT', MarketplaceId=DE,
                ShipmentStatusList='READY_TO_SHIP')
    assert [one['ShipmentStatus'] for one in ready['payload']['ShipmentData']] == ['WORKING']
    changed = ask(caller, 'getShipments', path, QueryType='DATE_RANGE', MarketplaceId=PL,
                  LastUpdatedAfter=f'{day(-31)}T00:00:00Z', LastUpdatedBefore=f'{day(-29)}T00:00:00Z')
    assert len(changed['payload']['ShipmentData']) == 1
    amazon.control('fba?seller=eu', {'type': 'plan', 'date': day(-2), 'reference': 'FBA15AAAAAA1', 'status': 'CLOSED'})
    closed = ask(caller, 'getShipments', path, QueryType='SHIPMENT', MarketplaceId=PL, ShipmentIdList='FBA15AAAAAA1')
    assert closed['payload']['ShipmentData'][0]['ShipmentStatus'] == 'CLOSED'
    missing = {row['sku']: row['missing'] for row in amazon.control('fba?seller=eu')['inbound']
               if row['reference'] == 'FBA15AAAAAA1'}
    assert missing == {'SKU-1': 2, 'SKU-2': 5}


@pytest.mark.parametrize('query', [
    {}, {'QueryType': 'SHIPMENT'}, {'QueryType': 'DATE_RANGE', 'LastUpdatedAfter': '2026-01-01T00:00:00Z'},
    {'QueryType': 'NEXT_TOKEN', 'NextToken': 'invented'}, {'QueryType': 'SHIPMENT', 'ShipmentStatusList': 'GONE'}])
def test_a_query_for_shipments_must_fit_its_type(caller, query):
    ask(caller, 'getShipments', '/fba/inbound/v0/shipments', 400, MarketplaceId=PL, **query)


def test_shipments_come_in_pages(caller, amazon):
    amazon.control('fba?seller=eu', [{'type': 'plan', 'date': day(-9), 'reference': f'FBA15B{number:06d}',
                                      'center': 'LEJ1', 'items': [LOT]} for number in range(60)])
    path, query = '/fba/inbound/v0/shipments', {'MarketplaceId': DE}
    first = ask(caller, 'getShipments', path, QueryType='SHIPMENT', ShipmentStatusList='WORKING', **query)['payload']
    second = ask(caller, 'getShipments', path, QueryType='NEXT_TOKEN', NextToken=first['NextToken'], **query)['payload']
    assert (len(first['ShipmentData']), len(second['ShipmentData'])) == (50, 11) and 'NextToken' not in second


def test_plans_lead_to_the_ids_of_their_shipments(caller):
    path = '/inbound/fba/2024-03-20/inboundPlans'
    plans = {plan['name']: plan for plan in ask(caller, 'listInboundPlans', path)['inboundPlans']}
    assert plans.keys() == {'Autumn plan', 'AWD1'}
    ask(caller, 'getInboundPlan', f"{path}/{plans['AWD1']['inboundPlanId']}", 400)
    plan_path = f"{path}/{plans['Autumn plan']['inboundPlanId']}"
    plan = ask(caller, 'getInboundPlan', plan_path)
    assert [shipment['status'] for shipment in plan['shipments']] == ['RECEIVING', 'READY_TO_SHIP']
    shipment = ask(caller, 'inbound.getShipment', f"{plan_path}/shipments/{plan['shipments'][0]['shipmentId']}")
    assert (shipment['shipmentConfirmationId'], shipment['destination']['warehouseId']) == ('FBA15AAAAAA1', 'WRO5')
    items = ask(caller, 'inbound.listShipmentItems',
                f"{plan_path}/shipments/{plan['shipments'][0]['shipmentId']}/items")['items']
    assert (items[0]['manufacturingLotCode'], items[0]['expiration']) == ('L1', '2027-12-31')
    assert 'expiration' not in items[1]
    pages = ask(caller, 'listInboundPlans', path, pageSize=1, sortBy='CREATION_TIME', sortOrder='ASC')
    assert pages['inboundPlans'][0]['name'] == 'Autumn plan' and pages['pagination']['nextToken']
    ask(caller, 'getInboundPlan', f'{path}/wf{"0" * 36}', 404)


# === MONEY AND FEEDS === #

def test_a_reimbursement_is_one_payment_in_report_finances_and_settlement(amazon, reports):
    row = reports.read(REIMBURSEMENTS, encoding='cp1252')[0]
    found = reports.caller.get('/finances/2024-06-19/transactions', postedAfter=f'{day(-20)}T00:00:00Z')
    assert_valid('listTransactions', found)
    paid = found.json()['payload']['transactions']
    assert [(one['transactionType'], one['totalAmount']['currencyAmount']) for one in paid] == [
        ('FBAInventoryReimbursement', 8.2)]
    assert amazon.control('settle', {'country': 'DE'})[0]['total'] == '8.20'
    listed = reports.caller.get('/reports/2021-06-30/reports', createdSince=f'{day(-1)}T00:00:00Z',
                                reportTypes='GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2').json()['reports']
    content, _type = reports.download(listed[0])
    settled = SettlementFile(content).read_rows()
    assert [(one.adjustment_ref, one.amount_description, str(one.amount)) for one in settled] == [
        (row['reimbursement-id'], 'WAREHOUSE_LOST', '8.20')]


def test_reports_that_were_asked_for_are_listed(reports):
    made = reports.wait(RETURNS)
    listed = reports.caller.get('/reports/2021-06-30/reports', createdSince=f'{day(-1)}T00:00:00Z', reportTypes=RETURNS)
    assert_valid('getReports', listed)
    assert [report['reportDocumentId'] for report in listed.json()['reports']] == [made['reportDocumentId']]


def test_the_sample_of_the_removal_feed_makes_an_order(amazon):
    amazon.control('reset', {'speed': 100_000})
    amazon.control('fba?seller=eu', [
        {**event('receive', -30, quantity=20, center='WRO5', reference='FBA1'), 'sku': sku}
        for sku in ('SKU-A', 'SKU-B')] + [{**event('damage', -20, quantity=3, center='WRO5'), 'sku': 'SKU-A'}])
    client, type = amazon.client(), 'POST_FLAT_FILE_FBA_CREATE_REMOVAL'
    created = client.call('createFeedDocument', {
        'contentType': 'text/tab-separated-values; charset=UTF-8'}).payload
    requests.put(created['url'], (SAMPLES / type / 'feed_constructed_return.tsv').read_bytes(), timeout=10,
                 headers={'Content-Type': 'text/tab-separated-values; charset=UTF-8'})
    feed = client.call('createFeed', {'feedType': type, 'marketplaceIds': [DE],
                                      'inputFeedDocumentId': created['feedDocumentId']}).payload
    while (state := client.call('getFeed', feed['feedId']).payload)['processingStatus'] != 'DONE':
        pass
    assert state['resultFeedDocumentId']
    assert [(row['order'], row['sku'], row['class'], row['requested'])
            for row in amazon.control('fba?seller=eu')['removals']] == [
        ('REM-0001', 'SKU-A', 'Unsellable', 3), ('REM-0001', 'SKU-B', 'Sellable', 5)]


# === THE PRODUCT'S READERS === #

READERS = {
    DETAIL: ledger.read_ledger, SUMMARY: ledger_summary.read_balances, RETURNS: fba_returns.read_fba_returns,
    REQUESTS: customer_returns.read_returns, REQUESTS_XML: customer_returns_xml.read_returns,
    REIMBURSEMENTS: reimbursements.read_reimbursements,
    'GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA': replacements.read_replacements,
    'GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA': removal_orders.read_removal_orders,
    'GET_FBA_FULFILLMENT_REMOVAL_SHIPMENT_DETAIL_DATA': removal_shipments.read_removal_shipments,
    'GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL': fulfilled_shipments.read_fulfilled_shipments,
}


@pytest.mark.parametrize('older', [False, True])
@pytest.mark.parametrize('type', READERS)
def test_the_products_readers_read_every_row(amazon, type, older):
    amazon.control('reset', {'speed': 100_000, 'older_reports': older})
    amazon.control('fba?seller=eu', EVENTS)
    amazon.control('fba_year?seller=eu', {'skus': 20})
    reports = Reports(amazon)
    content, content_type = reports.download(reports.wait(type, -30, **({
        'aggregatedByTimePeriod': 'DAILY'} if type == SUMMARY else {})))
    rows = list(READERS[type](content, content_type.rpartition('charset=')[2]))
    expected = 1 if content.startswith(b'<') else len(content.splitlines()) - 1
    assert len(rows) == expected >= 1
    assert not any(row.problem or getattr(row, 'extra', None) for row in rows)
    assert {row.sku for row in rows} & {'SKU-1'}


def test_the_products_readers_see_what_the_world_holds(amazon):
    amazon.control('reset', {'speed': 100_000})
    told = amazon.control('fba_year?seller=eu', {'skus': 40})
    content, _type = Reports(amazon).download(Reports(amazon).wait(SUMMARY, -3, 0, aggregatedByTimePeriod='DAILY'))
    units = {}
    for row in ledger_summary.read_balances(content):
        if row.date.isoformat() == told['last'] and row.ending:
            units.setdefault(row.sku, {}).setdefault(row.location, {})[row.disposition] = row.ending
    assert units == amazon.control(f"fba?seller=eu&date={told['last']}")['units']
