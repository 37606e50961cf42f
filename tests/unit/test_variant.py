"""The tool that makes the variants for older Odoo: its rules change what they say and nothing else, and stop when they
do not fit.
"""

import ast
import importlib
import pathlib
import sys

import pytest

VARIANTS = pathlib.Path(__file__).resolve().parents[2] / 'variants'
sys.path.insert(0, str(VARIANTS))

variant, python_rules, xml_rules = (importlib.import_module(name) for name in ('variant', 'python_rules', 'xml_rules'))
Rename, Rewrite, Text, Xml = python_rules.Rename, python_rules.Rewrite, python_rules.Text, xml_rules.Xml

PATH = 'amazon_connector/models/sale_order.py'
FUNCTION = ("class Order:\n\n    def total(self):\n        return self.a + self.b\n\n"
            "    def name(self):\n        return 'x'\n")


def run(rule, text, path=PATH):
    return rule.run(path, text)[0]


def hash_of(source, name):
    return python_rules.fingerprint(variant.find_element(python_rules.parse(source), name))


class TestRewrite:
    def test_an_expression_is_written_otherwise_however_it_is_wrapped(self):
        rule = Rewrite("X.compare(A, B)", "compare(X, A, B)")
        assert run(rule, "y = unit.compare(one, 2)\n") == "y = compare(unit, one, 2)\n"
        assert run(rule, "y = unit.compare(\n    one,\n    2,\n)\n") == "y = compare(unit,\n    one,\n    2)\n"

    def test_lines_stay_and_stand_below_the_first_argument(self):
        rule = Rewrite("self.env._(A, *R)", "_(A, *R)")
        assert (run(rule, 'x = self.env._("one "\n               "two",\n               three, four=4)\n')
                == 'x = _("one "\n      "two",\n      three, four=4)\n')
        assert run(rule, 'x = self.env._(\n    "one")\n') == 'x = _(\n    "one")\n'

    def test_other_expressions_stay(self):
        rule = Rewrite("X.compare(A, B)", "compare(X, A, B)")
        for text in ("y = unit.compare(one)\n", "y = compare(one, two)\n", "y = unit.compare(one, two, three)\n",
                     "y = unit.compare(one, two, k=3)\n"):
            assert rule.run(PATH, text) == (text, 0)

    def test_further_arguments_are_kept(self):
        rule = Rewrite("X.env._(A, *R)", "_(A, *R)")
        assert run(rule, 'self.env._("a %s %s", 1, name=2)\n') == '_("a %s %s", 1, name=2)\n'
        assert run(rule, 'self.env._("a")\n') == '_("a")\n'

    def test_named_arguments_are_found_in_any_order(self):
        rule = Rewrite("f(A, scope=B)", "f(A)")
        assert run(rule, "f(x, scope='binary')\n") == "f(x)\n"
        assert run(rule, "f(x, other='binary')\n") == "f(x, other='binary')\n"

    def test_what_is_loose_gets_parentheses_where_it_needs_them(self):
        rule = Rewrite("check(A)", "A.check()")
        assert run(rule, "check(a | b)\n") == "(a | b).check()\n"
        assert run(rule, "check(a.b)\n") == "a.b.check()\n"
        assert run(Rewrite("A.check()", "check(A)"), "(a | b).check()\n") == "check(a | b)\n"

    def test_one_hole_twice_is_the_same_expression_twice(self):
        rule = Rewrite("A or A", "A")
        assert run(rule, "x = b.c or b.c\ny = b.c or b.d\n") == "x = b.c\ny = b.c or b.d\n"

    def test_expressions_within_each_other_are_all_written(self):
        assert run(Rewrite("old(A)", "new(A)"), "old(old(1) + old(2))\n") == "new(new(1) + new(2))\n"

    def test_what_holds_itself_is_written_once(self):
        assert run(Rewrite("a.b", "a.b or c"), "x = a.b\n") == "x = a.b or c\n"

    def test_letters_beyond_ascii_do_not_move_the_place(self):
        assert run(Rewrite("old(A)", "new(A)"),
                   "x = 'ÄÖÜ€', old('ß'); y = old(1)\n") == "x = 'ÄÖÜ€', new('ß'); y = new(1)\n"

    def test_imports_are_added_once_and_only_where_needed(self):
        rule = Rewrite("old(A)", "new(A)", imports=('odoo.tools.new', 'compat.more'))
        assert run(rule, '"""Words."""\nimport re\n\nx = old(1)\n') == (
            '"""Words."""\nfrom ..compat import more\nfrom odoo.tools import new\nimport re\n\nx = new(1)\n')
        assert run(rule, "from odoo.tools import SQL, new\nfrom ..compat import more\nx = old(1)\n").count(
            'import') == 2
        assert run(rule, "x = 1\n") == "x = 1\n"

    def test_files_and_functions_limit_a_rule(self):
        text = "def f():\n    return old(1)\n\n\ndef g():\n    return old(2)\n"
        assert run(Rewrite("old(A)", "new(A)", functions='g'), text) == text.replace('old(2)', 'new(2)')
        assert run(Rewrite("old(A)", "new(A)", files='wizards/*'), text) == text
        assert run(Rewrite("old(A)", "new(A)", without='models/sale*'), text) == text
        assert run(Rewrite("old(A)", "new(A)"), text, 'doc/old.py') == text


    def test_in_methods_directly(self):
        rule = Rewrite("self.env._(A)", "_(A)", direct=True)
        text = ("def f(self):\n    return self.env._('a'), [self.env._('b') for x in y], lambda: self.env._('c')\n\n\n"
                "def g(x):\n    self.env._('d')\n")
        assert run(rule, text) == text.replace("self.env._('a')", "_('a')")


