"""Pieces of one unit at Amazon by SKU and title."""

import pytest
from addon_modules import load

pieces = load('utils/pack_pieces')
find_in_title, find_pieces, propose_pieces, split_sku = (
    pieces.find_in_title, pieces.find_pieces, pieces.propose_pieces, pieces.split_sku)

PACKS = [
    # English
    (3, "Yoga Socks for Women (Pack of 3)"), (2, "Tempered Glass Screen Protector for iPhone 12 Pro, 2 Pack"),
    (6, "Stainless Steel Straws, Set of 6"), (4, "LED Bulb E27 60W Equivalent 4-Pack"),
    (12, "Sparkling Water 330 ml Cans, Case of 12"), (2, "USB 3.0 Cable, 1.5 m, Pack of 2"),
    (3, "Charger for Galaxy S23, 3-Pack [20W]"), (10, "Microfibre Cloths (10 pcs)"), (6, "Tea Towels, 6 pieces"),
    (4, "AA Batteries (x4)"), (2, "Bicycle Inner Tube 28 inch Twin Pack"), (24, "Tonic Water 24 x 200 ml"),
    (6, "6x Wine Glass Clear"), (3, "3PK Toner for HP 305"), (8, "Hangers, 8 pk"), (2, "HDMI 2.1 Cable × 2, 8K ×2"),
    # German
    (3, "Baumwoll-Unterhemd 3er Set weiß"), (2, "Merinosocken, 2er-Pack, Größe 43"), (6, "Trinkgläser 300 ml, 6 Stück"),
    (4, "Heizkörperthermostat 4er-Set"), (10, "AA-Batterien 1,5 V (10 Stk.)"), (2, "Zahnbürstenköpfe im Doppelpack"),
    (6, "Apfelsaft naturtrüb 6 x 1 l"), (5, "Druckerpatronen 5er Sparpack"), (4, "Packung mit 4 Filtern"),
    # French
    (4, "Lot de 4 verres à vin 35 cl"), (3, "Chaussettes de sport (lot de 3)"), (6, "Eau minérale, pack de 6 x 1,5 L"),
    (2, "Paquet de 2 recharges 500 ml"), (8, "Serviettes de table, 8 pièces"), (2, "Ensemble de 2 coussins 40 x 40 cm"),
    # Italian
    (6, "Confezione da 6 bicchieri in vetro"), (2, "Cuscino memory (set di 2)"), (4, "Lampadine LED, 4 pezzi"),
    (12, "Strofinacci, conf. da 12"), (10, "Grucce in legno 10 pz"),
    # Spanish
    (3, "Paquete de 3 camisetas de algodón"), (2, "Pack de 2 almohadas 70 cm"), (6, "Vasos de cristal, 6 unidades"),
    (4, "Juego de 4 sillas plegables"), (2, "Pack 2 toallas de baño"), (5, "Bolígrafos (lote de 5)"),
    (3, "Esponjas, 3 uds."),
    # Portuguese (Brazil)
    (3, "Pacote com 3 lâmpadas 9 W"), (6, "Kit com 6 potes herméticos"), (2, "Conjunto de 2 taças"),
    (10, "Cabides, 10 unidades"),
    # Dutch
    (4, "Set van 4 wijnglazen"), (6, "Handdoeken - 6 stuks"), (2, "Kussenhoes, verpakking van 2"),
    (3, "Sokken 3-pack zwart"),
    # Swedish
    (2, "Örngott 50 x 60 cm 2-pack"), (4, "Ljus, förpackning med 4"), (6, "Glas, 6 st"),
    # Polish
    (4, "Zestaw 4 szklanek 300 ml"), (6, "Ściereczki z mikrofibry, 6 szt."), (2, "Poduszka (opakowanie 2 szt.)"),
    (3, "Żarówki LED E27, 3 sztuki"),
    # Turkish
    (4, "Alkalin AA Kalem Pil, 1,5 V, 4'lü Paket"), (3, "Saksı Kare 3’lü Set"),
    (2, "iPhone 14 Ekran Koruyucu (2 Adet)"),
    (18, "Islak Mendil 720 Yaprak (18 x 40 Adet)"),
    # Japanese
    (2, "スマホスタンド 2個セット"), (5, "マスクケース 5枚セット"), (3, "単3形電池 3本パック"),
    # Arabic, with Arabic digits, too
    (3, "جوارب قطنية، حزمة من 3"), (4, "أكواب زجاجية، عبوة من ٤"),
]
NO_PACKS = [
    "Milk Frother 2 L", "Copy Paper A4 80 g", "Case for iPhone 12", "USB 3.0 Hub 4 Port", "Kanister 20 L mit Hahn",
    "Samsung Galaxy S23 Ultra 5G 256 GB", "Vitamin D3 5000 IU, 120 Count", "Notebook 15,6 Zoll, 16 GB RAM",
    "Tablecloth 140 x 240 cm", "Kabel 3 x 1,5 mm², 10 m", "Cookware Set, 6-Piece", "Puzzle 1000 pieces",
    "Puzzle 24 pieces",
    "Windows 11 Pro", "Mehl Type 405, 1 kg", "Paquet de 500 g de pâtes", "Confezione da 5 kg",
    "Sac de couchage 2 places",
    "Leiter 3-teilig", "Besteckset 24-teilig", "4K HDMI Switch 3 in 1 out", "Fernseher 55 Zoll", "Bohrer 6 mm",
    "10x Vergrößerungsspiegel", "Kaffee 12x500", "Objectif 50 mm f/1.8", "Canon EOS R6", "BMW X6 Fußmatten",
    "Lenovo ThinkPad X6",
    "Filter für Serie 5 und 6", "Power Bank 20000 mAh 3 A", "Schuhe Größe 42", "Wii Fit Pack", "Rucksack 30L Pack",
    "2er Cabrio Modellauto", "3-Gang-Schalter", "Rollen 6 x 9 cm", "Bio Apfelsaft 0,75 l", "Teppich 2 x 3 m",
    "DDR4 RAM 2 x 8 GB", "Batterie 12 V 7 Ah", "3'lü Priz Uzatma Kablosu", "Bebek Bezi (1 x 30 Adet)",
    "Pack of 500 sheets",
    "Lot de 4,5 kg", "Pack of 1", "Multi Pack Assorted", "", "Nr. 5 Pinsel", "Vitamin C, 60 Stück", "MAN 3 Tage Reise",
    "Sechskantschraube M6 x 30", "Uhr 3 bar wasserdicht", "Playstation 5", "10 Jahre Garantie",
    "Set di lenzuola 2 piazze",
    # Contents, and time
    "Besteckset 24-teilig, 24 Stück", "Messerset, 5 Stück", "Werkzeugset (20 pcs)", "Set mit 52 Karten",
    "Knife Set, 5 pieces", "Coffret à outils, 20 pièces", "Schraubensortiment, 24 Stück",
    "Lot de 2 ans de garantie", "Paket mit 3 Monaten Abo", "Pack of 3 hours", "Pack de 6 meses", "Set di 3 mesi",
    "Cartouche HP 62-P",
    "Lampe 2 x 40 W", "Monitor 27\" 144 Hz", "Pack of 3 m cable",
]


