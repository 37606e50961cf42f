from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .access_common import QUIET, AccessCase, Undone
from .access_table import ROLES, WRITABLE


@tagged('post_install', '-at_install')
class TestAccessCompany(AccessCase):
    """Every relation that a user may write is pointed at a record of the other company: his record stays in his own,
    and nothing of the other company is shown to him.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What is another company's is distinguished from what is own.
        for record in (record for model, record in cls.seeds['other'].items()
                       if record._auto and model != 'amazon.access.log'):
            texts = [name for name, field in record._fields.items() if field.type in ('char', 'text') and field.store
                     and not field.compute
                     and field._modules[:1] == ('amazon_connector',) and field.readonly]
            record.write(dict.fromkeys(texts, "FOREIGN"))
        cls.env.flush_all()

    def test_records_stay_in_their_company(self):
        pairs = [(model, role) for model, (roles, _names) in WRITABLE.items()
                 for role in sorted(set(ROLES) & set(roles))]
        problems = [f"{role} moves {field} to the other company" for role, record, field in self._each_relation(pairs)
                    if not field.readonly and self._leaves(record, field, role)]
        self.assertFalse(problems, '\n' + '\n'.join(problems))

    def test_forms_show_nothing_of_another_company(self):
        """Forms are computed of whatever values they are given, readonly fields as well."""
        pairs = [(name, role) for name, model in self.addon_models().items()
                 for role in ('admin', 'controller', 'stock')
                 if self.own_fields(model) and self.as_user(model, role).has_access('write')]
        problems = [f"{role} reads by {field}: {shown}" for role, record, field in self._each_relation(pairs)
                    if (shown := self._find_shown(record, field))]
        self.assertFalse(problems, '\n' + '\n'.join(problems))

    def test_lines_of_forms_show_nothing_of_another_company(self):
        preview = self.get_records('amazon.stock.preview', 'admin', 'own')
        listing = {whose: self.seeds[whose]['amazon.listing'].id for whose in ('own', 'other')}

        def show(whose):
            return preview.onchange({'line_ids': [(0, 'virtual', {'listing_id': listing[whose]})]}, ['line_ids'], {
                'line_ids': {'fields': {'listing_id': {}, 'title': {}}}})

        self.assertTrue(show('own'))
        package = {'sale_order_id': self.seeds['other']['sale.order'].id}
        picking = self.get_records('stock.picking', 'stock', 'own')
        with mute_logger(*QUIET):
            with self.assertRaises(AccessError):
                show('other')
            with self.assertRaises(AccessError):
                picking.onchange({'amazon_package_ids': [(0, 'virtual', package)]}, ['amazon_package_ids'], {
                    'amazon_package_ids': {'fields': {'amazon_order_ref': {}}}})

    def test_defaults_of_the_context_are_checked_too(self):
        listing, seller = (self.seeds['other'][model].id for model in ('amazon.listing', 'amazon.seller'))
        lines = self.as_user(self.env['amazon.stock.preview.line'], 'admin').with_context(default_listing_id=listing)
        wizards = self.as_user(self.env['amazon.order.recover'], 'admin').with_context(default_seller_id=seller)
        with mute_logger(*QUIET):
            with self.assertRaises(AccessError):
                lines.onchange({}, [], {'listing_id': {}, 'title': {}})
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                wizards.create({})

    # === ATTACKS === #

    def test_a_user_of_the_warehouse_does_not_say_what_amazon_knows(self):
        """The context of a call is whoever calls's: a delivery of his is still reported."""
        picking = self.get_records('stock.picking', 'stock', 'own')
        picking.sudo().move_ids.write({'quantity': 1, 'picked': True})
        self.seeds['own']['amazon.package'].unlink()
        picking.with_context(amazon_departed=True, skip_backorder=True, skip_sms=True).button_validate()
        self.assertEqual(picking.state, 'done')
        self.assertIn(picking.sudo().amazon_package_ids.state, ('to_confirm', 'sent'))

    def test_a_salesman_sees_the_refunds_of_the_orders_that_he_sees(self):
        salesman = new_test_user(self.env, 'own salesman', groups='sales_team.group_sale_salesman',
                                 company_id=self.company.id)
        transaction, sale = self.seeds['own']['amazon.transaction'].with_user(salesman), self.seeds['own']['sale.order']
        for user, seen in ((self.users['admin'], False), (salesman, True), (self.env['res.users'], True)):
            sale.user_id = user
            self.env.invalidate_all()
            self.assertEqual((transaction.search_count([]), sale.with_user(salesman).has_access('read')), (seen, seen),
                             user.name)

    def test_statistics_do_not_say_where_a_buyer_lives(self):
        partner, sale = self.seeds['own']['res.partner'], self.seeds['own']['sale.order']
        partner.zip = '10115'
        self.env.flush_all()
        reports = self.env['sale.report'].search([('order_reference', '=', f'sale.order,{sale.id}')])
        self.assertEqual(set(reports.mapped('partner_zip')), {'10115'})
        partner._amazon_mark()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(set(reports.mapped('partner_zip')), {False})
        self.assertFalse(reports.search([('partner_zip', '=', '10115')]))

    def test_a_customer_does_not_read_what_is_earned(self):
        for field in ('amazon_fees', 'amazon_refunds', 'amazon_returned_cost', 'amazon_margin'):
            with self.assertRaises(AccessError), mute_logger(*QUIET):
                self.as_user(self.env['sale.order'], 'portal').search([(field, '>', 0)])

    def _each_relation(self, pairs):
        """Yield role, record of the own company (as that user), and relation, of pairs (model, role)."""
        with mute_logger(*QUIET):
            for model, role in pairs:
                with self.env.cr.savepoint() as savepoint:
                    record = self.get_records(model, role, 'own')[:1]
                    for field in self.own_fields(record):
                        # What other modules declare is their matter, though the addon changes it.
                        if (field.type == 'many2one' and field._modules[:1] == ('amazon_connector',)
                                and self._get_foreign(field)):
                            yield role, record, field
                    savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def _get_foreign(self, field):
        """Return a record of the other company for a field, if its model has records of companies."""
        found = self.seeds['other'].get(field.comodel_name)
        if not found and self.env[field.comodel_name]._transient:
            found = self.get_records(field.comodel_name, 'controller', 'other')[:1].sudo()
        if not found and field.comodel_name in ('account.account', 'account.journal', 'account.fiscal.position'):
            company = 'company_ids' if field.comodel_name == 'account.account' else 'company_id'
            found = self.env[field.comodel_name].search([(company, 'in', self.other_company.ids)], limit=1)
        return found

    def _leaves(self, record, field, role):
        foreign = self._get_foreign(field)
        try:
            with self.env.cr.savepoint():
                record.write({field.name: foreign.id})
                self.env.flush_all()
                self.env.invalidate_all()
                seen = record.has_access('read') and (not self._is_closed(foreign, role)
                                                      or record.sudo()[field.name] != foreign)
                raise Undone('' if seen else "left")
        except Undone as done:
            return str(done)
        except Exception:
            return ''
        finally:
            self.env.cr.precommit.clear()
            self.env.invalidate_all(flush=False)

    def _is_closed(self, foreign, role):
        return not self.as_user(foreign, role).has_access('read')

    def _find_shown(self, record, field):
        """Return what a form shows of the other company's record that it is given, beside ids and what it would
        show without any or with a record of the own company.
        """
        names = {name: {} for name, other in record._fields.items() if not other.relational
                 and record._has_field_access(other, 'read')
                 # Whether two records are the same says nothing of them.
                 and (other.related or other.type not in ('selection', 'boolean'))}
        own, foreign = self.seeds['own'].get(field.comodel_name, record.sudo()[field.name]), self._get_foreign(field)
        known = [self._get_onchange(record, field, names, value)
                 for value in (False, own.id, record.sudo()[field.name].id)]
        return {name: value for name, value in self._get_onchange(record, field, names, foreign.id).items()
                if value and value not in [shown.get(name) for shown in known]}

    def _get_onchange(self, record, field, names, value):
        try:
            with self.env.cr.savepoint():
                form = record.browse() if record.browse().has_access('create') else record
                return form.onchange({field.name: value}, [field.name], {**names, field.name: {}}).get('value', {})
        except (AccessError, ValueError):
            # Some of Odoo's own fields cannot be computed without the record.
            return {}
        finally:
            self.env.invalidate_all(flush=False)
