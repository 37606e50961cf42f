from lxml import etree

from odoo.tests import TransactionCase, tagged
from odoo.tools.view_validation import get_domain_value_names, get_expression_field_names

SUBVIEWS = ('form', 'list', 'tree', 'kanban', 'graph', 'calendar', 'pivot', 'activity')
EXPRESSIONS = ('invisible', 'readonly', 'required', 'column_invisible', 'context')
# What an expression may name beside fields.
ALWAYS = {'id', 'uid', 'context', 'active_id', 'allowed_company_ids', 'current_company_id', 'True', 'False', 'None'}


class Level:
    """A view of one model, or a list, kanban or form within it.

    :param node: its element
    :param Level parent: the view that it is in
    """

    def __init__(self, model, node, parent=None):
        self.model, self.node, self.parent = model, node, parent
        self.is_editable = node.tag == 'form' or bool(node.get('editable'))
        self.shown, self.uses, self.below = {}, [], []
        self.amounts = []

    def scan(self, node=None, groups=()):
        """Read the fields that this view shows and those that its expressions use, each with the groups of users that
        see the element.
        """
        for child in (self.node if node is None else node):
            if not isinstance(child.tag, str):
                continue
            visible = groups + ((child.get('groups'),) if child.get('groups') else ())
            self._read_expressions(child, visible)
            if child.tag == 'field':
                self._read_field(child, visible)
            else:
                self.scan(child, visible)
        return self

    def _read_field(self, node, groups):
        name, model = node.get('name'), self.model
        self.shown.setdefault(name, []).append(groups)
        field = model._fields.get(name)
        if field is not None and field.type == 'monetary':
            self.amounts.append(field)
        if field is None or not field.relational:
            return
        domain = (node.get('domain') or self.is_editable and node.get('readonly') != '1'
                  and field._description_domain(model.env))
        if isinstance(domain, str):
            self.uses += [(used, domain, groups) for used in get_domain_value_names(domain)[1]]
        for child in node:
            if child.tag in SUBVIEWS:
                self.below.append(Level(model.env[field.comodel_name], child, self).scan())

    def _read_expressions(self, node, groups):
        for attribute, expression in node.attrib.items():
            if attribute in EXPRESSIONS or attribute.startswith('decoration-'):
                self.uses += [(used, expression, groups) for used in get_expression_field_names(expression)]

    def find_missing(self):
        """Yield (model, field, expression) of what is used, but not shown to all who see where it is used."""
        for name, expression, groups in self.uses:
            level, first = self, name
            if name.startswith('parent.'):
                level, first = self.parent or self, name.split('.')[1]
            first = first.split('.')[0]
            if first in ALWAYS or name == 'parent' or first not in level.model._fields:
                continue
            if not any(set(shown) <= set(groups) for shown in level.shown.get(first, ())):
                yield level.model._name, first, expression
        for level in self.below:
            yield from level.find_missing()

    def find_bare(self):
        """Yield (model, field) of amounts that are shown without a currency."""
        for field in self.amounts:
            if field.get_currency_field(self.model) not in self.shown:
                yield self.model._name, field.name
        for level in self.below:
            yield from level.find_bare()


@tagged('post_install', '-at_install')
class TestViews(TransactionCase):
    """Views show the fields that they need themselves, hidden if need be: not every Odoo adds them."""

    def read_levels(self):
        """Yield the views of this addon, as users see them, each with what it adds to one of Odoo's, else None."""
        data = self.env['ir.model.data'].search([('module', '=', 'amazon_connector'), ('model', '=', 'ir.ui.view')])
        for view in self.env['ir.ui.view'].browse(data.mapped('res_id')).filtered(lambda view: view.model in self.env
                                                                                  and view.type != 'search'):
            root = view
            while root.inherit_id and root.mode == 'extension':
                root = root.inherit_id
            yield (view, Level(self.env[view.model], root._get_combined_arch()).scan(),
                   view.arch_db if root != view else None)

    def test_amounts_have_their_currency(self):
        bare = {(view.xml_id, model, field) for view, level, own in self.read_levels()
                for model, field in level.find_bare()
                if view.type not in ('pivot', 'graph') and (own is None or f'"{field}"' in own)}
        self.assertFalse(bare)

    def test_what_an_expression_uses_is_in_the_view(self):
        missing = {}
        for view, level, own in self.read_levels():
            for model, field, expression in level.find_missing():
                # What Odoo's own views use is Odoo's matter.
                if own is None or expression in own.replace('&lt;', '<').replace('&gt;', '>').replace('&amp;', '&'):
                    missing.setdefault((view.xml_id or view.name, model, field), expression)
        self.assertFalse(missing, '\n'.join(f'{where}: {expression}' for where, expression in sorted(missing.items())))

    def test_cards_have_their_colours_around_fields(self):
        """A field without a widget is mere text on a card of Odoo 17: its classes and decorations are dropped."""
        data = self.env['ir.model.data'].search([('module', '=', 'amazon_connector'), ('model', '=', 'ir.ui.view')])
        cards = self.env['ir.ui.view'].browse(data.mapped('res_id')).filtered(lambda view: '<kanban' in view.arch_db)
        self.assertTrue(cards)
        for view in cards:
            for field in etree.fromstring(view.arch_db).xpath('//kanban/templates//field[not(@widget)]'):
                self.assertFalse([name for name in field.attrib if name == 'class' or name.startswith('decoration-')],
                                 f"{view.xml_id}: {field.get('name')}")
