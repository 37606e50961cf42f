"""A month of Amazon's inventory ledger of a busy seller: most rows are single units, many of them equal."""

import random

HEADER = ("Date\tFNSKU\tASIN\tMSKU\tTitle\tEvent Type\tReference ID\tQuantity\tFulfillment Center\tDisposition\t"
          "Reason\tCountry\tReconciled Quantity\tUnreconciled Quantity\tDate and Time\tStore")
CENTERS = {'LEJ1': 'DE', 'WRO5': 'PL', 'LYS1': 'FR', 'MXP5': 'IT'}
SKUS = [f'LEDGER-{number:04d}' for number in range(500)]
# Event, sign, reason, disposition, how often of a hundred.
KINDS = [
    ('Shipments', -1, '', 'SELLABLE', 62), ('WhseTransfers', -1, '', 'SELLABLE', 11),
    ('WhseTransfers', 1, '', 'SELLABLE', 11), ('CustomerReturns', 1, '', 'SELLABLE', 5),
    ('CustomerReturns', 1, '', 'CUSTOMER_DAMAGED', 3), ('Adjustments', -1, 'M', 'SELLABLE', 1),
    ('Adjustments', 1, 'F', 'SELLABLE', 1), ('Adjustments', -1, 'E', 'SELLABLE', 1),
    ('Adjustments', 1, 'P', 'WAREHOUSE_DAMAGED', 1), ('VendorReturns', -1, '', 'CUSTOMER_DAMAGED', 1),
    ('Receipts', 1, '', 'SELLABLE', 3),
]


def write_month(rows: int, seed: int = 1) -> bytes:
    """Return the document of May 2026 with so many rows; some SKUs sell a hundred times what others do."""
    chance = random.Random(seed)
    weights = [1 / (number + 5) for number in range(len(SKUS))]
    skus = chance.choices(SKUS, weights, k=rows)
    kinds = chance.choices(KINDS, [kind[-1] for kind in KINDS], k=rows)
    lines = [HEADER]
    for number, (sku, (event, sign, reason, disposition, _share)) in enumerate(zip(skus, kinds, strict=True)):
        day, center = 1 + number * 31 // rows, chance.choice(list(CENTERS))
        reference = {'Receipts': f'FBA15{day:02d}{sku[-2:]}X',
                     'Adjustments': f'{20076865361276 + number}'}.get(event, '')
        quantity = sign * (chance.randrange(5, 40) if event == 'Receipts' else 1)
        lines.append(f"05/{day:02d}/2026\tX{sku}\tB000000001\t{sku}\tTitle of {sku}\t{event}\t{reference}\t{quantity}\t"
                     f"{center}\t{disposition}\t{reason}\t{CENTERS[center]}\t\t\t2026-05-{day:02d}T00:00:00+0200\t")
    return ('\ufeff' + '\r\n'.join(lines) + '\r\n').encode()
