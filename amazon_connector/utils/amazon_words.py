"""Labels of the codes that Amazon sends: statuses, conditions, reasons and types, in the reader's language.

The code stays in its field, by which people filter and group; `label_field` makes one beside it. Codes that are not
known here are shown as Amazon writes them. They come from Amazon's models and from reports of sellers.
"""

import re

from odoo import api, fields

from ..amazon_reports import (
    customer_returns,
    fba_returns,
    fulfilled_shipments,
    ledger,
    ledger_summary,
    reimbursements,
    removal_orders,
    removal_shipments,
    replacements,
)
from ..amazon_reports import listings as listings_report
from ..amazon_reports import settlement as settlement_report
from .phrases import tell


def get_label(env, kind: str, code: str) -> str:
    """Return the label of a code of Amazon, or the code where it has none."""
    return _get_labels(env, kind).get(_normalize(code), code)


def label_field(string: str, kind: str, code_field: str, **options):
    """Return a field with the label of the code that another field has."""
    @api.depends(code_field)
    @api.depends_context('lang')
    def compute(records):
        labels = _get_labels(records.env, kind)
        for record in records:
            code = record[code_field]
            label = labels.get(_normalize(code)) or (_name_unknown(records.env, kind, code) if code else False)
            record[f'{code_field}_label'] = str(label) if code else False
    return fields.Char(string, compute=compute, **options)


def _name_unknown(env, kind, code):
    """Return what stands for a code without a label; of a condition it is said, as goods are booked by it."""
    return tell(env)._("Unknown: %s", code) if kind == 'disposition' else code


def _normalize(code):
    """Return a code without what Amazon's documents write in different ways: capitals, blanks and underlines."""
    return re.sub(r'[\W_]', '', code or '').lower()


def _get_labels(env, kind):
    return {_normalize(code): text for code, text in KINDS[kind](env).items()}


def _name_order_statuses(env):
    return {
        'PENDING_AVAILABILITY': tell(env)._("Not available yet"), 'PENDING': tell(env)._("Pending"),
        'UNSHIPPED': tell(env)._("Not shipped"), 'PARTIALLY_SHIPPED': tell(env)._("Partly shipped"),
        'SHIPPED': tell(env)._("Shipped"), 'CANCELLED': tell(env)._("Cancelled"),
        'UNFULFILLABLE': tell(env)._("Cannot be fulfilled"),
    }


def _name_service_levels(env):
    return dict(env['amazon.service.level']._fields['level']._description_selection(env))


def _name_dispositions(env):
    damaged = tell(env)._("Damaged in Amazon's warehouse")
    return {
        'SELLABLE': tell(env)._("Sellable"), 'DEFECTIVE': tell(env)._("Defective"),
        'CUSTOMER_DAMAGED': tell(env)._("Damaged by the customer"),
        'CARRIER_DAMAGED': tell(env)._("Damaged by the carrier"),
        'DISTRIBUTOR_DAMAGED': tell(env)._("Damaged by the distributor"),
        'WAREHOUSE_DAMAGED': damaged, 'Fulfillment center damaged': damaged, 'DAMAGED': tell(env)._("Damaged"),
        'EXPIRED': tell(env)._("Expired"), 'UNSELLABLE': tell(env)._("Not sellable"),
        'Unfulfillable': tell(env)._("Not sellable"),
    }


def _name_return_statuses(env):
    return {
        'Unit returned to inventory': tell(env)._("Returned to stock"), 'Reimbursed': tell(env)._("Reimbursed"),
        'Repackaged Successfully': tell(env)._("Repackaged"),
        'Pending Repackaging': tell(env)._("To be repackaged"), 'Disposed': tell(env)._("Disposed of"),
        'IMMEDIATE_DONATION': tell(env)._("Donated"), 'IMMEDIATE_DISPOSAL': tell(env)._("Disposed of"),
        'Approved': tell(env)._("Approved"), 'Completed': tell(env)._("Completed"), 'Pending': tell(env)._("Pending"),
        'Closed': tell(env)._("Closed"),
    }


