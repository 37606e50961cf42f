"""What the tests of goods at Amazon share: days, events at its fulfilment centres, and a ledger that is started."""

import datetime

SKU = 'SKU-000-FBA'


def day(number):
    """Return a day by its distance from today. A day ends six hours late, as it does for what Amazon reports of it:
    at 3 o'clock, yesterday is not over yet.
    """
    now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=6)
    return (now.date() + datetime.timedelta(days=number)).isoformat()


def happen(system, *events):
    system.control('fba?seller=eu', list(events))


def count(system, model, *domain):
    return system.call(model, 'search_count', list(domain))


def sell_from_amazon(system):
    """Connect a seller of whose listings Amazon fulfils one; return the seller and the product of its SKU."""
    system.begin(listings=5, marketplaces=['DE'])
    seller = system.connect()
    system.import_listings()
    product, = system.call('product.product', 'search', [('default_code', '=', 'SKU-000')])
    system.call('amazon.listing', 'write', system.call('amazon.listing', 'search', [('sku', '=', SKU)]),
                {'product_id': product})
    return seller, product


def request_ledger(system, seller, first, *there):
    """Request Amazon's balance before a day, and wait for it, and for what else is to be there (functions)."""
    wizard = system.call('amazon.ledger.open', 'create', [{'seller_id': seller, 'date': day(first)}])
    system.call('amazon.ledger.open', 'action_request', wizard)
    system.run('fba_stock', lambda: count(system, 'amazon.ledger.balance') and all(is_there() for is_there in there))


def start_ledger(system, seller, first):
    """Let the stock follow Amazon's ledger from a day on."""
    request_ledger(system, seller, first)
    system.press('amazon.ledger.open', 'action_start', system.call('amazon.ledger.open', 'action_open')['res_id'])
