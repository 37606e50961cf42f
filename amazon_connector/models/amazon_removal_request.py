import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..amazon_api import removal_feed
from ..amazon_api.feed_messages import MessageProblem
from ..utils.access import USER, check_group
from ..utils.phrases import tell
from ..utils.reader_fields import ReaderText
from ..utils.words import explain
from .amazon_ledger_day import MANAGER

KINDS = [('return', "Send back"), ('disposal', "Dispose of")]
DISPOSITIONS = {'return': removal_feed.RETURN, 'disposal': removal_feed.DISPOSAL}
# Amazon dates an order of its own within this time of the feed.
NEAR = datetime.timedelta(days=2)


class AmazonRemovalRequest(models.Model):
    """A removal order made in Odoo: sent as a feed, accepted line by line, and then one of the removal orders that
    Amazon reports. Nothing is booked by it.
    """

    _name = 'amazon.removal.request'
    _description = "Amazon Removal Request"
    _inherit = ['amazon.access.mixin', 'mail.thread']
    _order = 'id desc'

    name = fields.Char("Your number", required=True, readonly=True, copy=False)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', required=True, readonly=True, ondelete='cascade')
    seller_id = fields.Many2one(related='marketplace_id.seller_id', store=True, index=True)
    company_id = fields.Many2one(related='marketplace_id.company_id', store=True, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    warehouse_id = fields.Many2one('stock.warehouse', "To", readonly=True)
    address = fields.Json(readonly=True)
    notes = fields.Char("Notes for the shipment", readonly=True)
    line_ids = fields.One2many('amazon.removal.request.line', 'request_id', readonly=True)
    state = fields.Selection(
        [('waiting', "To send"), ('sent', "Amazon works on it"), ('accepted', "Accepted"), ('refused', "Refused"),
         ('unclear', "Look in Seller Central"), ('reported', "Reported by Amazon"), ('cancelled', "Not sent")],
        required=True, readonly=True, default='waiting', index=True, tracking=True)
    message = ReaderText("Amazon says", readonly=True)
    submit_date = fields.Datetime("Sent on", readonly=True)
    feed_id = fields.Many2one('amazon.feed', "Submission", readonly=True, ondelete='set null')
    removal_id = fields.Many2one('amazon.removal', "Removal order", readonly=True, index='btree_not_null',
                                 ondelete='set null')

    _name_unique = models.Constraint('UNIQUE(seller_id, name)', "Each removal request has its own number.")

    # === SENDING === #

    def _make_document(self):
        """Return the document of this order.

        :raises MessageProblem: it cannot be made
        """
        lines = [(line.sku, line.sellable, line.unsellable) for line in self.line_ids]
        return removal_feed.make_document(self.name, DISPOSITIONS[self.kind], self.address or {}, self.notes or '',
                                          lines)

    @api.model
    def _submit(self, sync, client):
        """Send the orders that wait; return what the flow returns for want of time, else False."""
        for request in self.search([('seller_id', '=', sync.seller_id.id), ('state', '=', 'waiting'),
                                    ('feed_id', '=', False)]):
            request._prepare_feed()
            sync._commit()
        return self.env['amazon.feed']._submit_open(sync, client, 'removal')

    def _prepare_feed(self):
        try:
            self._make_document()
        except MessageProblem as error:
            self.write({'state': 'refused', 'message': explain(self.env, error)})
            return
        self.feed_id = self.env['amazon.feed'].create({
            'marketplace_id': self.marketplace_id.id, 'kind': 'removal', 'method': 'feed', 'request_id': self.id,
            'line_ids': [(0, 0, {'sku': line.sku, 'removal_line_id': line.id, 'value': line._get_value()})
                         for line in self.line_ids]})

    def _set_sent(self):
        self.write({'state': 'sent', 'submit_date': fields.Datetime.now()})

    def _set_unclear(self, message):
        """Mark this order as one of which nobody knows whether Amazon has it: it is never sent a second time."""
        self.write({'state': 'unclear', 'message': message})
        seller = self.seller_id._for_person()
        seller._alert(
            seller.env._("It is not clear whether Amazon has removal order %s", self.name), seller.env._(
                "%(message)s\nLook in Seller Central before you make it once more. If Amazon reports it, it is found "
                "by itself.", message=message))

    def _evaluate(self):
        """Set the state by what Amazon said of each line."""
        for request in self.filtered(lambda request: request.state in ('sent', 'unclear')):
            states = set(request.line_ids.mapped('state'))
            if 'unclear' in states:
                request._set_unclear(next(filter(None, request.line_ids.mapped('message')), ''))
            elif 'accepted' in states:
                request.write({'state': 'accepted', 'message': request._get_refusals()})
            else:
                request.write({'state': 'refused', 'message': request._get_refusals()})
            if 'refused' in states:
                seller = request.seller_id._for_person()
                seller._alert(seller.env._("Amazon refused lines of removal order %s", request.name),
                              request._get_refusals())

    def _get_refusals(self):
        refused = self.line_ids.filtered(lambda line: line.state == 'refused')
        return tell(self.env).join(tell(self.env).join([line.sku, line.message], by=': ') for line in refused) or False

    def action_cancel(self):
        """Do not send these orders; those that were sent are cancelled in Seller Central."""
        self.check_access('read')
        check_group(self.env, MANAGER)
        check_group(self.env, USER)
        requests = self.sudo().filtered(lambda request: request.state == 'waiting' and (
            not request.feed_id or request.feed_id.state == 'draft'))
        if not requests:
            raise UserError(tell(self.env)._("Only orders that were not sent yet can be cancelled here."))
        requests.feed_id.write({'state': 'failed', 'error': tell(self.env)._("Cancelled before it was sent.")})
        requests.state = 'cancelled'
        return True

    # === WHAT AMAZON REPORTS === #

    @api.model
    def _find_for(self, removal):
        """Return the request of a removal order that Amazon reports: the one of its number, else the only one of the
        same time, kind and units; empty if there is none.
        """
        open_ones = self.search([('seller_id', '=', removal.seller_id.id), ('removal_id', '=', False),
                                 ('state', 'in', ('sent', 'accepted', 'unclear'))])
        named = open_ones.filtered(lambda request: request.name == removal.order_ref)
        if named or not removal.request_date:
            return named
        # Whether Amazon reports the seller's number is not known.
        alike = open_ones.filtered(
            lambda request: abs((request.submit_date or request.create_date) - removal.request_date) <= NEAR
            and DISPOSITIONS[request.kind].lower() == (removal.order_type or '').lower()
            and request._count_units() == removal._count_units())
        return alike if len(alike) == 1 else self.browse()

    def _count_units(self):
        """Return the units by SKU and whether they are sellable."""
        counts = {}
        for line in self.line_ids.filtered(lambda line: line.state != 'refused'):
            counts |= {(line.sku, is_sellable): units for is_sellable, units in (
                (True, line.sellable), (False, line.unsellable)) if units}
        return counts
