import logging
from typing import NamedTuple

from odoo import api, fields, models

from ..utils.domains import any_of
from ..utils.quiet import log_failure

_logger = logging.getLogger(__name__)

ACTIVITY = 'amazon_connector.mail_activity_type_attention'


class Kind(NamedTuple):
    """What may need a person: its records, the action that shows them, the field of its seller, and that by whose
    number new ones are known.
    """

    model: str
    domain: list
    action: str
    seller: str = 'seller_id'
    newest: str = 'id'


# Listings whose values wait for a person, and are sent at all: not what is removed, ignored, paused or not sent by its
# marketplace, since nobody could finish that.
SENT_AND_REFUSED = [
    ('mapping_state', '=', 'mapped'), ('status', '!=', 'removed'), ('marketplace_id.active', '=', True), *any_of([
        ['&', '&', '&', '&', ('stock_state', 'in', ('failed', 'held', 'blocked')), ('channel', '=', 'fbm'),
         ('marketplace_id.stock_sync', '=', True),
         '|', ('stock_paused', '=', False), ('marketplace_id.paused_policy', '=', 'zero'),
         '|', ('product_id.active', '=', True), ('marketplace_id.inactive_policy', '=', 'zero')],
        ['&', '&', ('price_state', 'in', ('failed', 'held', 'blocked')), ('price_paused', '=', False),
         ('marketplace_id.price_sync', '=', True)],
        ['&', '&', ('content_state', 'in', ('failed', 'held')), ('follows_product', '=', True),
         ('marketplace_id.content_sync', '=', True)]])]
KINDS = {
    'connection': Kind('amazon.seller', [('state', '=', 'error')], 'amazon_seller_action', 'id'),
    'flows': Kind('amazon.sync', [('needs_person', '=', True)], 'amazon_sync_action'),
    'orders': Kind('amazon.order', [('state', '=', 'error')], 'amazon_order_exception_action'),
    'listings': Kind('amazon.listing', SENT_AND_REFUSED, 'amazon_listing_action'),
    'settlements': Kind('amazon.settlement', [
        '|', '|', ('contradiction', '!=', False), ('state', 'in', ('wrong', 'to_map')),
        '&', ('state', '=', 'ready'), ('problem', '!=', False)], 'amazon_settlement_action'),
    'refunds': Kind('amazon.transaction', [('state', '=', 'error')], 'amazon_transaction_action'),
    # As long as days are not booked, everything differs.
    'differences': Kind('amazon.ledger.difference', [('state', '=', 'open'), ('cause', '!=', 'day')],
                        'amazon_ledger_difference_action'),
    # The rows of a day get new numbers when it is read again.
    'ledger': Kind('amazon.ledger.line', [('obstacle', '!=', False)], 'amazon_ledger_line_action', newest='day_id'),
    'inbounds': Kind('amazon.inbound', [('state', '=', 'short')], 'amazon_inbound_action'),
}
# Those that whoever keeps the books of a seller gets.
OF_ACCOUNTING = ('settlements', 'refunds')


