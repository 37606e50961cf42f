import datetime

from markupsafe import Markup

from odoo import fields, models
from odoo.tools import format_date

from .amazon_claim import OPEN

# So many days before its deadline a claim that nobody filed is a task.
WARN = datetime.timedelta(days=14)
ACTIVITY = 'amazon_connector.mail_activity_type_claim'
# The most claims that the task names.
SHOWN = 20


class AmazonSeller(models.Model):
    """Claims of a seller: numbers, and the task before their deadlines."""

    _inherit = 'amazon.seller'

    claim_count = fields.Integer("Open claims", compute='_compute_claims')
    claim_value = fields.Monetary("Open value of claims", compute='_compute_claims', currency_field='claim_currency_id')
    claim_currency_id = fields.Many2one(related='company_id.currency_id', string="Currency of claims")
    claim_won = fields.Char("Won this year", compute='_compute_claims', help="By currency: what Amazon paid this year "
                            "on claims that were filed.")

    def _compute_claims(self):
        may_read = self.env['amazon.claim'].has_access('read')
        for seller in self:
            claims = self.env['amazon.claim'].sudo().search(
                [('seller_id', '=', seller.id), ('state', 'in', OPEN)]) if may_read else self.env['amazon.claim']
            seller.claim_count, seller.claim_value = len(claims), sum(claims.mapped('value'))
            seller.claim_won = may_read and seller._describe_won() or False

    def _describe_won(self):
        """Return in words what was won this year, by currency."""
        numbers = self.env['amazon.claim.number'].sudo()
        sums = numbers._read_group(
            [('seller_id', '=', self.id), *numbers._get_won_domain(fields.Date.context_today(self))],
            ['currency_id'], ['won_amount:sum'])
        return ', '.join(currency.format(amount) for currency, amount in sums)

    def action_view_claims(self):
        """Show the open claims of this seller."""
        self.ensure_one()
        self.check_access('read')
        return self.env['amazon.claim.number']._view_claims([('seller_id', '=', self.id)], search_default_open=1)

    def action_view_won(self):
        """Show the claims of this seller with which something was won this year."""
        self.ensure_one()
        self.check_access('read')
        return self.env['amazon.claim.number']._view_won(
            fields.Date.context_today(self), [('seller_id', '=', self.id)])

    # === DEADLINES === #

    def _warn_of_deadlines(self):
        """Keep one task for each of these sellers as long as claims wait to be filed whose deadline is near."""
        today = fields.Date.today()
        for seller in (seller._for_person() for seller in self):
            due = seller.env['amazon.claim'].search([
                ('seller_id', '=', seller.id), ('state', 'in', ('found', 'partly')), ('filed_date', '=', False),
                ('deadline', '<=', today + WARN), ('deadline', '>=', today)], order='deadline, id')
            tasks = seller.activity_ids.filtered(
                lambda activity: activity.activity_type_id == self.env.ref(ACTIVITY))
            if not due:
                tasks.unlink()
                continue
            vals = {'summary': seller.env._("Claims to file: %s", len(due)), 'date_deadline': due[0].deadline,
                    'note': seller._describe_due(due)}
            if tasks and any(tasks[0][name] != vals[name] for name in ('summary', 'date_deadline')):
                tasks[0].write(vals)
            elif not tasks:
                seller.activity_schedule(ACTIVITY, user_id=seller._find_person().id, **vals)

    def _describe_due(self, claims):
        lines = [self.env._("%(date)s: %(claim)s, %(units)s units", date=format_date(self.env, claim.deadline),
                            claim=claim.display_name, units=claim.open_units) for claim in claims[:SHOWN]]
        return Markup('<br/>').join([*lines, *(['…'] if len(claims) > SHOWN else [])])
