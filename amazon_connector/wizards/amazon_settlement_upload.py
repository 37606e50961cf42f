import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ..amazon_reports.settlement import SettlementFile
from ..amazon_reports.text import ReportError
from ..utils.words import explain


class AmazonSettlementUpload(models.TransientModel):
    _name = 'amazon.settlement.upload'
    _description = "Upload a Settlement"
    _inherit = ['amazon.access.mixin']

    seller_id = fields.Many2one('amazon.seller', help="Empty: found by the orders, SKUs and marketplaces that the "
                                "file names.")
    document = fields.Binary("File", required=True, help="The flat file V2 of a settlement, from Payments > Reports "
                             "Repository in Seller Central.")
    document_name = fields.Char()
    question = fields.Text(readonly=True)

    def action_upload(self):
        """Import the file like one that Amazon sent, and show the settlement; ask for the seller where the file does
        not decide it.
        """
        self.check_access('write')
        self.seller_id.check_access('read')
        self.ensure_one()
        if not self.document:
            raise UserError(self.env._("Choose the file of a settlement first."))
        content = base64.b64decode(self.document)
        try:
            seller = self._find_seller(SettlementFile(content))
            if not seller:
                return self._ask()
            return self._import(seller, content)
        except ReportError as error:
            raise UserError(self.env._(
                "%(file)s cannot be read, nothing was stored. %(reason)s", file=self.document_name,
                reason=explain(self.env, error))) from None

    def _import(self, seller, content):
        settlements = self.env['amazon.settlement'].sudo()
        before = settlements.search_count([])
        settlement = settlements._import_file(seller, content, uploaded=True)
        # The shop that the rows name may be another company's.
        if not settlement.sudo(False).has_access('read'):
            raise UserError(self.env._("This settlement is of another company: only its accountants see it. Nothing "
                                       "was changed."))
        if settlement.stage != 'wrong' and not settlement.contradiction and settlements.search_count([]) == before:
            settlement.message_post(body=self.env._("The same settlement was uploaded again; nothing changed."))
        return {'type': 'ir.actions.act_window', 'res_model': 'amazon.settlement', 'view_mode': 'form',
                'res_id': settlement.id}

    def _ask(self):
        """Show this form again, with the question for the seller."""
        self.sudo().question = self.env._("The seller is not clear from the orders, SKUs and marketplaces of "
                                          "this file: "
                                          "choose it.")
        return {'type': 'ir.actions.act_window', 'res_model': self._name, 'view_mode': 'form', 'res_id': self.id,
                'target': 'new'}

    # === WHOSE FILE === #

    def _find_seller(self, file):
        """Return the seller of a file: the chosen one, or the one whose orders, else SKUs, else marketplaces it names;
        none if that is uncertain.

        :param SettlementFile file: the report
        :raises UserError: its orders are of another seller than the one that was chosen
        """
        sellers = self.env['amazon.seller'].search([('company_id', 'in', self.env.companies.ids)])
        owner = self._find_only(sellers, lambda seller: len(seller.sudo()._find_sale_orders(file.order_refs)))
        if self.seller_id:
            if owner and owner != self.seller_id:
                raise UserError(self.env._("The orders of this file are those of %(owner)s, not of %(seller)s.",
                                           owner=owner.name, seller=self.seller_id.name))
            self._check_shops(file)
            return self.seller_id
        return owner or self._find_only(sellers, lambda seller: self._count_skus(seller, file)) or self._find_only(
            sellers, lambda seller: self._has_shops(seller, file))

    def _check_shops(self, file):
        """Raise a `UserError` if the seller that was chosen has none of the marketplaces that a file names."""
        named = {name for name in file.shops if name}
        shops = self.seller_id.sudo()._get_marketplaces_by_shop()
        if named and not any(name.lower() in shops for name in named):
            raise UserError(self.env._("The rows of this file are of %(shops)s, where %(seller)s does not sell: choose "
                                       "another seller.", shops=', '.join(sorted(named)), seller=self.seller_id.name))

    @staticmethod
    def _find_only(sellers, count):
        """Return the only seller with records of the file, or an empty recordset."""
        found = sellers.filtered(count)
        return found if len(found) == 1 else found.browse()

    def _count_skus(self, seller, file):
        return self.env['amazon.listing'].sudo().search_count([
            ('marketplace_id.seller_id', '=', seller.id), ('marketplace_id.currency_id.name', '=', file.currency),
            ('sku', 'in', list(filter(None, file.skus)))])

    def _has_shops(self, seller, file):
        """Return whether a seller has every marketplace that a file names or, if it names none, sells in its currency.
        """
        shops, named = seller.sudo()._get_marketplaces_by_shop(), {name.lower() for name in file.shops if name}
        return named <= shops.keys() if named else file.currency in seller.sudo().marketplace_ids.currency_id.mapped(
            'name')
