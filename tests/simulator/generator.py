"""Realistic stores: any number of orders, the same for the same seed.

All 23 marketplaces with their currencies and ways of taxing, both channels, all statuses, business buyers, gift wrap,
promotions, tips, quantities that do not divide evenly, names and addresses of the world.
"""

import datetime
import random
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from amazon_api.marketplaces import BY_COUNTRY, MARKETPLACES

from .listings import make

UTC = datetime.timezone.utc


class TaxModel(NamedTuple):
    """How a marketplace taxes: `on_top` of prices or inside, whether replies have a TAX entry, who remits."""

    rates: tuple
    on_top: bool = False
    stated: bool = True
    facilitator: bool = False


TAX_MODELS = {
    'US': TaxModel(('0.0725', '0.08875', '0.06', '0'), on_top=True, facilitator=True),
    'CA': TaxModel(('0.05', '0.13', '0.15'), on_top=True),
    'MX': TaxModel(('0.16',)), 'BR': TaxModel(('0',), stated=False), 'GB': TaxModel(('0.20',), stated=False),
    'JP': TaxModel(('0.10',), stated=False), 'TR': TaxModel(('0.20',), stated=False),
    'DE': TaxModel(('0.19', '0.07')), 'FR': TaxModel(('0.20', '0.055')), 'IT': TaxModel(('0.22',)),
    'ES': TaxModel(('0.21', '0.10')),
    'NL': TaxModel(('0.21',)), 'BE': TaxModel(('0.21',)), 'IE': TaxModel(('0.23',)), 'SE': TaxModel(('0.25',)),
    'PL': TaxModel(('0.23',)), 'ZA': TaxModel(('0.15',)), 'EG': TaxModel(('0.14',)), 'SA': TaxModel(('0.15',)),
    'AE': TaxModel(('0.05',)), 'IN': TaxModel(('0.18', '0.12')), 'SG': TaxModel(('0.09',), facilitator=True),
    'AU': TaxModel(('0.10',), facilitator=True),
}
PRICE_SCALE = {'JPY': 150, 'INR': 80, 'TRY': 40, 'EGP': 50, 'MXN': 18, 'ZAR': 18, 'SEK': 11, 'PLN': 4, 'BRL': 5}
NAMES = [
    "Anna Schmidt", "Anna Schmidt", "José Luis García-Márquez", "Zoë O'Brien", "Łukasz Żółć", "佐藤 花子",
    "محمد الأحمد",
    "Björk Guðmundsdóttir", "X", "Dr. Maximilian Alexander von und zu Hohenstein-Wittelsbach der Jüngere",
    "Nguyễn Thị Ánh",
    "Müller, Hans & Söhne", "Ana", "Seán Mac Giolla Phádraig", "प्रिया शर्मा", "<b>Robert</b>", "D'Angelo  Russo ",
]
STREETS = ["Hauptstraße 5", "221B Baker St", "1-2-3 Shibuya", "Rue de l'Église 12 bis", "Av. Paulista, 1000",
           "c/o Lobby; Apt #4, 7th floor"]
PLACES = {
    'US': [("Austin", "TX", "78701"), ("New York", "NY", "10001")], 'CA': [("Montréal", "QC", "H2X 1Y4")],
    'MX': [("Ciudad de México", "CDMX", "06600")],
    'BR': [("São Paulo", "SP", "01310-100")], 'GB': [("London", "", "SW1A 1AA"), ("Edinburgh", "Scotland", "EH1 1YZ")],
    'DE': [("Berlin", "", "10115"), ("München", "Bayern", "80331")], 'FR': [("Paris", "", "75011")],
    'JP': [("渋谷区", "東京都", "150-0002")],
    'IT': [("Roma", "RM", "00184")], 'ES': [("Madrid", "Madrid", "28013")], 'IN': [("Mumbai", "MAHARASHTRA", "400001")],
}
LEVELS = ['STANDARD', 'EXPEDITED', 'NEXT_DAY', 'FREE_ECONOMY', 'SAME_DAY']
STATUSES = {
    'MERCHANT': [('UNSHIPPED', 55), ('SHIPPED', 22), ('PARTIALLY_SHIPPED', 3), ('PENDING', 12), ('CANCELLED', 8)],
    'AMAZON': [('SHIPPED', 78), ('PENDING', 9), ('UNSHIPPED', 8), ('CANCELLED', 5)],
}
CATALOGUE_SIZE = 40
AMAZON_CHANNELS = {'na': 'AMAZON_NA', 'eu': 'AMAZON_EU', 'fe': 'AMAZON_JP'}