class TestRename:
    def test_attributes_keys_arguments_and_paths(self):
        rule = Rename('tax_ids', 'tax_id')
        assert run(rule, "a.tax_ids = f(tax_ids=1, x={'tax_ids': 2}, y=['tax_ids', 'line.tax_ids.name'])\n") == (
            "a.tax_id = f(tax_id=1, x={'tax_id': 2}, y=['tax_id', 'line.tax_id.name'])\n")

    def test_names_that_hold_it_and_texts_stay(self):
        text = "a.children_tax_ids = 'children_tax_ids', \"See tax_ids.\", tax_ids\n"
        assert run(Rename('tax_ids', 'tax_id'), text) == text

    def test_of_a_record_only(self):
        rule = Rename('tax_ids', 'tax_id', of='order_line|sold')
        assert run(rule, "sale.order_line.tax_ids, sale.order_line[0].tax_ids, sold.tax_ids, move.line_ids.tax_ids, "
                   "unsold.tax_ids\n") == (
                       "sale.order_line.tax_id, sale.order_line[0].tax_id, sold.tax_id, move.line_ids.tax_ids, "
                       "unsold.tax_ids\n")
        assert run(rule, "search([('order_line.tax_ids', '=', 1), ('line_ids.tax_ids', '=', 1)])\n") == (
            "search([('order_line.tax_id', '=', 1), ('line_ids.tax_ids', '=', 1)])\n")
        assert run(rule, "sale.order_line.filtered(lambda line: line.x).tax_ids\n") == (
            "sale.order_line.filtered(lambda line: line.x).tax_id\n")

    def test_of_what_loops_and_lambdas_go_over(self):
        rule = Rename('tax_ids', 'tax_id', of='order_line')
        assert run(rule, "sale.order_line.filtered(lambda line: not line.tax_ids), move.lines.filtered(lambda line: "
                   "line.tax_ids)\n") == (
                       "sale.order_line.filtered(lambda line: not line.tax_id), move.lines.filtered(lambda line: "
                       "line.tax_ids)\n")
        assert run(rule,
                   "for line in sale.order_line:\n    line.tax_ids = x\nfor line in x:\n    line.tax_ids = x\n") == (
                       "for line in sale.order_line:\n    line.tax_id = x\nfor line in x:\n    line.tax_ids = x\n")
        assert run(rule, "for line, x in zip(a.order_line, b):\n    line.tax_ids = x.tax_ids\n") == (
            "for line, x in zip(a.order_line, b):\n    line.tax_id = x.tax_ids\n")
        assert run(rule, "[line.tax_ids for line in a.order_line], a.order_line.filtered('tax_ids'), "
                   "a.line_ids.filtered('tax_ids')\n") == (
                       "[line.tax_id for line in a.order_line], a.order_line.filtered('tax_id'), "
                       "a.line_ids.filtered('tax_ids')\n")

    def test_within_a_key_only(self):
        rule = Rename('tax_ids', 'tax_id', within='order_line')
        assert run(rule,
                   "{'order_line': [(0, 0, {'tax_ids': 1})], 'invoice_line_ids': [(0, 0, {'tax_ids': 1})]}\n") == (
                       "{'order_line': [(0, 0, {'tax_id': 1})], 'invoice_line_ids': [(0, 0, {'tax_ids': 1})]}\n")
        for text in ("sale.order_line = [f({'tax_ids': 1})]\n", "sale.order_line.create({'tax_ids': 1})\n"):
            assert run(rule, text) == text.replace('tax_ids', 'tax_id')
            assert run(rule, text.replace('order_line', 'line_ids')) == text.replace('order_line', 'line_ids')
        of_model = Rename('tax_ids', 'tax_id', within='sale.order.line')
        assert run(of_model, "env['sale.order.line'].search([('tax_ids', '=', 1)]), env['b'].search([('tax_ids', "
                   "'=', 1)])\n") == (
                       "env['sale.order.line'].search([('tax_id', '=', 1)]), env['b'].search([('tax_ids', '=', 1)])\n")
        assert run(rule, "f(order_line=[{'tax_ids': a.tax_ids}])\n") == "f(order_line=[{'tax_id': a.tax_ids}])\n"


