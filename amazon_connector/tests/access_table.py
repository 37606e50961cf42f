"""Who may call what of the addon, and write which fields; read by `test_access_sweep`.

A new public method belongs into `METHODS`: its model, its name, and the roles that may call it on records of their own
company. Nobody may call it on records of another company. A method that is nobody's to call gets an underscore instead.
"""

ROLES = {
    'public': '', 'portal': 'base.group_portal', 'internal': 'base.group_user',
    'salesman': 'sales_team.group_sale_salesman_all_leads',
    'stock': 'stock.group_stock_user', 'keeper': 'stock.group_stock_manager',
    'user': 'amazon_connector.group_amazon_user',
    'admin': 'amazon_connector.group_amazon_admin',
    'auditor': 'account.group_account_readonly', 'billing': 'account.group_account_invoice',
    'accountant': 'account.group_account_user', 'controller': 'account.group_account_manager',
}
AMAZON, ADMIN, STOCK, KEEPER = {'user', 'admin'}, {'admin'}, {'stock', 'keeper'}, {'keeper'}
# Billing may make credit notes; settlements are the accountants'.
ACCOUNTING = {'auditor', 'billing', 'accountant', 'controller'}
BILLING, BOOKING = {'billing', 'accountant', 'controller'}, {'accountant', 'controller'}
SETTLEMENTS = AMAZON | ACCOUNTING
INTERNAL = set(ROLES) - {'public', 'portal'}
RETURNS = AMAZON | STOCK | ACCOUNTING | {'salesman'}

