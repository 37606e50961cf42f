import base64

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .access_common import QUIET, AccessCase
from .test_access_rights import BUILT_IN


@tagged('post_install', '-at_install')
class TestAccessAfterwards(AccessCase):
    """What a record has once it is there counts, whichever way it got it: values, context, or the user's own defaults.
    """

    def own(self, model, role):
        return self.as_user(self.seeds['own'][model], role)

    def set_default(self, role, model, name, value):
        self.as_user(self.env['ir.default'], role).set(model, name, value, True)

    def refuse(self, attack, error=AccessError):
        with mute_logger(*QUIET), self.assertRaises(error), self.env.cr.savepoint():
            attack()
            self.env.flush_all()

    # === RULES FOR ALL COMPANIES === #

    def test_nobody_makes_a_rule_for_all_companies_by_the_context(self):
        rules = self.as_user(self.env['amazon.settlement.rule'], 'accountant').with_context(default_company_id=False)
        for attack in (lambda: rules.create({'name': "For all"}), lambda: rules.web_save({'name': "For all"}, {}),
                       lambda: rules.name_create("For all"),
                       lambda: self.own('amazon.settlement.rule', 'accountant').with_context(
                           default_company_id=False).copy({'company_id': False})):
            self.refuse(attack)
        with mute_logger(*QUIET):
            self.assertFalse(rules.load(['name'], [["For all"]])['ids'])
        self.assertFalse(self.env['amazon.settlement.rule'].search([('name', '=', "For all")]))

    def test_nobody_makes_a_rule_for_all_companies_by_a_default_of_his(self):
        self.set_default('accountant', 'amazon.settlement.rule', 'company_id', False)
        self.refuse(lambda: self.as_user(self.env['amazon.settlement.rule'], 'accountant').create({'name': "For all"}))

    def test_a_rule_for_all_that_the_addon_did_not_bring_is_archived_or_deleted(self):
        rules = self.env['amazon.settlement.rule'].create(
            [{'name': name, 'company_id': False} for name in ("Archived", "Deleted")])
        archived, deleted = self.as_user(rules, 'accountant')
        self.env['ir.model.data'].create({'module': '__import__', 'name': 'rule', 'model': rules._name,
                                          'res_id': archived.id})
        archived.action_archive()
        deleted.unlink()
        self.assertEqual((archived.active, deleted.exists()), (False, deleted.browse()))
        for attack in (lambda: archived.write({'active': True}), lambda: archived.write({'treatment': 'other'}),
                       lambda: self.as_user(self.env.ref(BUILT_IN), 'accountant').action_archive()):
            self.refuse(attack)

    # === RECORDS OF OTHERS === #

    def test_defaults_of_users_choose_nothing_out_of_their_reach(self):
        """A user may set defaults for himself, and `create` and `onchange` take them without asking."""
        self.set_default('admin', 'amazon.service.level', 'delivery_carrier_id',
                         self.seeds['other']['delivery.carrier'].id)
        self.set_default('admin', 'amazon.tax.choose', 'order_id', self.seeds['other']['amazon.order'].id)
        levels, wizards = (self.as_user(self.env[model], 'admin')
                           for model in ('amazon.service.level', 'amazon.tax.choose'))
        self.refuse(lambda: levels.create({'marketplace_id': self.german.id, 'level': 'FREE_ECONOMY'}))
        self.refuse(lambda: wizards.onchange({}, [], {'order_id': {}, 'reason': {}}))

    def test_a_contact_below_a_buyer_is_made_by_no_default(self):
        buyer = self.seeds['own']['res.partner']
        buyer.street = "Teststr. 1"
        buyer._amazon_mark()
        self.users['salesman'].group_ids += self.env.ref('base.group_partner_manager')
        partners = self.as_user(self.env['res.partner'], 'salesman')
        self.assertEqual((partners._amazon_may_read_buyers(), partners.create({'name': "Apart"}).parent_id),
                         (False, partners))
        self.refuse(lambda: partners.with_context(default_parent_id=buyer.id).create(
            {'name': "Below", 'type': 'contact'}))
        self.set_default('salesman', 'res.partner', 'parent_id', buyer.id)
        self.refuse(lambda: partners.create({'name': "Below", 'type': 'contact'}))
        self.refuse(lambda: partners.name_create("Below"))

    # === FILES === #

    def test_a_file_of_a_users_does_not_become_a_document(self):
        for model, field, role in (('amazon.settlement', 'document', 'accountant'),
                                   ('amazon.report', 'content', 'admin')):
            record = self.own(model, role)
            files = self.as_user(self.env['ir.attachment'], role)
            hung = files.create({'name': "mine", 'res_model': model, 'res_id': record.id, 'raw': b'mine'})
            loose = files.create({'name': "mine", 'raw': b'mine'})
            place = {'res_model': model, 'res_id': record.id, 'res_field': field}
            self.refuse(lambda: hung.write({'res_field': field}))  # noqa: B023
            self.refuse(lambda: loose.write(place))  # noqa: B023
            loose.write({'res_field': field})
            self.refuse(lambda: loose.write({'res_model': model, 'res_id': record.id}))  # noqa: B023
            self.assertNotEqual(base64.b64decode(record.sudo()[field] or b''), b'mine')

    # === WHAT FITS === #

    def test_what_a_form_offers_is_all_that_can_be_chosen(self):
        market = self.own('amazon.seller.marketplace', 'controller')
        bank = self.env['account.journal'].search([('company_id', '=', self.company.id), ('type', '=', 'bank')],
                                                  limit=1)
        account = self.env['account.account'].create({'name': "Capital", 'code': '290099', 'account_type': 'equity',
                                                      'reconcile': True})
        income = self.env['account.account'].create({'name': "Income", 'code': '490099', 'account_type': 'income'})
        sale = self.env['account.tax'].search([('company_id', '=', self.company.id), ('type_tax_use', '=', 'sale')],
                                              limit=1)
        for values in ({'settlement_journal_id': bank.id}, {'settlement_payout_account_id': account.id},
                       {'settlement_carried_account_id': income.id}, {'settlement_fee_tax_id': sale.id}):
            self.refuse(lambda: market.write(values), ValidationError)  # noqa: B023
        accrual = self.own('amazon.accrual', 'controller')
        self.refuse(lambda: accrual.with_context(default_journal_id=bank.id).create({
            'seller_id': self.seller.id, 'month': '2026-08-01'}), ValidationError)
        general = self.env['account.journal'].search([('company_id', '=', self.company.id), ('type', '=', 'general')],
                                                     limit=1)
        market.settlement_journal_id = general
        self.assertEqual(market.settlement_journal_id, general)

    # === TAXES BY RATE === #

    def test_a_tax_by_rate_is_what_the_dialog_would_take(self):
        choices = self.as_user(self.env['amazon.tax.rate'], 'controller')
        home, abroad = self.env['account.fiscal.position'].create(
            [{'name': name, 'company_id': self.company.id} for name in ("A", "B")])
        tax = self.seeds['own']['amazon.tax.rate'].tax_id
        foreign, zero = tax.copy({'name': "20 % of A", 'amount': 20, 'fiscal_position_ids': [(6, 0, home.ids)],
                                  'original_tax_ids': False}), \
            tax.copy({'name': "Zero", 'amount': 0, 'fiscal_position_ids': False, 'original_tax_ids': False})
        values = {'country_id': self.env.ref('base.fr').id, 'position_id': abroad.id, 'rate': 20, 'tax_id': foreign.id}
        self.refuse(lambda: choices.create(values), ValidationError)
        self.refuse(lambda: choices.create({**values, 'position_id': home.id, 'rate': 7}), ValidationError)
        self.refuse(lambda: choices.create({**values, 'position_id': home.id, 'deemed': True}), ValidationError)
        self.assertTrue(
            choices.create({**values, 'position_id': abroad.id, 'rate': 0, 'deemed': True, 'tax_id': zero.id}))
        choice = choices.create({**values, 'position_id': home.id})
        for change in ({'rate': 19}, {'position_id': abroad.id}, {'deemed': True}):
            self.refuse(lambda: choice.write(change), ValidationError)  # noqa: B023
        self.assertTrue(self.as_user(self.env['amazon.tax.place'], 'controller').search([]).has_access('write'))
