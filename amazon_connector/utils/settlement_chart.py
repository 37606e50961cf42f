"""Find accounts for the kinds of settlement rows in a company's chart of accounts."""

import statistics

from .settlement_accounts import KINDS, fill_code, find_chart, find_neighbours, get_range


class SettlementChart:
    """The chart of accounts of a company: its accounts where it is described, else places for new ones among accounts
    of the same type.

    :param company: `res.company` with a chart
    """

    def __init__(self, company):
        self._company = company
        self._accounts = company.env['account.account'].with_company(company).search(
            [('company_ids', 'parent_of', company.id)])
        self._by_code = {account.code: account for account in self._accounts if account.code}
        # Charts write their codes short, and Odoo fills them up with zeros to the length that the company uses.
        digits = statistics.mode(map(len, self._by_code)) if self._by_code else 6
        self._codes = {kind: fill_code(code, digits) for kind, code in find_chart(company.chart_template).items()}
        self._taken = set()

    def find_account(self, kind):
        """Return the account that the chart has for a kind, an empty recordset if a new one is better."""
        code = self._codes.get(kind, '')
        if not self._codes and kind == 'sales':
            return self._company.income_account_id.with_company(self._company)
        return self._by_code.get(code, self._accounts.browse())

    def find_new_code(self, kind):
        """Return a code for a new account of a kind that is free, proposed for no other kind, and lies among accounts
        of its type.
        """
        code = self._codes.get(kind, '').lstrip('+')
        if code and code not in self._by_code and code not in self._taken:
            self._taken.add(code)
            return code
        candidates = [code, *self._get_neighbours(kind, code)] if code else self._get_neighbours(kind, '')
        return self._pick_code(candidates)

    def _get_neighbours(self, kind, like):
        """Return the codes of accounts of the type of a kind, the best place first."""
        account_type, like = KINDS[kind][1], like or self._get_usual_code(kind)
        same = [code for code, account in self._by_code.items() if account.account_type == account_type]
        family = [code for code, account in self._by_code.items()
                  if account.account_type.split('_')[0] == account_type.split('_')[0]]
        return find_neighbours(same, like) or find_neighbours(family, like)

    def _get_usual_code(self, kind):
        account_type = KINDS[kind][1]
        usual = {'income': self._company.income_account_id, 'expense': self._company.expense_account_id}.get(
            account_type)
        return usual and usual.with_company(self._company).code or ''

    def _pick_code(self, candidates):
        """Return the first free code that follows one of these within its range."""
        accounts = self._accounts.browse()
        for code in candidates:
            free = accounts._search_new_account_code(code, self._taken)
            if get_range(free) == get_range(code) and len(free) == len(code):
                self._taken.add(free)
                return free
        free = accounts._search_new_account_code(candidates[0] if candidates else '1000', self._taken)
        self._taken.add(free)
        return free