class AmazonAttention(models.Model):
    """How many records of one kind wait for a person with one seller, and the one activity about them.

    The activity is made once. It is updated while it is open, and done by itself when nothing waits any more. Whoever
    reschedules it or marks it as done is asked again only when something new comes.
    """

    _name = 'amazon.attention'
    _description = "Amazon: Needs Attention"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'seller_id, kind'
    # Whoever may read it may reschedule its activity.
    _mail_post_access = 'read'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='seller_id.company_id', store=True, index=True)
    kind = fields.Selection([
        ('connection', "Connection to Amazon"), ('flows', "Synchronizations that fail"),
        ('orders', "Order exceptions"), ('listings', "Refused or held listings"),
        ('settlements', "Settlements"), ('refunds', "Refunds"), ('differences', "Differences of FBA stock"),
        ('ledger', "Rows of the FBA ledger that are not booked"), ('inbounds', "Shipments to Amazon that came short"),
    ], "What", required=True, readonly=True)
    count = fields.Integer("Number", readonly=True)
    latest = fields.Integer("Newest record", readonly=True, help="By its number in the database; of rows of the "
                            "ledger, that of their day.")
    user_id = fields.Many2one('res.users', "Last person", readonly=True, ondelete='set null',
                              help="Who has, or had, the activity about them.")

    _kind_unique = models.Constraint('UNIQUE(seller_id, kind)', "A seller has one record of each kind.")

    @api.depends('seller_id.name')
    def _compute_display_name(self):
        for record in self:
            # Activities store it: no words that depend on a language.
            record.display_name = record.sudo().seller_id.name

    def action_open(self):
        """Show the records that wait for a person: the form of the only one, or their list."""
        self.ensure_one()
        self.check_access('read')
        kind = KINDS[self.kind]
        self.env[kind.model].check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id(f'amazon_connector.{kind.action}')
        domain = self._get_domain(self.seller_id, self.kind)
        records = self.env[kind.model].search(domain, limit=2)
        forms = [view for view in action['views'] if view[1] == 'form']
        if len(records) == 1 and forms:
            action.update(res_id=records.id, views=forms)
        return {**action, 'domain': domain, 'context': {}}

    # === COUNTING === #

    @api.model
    def _cron_update(self):
        """Bring the activities of all sellers in line with what waits for a person."""
        open_records = self.search([('count', '>', 0)])
        for seller in self.env['amazon.seller'].search([('active', '=', True)]) | open_records.seller_id:
            try:
                self._update(seller)
                self.env.cr.commit()  # pylint: disable=invalid-commit
            except Exception as error:
                self.env.cr.rollback()
                log_failure(_logger, "Amazon seller %s: nobody could be notified", seller.id, error=error)

    @api.model
    def _update(self, seller, kinds=tuple(KINDS)):
        """Count what waits for a person with a seller, and tell somebody.

        :param kinds: keys of `KINDS`
        """
        records = {record.kind: record for record in self.sudo().search([('seller_id', '=', seller.id)])}
        for kind in kinds:
            count, latest = self._count_waiting(seller, kind)
            if count and kind not in records:
                records[kind] = self.sudo().create({'seller_id': seller.id, 'kind': kind})
            if kind in records:
                records[kind]._set_waiting(count, latest)

    @api.model
    def _count_waiting(self, seller, kind):
        """Return how many records of a kind wait for a person with a seller, and the newest id; none if it is archived.
        """
        if not seller.active:
            return 0, 0
        records = self.env[KINDS[kind].model].sudo().with_context(active_test=True)
        count, latest = records._read_group(
            self._get_domain(seller, kind), [], ['__count', f'{KINDS[kind].newest}:max'])[0]
        return count, latest or 0

    @api.model
    def _get_domain(self, seller, kind):
        return [(KINDS[kind].seller, '=', seller.id), *KINDS[kind].domain]

    def _set_waiting(self, count, latest):
        """Keep one activity about the records that wait, or none: not where somebody has marked it as done and nothing
        new has come since.

        :param int count: how many records wait
        :param int latest: the newest id among them
        """
        self.ensure_one()
        is_changed, is_new = (count, latest) != (self.count, self.latest), count > self.count or latest > self.latest
        if is_changed:
            self.write({'count': count, 'latest': latest})
        tasks = self._find_tasks()
        if not count:
            self._finish(tasks)
        elif tasks:
            self._keep(tasks, is_changed)
        elif is_new or not self._may_look(self.user_id):
            # Odoo deletes the activities of users who leave: that is no sign that somebody has dealt with them.
            self._schedule()

    def _find_tasks(self):
        return self.activity_ids.filtered(lambda task: task.activity_type_id == self.env.ref(ACTIVITY))

    def _keep(self, tasks, is_changed):
        """Bring open activities up to date, and give those to somebody else that their user cannot open any more."""
        for task in tasks:
            user = task.user_id if self._may_look(task.user_id) else self._find_responsible() or task.user_id
            if is_changed or user != task.user_id:
                self._give(task, user)
        self._set_person(tasks[:1].user_id)

    def _give(self, tasks, user):
        """Give activities to a user, in the language of that user."""
        tasks.write({'user_id': user.id, 'summary': self._for_reader(user)._summarize()})

    def _set_person(self, user):
        if user != self.user_id:
            self.user_id = user

    def _schedule(self):
        user = self._find_responsible()
        if user:
            self.activity_schedule(ACTIVITY, user_id=user.id, summary=self._for_reader(user)._summarize())
        # Without a person, somebody is told as soon as there is one.
        self._set_person(user)

    def _find_responsible(self):
        return self.seller_id._find_responsible(KINDS[self.kind].model, self.kind in OF_ACCOUNTING, self)

    def _may_look(self, user):
        return self.seller_id._may_look(user, KINDS[self.kind].model, self)

    def _finish(self, tasks):
        for task in tasks:
            record = self._for_reader(task.user_id)
            task.with_context(lang=record.env.lang).action_feedback(feedback=record._describe_end())

    # === WORDS === #

    def _for_reader(self, user):
        return self.with_context(lang=user.lang or self.env.lang)

    def _summarize(self):
        """Return in words what waits, in the language of the environment."""
        words = {
            'connection': self.env._("Not connected to Amazon"),
            'flows': self.env._("Synchronizations that fail: %s", self.count),
            'orders': self.env._("Order exceptions: %s", self.count),
            'listings': self.env._("Refused or held listings: %s", self.count),
            'settlements': self.env._("Settlements that need you: %s", self.count),
            'refunds': self.env._("Refunds that need you: %s", self.count),
            'differences': self.env._("Differences between Odoo's FBA stock and Amazon's: %s", self.count),
            'ledger': self.env._("Rows of the FBA ledger that could not be booked: %s", self.count),
            'inbounds': self.env._("Shipments to Amazon that came short: %s", self.count),
        }
        return words[self.kind]

    def _describe_end(self):
        return self.env._("Nothing is left to do.")