@pytest.mark.parametrize(('count', 'title'), PACKS)
def test_titles_that_name_a_pack(count, title):
    assert find_in_title(title).count == count


@pytest.mark.parametrize('title', NO_PACKS)
def test_sizes_models_and_volumes_are_no_packs(title):
    assert find_in_title(title).count == 0


@pytest.mark.parametrize(('sku', 'base', 'count'), [
    ('SKU-000-2PK', 'SKU-000', 2), ('KETTLE-3PACK', 'KETTLE', 3), ('KETTLE-PACK4', 'KETTLE', 4), ('mug_6pcs', 'mug', 6),
    ('SOCKE-3ER-SET-BLK', 'SOCKE-BLK', 3), ('AB-12-6x', 'AB-12', 6), ('AB-12-x6', 'AB-12', 6), ('2PK-LAMP', 'LAMP', 2),
    ('LOT4_VERRE', 'VERRE', 4), ('SKU-A-2PK-FBA', 'SKU-A-FBA', 2), ('GLAS.12-STK', 'GLAS', 12),
    ('SKU-A', 'SKU-A', 0), ('BMW-X6', 'BMW-X6', 0), ('A4-PAPER', 'A4-PAPER', 0), ('IPHONE-12', 'IPHONE-12', 0),
    ('B2PKX', 'B2PKX', 0), ('USB-3.0', 'USB-3.0', 0), ('SKU-1PK', 'SKU-1PK', 0), ('2PK', '2PK', 0), ('', '', 0),
    ('BINO-10x', 'BINO-10x', 0), ('PCIE-x16', 'PCIE-x16', 0), ('LOT-12-BLUE', 'LOT-12-BLUE', 0),
    ('NVME-PCIe4-x4', 'NVME-PCIe4-x4', 0), ('ZOOM-8x', 'ZOOM-8x', 0),
    ('SKU-2PK-4PK', 'SKU-2PK-4PK', 0), ('SKU-500PCS', 'SKU-500PCS', 0), ('PACK-RAT-12', 'PACK-RAT-12', 0),
])
def test_skus(sku, base, count):
    assert split_sku(sku) == (base, count)


def test_the_sku_decides_and_what_contradicts_itself_says_nothing():
    assert find_pieces('LAMP-2PK', "Lamp (Pack of 4)") == (2, '2PK')
    assert find_pieces('LAMP', "Lamp (Pack of 4)") == (4, 'Pack of 4')
    assert find_pieces('LAMP', "Lamp (Pack of 4), 2er Set") == (0, '')
    assert find_pieces('COLA', "Cola 6 x 330 ml (4er Pack)") == (4, '4er Pack'), "a pack is more than a content"
    assert find_pieces(False, False) == (0, '')


def test_the_evidence_is_spelt_as_in_the_title():
    assert find_in_title("İstanbul Bardak 6'lı Paket").count == 6
    assert find_in_title("LAMPE, 3ER SET").evidence == "3ER SET"


@pytest.mark.parametrize(('listing', 'product', 'proposed'), [
    (("SKU-2PK", ""), ("SKU", "Kettle"), 2), (("SKU-2PK", ""), ("SKU-2PK", "Kettle"), 1),
    (("X", "Glasses, Pack of 12"), ("G6", "Glasses, set of 6"), 2), (("X", "Glasses, Pack of 4"), ("G6", "Set of 6"),
    0),
    (("X", "Glasses"), ("G6", "Glasses, set of 6"), 0),
])
def test_a_product_may_be_a_pack_itself(listing, product, proposed):
    assert propose_pieces(find_pieces(*listing), find_pieces(*product)) == proposed
