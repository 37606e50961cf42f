def migrate(cr, version):
    """Write on the lines of orders the SKUs that their orders name: fees are estimated by them."""
    cr.execute(
        """UPDATE sale_order_line line SET amazon_sku = item.value #>> '{product,sellerSku}'
             FROM amazon_order inbox CROSS JOIN LATERAL jsonb_array_elements(
                  CASE WHEN jsonb_typeof(inbox.payload -> 'orderItems') = 'array' THEN inbox.payload -> 'orderItems'
                  ELSE '[]' END) AS item (value)
            WHERE line.order_id = inbox.sale_order_id AND line.amazon_charge = 'item' AND line.amazon_sku IS NULL
              AND line.amazon_item_ref = item.value ->> 'orderItemId'""")