METHODS = {
    'account.move': {'action_amazon_settlement': ACCOUNTING, 'button_cancel': BILLING, 'button_draft': BILLING},
    'amazon.accrual': {'action_cancel': BOOKING, 'action_collect': BOOKING, 'action_post': BOOKING,
                       'action_view_items': ACCOUNTING},
    'amazon.analysis': {'action_open': SETTLEMENTS},
    'amazon.attention': {'action_open': SETTLEMENTS},
    'amazon.bank.match': {'action_accept': BOOKING, 'action_open_settlement': ACCOUNTING, 'action_refuse': BOOKING},
    'amazon.border.transfer': {'action_issue': BOOKING, 'action_print': ACCOUNTING},
    'amazon.carrier.mapping': {'action_suggest': ADMIN | KEEPER},
    'amazon.claim': {'action_file': AMAZON | KEEPER, 'action_refuse': AMAZON | KEEPER,
                     'action_reopen': AMAZON | KEEPER},
    'amazon.clearing.proof': {'action_open_settlement': ACCOUNTING},
    'amazon.connect': {'action_connect': ADMIN},
    'amazon.data.protection': {'action_encrypt': ADMIN, 'action_mark_reviewed': ADMIN, 'action_open': ADMIN,
                               'action_restrict_templates': set()},
    'amazon.emergency.stop': {'action_stop': ADMIN},
    'amazon.erase': {'action_erase': ADMIN},
    'amazon.feed': {'action_poll': AMAZON},
    'amazon.inbound': {'action_close': KEEPER, 'action_new_transfer': STOCK, 'action_open_again': KEEPER,
                       'action_write_off': KEEPER},
    'amazon.incident.report': {'action_show': ADMIN},
    'amazon.label': {'action_cancel': STOCK, 'action_fetch_document': STOCK, 'action_open_delivery': STOCK | AMAZON,
                     'action_print': STOCK, 'action_retry': STOCK},
    'amazon.label.batch': {'action_print': STOCK, 'action_refresh': STOCK, 'action_retry': STOCK},
    'amazon.label.buy': {'action_buy': STOCK},
    'amazon.label.buy.offer': {'action_choose': STOCK},
    'amazon.ledger.day': {
        'action_accept_smaller': KEEPER, 'action_book': KEEPER, 'action_undo': KEEPER,
        'action_view_moves': STOCK | AMAZON | {'auditor', 'accountant'}},
    'amazon.ledger.difference': {'action_accept': KEEPER},
    'amazon.ledger.open': {'action_cancel': ADMIN | KEEPER, 'action_open': ADMIN | KEEPER,
                           'action_refresh': ADMIN | KEEPER, 'action_request': ADMIN | KEEPER,
                           'action_request_again': ADMIN | KEEPER, 'action_say_nothing': KEEPER,
                           'action_show': ADMIN | KEEPER, 'action_start': KEEPER},
    'amazon.ledger.open.shipment': {'action_name_transfer': KEEPER},
    'amazon.listing': {
        'action_accept_suggestion': AMAZON, 'action_approve_price': AMAZON, 'action_close': ADMIN,
        'action_create_products': AMAZON,
        'action_delete': ADMIN, 'action_ignore': AMAZON, 'action_map': AMAZON, 'action_open_shop': AMAZON,
        'action_push_again': AMAZON, 'action_sync_now': AMAZON, 'action_unignore': AMAZON,
        'action_approve_stock': AMAZON, 'action_confirm_pieces': AMAZON, 'action_use_proposed_pieces': AMAZON},
    'amazon.listing.health': {'action_open': AMAZON},
    'amazon.listing.sku': {
        'action_accept_suggestion': AMAZON, 'action_confirm_pieces': AMAZON, 'action_create_products': AMAZON,
        'action_ignore': AMAZON, 'action_map': AMAZON, 'action_unignore': AMAZON, 'action_use_proposed_pieces': AMAZON,
        'action_view_listings': AMAZON},
    'amazon.listing.draft': {
        'action_check': ADMIN, 'action_load_form': ADMIN, 'action_open_listing': AMAZON, 'action_send': ADMIN,
        'action_suggest_types': ADMIN},
    'amazon.marketplace.choose': {'action_choose': ADMIN},
    'amazon.order': {
        'action_accept_tax': ADMIN, 'action_choose_tax': ADMIN, 'action_open_amazon': AMAZON,
        'action_open_sale_order': AMAZON, 'action_refresh': AMAZON, 'action_resolve': AMAZON,
        'action_retry': AMAZON, 'action_retry_all': AMAZON},
    'amazon.order.recover': {'action_recover': ADMIN},
    'amazon.overview': {
        'action_open': SETTLEMENTS, 'action_view_claims': AMAZON | {'auditor', 'accountant'},
        'action_view_to_do': SETTLEMENTS,
        'action_view_won': AMAZON | {'auditor', 'accountant'}},
    'amazon.overview.period': {'action_open': SETTLEMENTS},
    'amazon.package': {'action_retry': STOCK | AMAZON},
    'amazon.product.figure': {'action_open': AMAZON},
    'amazon.reimbursement': {
        'action_view_settlements': AMAZON | {'auditor', 'accountant'}},
    'amazon.removal': {'action_view_pickings': STOCK | AMAZON | {'auditor', 'accountant'}},
    # Only inventory managers with rights of Amazon, which none of the roles is.
    'amazon.removal.create': {'action_load': set(), 'action_preview': set(), 'action_send': set()},
    'amazon.removal.parcel': {
        'action_expect': KEEPER, 'action_view_pickings': STOCK | AMAZON | {'auditor', 'accountant'},
        'action_write_off': KEEPER},
    'amazon.removal.request': {'action_cancel': set()},
    'amazon.report': {'action_poll': ADMIN, 'action_request_again': ADMIN},
    'amazon.return': {'action_inspect': STOCK, 'action_open_order': RETURNS, 'action_reopen': AMAZON | STOCK,
                      'action_settle': AMAZON | STOCK, 'action_view_pickings': RETURNS},
    'amazon.return.inspect': {'action_apply': STOCK},
    'amazon.sell': {'action_next': ADMIN},
    'amazon.seller': {
        'action_authorize': ADMIN, 'action_choose_marketplaces': ADMIN, 'action_connect': ADMIN,
        'action_set_up_taxes': ADMIN | {'controller'}, 'action_start_stock': ADMIN,
        'action_sync_now': AMAZON, 'action_test_connection': ADMIN,
        'action_view_claims': AMAZON | STOCK | {'auditor', 'accountant'},
        'action_view_won': AMAZON | STOCK | {'auditor', 'accountant'},
        'action_view_exceptions': AMAZON, 'action_view_orders': AMAZON, 'action_view_unmapped': AMAZON},
    'amazon.seller.marketplace': {
        'action_accept_tax_proposal': ADMIN, 'action_confirm_removal': ADMIN, 'action_import_listings': AMAZON,
        'action_open_overview': SETTLEMENTS, 'action_pass_guard': ADMIN, 'action_start_stock': ADMIN,
        'action_stop_stock': ADMIN, 'action_view_listings': AMAZON},
    'amazon.settlement': {
        'action_set_aside': BOOKING, 'action_restore': BOOKING, 'action_use_other_document': BOOKING,
        'action_book': BOOKING, 'action_book_after_lock': BOOKING, 'action_book_drafts': BOOKING,
        'action_cancel': BOOKING, 'action_map_again': BOOKING,
        'action_join_months': BOOKING, 'action_match': BOOKING, 'action_preview': BOOKING, 'action_split': BOOKING,
        'action_view_invoices': SETTLEMENTS, 'action_view_lines': SETTLEMENTS, 'action_view_moves': SETTLEMENTS,
        'action_view_orders': SETTLEMENTS},
    'amazon.settlement.preview': {'action_book': BOOKING, 'action_draft': BOOKING},
    'amazon.settlement.rule': {'action_confirm': BOOKING, 'action_copy_for_company': BOOKING,
                               'action_view_lines': SETTLEMENTS},
    'amazon.settlement.decision': {'action_decide': BOOKING},
    'amazon.settlement.setup': {'action_apply': {'controller'}},
    'amazon.settlement.upload': {'action_upload': BOOKING},
    'amazon.setup.step': {'action_next': ADMIN, 'action_open': AMAZON | {'controller'}},
    'amazon.ship.warning': {'action_check_again': STOCK, 'action_validate': STOCK, 'action_validate_others': STOCK},
    'amazon.stock.preview': {'action_start': ADMIN},
    'amazon.stock.preview.line': {'action_confirm_pieces': ADMIN, 'action_use_proposed_pieces': ADMIN},
    'amazon.stock.start': {'action_start': ADMIN},
    'amazon.sync': {'action_sync_now': AMAZON},
    'amazon.tax.choose': {'action_choose': ADMIN},
    'amazon.tax.setup.line': {'action_accept': ADMIN | {'controller'}},
    'amazon.tracking.import': {'action_apply': STOCK, 'action_read': STOCK},
    'amazon.transaction': {'action_ignore': BILLING, 'action_retry': BILLING},
    'delivery.carrier': {
        'amazon_cancel_shipment': STOCK, 'amazon_get_tracking_link': STOCK | AMAZON | {'salesman'},
        'amazon_rate_shipment': STOCK | AMAZON | {'salesman'}, 'amazon_send_shipping': STOCK},
    'product.product': {'action_amazon_fba_stock': AMAZON | STOCK, 'action_amazon_sync_now': AMAZON,
                        'action_amazon_view_returns': RETURNS},
    'product.template': {'action_amazon_fba_stock': AMAZON | STOCK, 'action_amazon_sync_now': AMAZON,
                         'action_amazon_view_returns': RETURNS},
    'res.partner': {'action_privacy_lookup': INTERNAL},
    'sale.order': {'action_amazon_departure_checked': BOOKING, 'action_amazon_refresh': AMAZON,
                   'action_amazon_view_returns': RETURNS},
    'stock.picking': {'action_amazon_buy_label': STOCK, 'action_amazon_print_labels': STOCK,
                      'action_amazon_refresh': STOCK | AMAZON, 'action_amazon_retry': STOCK | AMAZON,
                      'action_amazon_validate': STOCK, 'send_to_shipper': STOCK},
}

