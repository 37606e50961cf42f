"""How far sellers are set up, for the start page: each step's state, what is there, and what is missing.

All sellers of a page are looked at together: a step takes the same few queries for one seller as for many.
"""

import datetime
from functools import cached_property

from odoo import fields
from odoo.tools import SQL, format_date, format_datetime

from .roles import EVIDENCE, NEEDED, describe_roles
from .setup_outcome import Check
from .setup_proofs import SetupProofs

REVIEW_DAYS = 90
LATELY = datetime.timedelta(days=30)


class SetupChecks:
    """The steps of sellers; `check(kind, seller)` is one of them."""

    def __init__(self, sellers):
        self.env = sellers.env
        self.sellers = sellers.sudo()
        self.proofs = SetupProofs(self.sellers)

    def check(self, kind, seller) -> Check:
        """Return the outcome of a step of a seller, in the language of the reader."""
        if kind.startswith('proof_'):
            return self.proofs.check(kind.removeprefix('proof_'), seller.sudo())
        return getattr(self, f'_check_{kind}')(seller.sudo())

    # === FACTS === #

    @cached_property
    def _markets(self):
        markets = self.env['amazon.seller.marketplace'].sudo().search([('seller_id', 'in', self.sellers.ids)])
        return dict.fromkeys(self.sellers, markets.browse()) | markets.grouped('seller_id')

    @cached_property
    def _listings(self):
        """Numbers of listings by seller, whether they have a product, and their channel."""
        counts = {}
        for seller, mapping, channel, count in self.env['amazon.listing'].sudo()._read_group(
                [('seller_id', 'in', self.sellers.ids), ('status', '!=', 'removed')],
                ['seller_id', 'mapping_state', 'channel'], ['__count']):
            counts.setdefault(seller.id, {})[mapping, channel] = count
        return counts

    def _count(self, seller, mapping=None, channel=None):
        return sum(count for (state, how), count in self._listings.get(seller.id, {}).items()
                   if mapping in (None, state) and channel in (None, how))

    @cached_property
    def _held(self):
        """How many listings that get quantities wait for a person's agreement, by seller."""
        return dict(self.env['amazon.listing'].sudo()._read_group(
            [('seller_id', 'in', self.sellers.ids), ('status', '!=', 'removed'), ('stock_state', '=', 'held')],
            ['seller_id'], ['__count']))

    @cached_property
    def _evidence(self):
        """What Amazon answered or delivered, by seller."""
        answers = self.sellers._get_answers()
        for seller, kind in self.env['amazon.report'].sudo()._read_group(
                [('seller_id', 'in', self.sellers.ids), ('state', '=', 'done')], ['seller_id', 'report_type']):
            answers[seller.id][kind] = True
        return answers

    @cached_property
    def _sold(self):
        """Marketplaces of which an order became a sales order, by seller."""
        found = self.env['amazon.seller.marketplace'].sudo().browse(market for market, in self.env.execute_query(SQL(
            """SELECT market.id FROM amazon_seller_marketplace market
                WHERE market.seller_id = ANY(%s)
                  AND EXISTS (SELECT FROM sale_order sale WHERE sale.amazon_marketplace_id = market.id)""",
            list(self.sellers.ids))))
        return found.grouped('seller_id')

    @cached_property
    def _carriers(self):
        """Delivery methods of orders that came in lately, those without a carrier at Amazon apart."""
        found = {}
        for seller, name, mapped in self.env.execute_query(SQL(
                """SELECT DISTINCT market.seller_id, carrier.id, mapping.id IS NOT NULL
                     FROM stock_picking picking
                     JOIN sale_order sale ON sale.id = picking.sale_id
                     JOIN amazon_seller_marketplace market ON market.id = sale.amazon_marketplace_id
                     JOIN delivery_carrier carrier ON carrier.id = picking.carrier_id
                LEFT JOIN amazon_carrier_mapping mapping ON mapping.delivery_carrier_id = carrier.id
                          AND COALESCE(mapping.marketplace_id, market.id) = market.id
                    WHERE market.seller_id = ANY(%s) AND carrier.delivery_type != 'amazon'
                      AND picking.state != 'cancel' AND sale.date_order > %s""",
                list(self.sellers.ids), fields.Datetime.now() - LATELY)):
            found.setdefault(seller, {}).setdefault(mapped, set()).add(name)
        return found

    @cached_property
    def _payouts(self):
        """The last settlement of each seller whose payout a bank line met."""
        return self.proofs.find_last('amazon_settlement', "state = 'reconciled'", 'deposit_date DESC NULLS LAST')

    @cached_property
    def _banks(self):
        return {company.id for company, in self.env['account.journal'].sudo()._read_group(
            [('type', '=', 'bank'), ('company_id', 'in', self.sellers.company_id.ids)], ['company_id'])}

    @cached_property
    def _reviews(self):
        return dict(self.env['amazon.data.review'].sudo()._read_group(
            [('company_id', 'in', self.sellers.company_id.ids)], ['company_id'], ['date:max']))

    def _when(self, moment):
        return format_datetime(self.env, moment, dt_format='short')

    def _name(self, records):
        names = records.mapped('name')
        return ', '.join(names[:4]) + (f' … (+{len(names) - 4})' if len(names) > 4 else '')

    # === STEPS === #

    def _check_connection(self, seller):
        if seller.state == 'error':
            return Check('todo', seller.state_message or self.env._("Amazon refuses the connection."),
                self.env._("Open the seller"))
        if seller.state == 'draft':
            return Check('todo', seller.state_message or self.env._(
                "Credentials are stored, but Amazon has not confirmed the authorization yet."),
                self.env._("Authorize at Amazon"))
        if not seller.selling_partner_ref:
            return Check('todo', self.env._(
                "Enter the merchant token, so that quantities, prices and listings can be sent."),
                self.env._("Open the seller"))
        if not any(self._evidence[seller.id].values()):
            return Check('open', self.env._("Amazon has not answered yet."), self.env._("Test connection"))
        return Check('done', self.env._("Amazon answers for %s.", seller.selling_partner_ref),
            self.env._("Test connection"))

    def _check_roles(self, seller):
        roles = describe_roles(self.env)
        states = {role: self._find_role(seller, role) for role in roles}
        missing = [role for role, state in states.items() if state is False]
        unknown = [role for role, state in states.items() if state is None]
        if missing:
            wanted = '; '.join(self.env._("\"%(role)s\" (%(purpose)s)", role=roles[role][0], purpose=roles[role][1])
                               for role in missing)
            return Check('todo', self.env._("Missing: %s. Add it in the Developer Console, then authorize again.",
                wanted), self.env._("Authorize again"))
        later = unknown and self.env._("Shown by use later: %s.", ', '.join(roles[role][0] for role in unknown))
        granted = [roles[role][0] for role, state in states.items() if state]
        text = ' '.join(filter(None, [granted and self.env._("Granted: %s.", ', '.join(granted)), later]))
        return Check('open' if set(NEEDED) & set(unknown) else 'done', text, self.env._("Test connection"))

    def _find_role(self, seller, role):
        """Return whether Amazon granted a role, or None where nothing shows it."""
        answers = self._evidence[seller.id]
        found = [answers[name] for name in EVIDENCE[role] if name in answers]
        if role == 'insights' and self._markets[seller] and not found:
            # Amazon named them.
            return True
        if role in (seller.missing_data or '').split(','):
            return False
        if role in (seller.granted_data or '').split(',') or any(found):
            return True
        return False if found else None

    def _check_marketplaces(self, seller):
        markets = self._markets[seller]
        if seller.marketplace_choice == 'asked':
            return Check('todo', self.env._("Choose where you sell: nothing is imported before."),
                self.env._("Choose marketplaces"))
        if not markets:
            return Check('todo', self.env._("No marketplace is in use."), self.env._("Choose marketplaces"))
        if suspended := markets.filtered('is_suspended'):
            return Check('todo', self.env._("Amazon has suspended listings on %s.", self._name(suspended)),
                self.env._("Show them"))
        if seller.marketplace_choice == 'chosen':
            return Check('done', self.env._("In use: %s.", self._name(markets)), self.env._("Choose marketplaces"))
        if sold := self._sold.get(seller, markets.browse()) & markets:
            return Check('done', self.env._("In use: %(markets)s. Orders came in from %(sold)s.",
                markets=self._name(markets), sold=self._name(sold)), self.env._("Choose marketplaces"))
        return Check('open', self.env._("In use: %s. Nobody has confirmed that yet.", self._name(markets)),
            self.env._("Choose marketplaces"))

    def _check_warehouse(self, seller):
        markets = self._markets[seller]
        lacking = markets.filtered(lambda market: not market.warehouse_id)
        if lacking or not markets:
            return Check('todo', self.env._("No warehouse: %s.", self._name(lacking) or seller.name),
                self.env._("Set the warehouse"))
        return Check('done', self.env._("Ships from %s.", self._name(markets.warehouse_id)),
                     self.env._("Change the warehouse"))

    def _check_fba(self, seller):
        count = self._count(seller, channel='fba')
        if seller.ledger_state == 'on':
            start = format_date(self.env, seller.ledger_start)
            return Check('done', self.env._("Stock at Amazon follows its ledger since %s.", start),
                         self.env._("Stock by country"))
        if seller.ledger_state == 'opening':
            return Check('todo', self.env._("Amazon's opening balance is asked for: compare it and start."),
                self.env._("Go on"))
        if not count:
            known = self._count(seller)
            return Check('open', self.env._("Nothing is fulfilled by Amazon.") if known
                         else self.env._("Listings are not imported yet."))
        return Check('open', self.env._(
            "%s listings are fulfilled by Amazon. The stock there is one location without countries until you start "
            "the ledger.", count), self.env._("Start the ledger"))

    def _check_taxes(self, seller):
        if not seller.tax_gap_date:
            return Check('open', self.env._("Not checked yet."), self.env._("Check the taxes"))
        if seller.tax_gap_count:
            return Check('todo', self.env._(
                "%s kinds of sales have no tax, so their orders wait: countries where you are registered, OSS, "
                "exports.", seller.tax_gap_count), self.env._("Set up taxes"))
        return Check('done', self.env._("Every kind of sale has its tax (checked on %s).",
            self._when(seller.tax_gap_date)), self.env._("Show the taxes"))

    def _check_products(self, seller):
        total = self._count(seller)
        unmapped = self._count(seller, 'unmapped')
        if not total:
            return Check('open', self.env._("Listings are not imported yet."), self.env._("Import listings"))
        text = self.env._("%(mapped)s of %(total)s listings have a product.", mapped=total - unmapped, total=total)
        if unmapped:
            return Check('todo', text, self.env._("Map products"))
        return Check('done', text, self.env._("Show the listings"))

    def _check_carriers(self, seller):
        found = self._carriers.get(seller.id, {})
        if found.get(False):
            names = self._name(self.env['delivery.carrier'].sudo().browse(sorted(found[False])))
            return Check('todo', self.env._("No carrier at Amazon for: %s.", names), self.env._("Map carriers"))
        if not found:
            return Check('open', self.env._("No delivery by a carrier of your own yet."), self.env._("Map carriers"))
        return Check('done', self.env._("Delivery methods in use, all with a carrier at Amazon: %s.", len(found[True])),
            self.env._("Show the carriers"))

    def _check_stock(self, seller):
        markets = self._markets[seller]
        sending = markets.filtered('stock_sync')
        if waiting := markets.filtered('guard_message'):
            return Check('todo', self.env._("Quantities wait for you: %s.", self._name(waiting)),
                         self.env._("Show them"))
        if obstacle := sending.filtered('stock_obstacle')[:1]:
            return Check('todo', f'{obstacle.name}: {obstacle.stock_obstacle}', self.env._("Show them"))
        if not self._count(seller, 'mapped', 'fbm'):
            return Check('open', self.env._("No product of your own warehouse is mapped yet."))
        if len(sending) < len(markets):
            return Check('todo', self.env._("Quantities are sent to %(sending)s of %(total)s marketplaces.",
                                            sending=len(sending), total=len(markets)),
                         self.env._("First stock sync"), way='first_stock')
        if held := self._held.get(seller):
            return Check('todo', self.env._("Quantities held back until you agree: %s.", held),
                         self.env._("Show them"), way='held')
        return Check('done', self.env._("Quantities are sent to %s.", self._name(sending)), self.env._("Show them"))

    def _check_accounts(self, seller):
        markets = self._markets[seller]
        lacking = markets.filtered(
            lambda market: not market.settlement_journal_id or not market.settlement_payout_account_id)
        if not markets or lacking:
            return Check('todo', self.env._("No journal or account for settlements of %s.",
                self._name(lacking) or seller.name), self.env._("Create accounts"))
        return Check('done', self.env._("Settlements are booked in %s.", self._name(markets.settlement_journal_id)),
            self.env._("Show the accounts"))

    def _check_bank(self, seller):
        if seller.company_id.id not in self._banks:
            return Check('todo', self.env._("The company has no bank journal, so no payout can be matched."),
                self.env._("Bank journals"))
        if paid := self._payouts.get(seller.id):
            return Check('done', self.env._("The payout of settlement %s was found in the bank.", paid.settlement_ref),
                self.env._("Show it"), paid)
        return Check('open', self.env._("No payout of Amazon has met a line of the bank yet."),
            self.env._("Bank journals"))

    def _check_notifications(self, seller):
        button = self.env._("Choose who is notified")
        if not seller.user_id:
            return Check('open', self.env._(
                "Nobody is chosen: whoever connected the seller gets an activity for what needs a person, else an "
                "administrator of Amazon."), button)
        if unseen := seller._find_unseen():
            return Check('todo', self.env._("Whoever is responsible may not see: %s. Choose somebody who may.",
                self._list_kinds(unseen)), button)
        accountant = seller.accounting_user_id or seller.user_id
        return Check('done', self.env._(
            "Activities go to %(person)s, those about settlements and refunds to %(accountant)s.",
            person=seller.user_id.name, accountant=accountant.name), button)

    def _list_kinds(self, kinds):
        labels = dict(self.env['amazon.attention']._fields['kind']._description_selection(self.env))
        return ', '.join(labels[kind] for kind in kinds)

    def _check_protection(self, seller):
        last = self._reviews.get(seller.company_id)
        button = self.env._("Data protection")
        if seller.secrets_state == 'plain':
            return Check('todo', self.env._("The credentials are not encrypted."), button)
        if seller.secrets_state == 'unreadable':
            return Check('todo', self.env._("The credentials cannot be read with the keys that the server has."),
                button)
        if seller.overdue_count:
            return Check('todo', self.env._("Data of %s orders should have been deleted already.",
                seller.overdue_count), button)
        if not last:
            return Check('todo', self.env._("Nobody has reviewed yet who can see buyers' data."), button)
        if last < fields.Datetime.now() - datetime.timedelta(days=REVIEW_DAYS):
            return Check('todo', self.env._("The last review was on %s: look again.", self._when(last)), button)
        return Check('done', self.env._("Reviewed on %s.", self._when(last)), button)
