from odoo import fields, models


class ResCurrency(models.Model):
    _inherit = 'res.currency'

    def _amazon_activate(self, seller):
        """Activate currencies in which Amazon sells or pays, and post that on the seller: all users of Odoo see them
        from now on.
        """
        archived = self.filtered(lambda currency: not currency.active)
        if archived:
            archived.active = True
            seller.message_post(
                body=self.env._(
                    "Amazon sells or pays in currencies that were not active in Odoo; they are now: %s.",
                    ', '.join(archived.mapped('name')),
                )
            )

    def _amazon_find_without_rate(self, company, date=None):
        """Return those of these currencies without an exchange rate of a company: Odoo would convert them one to one.

        :param date: day of the document, by default today; later rates do not count
        """
        foreign = self - company.currency_id
        known = (
            self.env['res.currency.rate']
            .sudo()
            .search(
                [
                    ('currency_id', 'in', foreign.ids),
                    ('company_id', 'in', (False, company.root_id.id)),
                    ('name', '<=', date or fields.Date.context_today(self)),
                ]
            )
        )
        return foreign - known.currency_id
