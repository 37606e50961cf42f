"""Which accounts a settlement needs, and where a chart of accounts has them."""

# Kind -> label, type of account, whether it is reconciled.
KINDS = {
    'sales': ("Sales", 'income', False), 'refunds': ("Refunds", 'income', False), 'promotions': ("Promotions", 'income', False),
    'tax': ("Tax collected by Amazon", 'liability_current', False), 'commission': ("Commissions", 'expense', False),
    'fba': ("Fulfilment by Amazon", 'expense', False), 'storage': ("Storage", 'expense', False), 'shipping': ("Shipping", 'expense', False),
    'advertising': ("Advertising", 'expense', False), 'fees': ("Other fees", 'expense', False), 'reimbursement': ("Reimbursements", 'income_other', False),
    'reserve': ("Reserve at Amazon", 'asset_current', False), 'payout': ("Payouts on their way", 'asset_current', True),
    'carried': ("Settlements carried forward", 'asset_current', True), 'loan': ("Amazon Lending", 'liability_current', False),
    'other': ("Other expenses", 'expense', False),
}
# By the beginning of a chart's name: the account of each kind. '+' asks for an account of its own at that code or the next free one.
CHARTS = {
    'generic_coa': {
        'sales': '4000', 'refunds': '+4001', 'promotions': '+4001', 'tax': '+2511', 'commission': '9620', 'fba': '+6001', 'storage': '+6001',
        'shipping': '+6001', 'advertising': '+6001', 'fees': '+6001', 'reimbursement': '4500', 'reserve': '+1011', 'payout': '+1011',
        'carried': '+1011', 'loan': '+2011', 'other': '6000'},
    'us': {
        'sales': '400000', 'refunds': '+400100', 'promotions': '+400100', 'tax': '+251100', 'commission': '+673100', 'fba': '+652010',
        'storage': '+631100', 'shipping': '652000', 'advertising': '673000', 'fees': '625000', 'reimbursement': '450000', 'reserve': '+101100',
        'payout': '+101100', 'carried': '+101100', 'loan': '+201200', 'other': '690000'},
    'fr': {
        'sales': '707000', 'refunds': '709700', 'promotions': '709700', 'tax': '+447800', 'commission': '622200', 'fba': '624200',
        'storage': '613200', 'shipping': '624200', 'advertising': '623100', 'fees': '628100', 'reimbursement': '758000', 'reserve': '+467800',
        'payout': '+511800', 'carried': '+471100', 'loan': '+168800', 'other': '658000'},
    'de_skr03': {
        'sales': '8200', 'refunds': '8700', 'promotions': '8700', 'tax': '+1701', 'commission': '4760', 'fba': '4780', 'storage': '4909',
        'shipping': '4730', 'advertising': '4600', 'fees': '4909', 'reimbursement': '2742', 'reserve': '+1501', 'payout': '+1360',
        'carried': '+1591', 'loan': '+1705', 'other': '4900'},
    'de_skr04': {
        'sales': '4200', 'refunds': '4700', 'promotions': '4700', 'tax': '+3501', 'commission': '6770', 'fba': '6780', 'storage': '6303',
        'shipping': '6740', 'advertising': '6600', 'fees': '6303', 'reimbursement': '4970', 'reserve': '+1301', 'payout': '+1460',
        'carried': '+1371', 'loan': '+3560', 'other': '6300'},
    'uk': {
        'sales': '400000', 'refunds': '+400500', 'promotions': '+400500', 'tax': '+220500', 'commission': '+771100', 'fba': '603000',
        'storage': '+771100', 'shipping': '603000', 'advertising': '600000', 'fees': '620000', 'reimbursement': '+400500', 'reserve': '+110500',
        'payout': '+110500', 'carried': '+110500', 'loan': '+230100', 'other': '771000'},
    'it': {
        'sales': '3101', 'refunds': '3110', 'promotions': '3111', 'tax': '+2612', 'commission': '4212', 'fba': '4201', 'storage': '4301',
        'shipping': '4201', 'advertising': '4203', 'fees': '4903', 'reimbursement': '3202', 'reserve': '+1641', 'payout': '+1512',
        'carried': '+1641', 'loan': '+2441', 'other': '4903'},
    'es': {
        'sales': '700000', 'refunds': '708000', 'promotions': '709000', 'tax': '+475910', 'commission': '623000', 'fba': '629000',
        'storage': '621000', 'shipping': '624000', 'advertising': '627000', 'fees': '629000', 'reimbursement': '759000', 'reserve': '+555100',
        'payout': '+555100', 'carried': '+555100', 'loan': '+520100', 'other': '629000'},
}


def find_chart(name: str) -> dict:
    """Return the codes for a chart of accounts (`chart_template` of a company) by kind; empty for a chart that is not known."""
    return next((codes for prefix, codes in CHARTS.items() if (name or '').startswith(prefix)), {})
