"""XML-RPC of Odoo 17 knows no strings of other classes, and its text fields hand them on as they are."""

from odoo.addons.base.controllers.rpc import OdooMarshaller

from ..utils.phrases import Phrase

OdooMarshaller.dispatch[Phrase] = OdooMarshaller.dispatch[str]