# How methods end that the records of the sweep do not suffice for: whoever may call them gets as far as this exception.
# All others work.
ENDS = {
    ('amazon.accrual', 'action_post'): 'UserError',  # Amazon was not asked
    ('amazon.bank.match', 'action_accept'): 'UserError',  # nothing is open
    ('amazon.claim', 'action_reopen'): 'UserError',  # it was not refused
    ('amazon.data.protection', 'action_encrypt'): 'UserError',  # no key is configured
    ('amazon.erase', 'action_erase'): 'UserError',  # not a buyer
    ('amazon.label.buy', 'action_buy'): 'UserError',  # the parcel has a label
    ('amazon.label.buy.offer', 'action_choose'): 'UserError',
    ('amazon.border.transfer', 'action_issue'): 'UserError',  # a SKU without a product
    ('amazon.inbound', 'action_write_off'): 'UserError',  # it is not closed
    ('amazon.ledger.day', 'action_accept_smaller'): 'UserError',  # it is booked
    ('amazon.ledger.day', 'action_book'): 'UserError',
    ('amazon.ledger.open', 'action_request_again'): 'UserError',  # Amazon was not asked
    ('amazon.ledger.open', 'action_say_nothing'): 'UserError',
    ('amazon.ledger.open', 'action_start'): 'UserError',
    ('amazon.ledger.open.shipment', 'action_name_transfer'): 'UserError',  # no transfer is chosen
    ('amazon.listing.draft', 'action_check'): 'UserError',  # they ask Amazon
    ('amazon.listing.draft', 'action_load_form'): 'UserError',
    ('amazon.listing.draft', 'action_suggest_types'): 'UserError',
    ('amazon.removal.parcel', 'action_write_off'): 'UserError',  # nothing is missing
    ('amazon.sell', 'action_next'): 'UserError',
    ('account.move', 'button_draft'): 'UserError',  # a draft
    ('amazon.stock.start', 'action_start'): 'UserError',  # nothing is chosen
    ('amazon.settlement', 'action_book'): 'UserError',  # rows without a rule
    ('amazon.settlement', 'action_use_other_document'): 'UserError',  # there is none
    ('amazon.settlement', 'action_book_after_lock'): 'UserError',
    ('amazon.settlement', 'action_book_drafts'): 'UserError',
    ('amazon.settlement.preview', 'action_book'): 'UserError',
    ('amazon.settlement.preview', 'action_draft'): 'UserError',
    ('amazon.settlement.rule', 'action_confirm'): 'ValidationError',  # no account
    ('amazon.settlement.upload', 'action_upload'): 'UserError',  # not a settlement
    ('amazon.ship.warning', 'action_validate'): 'UserError',  # nothing to ship
    ('amazon.ship.warning', 'action_check_again'): 'UserError',
    ('amazon.tracking.import', 'action_read'): 'UserError',  # not a table
    ('stock.picking', 'action_amazon_validate'): 'UserError',  # nothing to ship
    ('amazon.tax.choose', 'action_choose'): 'UserError',  # nothing is asked
    ('amazon.tax.setup.line', 'action_accept'): 'UserError',
    ('stock.picking', 'action_amazon_buy_label'): 'UserError',  # the parcel has a label
}

