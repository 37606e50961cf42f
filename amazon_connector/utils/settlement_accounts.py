"""Accounts that settlements need, and their codes in charts of accounts."""

import collections

# Kind -> label, type of account, whether it is reconciled.
KINDS = {
    'sales': ("Sales", 'income', False), 'refunds': ("Refunds", 'income', False),
    'promotions': ("Promotions", 'income', False),
    'tax': ("Tax collected by Amazon", 'liability_current', False), 'commission': ("Commissions", 'expense', False),
    'fba': ("Fulfilment by Amazon", 'expense', False), 'storage': ("Storage", 'expense', False),
    'shipping': ("Shipping", 'expense', False),
    'advertising': ("Advertising", 'expense', False), 'fees': ("Other fees", 'expense', False),
    'reimbursement': ("Reimbursements", 'income_other', False),
    'reserve': ("Reserve at Amazon", 'asset_current', True), 'payout': ("Payouts on their way", 'asset_current', True),
    'carried': ("Settlements carried forward", 'asset_current', True),
    'loan': ("Amazon Lending", 'liability_current', False),
    'other': ("Other expenses", 'expense', False), 'fee_tax': ("Tax on Amazon's fees", 'asset_current', False),
    'withholding': ("Tax withheld from the seller", 'asset_current', False),
    'company': ("Owed between companies", 'asset_current', True),
}
# Kinds that are proposed only where there is a rule for them.
RARE = ('company',)
# By a chart's name, or what it is before an underscore: the account of each kind. '+' asks for an account of its own at
# that code or the next free one.
CHARTS = {
    'generic_coa': {
        'sales': '4000', 'refunds': '+4001', 'promotions': '+4001', 'tax': '+2511', 'commission': '9620',
        'fba': '+6001', 'storage': '+6001',
        'shipping': '+6001', 'advertising': '+6001', 'fees': '+6001', 'reimbursement': '4500', 'reserve': '+1011',
        'payout': '+1011', 'carried': '+1011', 'loan': '+2011', 'other': '6000',
        'fee_tax': '+1011', 'withholding': '+1011'},
    'us': {
        'sales': '400000', 'refunds': '+400100', 'promotions': '+400100', 'tax': '+251100', 'commission': '+673100',
        'fba': '+652010', 'storage': '+631100', 'shipping': '652000', 'advertising': '673000', 'fees': '625000',
        'reimbursement': '450000', 'reserve': '+101100',
        'payout': '+101100', 'carried': '+101100', 'loan': '+201200', 'other': '690000',
        'fee_tax': '+101100', 'withholding': '+101100'},
    'fr': {
        'sales': '707000', 'refunds': '709700', 'promotions': '709700', 'tax': '+447800', 'commission': '622200',
        'fba': '624200',
        'storage': '613200', 'shipping': '624200', 'advertising': '623100', 'fees': '628100', 'reimbursement': '758000',
        'reserve': '+467800', 'payout': '+511800', 'carried': '+471100', 'loan': '+168800', 'other': '658000',
        'fee_tax': '+445800', 'withholding': '+444000'},
    'de_skr03': {
        'sales': '8200', 'refunds': '8700', 'promotions': '8700', 'tax': '+1701', 'commission': '4760', 'fba': '4780',
        'storage': '4909',
        'shipping': '4730', 'advertising': '4600', 'fees': '4909', 'reimbursement': '2742', 'reserve': '+1501',
        'payout': '+1360', 'carried': '+1591', 'loan': '+1705', 'other': '4900',
        'fee_tax': '+1548', 'withholding': '+1545'},
    'de_skr04': {
        'sales': '4200', 'refunds': '4700', 'promotions': '4700', 'tax': '+3501', 'commission': '6770', 'fba': '6780',
        'storage': '6303',
        'shipping': '6740', 'advertising': '6600', 'fees': '6303', 'reimbursement': '4970', 'reserve': '+1301',
        'payout': '+1460', 'carried': '+1371', 'loan': '+3560', 'other': '6300',
        'fee_tax': '+1434', 'withholding': '+1420'},
    'uk': {
        'sales': '400000', 'refunds': '+400500', 'promotions': '+400500', 'tax': '+220500', 'commission': '+771100',
        'fba': '603000', 'storage': '+771100', 'shipping': '603000', 'advertising': '600000', 'fees': '620000',
        'reimbursement': '+400500', 'reserve': '+110500',
        'payout': '+110500', 'carried': '+110500', 'loan': '+230100', 'other': '771000',
        'fee_tax': '+110500', 'withholding': '+110500'},
    'it': {
        'sales': '3101', 'refunds': '3110', 'promotions': '3111', 'tax': '+2612', 'commission': '4212', 'fba': '4201',
        'storage': '4301',
        'shipping': '4201', 'advertising': '4203', 'fees': '4903', 'reimbursement': '3202', 'reserve': '+1641',
        'payout': '+1512', 'carried': '+1641', 'loan': '+2441', 'other': '4903',
        'fee_tax': '+1641', 'withholding': '+1641'},
    'es': {
        'sales': '700000', 'refunds': '708000', 'promotions': '709000', 'tax': '+475910', 'commission': '623000',
        'fba': '629000',
        'storage': '621000', 'shipping': '624000', 'advertising': '627000', 'fees': '629000', 'reimbursement': '759000',
        'reserve': '+555100', 'payout': '+555100', 'carried': '+555100', 'loan': '+520100', 'other': '629000',
        'fee_tax': '+472900', 'withholding': '+473000'},
    'ca': {
        'sales': '411100', 'refunds': '+411110', 'promotions': '+411110', 'tax': '+231000', 'commission': '+512210',
        'fba': '+512207', 'storage': '+512207', 'shipping': '+512207', 'advertising': '+512207', 'fees': '+512210',
        'reimbursement': '413320', 'reserve': '+117000',
        'payout': '+117000', 'carried': '+117000', 'loan': '+212240', 'other': '512210', 'fee_tax': '+118100',
        'withholding': '+118500'},
    'jp': {
        'sales': '410000', 'refunds': '+410000', 'promotions': '+410000', 'tax': '+330500', 'commission': '512400',
        'fba': '514500', 'storage': '514500', 'shipping': '514500', 'advertising': '511900', 'fees': '+512400',
        'reimbursement': '426000', 'reserve': '+124000',
        'payout': '+123600', 'carried': '+123000', 'loan': '+331000', 'other': '513000', 'fee_tax': '+123200',
        'withholding': '+122900'},
    'au': {
        'sales': '41110', 'refunds': '+41130', 'promotions': '+41130', 'tax': '+21700', 'commission': '61300',
        'fba': '+61700',
        'storage': '+61700', 'shipping': '61700', 'advertising': '61000', 'fees': '+61300', 'reimbursement': '46000',
        'reserve': '+11190',
        'payout': '+11190', 'carried': '+11190', 'loan': '+21700', 'other': '+61300', 'fee_tax': '+21330',
        'withholding': '+12200'},
    'in': {
        'sales': '20011', 'refunds': '+20013', 'promotions': '+20013', 'tax': '+11236', 'commission': '211250',
        'fba': '+211250',
        'storage': '+211250', 'shipping': '2104', 'advertising': '211240', 'fees': '+211250', 'reimbursement': '+2012',
        'reserve': '+10061',
        'payout': '+10061', 'carried': '+10061', 'loan': '+11223', 'other': '+211250', 'fee_tax': '+10056',
        'withholding': '10058'},
    'nl': {
        'sales': '8001', 'refunds': '+8005', 'promotions': '+8005', 'tax': '+1490', 'commission': '+4590',
        'fba': '+4570',
        'storage': '+4570', 'shipping': '4570', 'advertising': '4520', 'fees': '4590', 'reimbursement': '4950',
        'reserve': '+1290', 'payout': '+1290', 'carried': '+1290', 'loan': '+1490', 'other': '4290', 'fee_tax': '+1290',
        'withholding': '+1290'},
    'pl': {
        'sales': '73.000.300', 'refunds': '+73.000.300', 'promotions': '+73.000.300', 'tax': '+22.030.200',
        'commission': '+40.020.900',
        'fba': '40.020.400', 'storage': '+40.020.900', 'shipping': '40.020.400', 'advertising': '+40.020.900',
        'fees': '40.020.900',
        'reimbursement': '76.000.900', 'reserve': '+24.090.900', 'payout': '+24.090.900', 'carried': '+24.090.900',
        'loan': '+65.010.100', 'other': '40.090.100', 'fee_tax': '+22.010.300', 'withholding': '+22.010.300'},
    'se': {
        'sales': '30011', 'refunds': '+3730', 'promotions': '3730', 'tax': '+2890', 'commission': '+6090',
        'fba': '+5700',
        'storage': '+5700', 'shipping': '5700', 'advertising': '5900', 'fees': '6590', 'reimbursement': '+3980',
        'reserve': '+1680', 'payout': '+1680', 'carried': '+1680', 'loan': '+2410', 'other': '7990', 'fee_tax': '+1640',
        'withholding': '+1640'},
    'be': {
        'sales': '7000', 'refunds': '+7007', 'promotions': '708', 'tax': '+4528', 'commission': '+61329',
        'fba': '+61329',
        'storage': '+61329', 'shipping': '+61329', 'advertising': '61652', 'fees': '61329', 'reimbursement': '743',
        'reserve': '+416', 'payout': '+416', 'carried': '+416', 'loan': '+439', 'other': '+61329', 'fee_tax': '+4128',
        'withholding': '+4128'},
    'ie': {
        'sales': '70', 'refunds': '+70', 'promotions': '+70', 'tax': '+3824', 'commission': '+61', 'fba': '+61',
        'storage': '+61', 'shipping': '+61', 'advertising': '+61', 'fees': '61', 'reimbursement': '732',
        'reserve': '+2130', 'payout': '+2130', 'carried': '+2130', 'loan': '+3824', 'other': '642', 'fee_tax': '+2132',
        'withholding': '+2132'},
    'at': {
        'sales': '4000', 'refunds': '+4000', 'promotions': '+4000', 'tax': '+3520', 'commission': '+7970',
        'fba': '+7970',
        'storage': '+7970', 'shipping': '+7970', 'advertising': '+7970', 'fees': '7990', 'reimbursement': '+4860',
        'reserve': '+2300', 'payout': '+2880', 'carried': '+2300', 'loan': '+3480', 'other': '7990', 'fee_tax': '+2507',
        'withholding': '+2300'},
    'tr': {
        'sales': '600', 'refunds': '610', 'promotions': '611', 'tax': '+369', 'commission': '653', 'fba': '760',
        'storage': '760',
        'shipping': '760', 'advertising': '760', 'fees': '760', 'reimbursement': '649', 'reserve': '+136',
        'payout': '+136', 'carried': '+136', 'loan': '+309', 'other': '659', 'fee_tax': '+192', 'withholding': '+192'},
    'mx': {
        'sales': '401.01.01', 'refunds': '402.01.01', 'promotions': '402.01.01', 'tax': '+205.06.02',
        'commission': '601.74.01',
        'fba': '+601.74.01', 'storage': '+601.74.01', 'shipping': '+601.74.01', 'advertising': '+601.74.01',
        'fees': '601.84.01',
        'reimbursement': '+402.04.01', 'reserve': '+107.05.01', 'payout': '+107.05.01', 'carried': '+107.05.01',
        'loan': '+205.06.02', 'other': '601.84.01', 'fee_tax': '+119.01.04', 'withholding': '113.02.02'},
    'br': {
        'sales': '3.01.01.01.01.05', 'refunds': '+3.01.01.01.01.05', 'promotions': '+3.01.01.01.01.05',
        'tax': '+2.01.01.09.28',
        'commission': '3.01.01.09.01.21', 'fba': '+3.01.01.07.01.20', 'storage': '+3.01.01.07.01.20',
        'shipping': '+3.01.01.07.01.20',
        'advertising': '3.01.01.07.01.20', 'fees': '+3.01.01.09.01.21', 'reimbursement': '3.01.01.05.01.99',
        'reserve': '+1.01.02.09.12',
        'payout': '+1.01.02.09.12', 'carried': '+1.01.02.09.12', 'loan': '+2.01.01.17.04', 'other': '3.01.01.09.01.99',
        'fee_tax': '+1.01.02.04.40', 'withholding': '1.01.02.04.40'},
}