def catalogue() -> list[dict]:
    """Return what the generated stores sell: `sku`, `asin`, `title` and `price` (in euros, a `Decimal`)."""
    rng = random.Random('catalogue')
    nouns = ["Kettle", "Desk lamp", "Yoga mat", "USB-C cable", "Board game", "Coffee grinder", "Backpack",
             "Water bottle"]
    return [{
        'sku': f'SKU-{number:03d}', 'asin': f'B0{rng.randrange(36 ** 5):08d}'[:10],
        'title': f"{rng.choice(nouns)} {rng.choice(['Classic', 'Pro', 'Mini'])} {number}",
        'price': Decimal(rng.randrange(499, 9999)) / 100,
    } for number in range(CATALOGUE_SIZE)]


def generate_listings(state, count: int, *, countries=None) -> None:
    """Let every seller list `count` SKUs on each of its marketplaces, the first of them those of the catalogue.

    Every fifth is there a second time, fulfilled by Amazon (`…-FBA`), every tenth as a pack of two (`…-2PK`), and eight
    shirts in two sizes and two colours belong to two parents, so a marketplace has more rows than `count`.
    """
    goods = catalogue()
    for seller in state.sellers.values():
        for market in MARKETPLACES:
            if market.region == seller.region and (not countries or market.country in countries):
                scale = PRICE_SCALE.get(market.currency, 1)
                for number in range(count):
                    _list(state, seller, market, number, goods[number] if number < len(goods) else None, scale)
                _list_shirts(state, seller, market, scale)


def _list(state, seller, market, number, good, scale):
    sku = good['sku'] if good else f'SKU-{number:05d}'
    price = round(float(good['price'] if good else 5 + number % 90) * scale, 0 if market.currency == 'JPY' else 2)
    common = {'marketplace': market.id, 'asin': good['asin'] if good else f'B1{number:08d}', 'title': good['title']
              if good else f"Thing {number}",
              'price': price, 'barcode': f'40{number:010d}' if number % 2 else None}
    make(state, seller.id, **common, sku=sku, quantity=number % 50)
    if number % 5 == 0:
        make(state, seller.id, **common, sku=f'{sku}-FBA', channel=AMAZON_CHANNELS[market.region],
             fba_quantity=number % 30 + 1)
    if number % 10 == 0:
        pack = {'title': f"{common['title']} (pack of 2)", 'asin': f'B2{number:08d}', 'barcode': None}
        price = round(price * 1.9, 0 if market.currency == 'JPY' else 2)
        make(state, seller.id, **{**common, **pack, 'price': price}, sku=f'{sku}-2PK', quantity=5)


def _list_shirts(state, seller, market, scale):
    for family in ('TEE-A', 'TEE-B'):
        make(state, seller.id, marketplace=market.id, sku=family, title=f"T-shirt {family[-1]}", product_type='SHIRT',
             attributes={
                 'parentage_level': [{'value': 'parent', 'marketplace_id': market.id}],
                 'variation_theme': [{'name': 'SIZE/COLOR'}]})
        for size in ('M', 'L'):
            for color in ('Red', 'Blue'):
                make(state, seller.id, marketplace=market.id, sku=f'{family}-{size}-{color.upper()}',
                     title=f"T-shirt {family[-1]} {size} {color}",
                     product_type='SHIRT', price=round(15 * scale), quantity=8, attributes={
                         'parentage_level': [{'value': 'child', 'marketplace_id': market.id}],
                         'child_parent_sku_relationship': [{'child_relationship_type': 'variation',
                                                            'parent_sku': family, 'marketplace_id': market.id}],
                         'size': [{'value': size, 'language_tag': 'en_US', 'marketplace_id': market.id}],
                         'color': [{'value': color, 'language_tag': 'en_US', 'marketplace_id': market.id}]})


