"""Kinds of settlement rows that sellers have published, with what each is to Odoo.

Gathered from public code and documents that list what they met in real flat files V2 of North America, Europe, the Far
East, the Gulf and India, from accounting vendors' lists and from files of the older flat file V1, whose names are the
transaction types. Only Amazon's own words are here.
"""

from itertools import product

# transaction types, amount types, descriptions (each a name or several, with | between), treatment, kind of account
TABLE = (
    # What buyers pay and get back
    ('Order', 'ItemPrice', 'Principal | Shipping | GiftWrap | Gift wrap | Goodwill | ExportCharge | CODFee | COD',
     'revenue', 'sales'),
    ('Order', 'Promotion', 'Principal | Shipping | Promo rebates | Shipping discount', 'revenue', 'promotions'),
    ('Order | Refund | Chargeback Refund | A-to-z Guarantee Refund', 'ItemPrice',
     'Tax | ShippingTax | GiftWrapTax | CODTax | Product Tax | Shipping tax | Gift wrap tax', 'tax', 'tax'),
    ('Order | Refund', 'Promotion', 'TaxDiscount | Product tax discount | Shipping tax discount', 'tax', 'tax'),
    ('Refund | Chargeback Refund | A-to-z Guarantee Refund', 'ItemPrice',
     'Principal | Shipping | GiftWrap | Goodwill | RestockingFee | ReturnShipping | COD', 'refund', 'refunds'),
    ('Refund', 'Promotion', 'Principal | Shipping', 'refund', 'promotions'),
    ('Order_Retrocharge | Refund_Retrocharge', 'ItemPrice', 'Tax | ShippingTax', 'tax', 'tax'),
    ('Order', 'Points', 'PointsGranted', 'other', 'promotions'),
    ('Refund', 'Points', 'PointsReturned', 'other', 'promotions'),
    ('Order', 'DirectPayment', 'CollectOnDeliveryRevenue', 'transfer', 'payout'),
    # Tax that Amazon keeps
    ('Order | Refund | Chargeback Refund | A-to-z Guarantee Refund | Order_Retrocharge | Refund_Retrocharge | '
     'Liquidations | Liquidations Adjustments', 'ItemWithheldTax',
     'MarketplaceFacilitatorTax-Principal | MarketplaceFacilitatorTax-Shipping | MarketplaceFacilitatorTax-Giftwrap | '
     'MarketplaceFacilitatorTax-Other | '
     'MarketplaceFacilitatorTax-RestockingFee | MarketplaceFacilitatorVAT-Principal | '
     'MarketplaceFacilitatorVAT-Shipping | LowValueGoodsTax-Principal | '
     'LowValueGoodsTax-Shipping | LowValueGoodsTax-Other', 'withheld', 'tax'),
    ('Order | Refund', 'ItemWithheldTax', 'TCS-IGST | TCS-CGST | TCS-SGST', 'other', 'withholding'),
    ('Order', 'ItemTCS', 'TCS-CGST | TCS-SGST | TCS-IGST', 'other', 'withholding'),
    ('Order', 'ItemTDS', 'TDS (Section 194-O)', 'other', 'withholding'),
    ('Tax', 'Tax Withheld', 'Anything', 'other', 'withholding'),
    ('Income Tax Charged', 'other-transaction', 'MiscAdjustment | Income Tax Charged', 'other', 'withholding'),
    ('other-transaction', 'other-transaction', 'Income Tax Charged | Income Tax Refunded | Withholding Tax | ISR | '
     'Retención de ISR', 'other', 'withholding'),
    ('Commingling VAT', 'other-transaction', 'Commingling VAT', 'other', 'tax'),
    # Liquidations
    ('Liquidations | Liquidations Adjustments', 'ItemPrice', 'Principal', 'revenue', 'sales'),
    ('Liquidations | Liquidations Adjustments', 'ItemPrice', 'Tax', 'tax', 'tax'),
    ('Liquidations | Liquidations Adjustments', 'ItemFees', 'LiquidationsBrokerageFee | Commission', 'fee',
     'commission'),
    # Fees of orders
    ('Order | Refund | Chargeback Refund | A-to-z Guarantee Refund', 'ItemFees', 'Commission | RefundCommission', 'fee',
     'commission'),
    ('Order | Refund', 'ItemFees',
     'FixedClosingFee | VariableClosingFee | Fixed closing fee | GiftwrapCommission | DigitalServicesFee | Digital '
     'Services Fee | SalesTaxServiceFee | '
     'Goodwill | RestockingFee | CODFee | Shipping commission | Refund commission', 'fee', 'commission'),
    ('Order | Refund', 'ItemFees',
     'FBAPerUnitFulfillmentFee | FBAPerOrderFulfillmentFee | FBAWeightBasedFee | FBATransportationFee | '
     'LowInventoryLevelFee | RemoteFulfillmentCredit | '
     'FBA Pick & Pack Fee | FBA Weight Handling Fee', 'fee', 'fba'),
    ('Order | Refund | Chargeback Refund', 'ItemFees', 'ShippingChargeback | GiftwrapChargeback | ShippingHB', 'fee',
     'shipping'),
    ('Order', 'ItemFees', 'Technology Fee | TechnologyFee', 'fee', 'fees'),
    ('Order', 'ItemFees', 'Amazon Easy Ship Charges | Easy Ship weight handling fees', 'fee', 'shipping'),
    ('Order', 'ItemFees', 'Commission IGST | Commission CGST | Commission SGST | FBA Weight Handling Fee CGST',
     'fee_tax', 'fee_tax'),
    ('Order', 'ShipmentFees | Shipment-Fees', 'Shipping', 'fee', 'shipping'),
    ('Order', 'ShipmentFees', 'FBA transportation fee | FBAPerOrderFulfillmentFee', 'fee', 'fba'),
    ('Fee Adjustment', 'Item Fee Adjustment', 'FBA Pick & Pack Fee | FBAPerUnitFulfillmentFee | '
     'INCORRECT_FEES_NON_ITEMIZED', 'fee', 'fba'),
    ('other-transaction', 'ItemFees', 'FBACustomerReturnPerOrderFee | FBACustomerReturnPerUnitFee | '
     'FBACustomerReturnWeightBasedFee', 'fee', 'fba'),
    ('TBYB Customer Return Fee', 'ItemFees', 'FBACustomerReturnPerUnitFee', 'fee', 'fba'),
    ('TBYB Trial Shipment', 'Amazon Fees', 'TrialShipment', 'fee', 'fba'),
    # Fees in parts: base, discount, tax
    ('FBAFees', 'FBA Inventory Storage Fee | FBA Long Term Storage Fee | FBA Long-Term Storage Fee | AWD Storage Fee',
     'Base fee | Discount on Fee', 'fee', 'storage'),
    ('FBAFees',
     'FBA Removal Order: Disposal Fee | FBA Removal Order: Return Fee | FBA Amazon-Partnered Carrier Shipment Fee | '
     'FBA Inbound Placement Service Fee | '
     'Inbound Transportation Program Fee | Inbound Defect Fee | FBA Customer Returns Fee | FBA Customer Returns Fee '
     'for ASIN: B000000000 | '
     'AWD Processing Fee | AWD Transportation Fee', 'Base fee | Discount on fee', 'fee', 'fba'),
    ('FBAFees',
     'FBA Inventory Storage Fee | FBA Long Term Storage Fee | FBA Removal Order: Disposal Fee | FBA Removal Order: '
     'Return Fee | AWD Storage Fee | '
     'FBA Amazon-Partnered Carrier Shipment Fee', 'Tax on fee', 'fee_tax', 'fee_tax'),
    ('AmazonFees', 'Premium Services Fee', 'Base fee', 'fee', 'fees'),
    ('AmazonFees', 'Vine Enrollment Fee', 'Base fee | Discount on fee', 'advertising', 'advertising'),
    ('AmazonFees',
     'Coupon Participation Fee | Coupon Performance Based Fee | Deal Participation Fee | Deal Performance Based Fee',
     'Base fee', 'advertising', 'advertising'),
    ('AmazonFees', 'FBA fulfilment fee per unit - Correction | FBA fulfilment fee per unit - Reversal', 'Base fee',
     'fee', 'fba'),
    ('AmazonFees', 'Amazon Easy Ship Charges', 'Base fee', 'fee', 'shipping'),
    ('AmazonFees', 'Eco-contribution for EPR Pay on Behalf - GB | Amazon service fee for EPR Pay on Behalf - GB - '
     'Packaging - (Period 01.07.2024 - 31.12.2024)', 'Base fee', 'fee', 'fees'),
    ('AmazonFees', 'Premium Services Fee | Vine Enrollment Fee | Amazon Easy Ship Charges', 'Tax on fee',
     'fee_tax', 'fee_tax'),
    ('other-transaction', 'Capacity Reservation Fee', 'Reservation Fee | Performance Credits', 'fee', 'storage'),
    ('other-transaction', 'Capacity Reservation Fee', 'Tax', 'fee_tax', 'fee_tax'),
    ('other-transaction', 'Amazon Warehousing & Distribution (AWD)', 'AWD Processing Fee | AWD Transportation Fee',
     'fee', 'fba'),
    ('other-transaction', 'Amazon Warehousing & Distribution (AWD)', 'AWD Storage Fee', 'fee', 'storage'),
    ('other-transaction', 'Inbound Defect Fee', 'Barcode cannot be scanned | Unplanned Service', 'fee', 'fba'),
    ('Other', 'MCF Preferred Pricing Seller Credit', 'Base charge', 'fee', 'fba'),
    # Fees of the account
    ('other-transaction | other-transaction - Reversal | other-transaction - Correction', 'other-transaction',
     'Storage Fee | StorageRenewalBilling', 'fee', 'storage'),
    ('other-transaction', 'other-transaction', 'Inventory Storage Overage Fee', 'fee', 'storage'),
    ('other-transaction', 'other-transaction',
     'DisposalComplete | RemovalComplete | FBAInboundTransportationFee | Inbound Transportation Fee | '
     'FBAInboundTransportationProgramFee | '
     'FBA Inbound Placement Service Fee | Inventory Placement Service Fee | FBA International Freight Shipping '
     'Charge | '
     'FBA International Freight Duties and Taxes Charge | AGSGlobalInboundTransportation | Unplanned Service Fee - '
     'Barcode label missing | WarehousePrep | '
     'PREPFEE_REFUND | Manual Processing Fee | FBACustomerReturnPerUnitFee | Multi-Channel Fulfillment '
     'Brand-Neutral Box Fee', 'fee', 'fba'),
    ('other-transaction', 'Manual Processing Fee Reimbursement', 'Manual Processing Fee Reimbursement', 'fee', 'fba'),
    ('other-transaction', 'other-transaction',
     'StorageBillingCGST | StorageBillingSGST | StorageRenewalBillingCGST | StorageRenewalBillingSGST | '
     'RemovalCompleteCGST | RemovalCompleteSGST', 'fee_tax', 'fee_tax'),
    ('other-transaction', 'other-transaction',
     'Subscription Fee | SubscriptionFeeCorrection | NonSubscriptionFeeAdj | Paid Services Fee | HighVolumeListing | '
     'Fee Adjustment | '
     'Overpaid Fees Adjustment | EPR Pay on Behalf service fee | EPR Pay on Behalf eco-contribution', 'fee', 'fees'),
    ('other-transaction', 'other-transaction', 'CommissionCorrection', 'fee', 'commission'),
    ('other-transaction', 'other-transaction',
     'Shipping label purchase | Shipping label purchase for return | ReturnPostageBilling_Postage | '
     'PostageBilling_Postage | PostageRefund_Postage | '
     'ShippingServices | ShippingServicesRefund', 'fee', 'shipping'),
    ('Shipping label purchase', 'other-transaction', 'Shipping label purchase', 'fee', 'shipping'),
    # Advertising and deals
    ('ServiceFee', 'Cost of Advertising | Refund for Advertiser', 'TransactionTotalAmount', 'advertising',
     'advertising'),
    ('ServiceFee | Promotion Fee', 'Deals', 'Promotion Fee | Promotion Fee Special', 'advertising', 'advertising'),
    ('Promotion Fee', 'PromotionFee', 'Promotion Fee | Promotion Fee Special', 'advertising', 'advertising'),
    ('CouponRedemptionFee', 'CouponRedemptionFee', 'Save 5% on kettles | 10 % [new] off?', 'advertising',
     'advertising'),
    ('Lightning Deal Fee', 'LightningDealFee', 'LightningDealFee | LightningDealFee Special', 'advertising',
     'advertising'),
    ('Vine Enrollment Fee', 'Vine Enrollment Fee', 'Vine Enrollment Fee', 'advertising', 'advertising'),
    ('SellerReviewEnrollmentPayment', 'Review Enrollment Fee',
     'Early Reviewer Program fee | SellerReviewEnrollmentPayment', 'advertising', 'advertising'),
    ('Grade and Resell Fees', 'Grade and Resell Charge', 'Anything', 'fee', 'fba'),
    # What Amazon pays for
    ('other-transaction', 'FBA Inventory Reimbursement',
     'REVERSAL_REIMBURSEMENT | WAREHOUSE_DAMAGE | WAREHOUSE_DAMAGE_EXCEPTION | WAREHOUSE_LOST | WAREHOUSE_LOST_MANUAL '
     '| MISSING_FROM_INBOUND | '
     'MISSING_FROM_INBOUND_CLAWBACK | COMPENSATED_CLAWBACK | FREE_REPLACEMENT_REFUND_ITEMS | CS_ERROR_ITEMS | '
     'CS_ERROR_NON_ITEMIZED | INCORRECT_FEES_ITEMS | '
     'INCORRECT_FEES_NON_ITEMIZED | RE_EVALUATION | REMOVAL_ORDER_DAMAGED | REMOVAL_ORDER_LOST | '
     'MULTICHANNEL_ORDER_DAMAGED | MULTICHANNEL_ORDER_LATE | '
     'MULTICHANNEL_ORDER_LOST | INBOUND_CARRIER_DAMAGE | CUSTOMER_RETURN | FBA Inventory Reimbursement - '
     'Customer Return', 'reimbursement', 'reimbursement'),
    ('other-transaction', 'MCF Inventory Reimbursement', 'MULTICHANNEL_ORDER_LOST', 'reimbursement', 'reimbursement'),
    ('SAFE-T Reimbursement', 'Other transactions', 'SAFE-T reimbursement', 'reimbursement', 'reimbursement'),
    ('Other', 'Other transactions', 'Reimbursement for Lost packages', 'reimbursement', 'reimbursement'),
    ('other-transaction', 'other-transaction', 'Refund Reimbursal | REVERSAL_REIMBURSEMENT', 'reimbursement',
     'reimbursement'),
    ('Seller Rewards', 'Seller Rewards', 'Seller Rewards', 'reimbursement', 'reimbursement'),
    # Money that moves
    ('other-transaction', 'other-transaction', 'Current Reserve Amount | Previous Reserve Amount Balance',
     'reserve', 'reserve'),
    ('other-transaction', 'other-transaction',
     'Payable to Amazon | Successful charge | Micro Deposit | Failed Disbursement | Bank Deposit | '
     'Transfer of funds unsuccessful: Amazon has cancelled your transfer of funds. | '
     'Transfer of funds unsuccessful: A transfer could not be initiated because the transfer amount does n', 'transfer',
     'payout'),
    ('Transfers', 'Micro Deposit', 'Micro Deposit', 'transfer', 'payout'),
    ('Debt Adjustment', 'Debt Adjustment', 'Cross-Account Debt Adjustment against BE, ES | Cross-Account Debt '
     'Adjustment for DE', 'transfer', 'payout'),
    ('other-transaction', 'other-transaction', 'Amazon Capital Services', 'other', 'loan'),
    # The rest
    ('other-transaction', 'other-transaction', 'BuyerRecharge', 'refund', 'refunds'),
    ('other-transaction', 'other-transaction',
     'A2ZGuaranteeRecovery | ChargeBackRecovery | MiscAdjustment | Adjustment | PROMOTION_ADJUSTMENT | '
     'BalanceAdjustment | Merchant Bad Debt | '
     'Additional Other Expenses', 'other', 'other'),
    # The flat file V1, of which archives are full
    ('Storage Fee | Storage Fee - Reversal | Storage Fee - Correction | FBA Inventory Storage Fee | FBA Long Term '
     'Storage Fee | FBA Long-Term Storage Fee | '
     'StorageRenewalBilling', 'other-amount', '', 'fee', 'storage'),
    ('DisposalComplete | RemovalComplete | FBA Removal Order: Disposal Fee | FBA Removal Order: Return Fee | '
     'FBAInboundTransportationFee | '
     'FBAInboundTransportationProgramFee | Inbound Transportation Fee | Inbound Defect Fee - Unplanned Service | FBA '
     'Inventory Fee - LowInventoryLevel | '
     'WarehousePrep | Manual Processing Fee', 'other-amount', '', 'fee', 'fba'),
    ('Subscription Fee | NonSubscriptionFeeAdj | Overpaid Fees Adjustment | EPR Pay on Behalf service fee',
     'other-amount', '', 'fee', 'fees'),
    ('Amazon Easy Ship Charges', 'item-related-fee', 'Amazon Easy Ship Charges', 'fee', 'shipping'),
    ('WAREHOUSE_DAMAGE | WAREHOUSE_LOST | WAREHOUSE_LOST_MANUAL | MISSING_FROM_INBOUND | COMPENSATED_CLAWBACK | '
     'REVERSAL_REIMBURSEMENT | RE_EVALUATION | '
     'INCORRECT_FEES_ITEMS | INBOUND_CARRIER_DAMAGE', 'other-amount', '', 'reimbursement', 'reimbursement'),
    ('Current Reserve Amount | Previous Reserve Amount Balance', 'other-amount', '', 'reserve', 'reserve'),
    ('Payable to Amazon | Successful charge | Micro Deposit', 'other-amount', '', 'transfer', 'payout'),
    ('BuyerRecharge', 'other-amount', '', 'refund', 'refunds'),
    ('MiscAdjustment | BalanceAdjustment', 'other-amount', '', 'other', 'other'),
)


def _split(words):
    return [word.strip() for word in words.split('|')]


# Kind (transaction type, amount type, description) -> treatment and kind of account.
KNOWN = {kind: (treatment, account)
         for *words, treatment, account in TABLE for kind in product(*map(_split, words))}
