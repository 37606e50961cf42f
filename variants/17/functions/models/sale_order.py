from odoo import _


class SaleOrder:

    # In place of 60bee036: Odoo does not pass the address on to deliveries.
    def _amazon_write_header(self, plan):
        vals = plan.prepare_header()
        if self.state in QUOTATION:
            vals.update(plan.prepare_partners() if not plan.is_pending else {})
        elif self._amazon_has_new_address(plan):
            vals['partner_shipping_id'] = plan.delivery.id
            self.message_post(body=_("Amazon changed the delivery address."))
        changed = {field: value for field, value in vals.items()
                   if self._fields[field].convert_to_write(self[field], self) != value}
        if changed:
            self.write(changed)
        if 'partner_shipping_id' in changed:
            self.picking_ids.filtered(
                lambda picking: picking.state not in ('done', 'cancel')).partner_id = self.partner_shipping_id
