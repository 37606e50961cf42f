"""Packages of an order as Amazon shows them (Orders 2026-01-01, `PACKAGES`)."""

from typing import NamedTuple

from .errors import Unreadable
from .reading import Part, read_each


class Package(NamedTuple):
    """One package that is not cancelled: `items` is the quantity of each order item id, None where Amazon names no
    items.

    `reference` and `tracking_number` are '' where Amazon names none.
    """

    reference: str
    tracking_number: str
    items: dict | None

    def holds(self, items: dict, tracking_number: str) -> bool:
        """Return whether this package has these items and this tracking number; where Amazon names no items, the number
        decides.
        """
        same_number = self.tracking_number.replace(' ', '') == tracking_number.replace(' ', '')
        return same_number and (self.items == items if self.items is not None else bool(tracking_number))


def read_packages(order) -> tuple[list[Package], list[Unreadable]]:
    """Return the packages of an `Order` that can be read, and the errors of the others."""
    try:
        entries = Part(order, 'order').entries('packages', None)
    except Unreadable as fault:
        return [], [fault]
    packages, bad = read_each(entries, _read_package)
    return [package for package in packages if package], [fault for _value, fault in bad]


def _read_package(package):
    if package.part('packageStatus', None).text('status', '') == 'CANCELLED':
        return None
    return Package(package.text('packageReferenceId', ''), package.text('trackingNumber', ''), _read_items(package))


def _read_items(package):
    if package.value.get('packageItems') is None:
        return None
    items = {}
    for item in package.parts('packageItems'):
        quantity = item.number('quantity')
        if quantity != int(quantity):
            raise Unreadable(item.get_path('quantity'), str(quantity))
        items[item.text('orderItemId')] = items.get(item.text('orderItemId'), 0) + int(quantity)
    return items
