import inspect
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import SQL

from ..amazon_api.errors import Unavailable
from ..amazon_api.transport import Transport
from . import payloads
from .access_table import ROLES
from .common import AmazonCase
from .settlement_files import PRINCIPAL, document, row

PACKAGE = 'odoo.addons.amazon_connector.'
QUIET = ('odoo.addons.base.models.ir_model', 'odoo.addons.base.models.ir_rule', 'odoo.models', 'odoo.orm.models',
         'odoo.http', 'odoo.sql_db')
# Records of wizards that are parts of another one.
PARTS = {
    'amazon.label.buy.offer': ('amazon.label.buy', 'offer_ids'),
    'amazon.label.buy.input': ('amazon.label.buy', 'input_ids'),
    'amazon.ledger.open.line': ('amazon.ledger.open', 'line_ids'),
    'amazon.ledger.open.shipment': ('amazon.ledger.open', 'shipment_ids'),
    'amazon.removal.create.line': ('amazon.removal.create', 'line_ids'),
    'amazon.marketplace.choose.line': ('amazon.marketplace.choose', 'line_ids'),
    'amazon.data.protection.line': ('amazon.data.protection', 'line_ids'),
    'amazon.settlement.preview.line': ('amazon.settlement.preview', 'line_ids'),
    'amazon.settlement.setup.line': ('amazon.settlement.setup', 'line_ids'),
    'amazon.settlement.setup.market': ('amazon.settlement.setup', 'market_ids'),
    'amazon.ship.warning.line': ('amazon.ship.warning', 'line_ids'),
    'amazon.stock.preview.line': ('amazon.stock.preview', 'line_ids'),
    'amazon.tax.setup.line': ('amazon.tax.setup', 'line_ids'),
    'amazon.tracking.import.line': ('amazon.tracking.import', 'line_ids'),
}


class Undone(Exception):
    """Ends a savepoint whose work is not to stay."""