def generate_orders(count: int, *, seed: int = 1, now: datetime.datetime, countries=None, unknown_share: float = 0.0,
                    business_share: float = 0.06, foreign_share: float = 0.0, replacement_share: float = 0.0) -> list[
                        dict]:
    """Return `count` orders as Orders API 2026-01-01 `Order` objects with all data sets.

    :param list countries: country codes of the marketplaces, all 23 by default
    :param float unknown_share: share of orders with a SKU that is not in the catalogue
    :param float foreign_share: share of orders that other shops took and Amazon ships (`NON_AMAZON`)
    :param float replacement_share: share of orders that replace another one free of charge
    """
    markets = [BY_COUNTRY[code] for code in countries] if countries else list(MARKETPLACES)
    goods = catalogue()
    orders = [_Order(random.Random(f'{seed}-{number}'), number, markets[number % len(markets)], goods, now,
                     unknown_share, business_share).build() for number in range(count)]
    chance = random.Random(f'{seed}-kinds')
    for order in orders:
        drawn = chance.random()
        if drawn < foreign_share:
            make_foreign(order)
        elif drawn < foreign_share + replacement_share:
            make_replacement(order)
    return orders


def make_foreign(order: dict) -> None:
    """Let another shop have taken an order, which Amazon only ships: units, and no money."""
    order['salesChannel'].update(channelName='NON_AMAZON', marketplaceName='Non-Amazon')
    order['fulfillment']['fulfilledBy'] = 'AMAZON'
    order.pop('buyer', None)
    _make_free(order)


def make_replacement(order: dict, replaced: str = '') -> None:
    """Let an order replace another one, free of charge."""
    order['associatedOrders'] = [{'orderId': replaced or f"{order['orderId'][:-1]}0",
                                  'associationType': 'REPLACEMENT_ORIGINAL_ID'}]
    _make_free(order)


def _make_free(order):
    for item in order['orderItems']:
        item.pop('proceeds', None)
        item.pop('promotion', None)
    order.pop('proceeds', None)


def merchant_orders(count: int, country: str = 'DE') -> list[dict]:
    """Return so many paid orders of a marketplace that the merchant is to ship."""
    now, found = datetime.datetime.now(UTC), {}
    for number in range(count):
        for order in generate_orders(200, seed=100 + number, now=now, countries=[country]):
            if (order['fulfillment']['fulfilledBy'], order['fulfillment']['fulfillmentStatus']) == (
                    'MERCHANT', 'UNSHIPPED'):
                found[order['orderId']] = order
        if len(found) >= count:
            break
    return list(found.values())[:count]