def _name_return_details(env):
    return {
        'C-Returns': tell(env)._("Customer return"), 'StandardRefund': tell(env)._("Refund"),
        'AmazonPrePaidLabel': tell(env)._("Amazon's label, prepaid"),
        'AmazonUnPaidLabel': tell(env)._("Amazon's label, not prepaid"),
        'Seller': tell(env)._("You"), 'Customer': tell(env)._("Customer"),
    }


def _name_reimbursement_reasons(env):
    return {
        'Lost_Warehouse': tell(env)._("Lost in Amazon's warehouse"),
        'Damaged_Warehouse': tell(env)._("Damaged in Amazon's warehouse"),
        'Lost_Inbound': tell(env)._("Lost on arrival"), 'Damaged_Inbound': tell(env)._("Damaged on arrival"),
        'Lost_Outbound': tell(env)._("Lost on the way to the customer"),
        'CustomerReturn': tell(env)._("Customer return"),
        'CustomerServiceIssue': tell(env)._("Customer service"),
        'Reimbursement_Reversal': tell(env)._("Taken back"),
        'GeneralAdjustment': tell(env)._("General adjustment"),
    }


def _name_removal_types(env):
    return {
        'Return': tell(env)._("Return to the warehouse"), 'Disposal': tell(env)._("Disposal"),
        'Liquidation': tell(env)._("Liquidation"), 'Liquidations': tell(env)._("Liquidation"),
        'Recycle': tell(env)._("Recycling"), 'Donation': tell(env)._("Donation"),
    }


def _name_removal_sources(env):
    return {
        'Seller-initiated Manual Removal': tell(env)._("You"),
        'Seller-configured Automated Unfulfillable Removal System': tell(env)._(
            "Your setting: what cannot be sold"),
        'Amazon-initiated Automated Aged fulfillable Removal System': tell(env)._("Amazon: what lies for too long"),
        'Automated Stranded Removal System': tell(env)._("Your setting: what has no listing"),
    }


def _name_removal_statuses(env):
    cancelled = tell(env)._("Cancelled")
    return {
        'Pending': tell(env)._("Pending"), 'Planning': tell(env)._("Being planned"),
        'Processing': tell(env)._("In process"), 'Completed': tell(env)._("Completed"), 'Cancelled': cancelled,
        'Canceled': cancelled,
    }


def _name_shipment_statuses(env):
    return {
        'WORKING': tell(env)._("Being prepared"), 'READY_TO_SHIP': tell(env)._("Ready to ship"),
        'SHIPPED': tell(env)._("Shipped"), 'IN_TRANSIT': tell(env)._("On the way"),
        'DELIVERED': tell(env)._("Delivered"), 'CHECKED_IN': tell(env)._("Arrived"),
        'RECEIVING': tell(env)._("Being received"), 'CLOSED': tell(env)._("Closed"),
        'CANCELLED': tell(env)._("Cancelled"), 'DELETED': tell(env)._("Deleted"), 'ERROR': tell(env)._("Error"),
    }


def _name_payout_statuses(env):
    return {
        'STARTED': tell(env)._("Started"), 'IN_TRANSIT': tell(env)._("On the way"), 'PAID': tell(env)._("Paid"),
        'FAILED': tell(env)._("Failed"), 'CANCELLED': tell(env)._("Cancelled"),
        'NO_PAYOUT': tell(env)._("No payout"),
    }


def _name_tracking_statuses(env):
    return {
        'PreTransit': tell(env)._("Not handed over yet"), 'InTransit': tell(env)._("On the way"),
        'OutForDelivery': tell(env)._("Out for delivery"), 'Delivered': tell(env)._("Delivered"),
        'DeliveryAttempted': tell(env)._("Delivery attempted"),
        'AwaitingCustomerPickup': tell(env)._("To be picked up by the customer"),
        'Rejected': tell(env)._("Refused"), 'Undeliverable': tell(env)._("Cannot be delivered"),
        'Lost': tell(env)._("Lost"), 'PickupCancelled': tell(env)._("Pickup cancelled"),
    }


