"""`make serve`: Odoo and the simulator on a database that stays, for development."""

import os

import database
import stack

NAME = f'{stack.PREFIX}_dev'

stack.stop_all()
port = stack.free_port(int(os.environ['PORT']))
amazon = stack.start_simulator(stack.free_port(port + 100), orders=100)
try:
    if not database.is_there(NAME):
        stack.make_database(NAME)
    print(f"Odoo: http://127.0.0.1:{port} (admin/admin), Amazon: {amazon} (simulated). Ctrl-C ends both.", flush=True)
    stack.odoo('server', '-d', NAME, f'--http-port={port}', '--http-interface=127.0.0.1', '--dev=xml', '-u',
               'amazon_connector')
except KeyboardInterrupt:
    pass
finally:
    stack.stop_all()
