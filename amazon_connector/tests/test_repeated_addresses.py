import functools

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .buyer_common import BuyerCase

SECRETS = ("Hauptstraße", "10115", "a1@marketplace")
RIGHTS = ('sales_team.group_sale_salesman_all_leads,base.group_partner_manager,base.group_allow_export,'
          'account.group_account_readonly')


@tagged('post_install', '-at_install')
class TestRepeatedAddresses(BuyerCase):
    """Records of Odoo that repeat a partner's address hide it as the partner does, by every call that a client may
    make.
    """

    GROUPS = {'may_not': RIGHTS, 'may': f'{RIGHTS},stock.group_stock_user'}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer.phone = '+49 30 10115'
        cls.own = cls.env['res.partner'].create({
            'name': "Own", 'street': "Ufer 1", 'zip': '20095', 'city': "Hamburg", 'email': 'own@example.com',
            'phone': '+49 40 123456', 'country_id': cls.env.ref('base.de').id})
        cls.own_sale = cls.env['sale.order'].create({'partner_id': cls.own.id})

    def make(self, name):
        """Yield records that repeat the buyer's address, and like ones of another partner, as a user made them."""
        for sale in (self.sale, self.own_sale):
            sale.message_subscribe(sale.partner_id.ids)
        yield tuple(self.as_user(name, sale.message_follower_ids.filtered(
            lambda follower, sale=sale: follower.partner_id == sale.partner_id)) for sale in (self.sale, self.own_sale))
        values = {
            'payment.link.wizard': lambda sale: {
                'partner_id': sale.partner_id.id, 'res_model': 'sale.order', 'res_id': sale.id, 'amount': 1},
            'portal.wizard': lambda sale: {'partner_ids': [Command.set(sale.partner_id.ids)]},
            'snailmail.letter': lambda sale: {
                'partner_id': sale.partner_id.id, 'model': 'sale.order', 'res_id': sale.id,
                'user_id': self.users[name].id, 'company_id': self.company.id},
            'sms.composer': lambda sale: {
                'res_model': 'res.partner', 'res_id': sale.partner_id.id, 'body': "Hello"},
        }
        for model, prepare in values.items():
            if model not in self.env:
                continue
            pair = [self.env[model].with_user(self.users[name]).sudo().create(prepare(sale))
                    for sale in (self.sale, self.own_sale)]
            if model == 'portal.wizard':
                pair = [record.user_ids for record in pair]
            self.env.flush_all()
            yield tuple(self.as_user(name, record.sudo(False)) for record in pair)

    def find_fields(self, record):
        """Return the names of fields that hold the buyer's address; links are made of the request."""
        return [name for name, field in record._fields.items() if field.type in ('char', 'text') and not field.groups
                and name != 'link' and any(secret in str(record.sudo()[name]) for secret in SECRETS)]

    def ways_out(self, record, name):
        """Yield each call that a client may make and that shows or tells apart the values of a field."""
        model, mine = record.browse(), [('id', 'in', record.ids)]
        yield 'read', lambda: record.read([name])
        yield 'web_read', lambda: record.web_read({name: {}})
        yield 'web_search_read', lambda: model.web_search_read(mine, {name: {}})
        yield 'export', lambda: record.export_data([name])
        yield 'copy', lambda: record.copy_data()
        yield 'groups', lambda: model._read_group(mine, [name])
        yield 'shown groups', lambda: model.formatted_read_group(mine, [name], ['__count'])
        yield 'maximum', lambda: model._read_group(mine, [], [f'{name}:max'])
        yield 'all values', lambda: model._read_group(mine, [], [f'{name}:array_agg'])

    def tells(self, call):
        try:
            return any(secret in str(call()) for secret in SECRETS)
        except (AccessError, ValueError):
            return False

    def test_no_way_shows_them(self):
        for record, _other in self.make('may_not'):
            fields = self.find_fields(record)
            self.assertTrue(fields, record)
            for name in fields:
                for way, call in self.ways_out(record, name):
                    self.assertFalse(self.tells(call), (record, name, way))

    def test_those_who_may_read_them_do(self):
        for record, _other in self.make('may'):
            for name in self.find_fields(record):
                shown = [way for way, call in self.ways_out(record, name) if self.tells(call)]
                self.assertLessEqual({'read', 'web_read', 'web_search_read', 'export'}, set(shown), (record, name))

    def test_nobody_finds_out_by_searching(self):
        """What is asked of a buyer's address is answered as if it were none, whatever its value is."""
        for user, finds in (('may_not', False), ('may', True)):
            for record, other in self.make(user):
                for name in self.find_fields(record):
                    if record._fields[name]._description_searchable:
                        told = self.search_both_ways(record, other, name)
                        self.assertEqual(set(told), {finds}, (user, record, name))

    def search_both_ways(self, record, other, name):
        """Yield for each kind of condition whether it tells a right guess from a wrong one."""
        both, value = [('id', 'in', (record | other).ids)], record.sudo()[name]
        for ask in (lambda text: ('=', text), lambda text: ('!=', text), lambda text: ('in', [text]),
                    lambda text: ('ilike', text[:4]), lambda text: ('not ilike', text[:4]),
                    lambda text: ('=like', f'{text[:1]}%')):
            for negation in ([], ['!']):
                right, wrong = (record.search([*both, *negation, (name, *ask(text))]) for text in (value, '~~~~~'))
                yield (record in right) != (record in wrong)

    def test_conditions_without_a_field_are_searched_as_ever(self):
        sales, (true, false) = self.as_user('may_not', self.sale), ((1, '=', 1), (0, '=', 1))
        for domain, found in (([true], True), ([false], False), (['!', false], True), (['|', false, true], True)):
            self.assertEqual(sales in sales.search([('id', '=', sales.id), *domain]), found, domain)

    def test_nobody_finds_out_by_sorting_and_comparing(self):
        for record, other in self.make('may_not'):
            for name in self.find_fields(record):
                answers = []
                for value in ("0", "zz"):
                    self.set_value(record, name, value)
                    answers.append([self.ask(call) for call in self.compare(record, other, name)])
                self.assertEqual(*answers, (record, name))

    def compare(self, record, other, name):
        both = [('id', 'in', (record | other).ids)]
        yield lambda: record.search(both, order=name).ids
        yield lambda: [int(row[0]) for row in record._read_group(both, ['id'], order=f'{name}:max')]
        yield lambda: [int(row[0]) for row in record._read_group(both, ['id'], having=[(f'{name}:max', '>', 'yy')])]

    def ask(self, call):
        try:
            return call()
        except (AccessError, ValueError):
            return None

    def set_value(self, record, name, value):
        if record._fields[name].related:
            self.buyer.email = value
        else:
            record.sudo()[name] = value
        self.env.flush_all()
        self.env.invalidate_all()

    def test_orders_are_not_found_by_their_followers_address(self):
        for sale in (self.sale, self.own_sale):
            sale.message_subscribe(sale.partner_id.ids)
        for user, found in (('may_not', False), ('may', True)):
            sales = self.as_user(user, self.sale)
            for domain in ([('message_follower_ids.email', 'ilike', 'a1@market')],
                           [('message_follower_ids', 'any', [('email', 'ilike', 'a1@market')])],
                           [('message_partner_ids.email', 'ilike', 'a1@market')],
                           [('message_partner_ids.street', '=like', 'Haupt%')]):
                self.assertEqual(self.sale in sales.search([('id', '=', sales.id), *domain]), found, (user, domain))
            shown = sales.web_read({'message_follower_ids': {'fields': {'email': {}}}})
            self.assertEqual(self.buyer.email in str(shown), found)
        self.assertIn(self.own_sale, self.as_user('may_not', self.own_sale).search(
            [('message_follower_ids.email', 'ilike', 'own@example')]))

    def test_copies_do_not_change_to_another_partner(self):
        """A letter keeps the address that it was made with."""
        for record, other in self.make('may_not'):
            link = 'partner_id' if 'partner_id' in record._fields else 'res_id'
            values = {link: other.sudo()[link].id if link == 'partner_id' else other.sudo()[link]}
            for change in (record.write, record.copy):
                changed = self.ask(functools.partial(change, values))
                for shown in (record, changed if change == record.copy and changed else record):
                    for name in self.find_fields(shown):
                        self.assertFalse(self.tells(functools.partial(shown.read, [name])), (shown, name))
