"""Fulfilment centres that the simulator knows without being told, by country: such whose country independent public
lists agree on.
"""

COUNTRIES = {
    'DE': ('LEJ1', 'DUS2', 'DTM2', 'HAM2', 'MUC3'), 'FR': ('LYS1', 'ORY1', 'MRS1', 'CDG7'),
    'IT': ('MXP5', 'FCO1', 'BGY1', 'BLQ1'), 'PL': ('WRO5', 'POZ1', 'KTW1', 'SZZ1'), 'ES': ('MAD4', 'BCN1', 'SVQ1'),
    'GB': ('BHX1', 'LBA1', 'EMA1', 'GLA1'), 'CZ': ('PRG1', 'PRG2'), 'US': ('ABE2', 'AUS2', 'BNA3', 'CLE2'),
    'CA': ('YVR4', 'YYZ4'),
}
CENTERS = {code: country for country, codes in COUNTRIES.items() for code in codes}
