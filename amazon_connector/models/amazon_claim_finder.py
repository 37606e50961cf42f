import collections
import datetime
import json

from odoo import api, fields, models

from ..utils import claim_rules, claim_rules_goods
from ..utils.ledger_plan import LedgerPlan
from .amazon_removal_line import link_products

CHUNK = 100
# States that are over: an event that Amazon does not report any more changes nothing about them.
OVER = ('paid', 'cleared', 'expired', 'refused')
# Kinds that depend on what came back to Amazon.
BY_RETURNS = ('return', 'return_bad')


class AmazonClaim(models.Model):
    """The finder: hold all events against what settles them, and keep the claims up to date."""

    _inherit = 'amazon.claim'

    @api.model
    def _find_claims(self, sync, with_returns=True):
        """Find and update the claims of a seller.

        :param bool with_returns: whether it is known what came back to Amazon; those that depend on it stay as they are
            else
        :return: whether there was time for all
        :rtype: bool
        """
        seller, left_out = sync.seller_id, () if with_returns else BY_RETURNS
        events = {claim_rules.to_key(event.key): event for event in self._find_events(seller)
                  if event.facts.vals['kind'] not in left_out}
        known = {claim.key: claim.id for claim in self.search(
            [('seller_id', '=', seller.id), ('kind', 'not in', left_out)])}
        gone = [claim_id for key, claim_id in known.items() if key not in events]
        self._link_reimbursements(seller, events.values())
        sync._commit()
        plan = LedgerPlan(seller)
        return sync._in_portions(
            list(events), lambda keys: self._store(seller, plan, {key: events[key] for key in keys}), CHUNK
        ) and sync._in_portions(gone, lambda ids: self.browse(ids)._close_vanished(), CHUNK)

    @api.model
    def _find_events(self, seller):
        """Return all events by the rules, with what settles them; each reimbursed unit settles one."""
        pool = claim_rules.Pool(seller)
        rows = claim_rules.read_rows(seller)
        cases = self._read_cases(seller)
        return [event for find in self._get_rules(rows, pool) for event in find(cases)]

    @api.model
    def _get_rules(self, rows, pool):
        """Return the rules, in the order in which they take of what was paid: functions that return events, called with
        the numbers of the cases of known claims by key.
        """
        return [
            lambda cases: claim_rules.find_warehouse(rows, pool, cases),
            lambda cases: claim_rules.find_removals(pool, cases),
            lambda cases: claim_rules_goods.find_inbound(pool, cases),
            lambda cases: claim_rules_goods.find_returns(pool, cases),
            lambda cases: claim_rules.find_below_cost(pool, cases),
        ]

    @api.model
    def _link_reimbursements(self, seller, events):
        """Link reimbursements to the rows of the ledger that they pay for."""
        paid = collections.defaultdict(set)
        for event in events:
            lines = {entry['ledger_line_id'] for entry in event.facts.evidence if entry.get('ledger_line_id')}
            for use in event.uses:
                if use.how in (claim_rules.PAID, claim_rules.GIVEN):
                    paid[use.supply.source] |= lines
        for record in self.env['amazon.reimbursement'].search([('seller_id', '=', seller.id)]):
            if set(record.ledger_line_ids.ids) != paid[record]:
                record.ledger_line_ids = sorted(paid[record])

    @api.model
    def _read_cases(self, seller):
        """Return the numbers of cases of known claims, by key."""
        claims = self.search([('seller_id', '=', seller.id), ('case_ref', '!=', False)])
        return {claim.key: claim.case_ref.strip() for claim in claims}

    # === CLAIMS === #

    @api.model
    def _store(self, seller, plan, events):
        """Create or update the claims of events (by key), where there is anything to claim."""
        today, policies = fields.Date.today(), {}
        known = {claim.key: claim for claim in self.search(
            [('seller_id', '=', seller.id), ('key', 'in', list(events))])}
        for key, event in events.items():
            claim, policy = known.get(key), self._get_policy(seller, plan, event, policies)
            open_units = event.owed_units
            if claim:
                claim._update(event, policy, open_units, today)
            elif open_units > 0 and (
                    event.facts.is_due or today >= event.date + datetime.timedelta(days=policy.wait_days)):
                self._create_found(seller, plan, key, event)._update(event, policy, open_units, today)

    @api.model
    def _get_policy(self, seller, plan, event, policies):
        """Return the window (`amazon.claim.policy`) of an event; `policies` has those that are known already."""
        key = event.facts.policy, plan.find_country(event.facts.vals.get('country_code') or '')
        if key not in policies:
            policies[key] = self.env['amazon.claim.policy']._find(seller, *key)
        return policies[key]

    @api.model
    def _create_found(self, seller, plan, key, event):
        vals = {name: value or False for name, value in event.facts.vals.items()}
        country = plan.find_country(vals.get('country_code') or '')
        claim = self.create({
            'seller_id': seller.id, 'key': key, 'event_date': event.date, 'country_id': country.id,
            'unit_value': event.facts.unit_value or 0.0,
            'yardstick': 'shortfall' if event.facts.unit_value else False, **vals})
        if claim.order_ref:
            claim.sale_order_id = seller._find_sale_orders([claim.order_ref])[:1]
        link_products(claim)
        return claim

    def _update(self, event, policy, open_units, today):
        """Write what is known of an event on its claim; the state follows."""
        self.ensure_one()
        link_products(self)
        self._measure()
        days = datetime.timedelta(days=policy.window_days)
        # What Amazon takes back can be claimed anew.
        dates = [event.date, *(step.date for step, _count in event.reversals)]
        self._write_changes({
            'event_date': event.date, 'deadline': max(dates) + days, 'is_deadline_open': policy.certainty == 'open',
            'units': event.units, 'paid_units': event.count(claim_rules.PAID),
            'found_units': event.units - open_units - event.count(claim_rules.PAID), 'open_units': open_units})
        self._write_evidence(claim_rules.describe(event))
        self._write_changes({'state': self._find_state(today)})

    def _write_changes(self, vals):
        changed = {name: value for name, value in vals.items() if self[name] != value}
        if changed:
            self.write(changed)

    def _write_evidence(self, entries):
        """Replace the evidence of this claim, if it is another one."""
        fingerprint = json.dumps(entries, default=str, sort_keys=True)
        if fingerprint != self.fingerprint:
            self.evidence_ids.unlink()
            self.env['amazon.claim.evidence'].create([{'claim_id': self.id, **entry} for entry in entries])
            self.fingerprint = fingerprint

    def _close_vanished(self):
        """Close claims of events that Amazon does not report any more, or that are settled in another way."""
        for claim in self.filtered(lambda claim: claim.state not in OVER):
            claim.write({'open_units': 0, 'found_units': claim.units - claim.paid_units})
            claim.state = claim._find_state(fields.Date.today())
            claim.message_post(body=self.env._("Amazon's reports do not have this event any more."))

