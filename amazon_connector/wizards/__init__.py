from . import amazon_connect, amazon_label_buy, amazon_order_recover, amazon_sell, amazon_ship_warning, amazon_stock_preview