def find_chart(name: str) -> dict:
    """Return the codes for a chart of accounts (`chart_template` of a company) by kind; empty for a chart that is not
    known.
    """
    return next((codes for chart, codes in CHARTS.items() if name == chart or (name or '').startswith(f'{chart}_')), {})


def fill_code(code: str, digits: int) -> str:
    """Return a code of `CHARTS` as Odoo writes it in a company whose codes have so many digits; codes with dots stay as
    they are.
    """
    return code if '.' in code else code.ljust(digits + code.count('+'), '0')


def get_range(code: str) -> str:
    """Return what the codes of one range of a chart begin with: all but the last group of one with dots, else the first
    two digits.
    """
    return code.rpartition('.')[0] or code[:2]


def find_neighbours(codes: list, like: str = '') -> list:
    """Return the codes that a new account of their type may come after, the best first.

    A chart counts its accounts by ranges, and those of one type may lie far apart (999002 for a cash difference): the
    range of `like`, or else the one with most accounts of the type, comes first; within a range the highest code.

    :param list codes: of the accounts of one type
    :param str like: the code of an account whose range is preferred
    """
    sizes = collections.Counter(map(get_range, codes))
    preferred = get_range(like) if like in codes else None
    ranges = sorted(sizes, key=lambda begin: (begin != preferred, -sizes[begin], begin))
    return [code for begin in ranges for code in sorted(codes, reverse=True) if get_range(code) == begin]
