import datetime

from odoo import fields, models
from odoo.exceptions import UserError

from ..amazon_api.errors import AmazonError, NotConfigured
from ..amazon_api.order_head import read_marketplace
from ..utils.access import ADMIN, check_group
from ..utils.phrases import tell
from ..utils.words import explain

CHOICES = [('asked', "To be chosen"), ('chosen', "Chosen")]
# Orders of so long show where a seller sells.
SOLD_WITHIN = datetime.timedelta(days=30)


class AmazonSeller(models.Model):
    """What a person has decided and Amazon has shown while a seller is set up."""

    _inherit = 'amazon.seller'

    granted_data = fields.Char("Data that Amazon has given", readonly=True, copy=False,
                               help="Which data of buyers and taxes came with orders, by the roles that it needs.")
    marketplace_choice = fields.Selection(CHOICES, "Marketplaces in use", readonly=True, copy=False,
                                          help="Nothing is synchronized until the marketplaces are chosen.")
    marketplace_choice_date = fields.Datetime("Marketplaces chosen on", readonly=True, copy=False)

    def _get_answers(self):
        """Return Amazon's last answers by operation: whether it did what was asked for, for each operation that it
        answered or refused.

        :rtype: dict[int, dict[str, bool]] by id of the seller
        """
        answers = {seller.id: {} for seller in self}
        for bucket in self.env['amazon.rate.bucket'].sudo().search_fetch(
                [('seller_id', 'in', self.ids), ('answer', '!=', False)], ['seller_id', 'operation', 'answer']):
            answers[bucket.seller_id.id][bucket.operation] = bucket.answer == 'done'
        return answers

    # === CHOICE OF MARKETPLACES === #

    def action_choose_marketplaces(self):
        """Open the list of this seller's marketplaces, to choose those that Odoo is to work on."""
        self.check_access('write')
        self.ensure_one()
        return self.env['amazon.marketplace.choose']._open(self)

    def action_start_stock(self):
        """Show which quantities would change on the marketplaces that get none yet, before any is sent."""
        self.check_access('write')
        check_group(self.env, ADMIN)
        self.ensure_one()
        try:
            self._get_merchant_token()
        except NotConfigured as error:
            raise UserError(explain(self.env, error)) from None
        return self.env['amazon.stock.start']._open(self.marketplace_ids.filtered(lambda market: not market.stock_sync))

    def _check_chosen_marketplaces(self):
        """Raise an error for sellers whose marketplaces are still to be chosen."""
        for seller in self.filtered(lambda seller: seller.marketplace_choice == 'asked'):
            raise UserError(tell(self.env)._("Choose the marketplaces of %s first, on the start page.", seller.name))

    def _set_chosen(self):
        """Mark the marketplaces as chosen and let the flows begin."""
        self.sudo().write({'marketplace_choice': 'chosen', 'marketplace_choice_date': fields.Datetime.now()})
        if self.state == 'connected':
            self.action_sync_now()

    def _find_sold(self, participations):
        """Return Amazon's ids of the marketplaces of which it shows an order of the last month (`searchOrders`, one
        page), before the marketplaces are chosen; none where it does not answer.

        :param list participations: `MarketplaceParticipation` objects of the Sellers API
        """
        self.ensure_one()
        refs = [entry['marketplace']['id'] for entry in participations if entry['participation']['isParticipating']
                and not entry['marketplace']['name'].startswith('Non-Amazon')]
        if self.marketplace_choice != 'asked' or not refs:
            return set()
        since = fields.Datetime.now() - SOLD_WITHIN
        try:
            reply = self._get_client().call('searchOrders', marketplaceIds=refs, maxResultsPerPage=100,
                                            createdAfter=since.strftime('%Y-%m-%dT%H:%M:%SZ'))
        except AmazonError:
            return set()
        orders = reply.payload.get('orders') if isinstance(reply.payload, dict) else None
        return {read_marketplace(order) for order in orders or [] if isinstance(order, dict)} - {None}

    def _mark_sold(self, refs):
        """Mark the marketplaces on which this seller sold lately; the others stay as they are."""
        markets = self.sudo().with_context(active_test=False).marketplace_ids
        markets.filtered(lambda market: market.marketplace_ref in refs and not market.sold_lately).sold_lately = True
