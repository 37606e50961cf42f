from . import amazon_connect, amazon_order_recover