class AccessCase(AmazonCase):
    """Two companies that each have one record of every model of the addon, and a user of the first company for each
    role.

    `seeds` are dictionaries of model to record, by 'own' and 'other' company.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calls = []
        cls.startClassPatcher(patch.object(Transport, 'send', cls._refuse_call))
        cls.other_company = cls.env['res.company'].create(
            {'name': "Other SARL", 'currency_id': cls.env.ref('base.EUR').id})
        cls.seeds = {'own': cls._seed(cls.company, cls.seller, 'DE'), 'other': cls._seed_other()}
        cls.users = {role: cls._make_user(role, groups) for role, groups in ROLES.items()}
        cls.env.flush_all()

    @classmethod
    def _refuse_call(cls, operation, *_args, **_kwargs):
        cls.calls.append(operation)
        raise Unavailable("Amazon is not to be called here.")

    @classmethod
    def _make_user(cls, role, groups):
        if role == 'public':
            user = cls.env.ref('base.public_user').copy({'login': 'access_public', 'active': True})
            user.write({'company_ids': [Command.set(cls.company.ids)], 'company_id': cls.company.id})
            return user
        return new_test_user(cls.env, f'access_{role}', groups=groups, company_id=cls.company.id,
                             company_ids=[Command.set(cls.company.ids)])

    @classmethod
    def _seed_other(cls):
        env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.other_company.ids})
        seller = env['amazon.seller'].create({
            'name': "Other seller", 'company_id': cls.other_company.id, 'home_marketplace': 'FR', 'state': 'connected',
            'environment': 'custom',
            'custom_url': 'http://127.0.0.1:9', 'lwa_client_ref': 'client', 'lwa_client_secret': 'secret',
            'refresh_token': 'token', 'selling_partner_ref': 'A2TEST', 'import_from': '2026-10-01'})
        env['amazon.seller.marketplace']._update_from_amazon(seller, [cls.participation('FR')])
        return cls._seed(cls.other_company, seller, 'FR')

    @classmethod
    def _seed(cls, company, seller, country):
        env = cls.env(context={**cls.env.context, 'allowed_company_ids': company.ids})
        seeds = {'res.company': company, 'amazon.seller': seller,
                 'amazon.sync': seller.sync_ids.filtered(lambda sync: sync.flow == 'orders')}
        market = seeds['amazon.seller.marketplace'] = seller.marketplace_ids.filtered(
            lambda market: market.marketplace_ref == payloads.MARKETPLACES[country][0])
        market.write({'guard_message': "Many zeros"})

        def make(model, **vals):
            seeds[model] = env[model].create(vals)
            return seeds[model]

        cls._seed_sales(make, env, company, market)
        cls._seed_deliveries(make, seeds, company, market)
        cls._seed_listings(make, seeds, market)
        cls._seed_accounting(make, env, seeds, company, market)
        cls._seed_ledger(make, seeds, seller)
        cls._seed_claims(make, seeds, market)
        cls._seed_fba_goods(make, env, seeds, company, market)
        cls._seed_returns(make, seeds, market)
        make('amazon.data.review', company_id=company.id)
        make('amazon.sync.wake', sync_id=seeds['amazon.sync'].id)
        [(log,)] = env.execute_query(SQL(
            """INSERT INTO amazon_access_log (date, user_id, company_id, action, model, res_id)
                    VALUES (now() AT TIME ZONE 'UTC', %s, %s, 'open', 'res.partner', %s) RETURNING id""", env.uid,
            company.id, seeds['res.partner'].id))
        seeds['amazon.access.log'] = env['amazon.access.log'].browse(log)
        make('amazon.attention', seller_id=seller.id, kind='settlements')
        make('digest.digest', name="Digest", company_id=company.id)
        make('amazon.rate.bucket', seller_id=seller.id, operation='searchOrders', tat=0)
        seeds['amazon.setup.step'] = env['amazon.setup.step'].search([('seller_id', '=', seller.id)], limit=1)
        return seeds

    @classmethod
    def _seed_sales(cls, make, env, company, market):
        template = make('product.template', name=f"Thing of {company.name}", is_storable=True, company_id=company.id,
                        default_code=f'ACCESS-{company.id}')
        product = template.product_variant_id
        partner = make('res.partner', name="Buyer", company_id=company.id, amazon_key=f'access/{company.id}',
                       amazon_email=f'{company.id}@example.com')
        ref = f'302-{company.id:07d}-7654321'
        sale = make('sale.order', partner_id=partner.id, company_id=company.id, amazon_order_ref=ref,
                    amazon_channel='fbm', amazon_marketplace_id=market.id,
                    warehouse_id=market.warehouse_id.id, pricelist_id=False)
        make('sale.order.line', order_id=sale.id, product_id=product.id, product_uom_qty=1, price_unit=10,
             amazon_item_ref='1', amazon_charge='item', amazon_charge_of='item')
        make('amazon.order', seller_id=market.seller_id.id, amazon_order_ref=ref,
             marketplace_ref=market.marketplace_ref, fulfilled_by='MERCHANT',
             state='error', error="Why", sale_order_id=sale.id)
        make('product.product', name="Other thing", is_storable=True, company_id=company.id)
        make('product.pricelist', name=f"List {company.id}", company_id=company.id)
        group = env['account.tax.group'].create({
            'name': f"Taxes {company.id}", 'company_id': company.id, 'country_id': env.ref('base.de').id})
        make('account.tax', name=f"Tax {company.id}", amount=1, company_id=company.id, tax_group_id=group.id,
             country_id=env.ref('base.de').id)
        plan = env['account.analytic.plan'].create({'name': f"Plan {company.id}"})
        make('account.analytic.account', name=f"Project {company.id}", company_id=company.id, plan_id=plan.id)
        make('product.pricelist.item',
             pricelist_id=env['product.pricelist'].search([('name', '=', f"List {company.id}")]).id, fixed_price=5)

    @classmethod
    def _seed_deliveries(cls, make, seeds, company, market):
        sale, product = seeds['sale.order'], seeds['product.template'].product_variant_id
        service = seeds['product.product'].create({'name': "Shipping", 'type': 'service', 'company_id': company.id})
        box = make('stock.package.type', name=f"Box {company.id}", packaging_length=300, width=200, height=100)
        carrier = make('delivery.carrier', name=f"DHL {company.id}", product_id=service.id, company_id=company.id,
                       delivery_type='amazon', amazon_package_type_id=box.id)
        warehouse = seeds['stock.warehouse'] = market.warehouse_id
        seeds['stock.location'] = warehouse.lot_stock_id
        seeds['stock.picking.type'] = warehouse.out_type_id
        picking = make('stock.picking', picking_type_id=warehouse.out_type_id.id, location_id=warehouse.lot_stock_id.id,
                       partner_id=sale.partner_id.id,
                       location_dest_id=product.env.ref('stock.stock_location_customers').id, carrier_id=carrier.id,
                       company_id=company.id)
        make('stock.move', picking_id=picking.id, product_id=product.id, product_uom_qty=1,
             location_id=picking.location_id.id, company_id=company.id,
             location_dest_id=picking.location_dest_id.id, sale_line_id=seeds['sale.order.line'].id)
        picking.sale_id = sale
        picking.action_confirm()
        make('stock.quant', product_id=product.id, location_id=warehouse.lot_stock_id.id, quantity=5)
        make('amazon.package', picking_id=picking.id, sale_order_id=sale.id,
             items=[{'orderItemId': '1', 'quantity': 1}], ship_date=fields.Datetime.now(), state='failed')
        batch = make('amazon.label.batch', company_id=company.id)
        make('amazon.label', picking_id=picking.id, sale_order_id=sale.id, delivery_carrier_id=carrier.id,
             items=[{'orderItemId': '1', 'quantity': 1}], state='bought', batch_id=batch.id,
             attachment_id=batch.env['ir.attachment'].create({'name': 'label.png', 'raw': PIXEL}).id)
        make('amazon.service.level', marketplace_id=market.id, level='STANDARD', delivery_carrier_id=carrier.id)
        other = seeds['amazon.carrier'] = batch.env['amazon.carrier'].search([], limit=1)
        seeds['amazon.carrier.service'] = batch.env['amazon.carrier.service'].search([], limit=1)
        make('amazon.carrier.mapping', delivery_carrier_id=carrier.id, marketplace_id=market.id, carrier_id=other.id,
             carrier_name="Name")

    @classmethod
    def _seed_listings(cls, make, seeds, market):
        product = seeds['product.template'].product_variant_id
        sold = make('amazon.listing', marketplace_id=market.id, sku='SOLD', product_id=product.id)
        seeds['amazon.product.figure'] = sold.env['amazon.product.figure'].search([('id', '=', sold.id)])
        listing = make('amazon.listing', marketplace_id=market.id, sku='ACCESS', asin='B000000001',
                       channel_code='DEFAULT', status='active',
                       suggested_product_id=product.id, price_state='held', price_target=0.01,
                       stock_pushed={'quantity': 1}, stock_pushed_date='2026-10-01')
        seeds['amazon.listing.sku'] = listing.env['amazon.listing.sku'].search([
            ('sku', '=', 'ACCESS'), ('seller_id', '=', market.seller_id.id)])
        seeds['amazon.listing.health'] = listing.env['amazon.listing.health'].search(
            [('listing_id', '=', listing.id)], limit=1)
        make('amazon.listing.price', listing_id=listing.id, price=1)
        feed = make('amazon.feed', marketplace_id=market.id, kind='stock', method='feed', state='submitted',
                    feed_ref='1')
        make('amazon.feed.line', feed_id=feed.id, listing_id=listing.id, sku='ACCESS', value={'quantity': 1})
        make('amazon.report', marketplace_id=market.id, report_type='GET_MERCHANT_LISTINGS_ALL_DATA', state='asked',
             report_ref='1', next_poll='2030-01-01')
        make('amazon.product.type', marketplace_id=market.id, name='LUGGAGE', requirements='LISTING')
        draft = make('amazon.listing.draft', marketplace_id=market.id, product_id=product.id, sku='DRAFT')
        make('amazon.listing.draft.line', draft_id=draft.id, path='brand.value', title="Brand")
        make('amazon.mapping.rule', marketplace_id=market.id, kind='pattern', prefix='X-')

    @classmethod
    def _seed_ledger(cls, make, seeds, seller):
        product = seeds['product.template'].product_variant_id
        make('amazon.ledger.reason', event_type='Access', name="Access", route='loss', company_id=seller.company_id.id)
        day = make('amazon.ledger.day', seller_id=seller.id, date='2026-10-01', state='booked')
        make('amazon.ledger.line', day_id=day.id, seller_id=seller.id, date=day.date, sku='ACCESS', quantity=1)
        make('amazon.ledger.balance', seller_id=seller.id, date=day.date, sku='ACCESS', ending=1)
        make('amazon.ledger.difference', seller_id=seller.id, date=day.date, product_id=product.id, place='transfer',
             difference=1, cause='none', note="Why")
        transit = product.env['stock.location']._amazon_get(seller, 'transfer')
        product.env['stock.quant'].create({'product_id': product.id, 'location_id': transit.id, 'quantity': 2})
        product.env.flush_all()
        way = product.env['stock.location']._amazon_get(seller, 'change')
        product.env['stock.quant'].create({'product_id': product.id, 'location_id': way.id, 'quantity': 1})
        product.env.flush_all()
        seeds['amazon.ledger.leftover'] = product.env['amazon.ledger.leftover'].search(
            [('location_id', '=', way.id)], limit=1)
        seeds['amazon.fba.stock'] = product.env['amazon.fba.stock'].search([('product_id', '=', product.id)], limit=1)

    @classmethod
    def _seed_fba_goods(cls, make, env, seeds, company, market):
        make('amazon.fulfillment.center', code='ACC1', company_id=company.id)
        make('amazon.fba.shipment', seller_id=market.seller_id.id, shipment_item_ref='D1', order_ref='1', center='ACC1',
             quantity=1)
        inbound = make('amazon.inbound', seller_id=market.seller_id.id, shipment_ref=f'FBAACCESS{company.id}')
        make('amazon.inbound.item', inbound_id=inbound.id, sku='ACCESS')
        cls._seed_inbound_line(env, seeds, inbound.copy({'shipment_ref': f'FBAACCESSB{company.id}'}))
        border = make('amazon.border.transfer', seller_id=market.seller_id.id, month='2026-09-01',
                      source_id=env.ref('base.de').id, target_id=env.ref('base.pl').id)
        make('amazon.border.transfer.line', transfer_id=border.id, sku='ACCESS', quantity=1)

    @classmethod
    def _seed_inbound_line(cls, env, seeds, inbound):
        product = seeds['product.template'].product_variant_id
        way, loss = (env['stock.location']._amazon_get(inbound.seller_id, kind) for kind in ('inbound', 'loss'))
        env['stock.move'].create({
            'product_id': product.id, 'product_uom_qty': 1, 'product_uom': product.uom_id.id, 'location_id': way.id,
            'location_dest_id': loss.id, 'company_id': inbound.company_id.id,
            'amazon_inbound_id': inbound.id})._amazon_complete()
        env.flush_all()
        seeds['amazon.inbound.line'] = env['amazon.inbound.line'].search([('inbound_id', '=', inbound.id)])

    @classmethod
    def _seed_claims(cls, make, seeds, market):
        seller, env = market.seller_id, market.env
        paid = make('amazon.reimbursement', seller_id=seller.id, reimbursement_ref='R1', reason='Lost_Warehouse',
                    kind='lost', approval_date='2026-10-01', amount=10, cash_quantity=1, sku='ACCESS',
                    currency_id=market.currency_id.id)
        removal = make('amazon.removal', seller_id=seller.id, order_ref='REM1', request_date='2026-10-01')
        make('amazon.removal.line', removal_id=removal.id, sku='ACCESS', requested=1)
        parcel = make('amazon.removal.parcel', removal_id=removal.id, tracking_ref='T1', shipment_date='2026-10-01',
                      note="Why")
        make('amazon.removal.parcel.line', parcel_id=parcel.id, sku='ACCESS', quantity=1)
        request = make('amazon.removal.request', name='ODOO-1', marketplace_id=market.id, kind='disposal')
        make('amazon.removal.request.line', request_id=request.id, sku='ACCESS', sellable=1)
        make('amazon.claim.policy', kind='lost', company_id=seller.company_id.id)
        claim = make('amazon.claim', seller_id=seller.id, key='1', kind='lost', event_date='2026-10-01', units=1,
                     open_units=1, filed_date='2026-10-02')
        make('amazon.claim.evidence', claim_id=claim.id, kind='paid', quantity=1, amount=10, date='2026-10-01',
             currency_id=market.currency_id.id, reimbursement_id=paid.id)
        env.flush_all()
        seeds['amazon.claim.number'] = env['amazon.claim.number'].search([('claim_id', '=', claim.id)], limit=1)

    @classmethod
    def _seed_returns(cls, make, seeds, market):
        sale, line = seeds['sale.order'], seeds['sale.order.line']
        reason = make('amazon.return.reason', code=f'ACCESS-{market.company_id.id}', name="Access")
        make('amazon.return', seller_id=market.seller_id.id, company_id=market.company_id.id, marketplace_id=market.id,
             channel='fbm', date='2026-10-01', announced_date='2026-10-01', order_ref=sale.amazon_order_ref,
             rma_ref='DACCESSRRMA', sku='ACCESS', quantity=1, received_quantity=1, sale_order_id=sale.id,
             sale_line_id=line.id, product_id=line.product_id.id, reason_id=reason.id)
        make('stock.scrap', product_id=line.product_id.id, company_id=market.company_id.id,
             location_id=seeds['stock.location'].id)
        make('amazon.replacement', seller_id=market.seller_id.id, shipment_date='2026-10-01', sku='ACCESS', quantity=1,
             order_ref=sale.amazon_order_ref, number=1)

    @classmethod
    def _seed_accounting(cls, make, env, seeds, company, market):
        settlement = env['amazon.settlement']._import_file(market.seller_id,
                                                           document(
                                                               [row(PRINCIPAL, '10.00',
                                                                    seeds['amazon.order'].amazon_order_ref)],
                                                                   ref=f'{company.id}'))
        seeds['amazon.settlement'], seeds['amazon.settlement.line'] = settlement, settlement.line_ids[:1]
        make('amazon.settlement.cost', settlement_id=settlement.id, company_id=company.id, kind='sale', quantity=1,
             amount=1, month=settlement.end_date.date().replace(day=1), sale_line_id=seeds['sale.order.line'].id)
        make('amazon.settlement.rule', name="Rule", company_id=company.id, state='proposed')
        make('amazon.transaction', seller_id=market.seller_id.id, company_id=company.id, marketplace_id=market.id,
             transaction_ref='T1', state='waiting',
             transaction_type='Refund', order_ref=seeds['amazon.order'].amazon_order_ref,
             sale_order_id=seeds['sale.order'].id)
        journal = (env['account.journal'].search([('company_id', '=', company.id), ('type', '=', 'general')], limit=1)
                   or env['account.journal'].create(
                       {'name': "General", 'code': 'GEN', 'type': 'general', 'company_id': company.id}))
        account = (env['account.account'].search([('company_ids', 'in', company.ids)], limit=1)
                   or env['account.account'].create(
                       {'name': "Account", 'code': '100000', 'account_type': 'asset_current',
                        'company_ids': [Command.set(company.ids)]}))
        tax = (env['account.tax'].search([('company_id', '=', company.id), ('type_tax_use', '=', 'sale')], limit=1)
               or env['account.tax'].create(
                   {'name': "Tax", 'amount': 20, 'company_id': company.id, 'country_id': env.ref('base.fr').id,
             'tax_group_id': env['account.tax.group'].create({'name': "Tax", 'company_id': company.id,
                                                              'country_id': env.ref('base.fr').id}).id}))
        france, position = env.ref('base.fr'), env['account.fiscal.position'].create(
            {'name': "Position", 'company_id': company.id})
        make('amazon.tax.rate', company_id=company.id, country_id=france.id, rate=tax.amount, tax_id=tax.id)
        make('amazon.tax.place', company_id=company.id, source_id=france.id, target_id=france.id,
             position_id=position.id)
        move = make('account.move', journal_id=journal.id, company_id=company.id, amazon_settlement_id=settlement.id,
                    line_ids=[
                        Command.create({'account_id': account.id, 'balance': 0, 'name': "Line"})])
        seeds['account.move.line'] = move.line_ids
        cls._seed_bank(make, env, seeds, company, market, account)

    @classmethod
    def _seed_bank(cls, make, env, seeds, company, market, account):
        bank = (env['account.journal'].search([('company_id', '=', company.id), ('type', '=', 'bank')], limit=1)
                or env['account.journal'].create(
                    {'name': "Bank", 'code': 'BNK9', 'type': 'bank', 'company_id': company.id,
                     'suspense_account_id': account.id}))
        line = env['account.bank.statement.line'].create({'journal_id': bank.id, 'date': '2026-10-31',
                                                          'payment_ref': "AMAZON", 'amount': 10})
        make('amazon.payout', seller_id=market.seller_id.id, company_id=company.id, marketplace_id=market.id,
             payout_ref='1', status='PAID')
        accrual = make('amazon.accrual', seller_id=market.seller_id.id, company_id=company.id, month='2026-09-01')
        make('amazon.accrual.line', accrual_id=accrual.id, marketplace_id=market.id, stage='open', kind='sales',
             currency_id=market.currency_id.id, amount=1)
        booked = env['amazon.settlement']._import_file(market.seller_id,
                                                       document([row(PRINCIPAL, '5.00')], ref=f'9{company.id}'))
        booked.stage = 'booked'
        env.flush_all()
        seeds['amazon.overview'] = env['amazon.overview'].browse(company.id)
        seeds['amazon.overview.period'] = env['amazon.overview.period'].search(
            [('company_id', '=', company.id)], limit=1)
        seeds['amazon.analysis'] = env['amazon.analysis'].search([('settlement_id', '=', booked.id)])
        seeds['amazon.clearing.proof'] = env['amazon.clearing.proof'].search([('settlement_id', '=', booked.id)])
        make('amazon.bank.match', settlement_id=booked.id, company_id=company.id, currency_id=booked.currency_id.id,
             statement_line_id=line.id, reason='amount', amount=10)

    # === INTROSPECTION === #

    def addon_models(self):
        """Return the models that the addon defines or extends with methods or fields, wizards included."""
        return {name: self.env[name] for name, model in self.registry.items() if not model._abstract
                and _own_classes(model)}

    def public_methods(self, model):
        """Return the names of the public methods that the addon gives a model."""
        return sorted({name for cls in _own_classes(type(model)) for name, value in vars(cls).items()
                       if inspect.isfunction(value) and not name.startswith(('_', 'onchange_'))
                       and not hasattr(self.env['base'], name)})

    def own_fields(self, model):
        """Return the fields that the addon gives a model."""
        return [field for field in model._fields.values() if 'amazon_connector' in field._modules
                and not field.inherited]

    def as_user(self, records, role):
        user = self.users[role]
        return records.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def get_records(self, model, role, whose):
        """Return the record to call a method on; a wizard is the user's own, whatever it is about."""
        if not self.env[model]._transient:
            return self.as_user(self.seeds[whose][model], role)
        if model in PARTS:
            whole, field = PARTS[model]
            return self.get_records(whole, role, whose).sudo()[field].sudo(False)
        return self.as_user(self.env[model], role).sudo().create(self._prepare_wizard(model, self.seeds[whose])).sudo(
            False)

    def _prepare_wizard(self, model, seeds):
        picking, sale, market = seeds['stock.picking'], seeds['sale.order'], seeds['amazon.seller.marketplace']
        return {
            'amazon.connect': {'company_id': seeds['res.company'].id, 'home_marketplace': 'IT', 'name': "New",
                               'method': 'token', 'lwa_client_ref': 'a',
                               'lwa_client_secret': 'b', 'refresh_token': 'c', 'environment': 'sandbox'},
            'amazon.label.buy': {'picking_id': picking.id, 'sale_order_id': sale.id,
                                 'items': [{'orderItemId': '1', 'quantity': 1}],
                                 'offer_ids': [(0, 0, {'service_ref': '1', 'price': 1})],
                                 'input_ids': [(0, 0, {'name': 'a', 'title': "A"})]},
            'amazon.marketplace.choose': {'seller_id': market.seller_id.id,
                                          'line_ids': [(0, 0, {'marketplace_id': market.id, 'is_chosen': True})]},
            'amazon.stock.start': {'seller_id': market.seller_id.id},
            'amazon.data.protection': {'company_id': seeds['res.company'].id,
                                       'line_ids': [(0, 0, {'user_id': self.env.uid})]},
            'amazon.ledger.open': {'seller_id': market.seller_id.id, 'date': '2026-10-01',
                                   'line_ids': [(0, 0, {'sku': 'ACCESS'})],
                                   'shipment_ids': [(0, 0, {'shipment_ref': 'FBAACCESS'})]},
            'amazon.removal.create': {'marketplace_id': market.id, 'warehouse_id': market.warehouse_id.id,
                                      'line_ids': [(0, 0, {'sku': 'ACCESS'})]},
            'amazon.return.inspect': {'return_id': seeds['amazon.return'].id, 'quantity': 1,
                                      'location_id': seeds['stock.location'].id},
            'amazon.erase': {'partner_id': seeds['res.partner'].id},
            'amazon.emergency.stop': {'seller_ids': [(6, 0, market.seller_id.ids)], 'reason': "Why"},
            'amazon.incident.report': {'date_from': '2026-01-01', 'date_to': '2026-02-01',
                                       'seller_ids': [(6, 0, market.seller_id.ids)]},
            'res.config.settings': {},
            'amazon.order.recover': {'seller_id': market.seller_id.id, 'references': '302-1234567-1234567'},
            'amazon.sell': {'product_ids': [(6, 0, seeds['product.product'].ids)],
                            'marketplace_ids': [(6, 0, market.ids)]},
            'amazon.settlement.preview': {'settlement_id': seeds['amazon.settlement'].id,
                                          'line_ids': [(0, 0, {'name': "Sales"})]},
            'amazon.settlement.decision': {'settlement_ids': [(6, 0, seeds['amazon.settlement'].ids)],
                                           'decision': 'ignored', 'reason': "Test"},
            # What it proposes is of the current company.
            'amazon.settlement.setup': {'company_id': seeds['res.company'].id, **(
                {} if seeds['res.company'] == self.company
                else {'journal_id': False, 'line_ids': [], 'market_ids': []})},
            'amazon.settlement.upload': {'seller_id': market.seller_id.id, 'document': b'bm90aGluZw==',
                                         'document_name': 'x'},
            'amazon.ship.warning': {'picking_ids': [(6, 0, picking.ids)],
                                    'line_ids': [(0, 0, {'picking_id': picking.id, 'problem': "Why"})]},
            'amazon.tax.choose': {'order_id': seeds['amazon.order'].id},
            'amazon.tax.setup': {'seller_id': market.seller_id.id, 'line_ids': [(0, 0, {'marketplace_id': market.id})]},
            'amazon.tracking.import': {'document': b'bm90aGluZw==', 'document_name': 'x.csv', 'line_ids': [
                (0, 0, {'reference': picking.name, 'tracking_number': '1'})]},
            'amazon.stock.preview': {'marketplace_id': market.id,
                                     'line_ids': [(0, 0, {'listing_id': seeds['amazon.listing'].id})]},
        }[model]

    def fingerprint(self):
        """Return what changes whenever a row of the addon, or of the documents that it touches, changes."""
        self.env.flush_all()
        tables = {model._table for model in self.addon_models().values() if model._auto and not model._transient}
        return {table: self.env.execute_query(SQL(
            "SELECT COUNT(*), SUM(hashtext(row::text)::bigint) FROM %s AS row", SQL.identifier(table)))[0]
            for table in sorted(tables)}


def _own_classes(model):
    return [cls for cls in model.__mro__ if cls is not model
            and cls.__module__.startswith((f'{PACKAGE}models.', f'{PACKAGE}wizards.'))
            and cls.__module__ not in (f'{PACKAGE}models.base', f'{PACKAGE}models.base_buyers')]


PIXEL = (
    b'\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?'
         b'\x00\x05\xfe\x02\xfe\xa7\x35\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82')