class TestXml:
    TEXT = """<odoo>
    <list string="A &amp; B"
          create="0">
        <field name="a"/>
        <field name="b" groups="x"/>
    </list>
</odoo>
"""
    VIEW = 'amazon_connector/views/a.xml'

    def test_tags_are_renamed_and_the_layout_stays(self):
        assert run(Xml('//list', tag='tree'), self.TEXT, self.VIEW) == self.TEXT.replace('<list', '<tree').replace(
            '</list', '</tree')

    def test_attributes_are_set_changed_and_removed(self):
        rule = Xml('//field[@name="b"]', attributes={'name': str.upper, 'groups': None, 'invisible': '1'})
        assert '<field name="B" invisible="1"/>' in run(rule, self.TEXT, self.VIEW)

    def test_a_removed_element_takes_its_line_along(self):
        assert run(Xml('//field[@name="b"]', remove=True), self.TEXT, self.VIEW) == self.TEXT.replace(
            '        <field name="b" groups="x"/>\n', '')

    def test_a_replacement_keeps_content_and_values(self):
        text = run(Xml('//list', replace='<div class="{create}">{body}</div>'), self.TEXT, self.VIEW)
        assert text.splitlines()[1] == '    <div class="0">'

    def test_a_text_is_written_otherwise(self):
        assert run(Xml('//b', text=lambda text: text.replace('list', 'tree')), '<a><b>list,form</b></a>',
                   self.VIEW) == '<a><b>tree,form</b></a>'

    def test_elements_are_put_in(self):
        text = run(Xml('//list', first='<b/>', last='<c/>', after='<d/>'), self.TEXT, self.VIEW)
        assert [line.strip() for line in text.splitlines()][3:8] == ['<b/>', '<field name="a"/>',
                                                                     '<field name="b" groups="x"/>', '<c/>', '</list>']
        assert '\n    <d/>\n' in text

    def test_letters_beyond_ascii_do_not_move_the_place(self):
        assert run(Xml('//b', tag='c'), '<a t="ÄÖÜ">€<b>ß</b></a>', self.VIEW) == '<a t="ÄÖÜ">€<c>ß</c></a>'


