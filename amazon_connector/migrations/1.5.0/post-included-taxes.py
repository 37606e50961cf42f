"""Taxes that earlier versions copied for Amazon stood in fiscal positions beside their originals, which doubled the tax
of other sales.
"""

import logging

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tools import SQL
from odoo.tools.translate import code_translations

from odoo.addons.amazon_connector.models.account_tax import MAPPINGS

_logger = logging.getLogger(__name__)
NAME = "%s (Amazon, included)"
# Documents keep the taxes that they have; whoever else uses a copy has chosen it.
DOCUMENTS = (*MAPPINGS, 'sale.order.line', 'account.move.line', 'amazon.seller.marketplace')


def migrate(cr, version):
    """Take the copies out of all mappings, archive and link them, and mend drafts that have the tax twice; done again,
    it changes nothing more.
    """
    env = api.Environment(cr, SUPERUSER_ID, {'active_test': False, 'tracking_disable': True, 'lang': 'en_US'})
    copies = _find_copies(env)
    originals = {copy: _find_original(copy, base) for copy, base in copies.items()}
    for copy, original in originals.items():
        _mend(copy, original)
    for market in env['amazon.seller.marketplace'].search([]):
        tax = 'settlement_sale_tax_id' in market._fields and market.settlement_sale_tax_id
        if tax and tax.amazon_original_id:
            market.settlement_sale_tax_id = tax.amazon_original_id
    _mend_drafts(env, env['account.tax'].union(*copies).filtered(lambda copy: not copy.active))


def _find_copies(env):
    """Return copy -> the name of its original, in whatever language it was made."""
    names = {
        NAME,
        *(
            code_translations.get_python_translations('amazon_connector', code).get(NAME) or NAME
            for code, _name in env['res.lang'].get_installed()
        ),
    }
    endings, found = [name.replace('%s', '') for name in names], {}
    domain = [
        ('amazon_original_id', '=', False),
        ('type_tax_use', '=', 'sale'),
        ('price_include_override', '=', 'tax_included'),
    ]
    for tax in env['account.tax'].search(domain):
        for name in _get_names(tax):
            ending = next((ending for ending in endings if name.endswith(ending)), None)
            if ending:
                found[tax] = name.removesuffix(ending)
    return found


def _get_names(tax):
    tax.env.cr.execute(SQL("SELECT DISTINCT value FROM account_tax, jsonb_each_text(name) WHERE id = %s", tax.id))
    return [name for (name,) in tax.env.cr.fetchall()]


def _find_original(copy, base):
    """Return the tax of which this is a copy: of its name, else, where it was renamed, the only one that is like it."""
    alike = copy.search(
        [
            ('company_id', '=', copy.company_id.id),
            ('type_tax_use', '=', 'sale'),
            ('amount_type', '=', copy.amount_type),
            ('amount', '=', copy.amount),
            ('country_id', '=', copy.country_id.id),
            ('tax_scope', '=', copy.tax_scope),
            ('id', '!=', copy.id),
            ('price_include_override', '!=', 'tax_included'),
        ]
    )
    named = alike.filtered(lambda tax: base in _get_names(tax))
    same = alike.filtered(
        lambda tax: (tax.fiscal_position_ids, tax.original_tax_ids) == (copy.fiscal_position_ids, copy.original_tax_ids)
    )
    return named[:1] or (same if len(same) == 1 else copy.browse())


def _mend(copy, original):
    copy.write({'original_tax_ids': [Command.clear()], 'fiscal_position_ids': [Command.clear()]})
    if copy._amazon_find_used(but=DOCUMENTS):
        # It was offered like any other tax: a product or a company that has it is taxed by it.
        _logger.warning(
            "Tax %s was made for Amazon and is used elsewhere: it stays, but in no fiscal position", copy.id
        )
        return
    copy.write({'replacing_tax_ids': [Command.clear()], 'active': False})
    if original and not original.amazon_twin_ids:
        copy.amazon_original_id = original
        original._amazon_update_twins()


def _mend_drafts(env, copies):
    """Take the copies off quotations and draft invoices that have another tax, too."""
    quotations = env['sale.order.line'].search([('tax_ids', 'in', copies.ids), ('state', 'in', ('draft', 'sent'))])
    drafts = env['account.move.line'].search(
        [
            ('tax_ids', 'in', copies.ids),
            ('parent_state', '=', 'draft'),
            ('move_id.move_type', 'in', ('out_invoice', 'out_refund')),
        ]
    )
    quotations = quotations.filtered(lambda line: line.tax_ids - copies)
    drafts = drafts.filtered(lambda line: line.tax_ids - copies)
    for line in quotations:
        line.tax_ids -= copies
    for line in drafts:
        line.tax_ids -= copies
    for document in [*quotations.order_id, *drafts.move_id]:
        document.message_post(
            body=env._(
                "Lines had the same tax twice: once as it is, and once as an earlier version of Amazon Connector had "
                "copied it. The copy was taken off, and the total changed."
            )
        )
