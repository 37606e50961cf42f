import base64
import json
import pathlib
import re

import polib

from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.translate import TranslationModuleReader

FORMULA = re.compile(r'ODOO\.PIVOT(?P<head>\.HEADER)?\((?P<pivot>\d+),(?P<rest>[^()]*)\)')


@tagged('post_install', '-at_install')
class TestDashboard(TransactionCase):
    """The dashboard asks the analysis for what it has, and opens for those who may read the analysis."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = cls.env.ref('amazon_connector_dashboard.dashboard_amazon')
        cls.content = json.loads(base64.b64decode(cls.dashboard.spreadsheet_binary_data))
        cls.fields = cls.env['amazon.analysis'].fields_get()

    def test_pivots_and_graphs_ask_for_fields_of_the_analysis(self):
        for pivot in self.content['pivots'].values():
            self.assertEqual(pivot['model'], 'amazon.analysis')
            for measure in pivot['measures']:
                field = self.fields[measure['field']]
                self.assertIn(field['type'], ('float', 'monetary'), measure)
                self.assertTrue(field['store'] or field.get('aggregator'), measure)
            for group in pivot['rowGroupBys']:
                self.assertTrue(self.fields[group].get('groupable', True), group)
        for figure in self.content['sheets'][0]['figures']:
            if figure['data']['type'].startswith('odoo_'):
                asked = figure['data']['metaData']
                for name in [asked['measure'], *asked['groupBy']]:
                    self.assertIn(name.split(':')[0], self.fields)

    def test_formulas_ask_for_what_their_pivot_has(self):
        pivots, asked = self.content['pivots'], 0
        for sheet in self.content['sheets']:
            for place, cell in sheet['cells'].items():
                for formula in FORMULA.finditer(cell.get('content', '')):
                    asked += 1
                    pivot, names = pivots[formula['pivot']], re.findall(r'"([^"]+)"', formula['rest'])
                    groups = [name.lstrip('#') for name in names if name.startswith('#')]
                    self.assertEqual(groups, pivot['rowGroupBys'], place)
                    if not formula['head']:
                        self.assertIn({'field': names[0]}, pivot['measures'], place)
        self.assertGreater(asked, 100)

    def test_filters_reach_every_pivot_and_graph(self):
        graphs = {figure['id'] for figure in self.content['sheets'][0]['figures']
                  if figure['data']['type'].startswith('odoo_')}
        for asked in self.content['globalFilters']:
            self.assertEqual(asked['pivotFields'].keys(), self.content['pivots'].keys(), asked['label'])
            self.assertEqual(set(asked['graphFields']), graphs, asked['label'])
            for field in asked['pivotFields'].values():
                self.assertIn(field['field'], self.fields)
                self.assertEqual(self.fields[field['field']]['type'], field['type'])

    def test_every_language_is_complete(self):
        terms = {row[4] for row in TranslationModuleReader(
            self.env.cr, modules=['amazon_connector_dashboard'], lang=None)}
        self.assertIn("vs. before", terms)
        files = sorted((pathlib.Path(__file__).parents[1] / 'i18n').glob('*.po'))
        self.assertEqual([path.stem for path in files], ['de', 'es', 'fr', 'it'])
        for path in files:
            known = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))}
            self.assertEqual([term for term in terms if not known.get(term)], [], path.stem)

    def test_who_opens_it(self):
        for group, may in (('amazon_connector.group_amazon_user', True), ('account.group_account_invoice', True),
                           ('account.group_account_readonly', True), ('base.group_user', False),
                           ('stock.group_stock_user', False)):
            with self.subTest(group):
                user = new_test_user(self.env, f'looks_{group}', groups=f'base.group_user,{group}')
                found = self.env['spreadsheet.dashboard'].with_user(user).search([('id', '=', self.dashboard.id)])
                self.assertEqual(bool(found), may)
                rights = self.env['ir.model.access'].with_user(user)
                self.assertEqual(rights.check('amazon.analysis', 'read', raise_exception=False), may)