class TestFunctions:
    def replace(self, mark, source=FUNCTION, body='        return 0\n', name='total'):
        return variant.replace_functions(PATH, FUNCTION, source,
                                         f"class Order:\n\n    # {mark}\n    def {name}(self):\n{body}")

    def test_a_function_gets_another_body(self):
        mark = f"In place of {hash_of(FUNCTION, 'Order.total')}: why."
        assert self.replace(mark) == FUNCTION.replace('return self.a + self.b', 'return 0')

    def test_another_body_in_main_stops(self):
        changed = FUNCTION.replace('self.a + self.b', 'self.a - self.b')
        with pytest.raises(variant.VariantError, match="Order.total is not what its replacement was written for"):
            self.replace(f"In place of {hash_of(changed, 'Order.total')}: why.")

    def test_layout_comments_and_docstrings_are_no_other_body(self):
        wrapped = FUNCTION.replace("        return self.a + self.b", '        """Add."""\n        # Both.\n        '
                                   'return (self.a\n                + self.b)')
        assert hash_of(wrapped, 'Order.total') == hash_of(FUNCTION, 'Order.total')

    def test_what_is_not_there_stops(self):
        with pytest.raises(variant.VariantError, match="no Order.gone to be replaced"):
            self.replace("In place of 00000000: why.", name='gone')

    def test_what_was_only_renamed_is_found(self):
        mark = f"In place of {hash_of(FUNCTION, 'Order.total')}: why."
        assert self.replace(mark, name='sum') == FUNCTION.replace('return self.a + self.b', 'return 0')

    def test_new_functions_come_at_the_end_of_their_class(self):
        assert self.replace("New: why.", name='more') == FUNCTION + '\n    def more(self):\n        return 0\n'
        with pytest.raises(variant.VariantError, match="not new"):
            self.replace("New: why.")

    def test_functions_are_left_out(self):
        mark = f"Left out {hash_of(FUNCTION, 'Order.total')}: why."
        assert self.replace(mark) == "class Order:\n\n    def name(self):\n        return 'x'\n"
        with pytest.raises(variant.VariantError, match="not what its replacement"):
            self.replace("Left out 00000000: why.")

    def test_what_has_no_mark_stops(self):
        with pytest.raises(variant.VariantError, match="no mark"):
            self.replace("Nothing.")

    def test_constants_and_their_imports(self):
        result = variant.replace_functions(PATH, "import re\n\nA = 1\n", "import re\n\nA = 1\n",
                                           f"from ..compat import x\n\n# In place of {hash_of('A = 1', 'A')}: "
                                           f"why.\nA = x\n")
        assert result == "from ..compat import x\nimport re\n\nA = x\n"
        assert variant.replace_functions(PATH, "B = 1\n", "B = 1\n", "import os\n\n# New\nA = os\n") == (
            "import os\nB = 1\n\n\nA = os\n")

    def test_rules_of_the_layer_do_not_change_the_hash(self):
        mark = f"In place of {hash_of(FUNCTION, 'Order.total')}: why."
        assert 'self.c' not in self.replace(mark, source=FUNCTION.replace('self.b', 'self.c'))


class TestLayer:
    @pytest.fixture
    def layer(self, tmp_path):
        folder = tmp_path / '18'
        (folder / 'functions' / 'models').mkdir(parents=True)
        (folder / 'files' / 'amazon_connector').mkdir(parents=True)
        (folder / 'files' / 'amazon_connector' / 'compat.py').write_text("x = 1\n")
        (folder / 'rules.py').write_text("from python_rules import Rewrite\n\nRULES = [Rewrite('old(A)', 'new(A)')]\n")
        return folder

    def test_rules_functions_and_files(self, layer):
        files = {PATH: FUNCTION.encode(), 'amazon_connector/a.py': b'old(1)\n', 'amazon_connector/i.png': b'\x89\xff'}
        (layer / 'functions' / 'models' / 'sale_order.py').write_text(
            f"class Order:\n\n    # In place of {hash_of(FUNCTION, 'Order.name')}: why.\n    def name(self):\n        "
            f"return old(2)\n")
        result = variant.apply_layer(files, layer)
        assert result['amazon_connector/a.py'] == b'new(1)\n'
        assert b'return old(2)' in result[PATH], "a replacement is written for its series already"
        assert result['amazon_connector/compat.py'] == b'x = 1\n'
        assert result['amazon_connector/i.png'] == b'\x89\xff'
        assert files['amazon_connector/a.py'] == b'old(1)\n'

    def test_translations_come_behind_those_of_main(self, layer):
        (layer / 'i18n').mkdir()
        (layer / 'i18n' / 'fr.po').write_text('msgid "b"\n')
        files = {'amazon_connector/a.py': b'old(1)\n', 'amazon_connector/i18n/fr.po': b'msgid "a"\n'}
        assert variant.apply_layer(files, layer)['amazon_connector/i18n/fr.po'] == b'msgid "a"\n\nmsgid "b"\n'

    def test_a_rule_that_matches_nothing_stops(self, layer):
        with pytest.raises(variant.VariantError, match=r"'old\(A\)' matches nothing"):
            variant.apply_layer({PATH: FUNCTION.encode()}, layer)

    def test_functions_of_a_file_that_is_gone_stop(self, layer):
        (layer / 'functions' / 'models' / 'gone.py').write_text("# New: why.\ndef f():\n    pass\n")
        with pytest.raises(variant.VariantError, match="gone.py is not there any more"):
            variant.apply_layer({'amazon_connector/a.py': b'old(1)\n'}, layer)

    def test_a_series_without_a_folder_stops(self):
        with pytest.raises(variant.VariantError, match="no variant for Odoo 5"):
            variant.find_layers(5, 19)

    def test_files_name_their_series_and_speak_of_odoo_as_before(self):
        files = {'amazon_connector/__manifest__.py': b"{'version': '19.0.1.5.0', 'summary': 'From 19.0 on'}",
                 'README.md': b'# Amazon connector for Odoo 19\n\nOdoo 19 does it.', 'a.py': b"a = '19.0.1'"}
        assert variant.name_series(files, 19, 18) == {
            'amazon_connector/__manifest__.py': b"{'version': '18.0.1.5.0', 'summary': 'From 19.0 on'}",
            'README.md': b'# Amazon connector for Odoo 18\n\nOdoo 19 does it.', 'a.py': b"a = '19.0.1'"}

    def test_a_file_that_does_not_name_its_series_any_more_stops(self):
        with pytest.raises(variant.VariantError, match="README.md does not say '# Amazon connector for Odoo 19"):
            variant.name_series({'README.md': b'# Amazon'}, 19, 18)

    def test_a_name_that_is_nothing_stops(self, tmp_path):
        with pytest.raises(variant.VariantError, match="Undefined name `translate`"):
            variant.tidy({'amazon_connector/models/a.py': b'A = translate("a")\n'}, tmp_path / 'tree')

    def test_a_tree_is_written_and_what_is_gone_is_deleted(self, tmp_path):
        variant.write({'a/b.py': b'1', 'c': b'2'}, tmp_path)
        before = (tmp_path / 'c').stat().st_mtime_ns
        variant.write({'c': b'2'}, tmp_path)
        assert ([path.name for path in tmp_path.rglob('*') if path.is_file()] == ['c']
                and (tmp_path / 'c').stat().st_mtime_ns == before)

    def test_unused_imports_go_and_the_order_is_right(self, tmp_path):
        path = 'amazon_connector/models/a.py'
        result = variant.tidy(
            {path: b"from odoo.tools import SQL\nfrom odoo import models\n\n\nclass A(models.Model):\n    pass\n"},
            tmp_path / 'tree')
        assert result[path] == b"from odoo import models\n\n\nclass A(models.Model):\n    pass\n"