def _name_payout_details(env):
    return {
        'SCHEDULED': tell(env)._("Scheduled"), 'ON_DEMAND': tell(env)._("On request"),
        'Standard Orders': tell(env)._("Standard orders"), 'Invoiced Orders': tell(env)._("Invoiced orders"),
    }


def _name_transaction_types(env):
    """Return labels of the first two words of rows of settlements, and of the types of transactions."""
    return {
        'Order': tell(env)._("Order"), 'Shipment': tell(env)._("Shipment"), 'Refund': tell(env)._("Refund"),
        'Chargeback Refund': tell(env)._("Refund of a chargeback"),
        'A-to-z Guarantee Refund': tell(env)._("Refund of the A-to-z Guarantee"),
        'Order_Retrocharge': tell(env)._("Correction of an order"),
        'Refund_Retrocharge': tell(env)._("Correction of a refund"), 'ServiceFee': tell(env)._("Service fee"),
        'other-transaction': tell(env)._("Other"), 'Liquidations': tell(env)._("Liquidation"),
        'Liquidations Adjustments': tell(env)._("Correction of a liquidation"),
        'Fee Adjustment': tell(env)._("Correction of a fee"), 'CouponRedemptionFee': tell(env)._("Coupons"),
        'Lightning Deal Fee': tell(env)._("Lightning deal"), 'Vine Enrollment Fee': tell(env)._("Vine"),
        'Grade and Resell Fees': tell(env)._("Grade and resell"),
        'Grade and Resell Charge': tell(env)._("Grade and resell"),
        'Income Tax Charged': tell(env)._("Income tax charged"),
        'Shipping label purchase': tell(env)._("Shipping label"),
        'ItemPrice': tell(env)._("Price"), 'ItemFees': tell(env)._("Fees of an item"),
        'ItemWithheldTax': tell(env)._("Tax withheld"), 'Promotion': tell(env)._("Promotion"),
        'ShipmentFees': tell(env)._("Fees of a shipment"), 'Cost of Advertising': tell(env)._("Advertising"),
        'Refund for Advertiser': tell(env)._("Advertising refunded"),
        'FBA Inventory Reimbursement': tell(env)._("Inventory reimbursed"),
        'Item Fee Adjustment': tell(env)._("Correction of a fee"), 'Adjustment': tell(env)._("Adjustment"),
        'Transfer': tell(env)._("Payout"),
    }


def _name_report_types(env):
    return {
        listings_report.REPORT_TYPE: tell(env)._("Report of listings"),
        settlement_report.REPORT_TYPE: tell(env)._("Settlement report"),
        ledger.REPORT_TYPE: tell(env)._("Movements of FBA stock"),
        ledger_summary.REPORT_TYPE: tell(env)._("Balances of FBA stock"),
        reimbursements.REPORT_TYPE: tell(env)._("Reimbursements"),
        removal_orders.REPORT_TYPE: tell(env)._("Removal orders"),
        removal_shipments.REPORT_TYPE: tell(env)._("Parcels of removal orders"),
        fulfilled_shipments.REPORT_TYPE: tell(env)._("Shipments by Amazon"),
        customer_returns.REPORT_TYPE: tell(env)._("Returns to the warehouse"),
        fba_returns.REPORT_TYPE: tell(env)._("Returns to Amazon"),
        replacements.REPORT_TYPE: tell(env)._("Replacements"),
    }


KINDS = {
    'order_status': _name_order_statuses, 'service_level': _name_service_levels, 'disposition': _name_dispositions,
    'return_status': _name_return_statuses, 'reimbursement': _name_reimbursement_reasons,
    'removal_type': _name_removal_types, 'removal_source': _name_removal_sources,
    'removal_status': _name_removal_statuses, 'shipment_status': _name_shipment_statuses,
    'payout_status': _name_payout_statuses, 'payout_detail': _name_payout_details,
    'return_detail': _name_return_details, 'tracking_status': _name_tracking_statuses,
    'transaction_type': _name_transaction_types, 'report_type': _name_report_types,
}