class _Order:
    def __init__(self, rng, number, market, goods, now, unknown_share, business_share):
        self.rng, self.number, self.market, self.goods, self.now = rng, number, market, goods, now
        self.tax = TAX_MODELS[market.country]
        self.channel = rng.choice(['MERCHANT', 'AMAZON'])
        states, weights = zip(*STATUSES[self.channel], strict=True)
        self.status = rng.choices(states, weights)[0]
        self.business = rng.random() < business_share
        self.unknown = rng.random() < unknown_share

    def build(self) -> dict:
        rng = self.rng
        created = self.now - datetime.timedelta(minutes=rng.randrange(60, 60 * 24 * 20))
        updated = min(created + datetime.timedelta(minutes=rng.randrange(0, 2000)),
                      self.now - datetime.timedelta(minutes=5))
        items = [self._item(position) for position in range(rng.choice([1, 1, 1, 2, 3]))]
        order = {
            'orderId': f'{rng.randrange(100, 999)}-{self.number:07d}-{rng.randrange(10 ** 7):07d}',
            'createdTime': _text(created), 'lastUpdatedTime': _text(updated),
            'programs': ['PRIME'] if rng.random() < .3 else ['AMAZON_BUSINESS'] if self.business else [],
            'salesChannel': {'channelName': 'AMAZON', 'marketplaceId': self.market.id,
                             'marketplaceName': f'Amazon.{self.market.shop[7:]}'},
            'buyer': self._buyer(), 'recipient': {'deliveryAddress': self._address()},
            'fulfillment': self._fulfillment(created), 'proceeds': {}, 'orderItems': items,
        }
        if self.business:
            order['tax'] = {'taxRegistrations': [{
                'entityType': 'BUYER', 'legalName': 'Meridian Handels GmbH', 'taxRegistrationType': 'VAT',
                'taxRegistrationNumber': 'DE136695976',
            }]}
        recompute_totals(order, tip=self._tip())
        return order

    def _tip(self):
        return self.market.country == 'US' and self.rng.random() < .05 and Decimal('3.00')

    def _buyer(self):
        name = self.rng.choice(NAMES)
        if self.channel == 'AMAZON':
            return {'buyerName': name} if self.rng.random() < .5 else {}
        buyer = {'buyerName': name, 'buyerEmail': f'buyer{self.number % 997:04d}@marketplace.{self.market.shop}'}
        if self.business:
            buyer.update(buyerCompanyName='Meridian Handels GmbH', buyerPurchaseOrderNumber=f'PO-{self.number}')
        return buyer

    def _address(self):
        city, region, postcode = self.rng.choice(PLACES.get(self.market.country, [("Capital City", "", "1000")]))
        address = {'city': city, 'stateOrRegion': region, 'postalCode': postcode, 'countryCode': self.market.country}
        if self.channel == 'AMAZON':
            return address
        address.update(name=self.rng.choice(NAMES), addressLine1=self.rng.choice(STREETS), addressType='RESIDENTIAL')
        if self.rng.random() < .3:
            address['addressLine2'] = "Building C"
        if self.rng.random() < .6:
            address['phone'] = '+49 30 5550100'
        if self.market.country == 'BR':
            address['extendedFields'] = {'streetName': "Av. Paulista", 'streetNumber': "1000", 'complement': "Sala 3",
                                         'neighborhood': "Bela Vista"}
        return address

    def _fulfillment(self, created):
        ship, deliver = created + datetime.timedelta(days=2), created + datetime.timedelta(days=6)
        return {
            'fulfillmentStatus': self.status, 'fulfilledBy': self.channel,
            'fulfillmentServiceLevel': self.rng.choice(LEVELS),
            'shipByWindow': {'earliestDateTime': _text(created), 'latestDateTime': _text(ship)},
            'deliverByWindow': {'earliestDateTime': _text(ship), 'latestDateTime': _text(deliver)},
        }

    def _item(self, position):
        rng, good = self.rng, self.rng.choice(self.goods)
        unknown = self.unknown and not position
        ordered = rng.choice([1, 1, 1, 2, 3, 7])
        quantity = 0 if self.status == 'CANCELLED' else ordered
        price = self._round(good['price'] * PRICE_SCALE.get(self.market.currency, 1))
        item = {
            'orderItemId': f'{self.number:07d}{position:03d}{rng.randrange(1000):03d}', 'quantityOrdered': quantity,
            'product': {
                'asin': 'B0UNKNOWN0' if unknown else good['asin'], 'title': "Something not in Odoo yet" if unknown
                else good['title'],
                'sellerSku': f'NEW-{self.number}' if unknown else good['sku'],
                'condition': {'conditionType': 'NEW', 'conditionSubtype': 'NEW'},
                'price': {'unitPrice': self._money(price)},
            },
            'fulfillment': self._item_fulfillment(quantity),
        }
        if quantity:
            item['proceeds'] = self._proceeds(price * quantity, rng, quantity)
        else:
            item['cancellation'] = {'cancellationExecution': {'cancelledBy': 'BUYER', 'cancelReason': 'BUYER_CANCELED'}}
        if any(part['type'] == 'GIFT_WRAP' for part in item.get('proceeds', {}).get('breakdowns', [])):
            item['fulfillment']['packing'] = {'giftOption': {'giftMessage': "Alles Gute! ❤\nMit Liebe",
                                                             'giftWrapLevel': 'STANDARD'}}
        if any(part['type'] == 'DISCOUNT' for part in item.get('proceeds', {}).get('breakdowns', [])):
            item['promotion'] = {'breakdowns': [{'promotionId': 'PAWS-V2-SUMMER'}]}
        if self.tax.facilitator and quantity:
            item['tax'] = {
                'taxCollections': [{'model': 'MARKETPLACE_FACILITATOR', 'responsibleParty': 'Amazon Services, Inc.'}]}
        return item

    def _item_fulfillment(self, quantity):
        shipped = {'SHIPPED': quantity, 'PARTIALLY_SHIPPED': quantity // 2}.get(self.status, 0)
        return {'quantityFulfilled': shipped, 'quantityUnfulfilled': quantity - shipped}

    def _proceeds(self, amount, rng, quantity):
        """Amounts by type, then the tax of each, then the convention of the marketplace."""
        rate = Decimal(0 if self.business and not self.tax.on_top and self.tax.stated else rng.choice(self.tax.rates))
        parts = {'ITEM': amount}
        if rng.random() < .4:
            parts['SHIPPING'] = self._round(Decimal('4.99') * PRICE_SCALE.get(self.market.currency, 1))
        if rng.random() < .08:
            parts['GIFT_WRAP'] = self._round(Decimal('2.49') * PRICE_SCALE.get(self.market.currency, 1))
        discounts = {}
        if rng.random() < .15:
            discounts['ITEM'] = self._round(amount * Decimal('0.1'))
        if 'SHIPPING' in parts and rng.random() < .2:
            discounts['SHIPPING'] = parts['SHIPPING']
        taxes = {name: self._tax(value - discounts.get(name, 0), rate) for name, value in parts.items()}
        # Amazon rounds the tax of each unit.
        taxes['ITEM'] = self._tax((parts['ITEM'] - discounts.get('ITEM', 0)) / quantity, rate) * quantity
        sign = rng.choice([1, -1])
        breakdowns = [{'type': name, 'subtotal': self._money(value)} for name, value in parts.items()]
        if discounts:
            breakdowns.append(self._detailed('DISCOUNT', {name: sign * value for name, value in discounts.items()}))
        if self.tax.stated and rate:
            breakdowns.append(self._detailed('TAX', taxes))
        total = sum(parts.values()) - sum(discounts.values()) + (sum(taxes.values()) if self.tax.on_top else 0)
        return {'proceedsTotal': self._money(total), 'breakdowns': breakdowns}

    def _tax(self, value, rate):
        return self._round(value * rate if self.tax.on_top else value * rate / (1 + rate))

    def _detailed(self, kind, values):
        return {'type': kind, 'subtotal': self._money(sum(values.values())), 'detailedBreakdowns': [
            {'subtype': name, 'value': self._money(value)} for name, value in values.items()]}

    def _round(self, value):
        return value.quantize(Decimal(1 if self.market.currency == 'JPY' else '0.01'), ROUND_HALF_UP)

    def _money(self, value):
        return _money(self._round(Decimal(value)), self.market.currency)


def recompute_totals(order: dict, tip=None) -> None:
    """Set the order's proceeds from those of its items."""
    currency = next((item['proceeds']['proceedsTotal']['currencyCode'] for item in order['orderItems']
                     if item.get('proceeds')), None)
    tips = [part for part in order.get('proceeds', {}).get('breakdowns', []) if part['type'] == 'DELIVERY_TIP']
    if not currency:
        order.pop('proceeds', None)
        return
    if tip:
        tips = [{'type': 'DELIVERY_TIP', 'status': 'COMPLETED', 'subtotal': _money(tip, currency)}]
    sums = {}
    total = sum(Decimal(part['subtotal']['amount']) for part in tips)
    for item in order['orderItems']:
        if item.get('proceeds'):
            total += Decimal(item['proceeds']['proceedsTotal']['amount'])
            for part in item['proceeds']['breakdowns']:
                sums[part['type']] = sums.get(part['type'], 0) + abs(Decimal(part['subtotal']['amount']))
    breakdowns = [{'type': name, 'subtotal': _money(value, currency)} for name, value in sums.items()]
    order['proceeds'] = {'grandTotal': _money(total, currency), 'breakdowns': breakdowns + tips}


def scale_item(item: dict, before: int, after: int) -> None:
    """Change an item's proceeds in proportion to its quantity, keeping its tax convention."""
    if not after or not before or not item.get('proceeds'):
        item.pop('proceeds', None)
        return
    proceeds = item['proceeds']
    currency = proceeds['proceedsTotal']['currencyCode']
    on_top = _total(proceeds, with_tax=True) == Decimal(proceeds['proceedsTotal']['amount'])

    def scale(money):
        unit = Decimal(1 if currency == 'JPY' else '0.01')
        money['amount'] = str((Decimal(money['amount']) * after / before).quantize(unit, ROUND_HALF_UP))

    for part in proceeds['breakdowns']:
        details = part.get('detailedBreakdowns') or []
        for detail in details:
            scale(detail['value'])
        if details:
            part['subtotal']['amount'] = str(sum(Decimal(detail['value']['amount']) for detail in details))
        else:
            scale(part['subtotal'])
    proceeds['proceedsTotal'] = _money(_total(proceeds, with_tax=on_top), currency)


def _total(proceeds, *, with_tax):
    total = Decimal(0)
    for part in proceeds['breakdowns']:
        amount = Decimal(part['subtotal']['amount'])
        total += -abs(amount) if part['type'] == 'DISCOUNT' else amount if part['type'] != 'TAX' or with_tax else 0
    return total


def _money(amount, currency):
    return {'amount': str(amount), 'currencyCode': currency}


def _text(moment):
    return moment.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')
