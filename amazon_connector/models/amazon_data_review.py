from odoo import api, fields, models


class AmazonDataReview(models.Model):
    """A review of who can read buyers' data: by whom, when and with which figures; nobody can change it afterwards."""

    _name = 'amazon.data.review'
    _description = "Review of Data Protection"
    _order = 'date desc, id desc'
    _rec_name = 'date'

    company_id = fields.Many2one('res.company', required=True, readonly=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        'res.users', "Reviewed by", required=True, readonly=True, default=lambda self: self.env.user)
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    overdue_count = fields.Integer("Overdue", readonly=True)
    user_count = fields.Integer("Users who can see buyers", readonly=True)
    weak_count = fields.Integer("Without two-factor login", readonly=True)

    @api.model
    def _find_last(self):
        """Return the last review of the user's company, if there is one."""
        return self.search([('company_id', '=', self.env.company.id)], limit=1)
