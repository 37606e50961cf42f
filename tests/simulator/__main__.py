"""`python -m simulator --port N` starts the simulator alone."""

import argparse

import uvicorn

from .app import create_app

if __name__ == '__main__':
    parser = argparse.ArgumentParser(prog='simulator', description=__doc__)
    parser.add_argument('--port', type=int, default=8169)
    parser.add_argument('--speed', type=float, default=1.0, help="how much faster than Amazon's time runs here")
    parser.add_argument('--orders', type=int, default=0, help="size of the generated store at the start")
    parser.add_argument('--seed', type=int, default=1)
    arguments = parser.parse_args()
    app = create_app(speed=arguments.speed, orders=arguments.orders, seed=arguments.seed)
    uvicorn.run(app, host='127.0.0.1', port=arguments.port, log_level='warning', access_log=False, lifespan='off')