# The model of the record that is passed to a method, in the place of its argument.
ARGUMENTS = {
    ('delivery.carrier', 'amazon_cancel_shipment'): 'stock.picking',
    ('delivery.carrier', 'amazon_get_tracking_link'): 'stock.picking',
    ('delivery.carrier', 'amazon_rate_shipment'): 'sale.order',
    ('delivery.carrier', 'amazon_send_shipping'): 'stock.picking',
}
# They work on what the user may see, so there is no other company to call them on.
OF_NO_RECORD = {('amazon.order', 'action_retry_all'), ('amazon.carrier.mapping', 'action_suggest'),
                ('amazon.data.protection', 'action_open'), ('amazon.ledger.open', 'action_open'),
                ('amazon.setup.step', 'action_open'), ('amazon.tracking.import', 'action_apply'),
                ('amazon.tracking.import', 'action_read')}

# Which fields of the addon users may write on records of their own company. Whatever is not here is bookkeeping:
# `readonly=True` where it is declared.
WRITABLE = {
    # Odoo's own rights: it is searched otherwise only.
    'account.analytic.account': ({'accountant', 'admin', 'salesman', 'user'}, 'partner_id'),
    'account.move': (BILLING, 'amazon_is_separate'),
    'amazon.claim': (AMAZON | KEEPER, 'case_ref note'),
    'amazon.claim.policy': (ADMIN | KEEPER, '''
        active certainty company_id country_id kind note region tolerance wait_days window_days'''),
    'amazon.data.protection.line': (ADMIN, 'login_date page_id reason two_factor user_id'),
    'amazon.erase': (ADMIN, 'confirmation partner_id reference seller_id'),
    'amazon.emergency.stop': (ADMIN, 'reason seller_ids'),
    'amazon.inbound': (STOCK, 'country_id note seller_id shipment_ref'),
    'amazon.incident.report': (ADMIN, 'date_from date_to seller_ids'),
    'amazon.accrual': (BOOKING, 'account_id company_id journal_id month seller_id'),
    'amazon.carrier.mapping': (ADMIN, '''
        carrier_id carrier_name delivery_carrier_id is_for_prime marketplace_id service_id'''),
    'amazon.connect': (ADMIN, '''
        application_draft application_ref company_id home_marketplace import_from lwa_client_ref lwa_client_secret
        method name refresh_token secret_expiry_date seller_id'''),
    'amazon.fulfillment.center': (ADMIN | {'controller'}, 'country_id'),
    'amazon.label.buy': (STOCK, 'input_ids'),
    'amazon.label.buy.input': (STOCK, 'value'),
    'amazon.ledger.difference': (KEEPER, 'note'),
    'amazon.ledger.open': (ADMIN | KEEPER, 'date seller_id shipment_ids'),
    'amazon.ledger.open.shipment': (ADMIN | KEEPER, 'choice'),
    'amazon.ledger.reason': (KEEPER, 'active claim_kind code company_id event_type name route'),
    'amazon.listing': (AMAZON, '''
        asin condition follows_product lead_time_days own_stock_rule pack_quantity price_history_ids price_max
        price_min price_paused product_id product_type restock_date stock_cap stock_paused stock_reserve
        stock_share title'''),
    'amazon.listing.sku': (AMAZON, 'pack_quantity product_id'),
    'amazon.listing.draft': (ADMIN, '''
        asin channel choices condition line_ids marketplace_id optional_line_ids pack_quantity price product_id
        product_type requirements sku'''),
    'amazon.listing.draft.line': (ADMIN, 'draft_id sequence value'),
    'amazon.mapping.rule': (ADMIN, 'active expression kind marketplace_id prefix sequence suffix'),
    'amazon.marketplace.choose': (ADMIN, 'like_id line_ids warehouse_id'),
    'amazon.marketplace.choose.line': (ADMIN, 'is_chosen same_settings wizard_id'),
    'amazon.order': (AMAZON, 'listing_ids'),
    'amazon.order.recover': (ADMIN, 'date_from date_to method references seller_id'),
    'amazon.package': (STOCK, 'tracking_number'),
    'amazon.removal.create': (AMAZON, 'condition kind line_ids marketplace_id notes product_ids warehouse_id'),
    'amazon.removal.create.line': (AMAZON, 'sellable unsellable wizard_id'),
    'amazon.removal.parcel': (KEEPER, 'note'),
    'amazon.return.inspect': (STOCK, 'location_id lot_id outcome quantity'),
    'amazon.sell': (ADMIN, 'asin channel marketplace_ids product_ids product_type requirements'),
    'amazon.seller': (ADMIN, '''
        accounting_user_id active company_id home_marketplace import_from marketplace_ids name retention_days
        retention_reason secret_expiry_date selling_partner_ref sequence sync_ids user_id'''),
    'amazon.seller.marketplace': (ADMIN, '''
        active brand_name business_pricelist_id company_id content_sync discount_product_id fallback_product_id
        fba_confirm fba_deliver fba_invoice fba_location_id fbm_confirm fbm_invoice fee_product_id fiscal_position_id
        gift_wrap_product_id guard_share inactive_policy invoice_date journal_id lead_time_days mapping_rule_ids
        fbm_shipped order_naming order_prefix paused_policy payment_term_id price_change_limit price_includes_tax
        price_sync pricelist_id sale_pricelist_id service_level_ids shipping_product_id stock_basis stock_cap
        stock_jump_limit stock_location_ids stock_reserve stock_share tax_believed fba_country_id tax_policy
        tax_product_id team_id tracking_required user_id warehouse_id'''),
    'amazon.service.level': (ADMIN, 'delivery_carrier_id level marketplace_id'),
    'amazon.settlement.rule': (BOOKING, '''
        account_id account_kind active amount_description amount_type channel company_id country_id is_buyer
        marketplace_id name partner_id sequence tax_id transaction_type transfer_kind treatment'''),
    'amazon.settlement.decision': (BOOKING, 'decision marketplace_id reason settlement_ids'),
    'amazon.settlement.setup': ({'controller'}, 'journal_id line_ids market_ids'),
    'amazon.settlement.setup.line': ({'controller'}, 'account_id code kind name setup_id'),
    'amazon.settlement.setup.market': ({'controller'}, 'ad_tax_id fee_tax_id marketplace_id setup_id'),
    'amazon.settlement.upload': (BOOKING, 'document document_name seller_id'),
    'amazon.ship.warning': (STOCK, 'line_ids picking_ids'),
    'amazon.ship.warning.line': (STOCK, 'carrier_id carrier_tracking_ref picking_id problem wizard_id'),
    'amazon.stock.preview': (ADMIN, 'is_chosen send_jumps'),
    'amazon.stock.preview.line': (ADMIN, 'preview_id'),
    'amazon.stock.start': (ADMIN, 'preview_ids'),
    'amazon.sync': (ADMIN, 'next_run'),
    'amazon.tax.choose': (ADMIN, 'order_id position_id tax_id'),
    'amazon.tax.place': (ADMIN | {'controller'}, 'business company_id position_id source_id target_id'),
    'amazon.tax.rate': (ADMIN | {'controller'}, 'company_id country_id deemed original_tax_id position_id rate tax_id'),
    'amazon.tax.setup': (ADMIN | {'controller'}, 'line_ids'),
    'amazon.tax.setup.line': (ADMIN | {'controller'}, 'setup_id'),
    'amazon.tracking.import': (STOCK, 'document document_name line_ids'),
    'amazon.tracking.import.line': (STOCK, 'carrier_name reference tracking_number wizard_id'),
    'delivery.carrier': (ADMIN, '''
        amazon_label_dpi amazon_label_format amazon_label_size amazon_mapping_ids amazon_package_type_id
        amazon_protected_only amazon_rule delivery_type'''),
    'product.pricelist': (ADMIN, 'amazon_only'),
    'stock.picking': (STOCK, 'amazon_inbound_id amazon_package_ids'),
}
# What inventory managers write, who configure deliveries in Odoo.
WRITABLE_IN_STOCK = {
    'amazon.ledger.open.shipment': (KEEPER, 'picking_id'),
    'amazon.carrier.mapping': (KEEPER, '''
        carrier_id carrier_name delivery_carrier_id is_for_prime marketplace_id service_id'''),
    'delivery.carrier': (KEEPER, '''
        amazon_label_dpi amazon_label_format amazon_label_size amazon_package_type_id amazon_protected_only amazon_rule
        delivery_type'''),
    'product.pricelist': (KEEPER, 'amazon_only'),
    'stock.location': (KEEPER, 'amazon_fba'),
    'stock.package.type': (KEEPER, 'package_carrier_type'),
    'stock.warehouse': (KEEPER, 'amazon_calendar_id amazon_refurbish_location_id amazon_return_location_id'),
}
# Odoo has no rule of companies for these.
SHARED = ('stock.package.type',)
# What others write of these.
WRITABLE_IN_ACCOUNTING = {
    'amazon.tax.choose': ({'controller'}, 'position_id tax_id'),
    'amazon.seller.marketplace': ({'controller'}, '''
        fee_country_id fee_supplier refund_policy settlement_ad_tax_id settlement_auto settlement_carried_account_id
        settlement_draft settlement_fee_tax_id settlement_journal_id settlement_partner_id settlement_payout_account_id
        settlement_sale_tax_id settlement_split'''),
}
