"""Run in the tree of an earlier release: a database as that release leaves it, with sellers, orders and whatever else
its demo makes.
"""

import json
import os

import stack
from simulator.generator import catalogue


def main() -> None:
    amazon = stack.start_simulator(stack.free_port(int(os.environ['UPGRADE_AMAZON_PORT'])))
    try:
        stack.control(amazon, 'reset', {'orders': 120, 'listings': 20, 'unknown_share': 0.05, 'seed': 7})
        stack.make_database(os.environ['UPGRADE_DATABASE'])
        stack.shell(os.environ['UPGRADE_DATABASE'], stack.PROJECT / 'scripts' / 'demo_setup.py', DEMO_AMAZON=amazon,
                    DEMO_ODOO='http://127.0.0.1', DEMO_CATALOGUE=json.dumps(catalogue(), default=float))
    finally:
        stack.stop_all()


if __name__ == '__main__':
    main()
