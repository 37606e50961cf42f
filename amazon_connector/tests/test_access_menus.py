from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..amazon_api.errors import AmazonError
from .access_common import AccessCase
from .access_table import INTERNAL, METHODS
from .test_access_sweep import QUIET

CORE_DOCUMENTS = ('sale.order', 'stock.picking', 'account.move', 'res.partner', 'product.template', 'product.product')
# Who works with menus of Amazon; whoever ships for Amazon is in the warehouse, too.
WORKERS = ('user', 'admin', 'keeper', 'auditor', 'billing', 'accountant', 'controller', 'shipper')
# Role -> actions that it must find below the menu of Amazon.
FINDS = {
    'user': ('amazon_seller_action', 'amazon_seller_marketplace_action', 'amazon_order_exception_action'),
    'stock': ('amazon_to_ship_action', 'amazon_label_action', 'amazon_return_action'),
    'keeper': ('amazon_carrier_mapping_action',),
    **dict.fromkeys(('auditor', 'accountant', 'controller'),
                    ('amazon_settlement_action', 'amazon_seller_marketplace_action_accounting')),
    'billing': ('amazon_settlement_action',),
}


@tagged('post_install', '-at_install')
class TestAccessMenus(AccessCase):
    """Whatever a menu or a button shows to somebody works for him: every view opens, every first record, every new one,
    every button.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users['shipper'] = cls._make_user('shipper', 'amazon_connector.group_amazon_user,stock.group_stock_user')

    def test_menus_in_one_company(self):
        self._open_all()

    def test_menus_in_several_companies(self):
        for role in WORKERS:
            self.users[role].group_ids = [Command.link(self.env.ref('base.group_multi_company').id)]
        self._open_all()

    def test_everybody_finds_what_is_theirs(self):
        for role, names in FINDS.items():
            found = self._get_actions(role)
            for name in names:
                self.assertIn(self.env.ref(f'amazon_connector.{name}'), found, f'{role}: {name}')

    def test_whoever_reads_sellers_and_marketplaces_opens_their_forms(self):
        """Links on settlements, deliveries and orders lead there."""
        problems = []
        for role in self.users:
            for model in ('amazon.seller', 'amazon.seller.marketplace'):
                record = self.as_user(self.seeds['own'][model], role)
                if not record.has_access('read'):
                    continue
                arch = etree.fromstring(record.get_view(view_type='form')['arch'])
                problem = self._attempt(
                    lambda record=record, arch=arch: record.web_read(self._get_specification(record, arch)))
                if isinstance(problem, str):
                    problems.append(f'{role} opens {model}: {problem}')
        self.assertFalse(problems, '\n' + '\n'.join(problems))

    def test_nobody_is_shown_a_button_that_is_refused(self):
        """Links lead inventory users to sellers and marketplaces, whose buttons are for others."""
        wrong = set()
        views = self.env['ir.ui.view'].search([('arch_fs', 'like', 'amazon_connector/%'), ('model', '!=', False)])
        for view in views:
            while view.inherit_id and view.mode != 'primary':
                view = view.inherit_id
            for role in INTERNAL - {'internal'}:
                model = self.as_user(self.env[view.model], role)
                if model.has_access('read'):
                    wrong |= self._find_refused(model, etree.fromstring(model.get_view(view.id, view.type)['arch']),
                                                role)
        self.assertFalse(wrong, '\n' + '\n'.join(sorted(wrong)))

    def test_nobody_is_shown_a_menu_of_a_wizard_that_refuses_all(self):
        wrong = []
        for role in INTERNAL:
            for model in {action.res_model for action in self._get_actions(role)}:
                methods = METHODS.get(model, {})
                if self.env[model]._transient and methods and not any(role in roles for roles in methods.values()):
                    wrong.append(f'{role}: {model}')
        self.assertFalse(wrong)
        self.users['remover'] = self._make_user('remover',
                                                'amazon_connector.group_amazon_user,stock.group_stock_manager')
        self.assertIn(self.env.ref('amazon_connector.amazon_removal_create_action'), self._get_actions('remover'))
        arch = self.as_user(self.env['amazon.removal.request'], 'remover').get_view(view_type='form')['arch']
        self.assertIn('action_cancel', arch)

    def _find_refused(self, model, arch, role):
        found = set()
        for button in arch.xpath('//button[@type="object"]'):
            owner = model
            for field in reversed(list(button.iterancestors('field'))):
                owner = self.env[owner._fields[field.get('name')].comodel_name]
            roles = METHODS.get(owner._name, {}).get(button.get('name'))
            # A button of Odoo's own, and the start page, where each step says whether its reader has a button
            # (`TestSetupSteps`).
            known = button.get('name') == 'send_to_shipper' or owner._name == 'amazon.setup.step'
            if roles is not None and role not in roles and not known:
                found.add(f"{role}: {owner._name}.{button.get('name')} in {model._name}")
        return found

    def test_deliveries_open_for_those_who_are_in_the_warehouse_alone(self):
        """Odoo offers carriers by prefixes of postal codes, which only salesmen and managers read."""
        self.assertTrue(Form(self.as_user(self.seeds['own']['stock.picking'], 'stock')).name)

    def test_buttons_take_the_records_that_the_web_client_sends(self):
        """It calls a button with the selected ids, which a method of the model takes for an argument."""
        wrong = []
        for view in self.env['ir.ui.view'].search([('arch_fs', 'like', 'amazon_connector/%'), ('model', '!=', False)]):
            for name in etree.fromstring(view.arch).xpath('//button[@type="object"]/@name'):
                method = getattr(self.env.registry[view.model], name, None)
                if getattr(method, '_api_model', False):
                    wrong.append(f'{view.name}: {name}')
        self.assertFalse(wrong)

    def test_documents_of_odoo_open_for_those_who_do_not_work_with_amazon(self):
        problems = []
        for role in ('salesman', 'stock', 'billing', 'accountant'):
            for model in CORE_DOCUMENTS:
                record = self.as_user(self.seeds['own'].get(model) or self.env[model].sudo().search([], limit=1), role)
                if not record.has_access('read'):
                    continue
                arch = etree.fromstring(record.get_view(view_type='form')['arch'])
                # What else is in the form is Odoo's own affair.
                spec = {name: part for name, part in self._get_specification(record, arch).items()
                        if record._fields[name]._modules[:1] == ('amazon_connector',)}
                problem = self._attempt(lambda record=record, spec=spec: record.web_read(spec))
                if isinstance(problem, str):
                    problems.append(f'{role} opens {model}: {problem}')
        self.assertFalse(problems, '\n' + '\n'.join(problems))

    def test_wizards_that_open_with_what_was_worked_out(self):
        preview = self.as_user(self.german, 'admin').action_start_stock()
        wizard = self.as_user(self.env[preview['res_model']].browse(preview['res_id']), 'admin')
        self.assertEqual(wizard.marketplace_id, self.german)
        wizard.action_start()
        self.assertTrue(self.german.stock_sync)
        picking = self.seeds['own']['stock.picking']
        warning = self.as_user(self.env['amazon.ship.warning'], 'stock')._open(self.as_user(picking, 'stock'),
                                                                               [(picking, "Why")])
        wizard = self.as_user(self.env[warning['res_model']].browse(warning['res_id']), 'stock')
        self.assertEqual(wizard.line_ids.picking_id, picking)

    def _open_all(self):
        problems = []
        with mute_logger(*QUIET, 'odoo.addons.base.models.ir_ui_view'):
            for role in WORKERS:
                actions = self._get_actions(role)
                self.assertTrue(actions, role)
                for action in actions:
                    problems += [f'{role} opens {action.name} ({action.res_model}): {problem}'
                                 for problem in self._open(action, role)]
        self.assertFalse(problems, '\n' + '\n'.join(problems))

    def _get_actions(self, role):
        menus = self.as_user(self.env['ir.ui.menu'], role)
        shown = menus.browse(menus._visible_menu_ids()).sudo()
        # What hangs below a menu that is not shown is not shown either.
        visible = shown.filtered_domain([('id', 'child_of', self.env.ref('amazon_connector.menu_amazon').id)]).filtered(
            lambda menu: set(map(int, menu.parent_path.strip('/').split('/'))) <= set(shown.ids))
        return self.env['ir.actions.act_window'].concat(*(
            menu.action for menu in visible if menu.action and menu.action._name == 'ir.actions.act_window'))

    def _open(self, action, role):
        """Return what does not work of an action for a user, as text."""
        model = self.as_user(self.env[action.res_model],
                             role).with_context(**safe_eval(action.context or '{}', {'uid': self.users[role].id}))
        kinds = [kind for kind in action.view_mode.split(',') if kind in ('list', 'form', 'kanban', 'pivot', 'graph')]
        views = self._attempt(lambda: model.get_views([(False, kind) for kind in kinds] + [(False, 'search')])['views'])
        if isinstance(views, str):
            return [views]
        record = model if model._transient else self.seeds['own'].get(action.res_model,
                                                                      model.sudo().search([], limit=1)).with_env(
                                                                          model.env)
        problems = [
            self._attempt(lambda: model.search_count(safe_eval(action.domain or '[]', {'uid': self.users[role].id})))]
        for kind in kinds:
            arch = etree.fromstring(views[kind]['arch'])
            spec = self._get_specification(model, arch)
            if record:
                problems += [self._attempt(lambda spec=spec: record.web_read(spec)), *self._press(record, arch)]
            if kind == 'form' and arch.get('create', '1') not in ('0', 'false') and model.has_access('create'):
                problems.append(self._attempt(lambda spec=spec: model.onchange({}, [], spec)))
        return [problem for problem in problems if isinstance(problem, str)]

    def _press(self, record, arch):
        for button in arch.xpath('//button[@type="object"][not(ancestor::field)]'):
            name = button.get('name')
            if name not in METHODS.get(record._name, ()):
                continue
            press = getattr(record, name)
            yield self._attempt(lambda press=press: press() and None, f"button {name}: ")

    def _attempt(self, step, what=''):
        """Return what a step returns, or as text why it is refused; what it did is undone."""
        try:
            with self.env.cr.savepoint() as savepoint:
                result = step()
                savepoint.rollback()
                return None if isinstance(result, str | int) else result
        except AccessError as error:
            return f'{what}{error}'
        except (UserError, AmazonError):
            return None
        finally:
            self.env.cr.precommit.clear()

    def _get_specification(self, model, arch):
        """Return what the web client asks of the fields in a view, those of lists in it included."""
        spec = {}
        for node in arch.xpath('.//field[@name][not(ancestor::field)]'):
            field = model._fields[node.get('name')]
            spec[field.name] = {}
            if field.type in ('one2many', 'many2many'):
                inner = [self._get_specification(self.env[field.comodel_name], view) for view in node
                         if view.tag in ('list', 'form', 'kanban')]
                spec[field.name] = {'fields': {name: value for part in inner for name, value in part.items()}}
            elif field.type == 'many2one':
                spec[field.name] = {'fields': {'display_name': {}}}
        return spec