class TestConstraints:
    TEXT = (
        "from odoo import fields, models\n\n\nclass A(models.Model):\n    _name = 'a'\n\n    name = fields.Char()\n\n"
        "    _first = models.Constraint(\n        'UNIQUE(name)', \"Once.\")\n    _second = "
        "models.UniqueIndex(\"(name) WHERE name IS NOT NULL\", \"Twice.\")\n"
        "    _third = models.Index(\"(name)\")\n\n    def f(self):\n        return 1\n")

    def test_constraints_and_indexes_are_those_of_odoo_18(self):
        text, count = importlib.import_module('constraint_rules').Constraints().run(PATH, self.TEXT)
        assert count
        owner = next(node for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
        constraints = next(node.value for node in owner.body if isinstance(node, ast.Assign)
                           and node.targets[0].id == '_sql_constraints')
        assert ast.literal_eval(constraints) == [('first', 'UNIQUE(name)', "Once."), ('second', "", "Twice.")]
        assert ('add_index(self, \'second\', "(name) WHERE name IS NOT NULL", unique=True)\n'
                '        add_index(self, \'third\', "(name)")\n\n    def f') in text

    @pytest.mark.parametrize('end', ['_third = models.Index("(name)")',
                                     '_second = models.UniqueIndex("(b)", "Twice.")'])
    def test_a_class_that_ends_with_an_index(self, end):
        text = self.TEXT[:self.TEXT.index('    _second')] + f'    {end}\n'
        for source in (text, f'{text}\n\nX = 1\n', text.replace('    _first', '    # Why.\n    _first'),
                       f"class A(models.Model):\n    _name = 'a'\n\n    {end}\n"):
            result, _count = importlib.import_module('constraint_rules').Constraints().run(PATH, source)
            assert result.count('def init(self)') == result.count('        add_index(self, ') == 1, result
            assert 'models.Index' not in result and 'models.UniqueIndex' not in result
            assert "'first'" in result or "_first" not in source
            ast.parse(result)

    @pytest.mark.parametrize(('old', 'new', 'words'), [
        ('"Once.")', 'message="Once.")', "without keywords"),
        ('def f(self)', 'def init(self)', "init\\(\\) of its own"),
        ('_first = ', '_first: models.Constraint = ', None)])
    def test_nothing_is_lost_without_a_word(self, old, new, words):
        rule = importlib.import_module('constraint_rules').Constraints()
        files = {PATH: self.TEXT.replace(old, new).encode()}
        if words:
            with pytest.raises(variant.VariantError, match=words):
                variant.apply_rules(files, [rule])
        else:
            assert b"('first', 'UNIQUE(name)', \"Once.\")" in variant.apply_rules(files, [rule])[PATH]
