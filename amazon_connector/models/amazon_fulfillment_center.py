from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..utils.ledger_plan import COUNTRIES
from ..utils.phrases import tell


class AmazonFulfillmentCenter(models.Model):
    """The country of a fulfillment center of Amazon, by which the sales from there are taxed.

    A company's ledger knows best, then public lists that confirm each other (built in, without a company); else a
    person is asked once. The marketplace says nothing about it.
    """

    _name = 'amazon.fulfillment.center'
    _description = "Amazon Fulfillment Center"
    _inherit = ['amazon.access.mixin']
    _rec_name = 'code'
    _order = 'code, company_id, id'

    code = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one('res.company', readonly=True, index='btree_not_null', ondelete='cascade',
                                 help="Empty: built in, for all companies. What a company knows itself comes before "
                                 "it.")
    country_id = fields.Many2one('res.country', ondelete='restrict')
    source = fields.Selection(
        [('ledger', "Amazon's ledger"), ('table', "Public lists"), ('user', "Chosen by hand")], "Known from",
        readonly=True)
    ledger_countries = fields.Char("Countries in Amazon's ledger", readonly=True,
                                   help="Where it is more than one, a person must say which it is.")
    waiting_count = fields.Integer("Shipments that wait", compute='_compute_waiting_count')

    _center_unique = models.UniqueIndex("(code, COALESCE(company_id, 0))", "A company has each center once.")

    def _compute_waiting_count(self):
        shipments = self.env['amazon.fba.shipment'].sudo()
        for center in self:
            center.waiting_count = shipments.search_count([
                ('center', '=', center.code), ('country_id', '=', False),
                ('seller_id.company_id', '=', center.company_id.id)]) if center.company_id else 0

    def write(self, vals):
        """Write centers; a country that a user chooses is used for the shipments that wait for it.

        :raises UserError: Amazon's ledger says which country it is
        """
        if 'country_id' in vals and not self.env.su:
            for center in self.sudo().filtered(lambda center: center.source == 'ledger' and center.country_id):
                raise UserError(tell(self.env)._("Amazon's ledger says that %(center)s is in %(country)s.",
                                                 center=center.code, country=center.country_id.name))
        result = super().write(vals)
        if 'country_id' in vals and not self.env.su:
            chosen = self.sudo()
            chosen.filtered('country_id').source = 'user'
            chosen.filtered(lambda center: not center.country_id).source = False
            self.env['amazon.sync'].sudo()._wake_event_flow('fba_stock')
        return result

    # === WHAT IS KNOWN === #

    @api.model
    def _find(self, company, codes):
        """Return the countries of fulfillment centers, as far as they are known.

        :param codes: of the centers, as Amazon writes them
        :rtype: dict
        """
        centers = self.search([('code', 'in', list(codes)), ('company_id', 'in', (False, company.id))])
        # Where a company's ledger contradicts itself, no list knows better.
        found = {center.code: center.country_id
                 for center in centers.sorted(lambda center: bool(center.company_id))
                 if center.country_id or center.ledger_countries}
        return {code: country for code, country in found.items() if country}

    @api.model
    def _ask(self, company, codes):
        """List centers whose country nobody knows, so that a person chooses it."""
        known = self.search([('code', 'in', list(codes)), ('company_id', '=', company.id)]).mapped('code')
        self.create([{'code': code, 'company_id': company.id} for code in sorted(set(codes) - set(known))])

    @api.model
    def _learn(self, company, pairs):
        """Learn centers from the rows of a company's ledger.

        :param pairs: of the code of a center and Amazon's code of a country
        """
        found = {}
        for code, country in pairs:
            if code and country:
                found.setdefault(code, set()).add(COUNTRIES.get(country, country))
        known = {center.code: center for center in self.search([
            ('code', 'in', list(found)), ('company_id', '=', company.id)])}
        countries = {country.code: country for country in self.env['res.country'].search([])}
        for code, named in found.items():
            center = known.get(code)
            named = named & countries.keys() | set((center.ledger_countries or '').split(', ') if center else ()) - {''}
            text = ', '.join(sorted(named))
            if named and (not center or center.ledger_countries != text):
                center = center or self.create({'code': code, 'company_id': company.id})
                center._learn_countries(text, [countries[name] for name in named if name in countries])

    def _learn_countries(self, text, countries):
        """Keep which countries the ledger names, and which it is where that is one."""
        if len(countries) == 1:
            self.write({'ledger_countries': text, 'country_id': countries[0].id, 'source': 'ledger'})
        elif self.source == 'user':
            self.ledger_countries = text
        else:
            self.write({'ledger_countries': text, 'country_id': False, 'source': False})

    @api.model
    def _count_waiting(self, seller):
        """Return the centers of a seller's shipments without a country, and how many units each has."""
        self.env['amazon.fba.shipment'].flush_model()
        return dict(self.env.execute_query(SQL(
            """SELECT center, COUNT(*) FROM amazon_fba_shipment
                WHERE seller_id = %s AND country_id IS NULL AND center IS NOT NULL GROUP BY center""", seller.id)))
