from . import (
    amazon_connect,
    amazon_label_buy,
    amazon_order_recover,
    amazon_sell,
    amazon_settlement_setup,
    amazon_settlement_setup_line,
    amazon_settlement_upload,
    amazon_ship_warning,
    amazon_stock_preview,
)
