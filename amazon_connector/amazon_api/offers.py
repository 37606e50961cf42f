"""Parcels, offers and labels, whichever of Amazon's two APIs sells them (see `buy_shipping`)."""

import datetime
from decimal import Decimal
from typing import NamedTuple


class Address(NamedTuple):
    """The sender's address of a parcel; `country` is the ISO 3166 code, missing values are ''."""

    name: str
    street: str
    street2: str
    city: str
    state: str
    zip: str
    country: str
    email: str
    phone: str


class Parcel(NamedTuple):
    """One parcel of one order: `items` are pairs of order item id and quantity, `sides` length, width and height in
    centimetres.
    """

    order_ref: str
    items: list
    grams: float
    sides: tuple
    value: Decimal
    currency: str
    sender: Address


class Service(NamedTuple):
    """A service that a carrier adds to an offer (a confirmation, a signature), for a price in the offer's currency."""

    ref: str
    name: str
    price: Decimal


class ServiceGroup(NamedTuple):
    """Added services of one kind; of a required group one must be bought."""

    ref: str
    title: str
    required: bool
    services: tuple

    @property
    def cheapest(self) -> Service:
        """Return the cheapest service of this group."""
        return min(self.services, key=lambda service: (service.price, service.ref))


class Offer(NamedTuple):
    """What a carrier offers: `arrives` is the latest promised time of delivery (UTC, aware) or None, `handle` what
    buying it needs.

    `charge` is the price without added services. `benefits` are Amazon's names of what protects the seller, `lacks`
    those that this offer lacks with their reasons. `documents` are `DocumentOption` objects.
    """

    service_ref: str
    service: str
    carrier_ref: str
    carrier: str
    charge: Decimal
    currency: str
    arrives: datetime.datetime | None
    benefits: tuple
    lacks: dict
    documents: tuple
    groups: tuple
    needs_inputs: bool
    handle: dict

    @property
    def price(self) -> Decimal:
        """Return the lowest price: the charge and the cheapest service of each required group."""
        return self.get_price({})

    @property
    def formats(self) -> tuple:
        """Return the formats of the label on offer."""
        return tuple(dict.fromkeys(option.form for option in self.documents))

    def get_price(self, selection: dict) -> Decimal:
        """Return the price with the added services of a selection, see `get_services`."""
        return self.charge + sum(service.price for service in self.get_services(selection))

    def get_services(self, selection: dict) -> list[Service]:
        """Return the added services of a selection (group -> service), and the cheapest one of each required group that
        it does not name.

        :raises LookupError: the selection names what is not offered
        """
        services = {group.ref: {service.ref: service for service in group.services} for group in self.groups}
        chosen = {ref: services[ref][service_ref] for ref, service_ref in selection.items() if service_ref}
        chosen |= {group.ref: group.cheapest for group in self.groups if group.required and group.ref not in chosen}
        return [chosen[group.ref] for group in self.groups if group.ref in chosen]


class Refusal(NamedTuple):
    """Why a service is not offered: in Amazon's words, or by a `code` ('terms', 'unavailable', 'unreadable', where
    `reason` names the field).
    """

    service: str
    reason: str = ''
    code: str = ''


class Input(NamedTuple):
    """A value that a carrier asks for: `choices` is empty where any text will do."""

    name: str
    title: str
    required: bool
    choices: tuple


class Purchase(NamedTuple):
    """A paid label, as far as the answer can be read: `faults` are `Unreadable` errors for the rest.

    `shipment_ref` and `tracking_number` are '' where they are unknown, `price` and `currency` None where Amazon does
    not repeat them; `documents` are `LabelDocument` objects.
    """

    shipment_ref: str
    tracking_number: str
    documents: tuple
    faults: tuple
    price: Decimal | None = None
    currency: str | None = None


def compact(values: dict) -> dict:
    """Return a dictionary without empty values."""
    return {key: value for key, value in values.items() if value not in (None, '', {}, [])}
