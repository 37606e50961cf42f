"""Odoo's own tests of what the addon extends, in a database with it or without it.

    core_tests.py server -d NAME --test-tags "$(core_tests.py tags)" …    run them; options are those of odoo-bin
    core_tests.py tags                                                   print what is run
    core_tests.py failures LOG                                           print what failed, as test tags

Tests in a browser are skipped at the point where they open it: no view or script of Odoo's is changed by the addon.
"""

import re
import sys
from pathlib import Path
from unittest import SkipTest

MODULES = ('account', 'sale', 'sale_stock', 'stock_delivery')
# Of `account`, what sales and their taxes meet; the rest (payments, sequences, imports) takes a quarter of an hour.
ACCOUNT = (
    'TestAccountInvoiceReport', 'TestAccountMoveOutInvoiceOnchanges', 'TestAccountMoveOutRefundOnchanges',
    'TestAccountPartner', 'TestAccountTax', 'TestAuditTrail', 'TestChartTemplate', 'TestCompanyBranch',
    'TestFiscalPosition', 'TestInvoiceTaxes', 'TestMergePartner', 'TestMultiVAT', 'TestProduct', 'TestTax',
    'TestTaxesBaseLinesTaxDetails', 'TestTaxesComputation', 'TestTaxesDispatchingBaseLines', 'TestTaxesDownPayment',
    'TestTaxesGlobalDiscount', 'TestTaxesTaxTotalsSummary', 'TaxReportTest',
)
FAILED = re.compile(r'ERROR \S+ odoo\.addons\.(\w+)\.tests\.\S+: (?:FAIL|ERROR): (?:Subtest )?(\w+)\.(\w+)')
FAILED_CLASS = re.compile(r'ERROR: setUpClass \(odoo\.addons\.(\w+)\.tests\.\w+\.(\w+)\)')


def get_tags() -> str:
    """Return the test tags of what is run."""
    return ','.join(
        [f'/{module}' for module in MODULES if module != 'account'] + [f'/account:{name}' for name in ACCOUNT]
    )


def find_failures(log: Path) -> list[str]:
    """Return the test tags of what failed by a log of Odoo's, each once."""
    text = log.read_text(errors='replace')
    failed = [f'/{module}:{name}.{method}' for module, name, method in FAILED.findall(text)]
    failed += [f'/{module}:{name}' for module, name in FAILED_CLASS.findall(text)]
    return sorted(set(failed))


def run() -> None:
    """Run Odoo's command line with the tests of these modules only, all of them behind all installations."""
    from odoo import cli, tools
    from odoo.tests import HttpCase, loader
    from odoo.tests.suite import OdooSuite
    from odoo.tests.tag_selector import TagsSelector

    def make_suite(_modules, position='at_install'):
        if position == 'at_install':
            return OdooSuite([])
        selected = TagsSelector(tools.config['test_tags'])
        return OdooSuite(
            sorted(
                (
                    test
                    for module in MODULES
                    for file in loader.get_test_modules(module)
                    for test in loader.get_module_test_cases(file)
                    if selected.check(test)
                ),
                key=lambda test: getattr(test, 'test_sequence', 0),
            )
        )

    def skip(*_args, **_options):
        raise SkipTest("needs a browser")

    loader.make_suite = make_suite
    HttpCase.start_tour = HttpCase.browser_js = skip
    cli.main()


if __name__ == '__main__':
    if sys.argv[1] == 'tags':
        print(get_tags())
    elif sys.argv[1] == 'failures':
        print(','.join(find_failures(Path(sys.argv[2]))))
    else:
        run()
