from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..utils.phrases import tell
from ..utils.reader_fields import ReaderChar

# Stages of settlements that are not booked here, by a person's decision.
ASIDE = ('elsewhere', 'ignored')


class AmazonSettlement(models.Model):
    """Decide where a settlement is booked: not twice, and not in the wrong company."""

    _inherit = 'amazon.settlement'

    aside_reason = ReaderChar("Why it is not booked here", readonly=True, tracking=True)

    # === ACTIONS === #

    def action_set_aside(self):
        """Ask why these settlements are not booked here, or which marketplace they belong to."""
        self.check_access('write')
        action = self.env['ir.actions.act_window']._for_xml_id('amazon_connector.amazon_settlement_decision_action')
        return {**action, 'context': {'default_settlement_ids': self.ids}}

    def action_restore(self):
        """Restore settlements that were set aside, so that they can be booked again."""
        self.check_access('write')
        for settlement in self.filtered(lambda settlement: settlement.stage in ASIDE).sudo():
            settlement._check_no_double()
            settlement.write({'stage': 'to_map', 'aside_reason': False})
            settlement._map()
            settlement._evaluate()
        return True

    def _check_no_double(self):
        """Raise a `UserError` if another seller of the same account has this settlement in use."""
        same = self.search([(name, '=', self[name]) for name in ('settlement_ref', 'end_date', 'total')] + [
            ('currency_id', '=', self.currency_id.id), ('stage', 'not in', ASIDE), ('id', '!=', self.id)])
        if same := same.filtered(lambda settlement: settlement._is_of_account(self.seller_id))[:1]:
            raise UserError(tell(self.env)._("%s has this settlement, too, and it is in use there: it can be used "
                                             "only once.",
                                             same.seller_id.name))

    def _set_aside(self, stage, reason):
        """Mark settlements that have no entries as booked elsewhere, or as not to be booked.

        :param str stage: one of `ASIDE`
        :raises UserError: one of them has entries
        """
        if booked := self.filtered(lambda settlement: settlement.stage not in ('wrong', 'to_map', 'ready')):
            raise UserError(tell(self.env)._("Settlement %s has entries here: cancel its booking first.",
                                             booked[0].settlement_ref))
        self.sudo().write({'stage': stage, 'aside_reason': reason, 'problem': False})

    def _set_marketplace(self, market):
        """Set the marketplace of a settlement whose file names none; its rows get the rules of the marketplace's
        company.

        :raises UserError: its file names one, or it has entries
        """
        self.ensure_one()
        if not self.marketplace_inferred or self.stage not in ('to_map', 'ready', *ASIDE):
            raise UserError(tell(self.env)._("The rows of settlement %s name its marketplace, or it is booked.",
                                             self.settlement_ref))
        settlement = self.sudo()
        settlement.write({
            'marketplace_id': market.id, 'marketplace_inferred': False, 'company_id': market.company_id.id,
            'stage': 'to_map', 'aside_reason': False})
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """UPDATE amazon_settlement_line
                  SET marketplace_id = %s
                WHERE settlement_id = %s AND marketplace_inferred AND sale_order_id IS NULL""", market.id,
            settlement.id))
        self.env['amazon.settlement.line'].invalidate_model(['marketplace_id'])
        settlement._map()
        settlement._evaluate()

    # === KNOWN SETTLEMENTS === #

    def _find_known(self, seller, file):
        """Return the settlement of a file: that of the seller, or of another seller with the same account at Amazon.

        :param SettlementFile file: the report
        """
        same = self.search([('settlement_ref', '=', file.settlement_ref)]).filtered(
            lambda settlement: settlement.seller_id == seller or settlement._is_of_account(seller)
            and settlement._is_of_file(file))
        return same.sorted(lambda settlement: settlement.seller_id != seller)[:1]

    def _is_of_account(self, seller):
        """Return whether this may be a settlement of a seller's account at Amazon: not where both merchant tokens are
        known and differ.
        """
        return not self.account_ref or not seller.selling_partner_ref or self.account_ref == seller.selling_partner_ref

    def _is_of_file(self, file):
        """Return whether this is the settlement of a file, as far as its head says."""
        self.ensure_one()
        return (self.currency_id.name == file.currency and self.end_date == (file.end or file.start)
                and self.currency_id.compare_amounts(self.total, float(file.total)) == 0)

    def _mark_double(self, seller):
        """Post on this settlement that another seller lists it, too."""
        self.ensure_one()
        note = tell(self.env)._("%s lists this settlement, too: it is kept once.", seller.name)
        if seller != self.seller_id and not self.message_ids.filtered(lambda message: note in (message.body or '')):
            self.message_post(body=note)

    def _find_doubt(self):
        """Return why this settlement may be another company's or booked already, with the way out; False if it is not.
        """
        self.ensure_one()
        if companies := self._find_companies():
            return tell(self.env)._("No row names a marketplace, and %s sell in this currency: say which marketplace "
                                    "it is of (\"Booked elsewhere or not here\").", ', '.join(companies.mapped('name')))
        if entry := self._find_entry_elsewhere():
            return tell(self.env)._("Entry %s names this settlement already. If it books it, mark the settlement as "
                                    "booked elsewhere; else change the reference "
                                    "of the entry.", entry.name)
        return False

    def _find_companies(self):
        """Return the companies whose settlement this may be, if nothing in its file decides it."""
        if not self.marketplace_inferred or self.env['amazon.settlement.line'].search_count(
                [('settlement_id', '=', self.id), ('sale_order_id', '!=', False)], limit=1):
            return self.env['res.company']
        markets = self.seller_id.marketplace_ids.filtered(lambda market: market.currency_id == self.currency_id)
        return markets.company_id if len(markets.company_id) > 1 else self.env['res.company']

    def _find_entry_elsewhere(self):
        """Return an entry for this settlement that somebody made by hand or by another program, found by its number."""
        moves = self.env['account.move'].sudo()
        if len(self.settlement_ref) < 8:
            return moves
        return moves.search([
            ('company_id', 'child_of', self.company_id.root_id.id), ('move_type', '=', 'entry'),
            ('journal_id.type', '=', 'general'), ('state', '=', 'posted'),
            ('amazon_settlement_id', '=', False), ('reversal_move_ids', '=', False), ('reversed_entry_id', '=', False),
            ('ref', 'ilike', self.settlement_ref),
        ], limit=1)
