"""Run in Odoo's shell by busy.py: people who work on the same products until a file appears, each in a transaction of
their own.
"""

import collections
import functools
import os
import pathlib
import random
import threading
import time

from odoo.service.model import retrying

registry, uid = env.registry, env.uid  # noqa: F821
end = pathlib.Path(os.environ['BENCH_END'])
products = env['product.product'].search([('default_code', 'in', os.environ['BENCH_SKUS'].split(','))]).ids  # noqa: F821
seller = int(os.environ['BENCH_SELLER'])
done, failed = collections.Counter(), collections.Counter()


def sell(env, choose):
    """One piece is sold and delivered."""
    order = env['sale.order'].create({
        'partner_id': env.user.partner_id.id,
        'order_line': [(0, 0, {'product_id': choose.choice(products), 'product_uom_qty': 1})]})
    order.action_confirm()
    order.picking_ids.move_ids.write({'quantity': 1, 'picked': True})
    order.picking_ids.with_context(skip_sms=True).button_validate()


def count(env, choose):
    """The stock of a product is counted."""
    location = env['amazon.seller'].browse(seller).marketplace_ids.warehouse_id.lot_stock_id[:1]
    quant = env['stock.quant'].with_context(inventory_mode=True).search(
        [('product_id', '=', choose.choice(products)), ('location_id', '=', location.id)], limit=1)
    quant.inventory_quantity = quant.quantity + choose.choice((-1, 1))
    quant.action_apply_inventory()


def edit(env, choose):
    """A delivery gets a note."""
    pickings = env['stock.picking'].search([('state', 'in', ('confirmed', 'assigned'))], limit=50)
    if pickings:
        choose.choice(pickings).note = f"Looked at {time.time():.0f}"


def press(env, choose):
    env['amazon.seller'].browse(seller).action_sync_now()


def work(action, seconds):
    choose = random.Random(action.__name__)
    while not end.exists():
        start = time.monotonic()
        try:
            with registry.cursor() as cr:
                own = env(cr=cr, user=uid, context={})  # noqa: F821
                retrying(functools.partial(action, own, choose), own)
            done[action.__name__] += 1
        except Exception as error:  # somebody who gets an error message tries the next one
            failed[f'{action.__name__}: {type(error).__name__}'] += 1
        time.sleep(max(0, seconds - (time.monotonic() - start)))


people = [threading.Thread(target=work, args=(action, seconds))
          for action, seconds in ((sell, 2), (count, 1), (edit, 1), (press, 1))]
for person in people:
    threading.current_thread().dbname = registry.db_name
    person.dbname = registry.db_name
    person.start()
for person in people:
    person.join()
print('users:', dict(done), 'errors:', dict(failed))
