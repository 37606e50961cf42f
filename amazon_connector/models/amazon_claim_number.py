from odoo import api, fields, models
from odoo.tools import SQL

from .amazon_claim import OPEN, STATES
from .amazon_claim_policy import KINDS


class AmazonClaimNumber(models.Model):
    """What is open of claims, and what was won with them, by month and currency; amounts of several currencies are
    never added up.

    Won is what Amazon paid on a claim that was filed, or on a case; what it paid by itself is not.
    """

    _name = 'amazon.claim.number'
    _description = "Amazon Claims in Numbers"
    _auto = False
    _order = 'date desc'
    _rec_name = 'claim_id'

    claim_id = fields.Many2one('amazon.claim', readonly=True)
    seller_id = fields.Many2one('amazon.seller', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    product_id = fields.Many2one('product.product', readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    state = fields.Selection(STATES, readonly=True)
    country_id = fields.Many2one('res.country', readonly=True)
    date = fields.Date(readonly=True, help="When it happened; of money, when Amazon paid.")
    currency_id = fields.Many2one('res.currency', readonly=True)
    open_units = fields.Integer("Open units", readonly=True)
    open_value = fields.Monetary("Open value", readonly=True)
    won_units = fields.Integer("Won units", readonly=True)
    won_amount = fields.Monetary("Won", readonly=True)

    @api.model
    def _get_won_domain(self, today):
        """Return the domain of what was won in the year of a day until now."""
        return [('won_units', '>', 0), ('date', '>=', today.replace(month=1, day=1))]

    @api.model
    def _view_claims(self, domain, **context):
        """Return the action that shows claims."""
        self.env['amazon.claim'].check_access('read')
        return {**self.env['ir.actions.act_window']._for_xml_id('amazon_connector.amazon_claim_action'),
                'domain': domain, 'context': context}

    @api.model
    def _view_won(self, today, domain):
        """Return the action that shows the claims with which something was won in the year of a day."""
        self.env['amazon.claim'].check_access('read')
        won = self.sudo().search([*domain, *self._get_won_domain(today)])
        return self._view_claims([('id', 'in', won.claim_id.ids)])

    @property
    def _table_query(self):
        self.env['amazon.claim'].flush_model()
        self.env['amazon.claim.evidence'].flush_model()
        # In brackets, which not every Odoo adds.
        return SQL("""(
            SELECT claim.id * 2 AS id, claim.id AS claim_id, claim.seller_id, claim.company_id, claim.product_id,
                   claim.kind, claim.state, claim.country_id, claim.event_date AS date, company.currency_id,
                   claim.open_units, claim.value AS open_value, 0 AS won_units, 0.0 AS won_amount
              FROM amazon_claim claim JOIN res_company company ON company.id = claim.company_id
             WHERE claim.state IN %s
             UNION ALL
            SELECT proof.id * 2 + 1 AS id, claim.id, claim.seller_id, claim.company_id, claim.product_id, claim.kind,
                   claim.state, claim.country_id, proof.date, proof.currency_id, 0, 0.0,
                   CASE proof.kind WHEN 'paid' THEN proof.quantity ELSE 0 END, COALESCE(proof.amount, 0.0)
              FROM amazon_claim_evidence proof JOIN amazon_claim claim ON claim.id = proof.claim_id
              JOIN amazon_reimbursement paid ON paid.id = proof.reimbursement_id
             WHERE proof.kind = 'paid' AND proof.currency_id IS NOT NULL
               AND (claim.filed_date IS NOT NULL OR COALESCE(paid.case_ref, '') != ''))""", OPEN)
