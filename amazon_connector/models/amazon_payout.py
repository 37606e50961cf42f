import datetime

from odoo import api, fields, models

from ..amazon_api.payouts import read_payout
from ..amazon_api.shapes import ShapeError, read_list
from ..amazon_api.storable import make_storable
from ..utils.amazon_words import label_field
from ..utils.phrases import tell
from ..utils.words import explain

# A payout is on its way for days, and may fail weeks later.
DAYS_ASKED = datetime.timedelta(days=45)
LONGEST_REF = 200


class AmazonPayout(models.Model):
    """A transfer of money by Amazon to the seller's bank, with the number that the bank shows."""

    _name = 'amazon.payout'
    _description = "Amazon Payout"
    _rec_name = 'payout_ref'
    _order = 'created desc, id desc'

    seller_id = fields.Many2one('amazon.seller', required=True, readonly=True, ondelete='cascade', index=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    marketplace_id = fields.Many2one('amazon.seller.marketplace', readonly=True, ondelete='cascade')
    payout_ref = fields.Char("Payout", required=True, readonly=True)
    created = fields.Datetime("Started", readonly=True)
    status = fields.Char("Status code", readonly=True, help="As Amazon says it: STARTED, IN_TRANSIT, PAID, FAILED, "
                         "CANCELLED, NO_PAYOUT.")
    status_label = label_field("Status", 'payout_status', 'status')
    failure = fields.Char("Why it failed", readonly=True)
    kind = fields.Char("Kind code", readonly=True)
    kind_label = label_field("Kind", 'payout_detail', 'kind')
    account_type = fields.Char("Account type code", readonly=True)
    account_type_label = label_field("Account type", 'payout_detail', 'account_type')
    currency_id = fields.Many2one('res.currency', readonly=True)
    amount = fields.Monetary(readonly=True)
    account_tail = fields.Char("Account ends in", readonly=True)
    rail = fields.Char("Sent by", readonly=True)
    trace_ref = fields.Char("Number of the bank", readonly=True, index='btree_not_null',
                            help="The number under which the bank has the transfer.")
    settlement_refs = fields.Char("Settlement numbers", readonly=True)
    missing_refs = fields.Char("Settlements not in Odoo", readonly=True)
    settlement_ids = fields.Many2many('amazon.settlement', 'amazon_payout_settlement_rel', 'payout_id', 'settlement_id',
                                      string="Settlements", readonly=True)

    _payout_unique = models.Constraint('UNIQUE(seller_id, payout_ref)', "This payout is already there.")

    @api.model
    def _fetch(self, sync, client):
        """Read the state of payouts (`listPayouts`) of the settlements that wait for the bank; no call where none
        waits.
        """
        waiting = self.env['amazon.settlement']._find_waiting(sync.seller_id, ('transfer',))
        if not waiting:
            return
        since = max(min(waiting.mapped('start_date')), fields.Datetime.now() - DAYS_ASKED)
        problems = []
        for reply in client.pages('listPayouts', createdAfter=f'{since.isoformat()}Z'):
            problems += self._store(sync.seller_id, read_list(reply.payload, 'payouts'))
            if not sync._commit():
                break
        sync._add_problems(tell(self.env)._("Payouts"), problems)

    @api.model
    def _store(self, seller, payloads):
        """Store each payout once, as Amazon shows it now; return in words what could not be read.

        :param list payloads: `Payout` objects of Transfers 2024-06-01
        """
        problems, payouts = [], {}
        for payload in payloads:
            try:
                payout = read_payout(make_storable(payload))
                payouts[payout.ref[:LONGEST_REF]] = payout
            except ShapeError as error:
                problems.append(explain(self.env, error))
        known = {payout.payout_ref: payout
                 for payout in self.search([('seller_id', '=', seller.id), ('payout_ref', 'in', list(payouts))])}
        for ref, payout in payouts.items():
            vals, record = self._prepare_vals(seller, payout), known.get(ref, self)
            if payout.status == 'FAILED' and record.status != 'FAILED':
                self._alert_failed(seller, payout)
            if record:
                record.write(vals)
            else:
                self.create({**vals, 'seller_id': seller.id, 'payout_ref': ref,
                             'missing_refs': vals['settlement_refs']})
        self._link_settlements(seller)
        return problems

    @api.model
    def _alert_failed(self, seller, payout):
        """Give somebody a task about a payout that did not reach the bank."""
        told = seller.sudo()._for_person()
        told._alert(told.env._("Amazon: a payout failed"), told.env._(
            "Amazon could not pay %(amount)s %(currency)s for settlement %(settlements)s (%(reason)s). Check the "
            "deposit method in Seller Central.",
            amount=payout.amount or '', currency=payout.currency, settlements=' '.join(payout.settlement_refs) or '?',
            reason=payout.failure or '?'))

    @api.model
    def _prepare_vals(self, seller, payout):
        market = seller.with_context(active_test=False).marketplace_ids.filtered(
            lambda market: market.marketplace_ref == payout.marketplace_ref)[:1]
        currency = self.env['res.currency'].with_context(active_test=False).search(
            [('name', '=', payout.currency)], limit=1)
        return {
            'company_id': (market.company_id or seller.company_id).id, 'marketplace_id': market.id,
            'created': payout.created, 'status': payout.status,
            'failure': payout.failure, 'kind': payout.type, 'account_type': payout.account_type,
            'currency_id': currency.id,
            'amount': float(payout.amount or 0), 'account_tail': payout.account_tail, 'rail': payout.rail,
            'trace_ref': payout.trace_ref, 'settlement_refs': ' '.join(payout.settlement_refs)}

    @api.model
    def _link_settlements(self, seller):
        """Link payouts with the settlements that they pay, also those that came later than the payout."""
        waiting = self.search([('seller_id', '=', seller.id), ('missing_refs', '!=', False)])
        refs = {ref for payout in waiting for ref in payout.missing_refs.split()}
        found = {settlement.settlement_ref: settlement for settlement in self.env['amazon.settlement'].search(
            [('seller_id', '=', seller.id), ('settlement_ref', 'in', list(refs))])}
        for payout in waiting:
            here = [found[ref] for ref in payout.missing_refs.split() if ref in found]
            if here:
                payout.settlement_ids |= self.env['amazon.settlement'].union(*here)
                payout.missing_refs = ' '.join(ref for ref in payout.missing_refs.split() if ref not in found) or False
