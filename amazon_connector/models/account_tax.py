from psycopg2 import IntegrityError
from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

from ..utils.quiet import quiet_sql

# Fields that a twin has of its own; all others follow its original.
OWN = ('name', 'active', 'type_tax_use', 'price_include_override', 'company_id')
# What belongs to a tax, or points to it without using it.
MAPPINGS = ('account.tax', 'account.tax.repartition.line', 'account.fiscal.position', 'amazon.tax.rate')


class AccountTax(models.Model):
    """Taxes inside the price for Amazon's orders: the total that the buyer paid is kept to the cent by them only.

    So lines of Amazon orders have a twin of each tax that is included in prices. Twins are archived and in no mapping,
    and so invisible to all else in Odoo. Those for the children of a group stay active, because Odoo skips archived
    children; their type "none" keeps them away from products and documents.
    """

    _inherit = 'account.tax'

    amazon_original_id = fields.Many2one(
        'account.tax',
        "Original of Amazon's tax",
        readonly=True,
        copy=False,
        ondelete='set null',
        help="Set on taxes that only Amazon orders use: the same tax as this one, but added to prices.",
    )
    amazon_twin_ids = fields.One2many(
        'account.tax', 'amazon_original_id', "Taxes for Amazon", readonly=True, context={'active_test': False}
    )

    _amazon_twin_unique = models.UniqueIndex(
        "(amazon_original_id, type_tax_use) WHERE amazon_original_id IS NOT NULL",
        "This tax has one for Amazon already.",
    )
    _amazon_twin_hidden = models.Constraint(
        "CHECK (amazon_original_id IS NULL OR active IS NOT TRUE OR type_tax_use = 'none')",
        "Taxes that only Amazon orders use stay archived. Duplicate the tax to use it elsewhere.",
    )

    @api.constrains('amazon_original_id', 'original_tax_ids', 'replacing_tax_ids', 'fiscal_position_ids')
    def _check_amazon_unmapped(self):
        if any(
            tax.amazon_original_id and (tax.original_tax_ids or tax.replacing_tax_ids or tax.fiscal_position_ids)
            for tax in self
        ):
            raise ValidationError(
                self.env._(
                    "Taxes that only Amazon orders use are in no fiscal position: they would change other sales."
                )
            )

    def write(self, vals):
        """Write taxes; their twins for Amazon follow, and stay archived when Odoo activates all taxes of a group."""
        twins = self.filtered('amazon_original_id') if vals.get('active') else self.browse()
        hidden = twins.filtered(lambda tax: tax.type_tax_use != 'none')
        result = super(AccountTax, self - hidden).write(vals)
        super(AccountTax, hidden).write({name: value for name, value in vals.items() if name != 'active'})
        self._amazon_update_twins('name' in vals)
        return result

    def unlink(self):
        """Delete taxes together with their twins for Amazon that nothing uses."""
        twins = self.sudo().amazon_twin_ids - self
        result = super().unlink()
        twins._amazon_delete_unused()
        return result

    # === FOR LINES OF AMAZON ORDERS === #

    def _amazon_get_included(self):
        """Return these taxes as they are inside of a price: themselves where they leave the price as it is, else their
        twins, which are made where they are missing.
        """
        return self.browse().union(
            *(tax if tax._amazon_keeps_price() else tax._amazon_get_twin(tax.type_tax_use) for tax in self)
        )

    def _amazon_get_original(self):
        """Return the originals of these taxes, which an accountant knows, where they are twins."""
        return self.browse().union(*(tax.amazon_original_id or tax for tax in self))

    def _amazon_get_usual_price(self, price):
        """Return the price with the original taxes for which the buyer pays the same as for this price with these
        taxes.
        """
        details = self._get_tax_details(price, 1.0, rounding_method='round_globally') if self else {'taxes_data': []}
        return price - sum(data['tax_amount'] for data in details['taxes_data'] if data['tax'].amazon_original_id)

    def _amazon_get_inside_mode(self):
        """Return the `special_mode` in which Odoo computes these taxes of an amount that includes them: of taxes that
        come to nothing together (reverse charge), the whole amount is the base.
        """
        shares = [
            tax.amount * line.factor
            for tax in self.flatten_taxes_hierarchy()
            for line in tax.invoice_repartition_line_ids
            if line.repartition_type == 'tax'
        ]
        return 'total_included' if sum(shares) else 'total_excluded'

    def _amazon_keeps_price(self):
        """Return whether the buyer pays the price of a line with this tax, no more and no less."""
        self.ensure_one()
        if self.amount_type == 'group':
            return all(child._amazon_keeps_price() for child in self.children_tax_ids)
        return self.price_include or not self.amount or self.has_negative_factor

    def _amazon_get_twin(self, use):
        """Return the twin of this tax, made if need be.

        :param str use: `type_tax_use` of the twin; "none" for the child of a group
        """
        self.ensure_one()
        original = self.sudo().with_company(self.company_id).with_context(tracking_disable=True)
        twin = original.amazon_twin_ids.filtered(lambda tax: tax.type_tax_use == use)
        return (twin or original._amazon_create_twin(use)).with_env(self.env)

    def _amazon_create_twin(self, use):
        try:
            with quiet_sql(), self.env.cr.savepoint():
                twin = self.copy({**self._amazon_prepare_twin(use), 'name': self._amazon_find_name(use)})
                twin.flush_recordset()
        except UniqueViolation:
            # Another job has made it in the meantime: the retry of this one finds it.
            raise SerializationFailure from None
        return twin

    def _amazon_prepare_twin(self, use):
        """Return the values in which the twin of this tax differs from a copy of it."""
        mappings = [
            name
            for name, field in self._fields.items()
            if field.type == 'many2many' and field.comodel_name in MAPPINGS and field.store
        ]
        children = self.env['account.tax'].union(
            *(
                child if child._amazon_keeps_price() else child._amazon_get_twin('none')
                for child in self.children_tax_ids
            )
        )
        return {
            **{name: [Command.clear()] for name in mappings},
            'children_tax_ids': [Command.set(children.ids)],
            'amazon_original_id': self.id,
            'active': use == 'none',
            'type_tax_use': use,
            'price_include_override': 'tax_included',
            **({} if self.invoice_label else {'invoice_label': self.name}),
        }

    def _amazon_find_name(self, use, twin=()):
        """Return a name for the twin of this tax that no other tax has."""
        name = self.env._("%s (Amazon, included)", self.name)
        same = [
            ('name', '=like', f'{name}%'),
            ('company_id', 'child_of', self.company_id.root_id.id),
            ('type_tax_use', '=', use),
            ('id', 'not in', list(twin)),
        ]
        taken = set(self.with_context(active_test=False).search(same).mapped('name'))
        return next(
            found
            for number in range(1, len(taken) + 2)
            if (found := f'{name} {number}' if number > 1 else name) not in taken
        )

    # === IN STEP WITH THE ORIGINAL === #

    def _amazon_update_twins(self, rename=False):
        """Bring the twins of these taxes in line with them."""
        for twin in self.sudo().amazon_twin_ids.with_context(tracking_disable=True):
            twin.with_company(twin.company_id)._amazon_follow(rename)

    def _amazon_follow(self, rename):
        original = self.amazon_original_id
        prepared = original._amazon_prepare_twin(self.type_tax_use)
        vals = original.copy_data({**prepared, 'name': self.name})[0]
        lines = [
            {**command[2], 'tax_id': self.id}
            for command in vals.pop('repartition_line_ids', [])
            if command[0] == Command.CREATE
        ]
        self.write({name: value for name, value in vals.items() if name not in OWN})
        if rename:
            self.name = original._amazon_find_name(self.type_tax_use, self.ids)
        original.copy_translations(self, excluded=(*OWN, *prepared, 'repartition_line_ids'))
        self._amazon_write_repartition(lines)

    def _amazon_write_repartition(self, wanted):
        """Change the distribution of this tax in place, because journal items refer to its lines.

        Line by line, not by the tax: the original may be in the middle of its own change, and Odoo checks that one.
        """
        own_lines, surplus = self.repartition_line_ids.sorted(), self.env['account.tax.repartition.line']
        for kind in dict.fromkeys(
            [*own_lines.mapped(_get_kind), *((vals['document_type'], vals['repartition_type']) for vals in wanted)]
        ):
            own = own_lines.filtered(lambda line, kind=kind: _get_kind(line) == kind)
            same = sorted(
                (vals for vals in wanted if (vals['document_type'], vals['repartition_type']) == kind),
                key=lambda vals: vals['sequence'],
            )
            for line, vals in zip(own, same, strict=False):
                line.write(vals)
            surplus.create(same[len(own) :])
            surplus += own[len(same) :]
        self._amazon_empty_repartition(surplus)

    def _amazon_empty_repartition(self, surplus):
        """Delete lines of the distribution; where journal items refer to any of them, they distribute nothing."""
        if self.env['account.move.line'].search_count([('tax_repartition_line_id', 'in', surplus.ids)], limit=1):
            surplus.write({'factor_percent': 0, 'tag_ids': [Command.clear()]})
        else:
            surplus.unlink()

    # === WHO USES A TAX === #

    def _amazon_find_used(self, but=MAPPINGS):
        """Return those of these taxes that anything in the database refers to.

        :param but: models that do not count
        """
        self.env.flush_all()
        found = set()
        for model in self.env.registry.values():
            for field in model._fields.values():
                if (
                    field.comodel_name == 'account.tax'
                    and field.store
                    and model._auto
                    and not model._transient
                    and model._name not in but
                ):
                    found.update(self._amazon_find_referred(model, field))
        return self.filtered(lambda tax: tax.id in found)

    def _amazon_find_referred(self, model, field):
        if field.type not in ('many2one', 'many2many') or field.company_dependent:
            return []
        table, column = (field.relation, field.column2) if field.type == 'many2many' else (model._table, field.name)
        names = SQL.identifier(column), SQL.identifier(table)
        return [
            tax
            for (tax,) in self.env.execute_query(
                SQL("SELECT DISTINCT %s FROM %s WHERE %s = ANY(%s)", *names, names[0], self.ids)
            )
        ]

    def _amazon_delete_unused(self):
        """Delete those of these twins that nothing uses: groups, then their children that are in no other group."""
        groups = self.filtered(lambda tax: tax.type_tax_use != 'none')
        for taxes in (groups, self - groups):
            unused = taxes.exists() - taxes.exists()._amazon_find_used()
            for tax in unused.filtered(
                lambda tax: not self.with_context(active_test=False).search_count([('children_tax_ids', 'in', tax.ids)])
            ):
                try:
                    with quiet_sql(), self.env.cr.savepoint():
                        tax.unlink()
                except (UserError, IntegrityError):
                    self.env.invalidate_all()

    @api.model
    def _amazon_archive_twins(self):
        """Archive the twins before the addon is uninstalled, so that they change no other document; documents keep
        their taxes.
        """
        twins = (
            self.sudo()
            .with_context(active_test=False, tracking_disable=True)
            .search([('amazon_original_id', '!=', False)])
        )
        twins.write(
            {
                'original_tax_ids': [Command.clear()],
                'replacing_tax_ids': [Command.clear()],
                'fiscal_position_ids': [Command.clear()],
            }
        )
        twins._amazon_delete_unused()


def _get_kind(line):
    return line.document_type, line.repartition_type
