from odoo.tools import frozendict


class SettlementTaxes:

    # In place of 64852fdc: `compute_all` is told whether the tax is inside.
    def prepare_base_line(self, part, line):
        """What Odoo computes of a sale or, where money comes back from Amazon's fees, of the refund of a purchase;
        Amazon's amounts include the tax. Signs are those of items: money that comes in is a credit.
        """
        taxes, amount, pieces = line['taxes'], line['amount'], 1
        if any(tax.amount_type == 'fixed' for tax in taxes.flatten_taxes_hierarchy()):
            # So much for each piece; rows that name none are not of the price.
            pieces = line['pieces'] or 1
            taxes = taxes if line['pieces'] else taxes.filtered(lambda tax: tax.amount_type != 'fixed')
        is_sale = taxes[:1].type_tax_use == 'sale'
        inside = taxes._amazon_get_inside_mode() == 'total_included'
        by_line = self.company.tax_calculation_rounding_method == 'round_per_line'
        # Amazon has paid: taxes that are due on payment are due now.
        result = taxes.with_context(round=by_line, round_base=by_line, force_price_include=inside).compute_all(
            abs(amount) / pieces, self.currency, pieces, is_refund=(amount < 0) == is_sale, include_caba_tags=True,
            partner=self.env['res.partner'].browse(line['values']['partner_id']))
        return {**result, 'tax_ids': taxes, 'sign': -1 if amount > 0 else 1}

    # In place of ad859788: `compute_all` knows one line, so what they round to together is worked out here.
    def _prepare_inside(self, part, lines):
        results = [self.prepare_base_line(part, line) for line in lines]
        found = {}
        for result, line in zip(results, lines, strict=True):
            for tax in result['taxes']:
                sums = found.setdefault(self._get_tax_key(line, tax), [0.0, 0.0])
                sums[0] += result['sign'] * tax['amount']
                sums[1] += tax['base'] * self.plan.get_rate(part)
        taxes = [self.plan.prepare_line(part, name, account, amount, **values,
                                        tax_base_amount=self.company.currency_id.round(base))
                 for (name, account, values), (amount, base) in found.items() if self.currency.round(amount)]
        nets = [self.currency.round(result['sign'] * result['total_excluded']) for result in results]
        whole = self.currency.round(sum(result['sign'] * result['total_included'] for result in results))
        nets[-1] = self.currency.round(nets[-1] + whole - sum(nets) - sum(item['amount_currency'] for item in taxes))
        return [self.plan.prepare_line(
            part, line['name'], line['account'], net, tax_ids=[Command.set(result['tax_ids'].ids)],
            tax_tag_ids=[Command.set(result['base_tags'])], **line['values'])
            for net, result, line in zip(nets, results, lines, strict=True)] + taxes

    # New
    def _get_tax_key(self, line, tax):
        """Return what the items of a tax that become one have in common, as Odoo's `_compute_all_tax` does."""
        values = line['values']
        return tax['name'], self.env['account.account'].browse(tax['account_id']) or line['account'], frozendict({
            'partner_id': values['partner_id'], 'tax_repartition_line_id': tax['tax_repartition_line_id'],
            'group_tax_id': tax['group'] and tax['group'].id, 'tax_ids': [Command.set(tax['tax_ids'])],
            'tax_tag_ids': [Command.set(tax['tag_ids'])],
            'analytic_distribution': ((tax['analytic'] or not tax['use_in_tax_closing'])
                                      and values['analytic_distribution'])})
