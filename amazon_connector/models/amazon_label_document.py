import io
import logging

from PIL import Image

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.pdf import merge_pdf

from ..amazon_api.errors import NOT_OF_THE_RECORD, AmazonError
from ..utils.notices import make_notice
from ..utils.phrases import tell
from .delivery_carrier import FORMATS

_logger = logging.getLogger(__name__)

LABEL = 'LABEL'


class AmazonLabel(models.Model):
    """The documents of labels: stored when they were paid for, fetched again, printed."""

    _inherit = 'amazon.label'

    document_ids = fields.Many2many(
        'ir.attachment',
        string="Further documents",
        readonly=True,
        help="Customs forms and the like that came with the label.",
    )
    document_state = fields.Selection(
        [('missing', "Missing"), ('wanted', "Being fetched")], "Document", readonly=True, index='btree_not_null'
    )

    @api.model
    def _get_file_sql(self):
        """Return SQL of the ids of all attachments that came with labels."""
        self.flush_model(['attachment_id', 'document_ids'])
        field = self._fields['document_ids']
        return SQL(
            "(SELECT attachment_id FROM amazon_label WHERE attachment_id IS NOT NULL UNION ALL SELECT %s FROM %s)",
            SQL.identifier(field.column2), SQL.identifier(field.relation))

    # === KEEPING WHAT WAS PAID FOR === #

    def _keep(self, bought):
        """Store a purchase before its documents are read: it is paid for.

        :param Purchase bought: what Amazon answered
        """
        if not bought.shipment_ref:
            self.tracking_number = bought.tracking_number
            self._fail(
                tell(self.env)._(
                    "Amazon sold this label, and its answer does not say which (%s). It is paid for: look for it in "
                    "Seller Central, "
                    "and retry only if there is none.",
                    self._describe_faults(bought.faults),
                )
            )
            return
        vals = {
            'shipment_ref': bought.shipment_ref,
            'tracking_number': bought.tracking_number,
            'request': False,
            'document_state': 'wanted',
        }
        currency = self._find_currency(bought.currency)
        if currency:
            vals |= {'price': float(bought.price), 'currency_id': currency.id}
        self.write(vals)

    def _attach(self, bought):
        """Attach the documents of a label; where the label itself is missing, say so and have it fetched
        (`document_state`).
        """
        labels = [document for document in bought.documents if document.kind == LABEL]
        attachments = [
            self._make_attachment(document)
            for document in labels + [other for other in bought.documents if other not in labels]
        ]
        self.document_ids = attachments[1:] if labels else attachments
        if labels:
            self.attachment_id = attachments[0]
        self.write(
            {
                'document_state': False if labels else self.document_state,
                'tracking_number': self.tracking_number or bought.tracking_number,
                'error': self._describe_lack(bought, has_label=bool(labels)),
            }
        )

    def _make_attachment(self, document):
        """Return the id of a new attachment of the delivery that holds a document."""
        prefix = (
            self.delivery_carrier_id._get_delivery_label_prefix()
            if document.kind == LABEL
            else document.kind.replace('_', ' ').title().replace(' ', '')
        )
        return (
            self.env['ir.attachment']
            .create(
                {
                    'name': f'{prefix}-{self.tracking_number or self.shipment_ref}.{document.form.lower()}',
                    'raw': document.content,
                    'res_model': 'stock.picking',
                    'res_id': self.picking_id.id,
                    'mimetype': FORMATS[document.form],
                }
            )
            .id
        )

    def _describe_lack(self, bought, has_label):
        """Return in words what a paid label lacks, or False."""
        faults = self._describe_faults(bought.faults)
        if not has_label:
            return tell(self.env)._(
                "The label is paid for, but its document is missing (%s). Fetch it again.", faults or LABEL
            )
        return bool(faults) and tell(self.env)._("Some of Amazon's answer could not be read: %s", faults)

    def _describe_faults(self, faults):
        return tell(self.env).join((self._describe_fault(fault) for fault in faults), by='; ')

    # === FETCHING AGAIN === #

    def action_fetch_document(self):
        """Have the missing documents of paid labels fetched again by the job."""
        self.check_access('read')
        if not self.env.user.has_group('stock.group_stock_user'):
            raise AccessError(self.env._("Labels are for those who send parcels."))
        self._find_unprintable().filtered(
            lambda label: not label.sale_order_id.amazon_is_anonymised
        ).document_state = 'wanted'
        self.env['amazon.sync']._wake_event_flow('labels')

    def _fetch_document(self, shop):
        """Fetch the documents of a paid label (`getShipmentDocuments`, `getShipment`); if that fails, say so and wait
        for a person.
        """
        self.document_state = 'missing'
        if self.sale_order_id.amazon_is_anonymised:
            return
        try:
            self._attach(shop.fetch(self.shipment_ref))
        except NOT_OF_THE_RECORD:
            raise
        except AmazonError as error:
            self.error = tell(self.env)._(
                "The label is paid for, but its document is missing (%s). Fetch it again.", self._describe_error(error)
            )
        if self.document_state:
            told = self.picking_id._amazon_for_person()
            told._amazon_alert(told.env._("The document of a label is missing"), self.error)
        elif self.tracking_number:
            self._show_on_delivery()

    # === PRINTING === #

    def _make_document(self):
        """Return all labels as one document to print; a label that cannot be printed stops no other.

        :return: content, MIME type and extension
        :raises UserError: there is none, or they are of kinds that cannot be printed together
        """
        labels = self._find_printed()
        if FORMATS['ZPL'] in labels.attachment_id.mapped('mimetype'):
            return b'\n'.join(attachment.raw for attachment in labels.attachment_id), FORMATS['ZPL'], 'zpl'
        pages = [
            content for attachment in labels.attachment_id if (content := _to_pdf(attachment.raw, attachment.mimetype))
        ]
        if not pages:
            raise self._make_damage_error()
        return merge_pdf(pages), FORMATS['PDF'], 'pdf'

    def _find_printed(self):
        """Return the labels that have a document, as superuser; a damaged document is not recognised here.

        :raises UserError: there is none, or they are of kinds that cannot be printed together
        """
        labels = self.sudo().filtered(lambda label: label.state == 'bought' and label.attachment_id)
        kinds = set(labels.attachment_id.mapped('mimetype'))
        if not labels:
            raise UserError(tell(self.env)._("No label is bought yet."))
        if FORMATS['ZPL'] in kinds and len(kinds) > 1:
            raise UserError(tell(self.env)._("Some labels are in ZPL and some are not: print them apart."))
        return labels

    def _make_damage_error(self):
        return UserError(tell(self.env)._("No label can be printed: their documents are damaged. Fetch them again."))

    def _find_unprintable(self):
        """Return the paid labels without a document that can be printed."""
        bought = self.sudo().filtered(lambda label: label.state == 'bought')
        return bought.filtered(
            lambda label: (
                not label.attachment_id
                or (
                    label.attachment_id.mimetype != FORMATS['ZPL']
                    and not _to_pdf(label.attachment_id.raw, label.attachment_id.mimetype)
                )
            )
        )

    def action_print(self):
        """Open the labels as one document; those that cannot be printed are named and can be fetched again."""
        self.check_access('write')
        printed, lacking = self._find_printed(), self._find_unprintable()
        if not printed - lacking:
            raise self._make_damage_error()
        action = {
            'type': 'ir.actions.act_url',
            'url': f"/amazon_connector/labels/{','.join(map(str, self.ids))}",
            'target': 'new',
        }
        if not lacking:
            return action
        said = self.env._("Labels without a document that can be printed: %s. Fetch them again.",
                          ', '.join(lacking.mapped('display_name')))
        return make_notice('warning', said, action, sticky=True)


def _to_pdf(content, mimetype):
    """Return a label as a PDF that can be joined to others, or None where it is damaged."""
    try:
        if mimetype == FORMATS['PDF']:
            return merge_pdf([content])
        buffer = io.BytesIO()
        image = Image.open(io.BytesIO(content))
        # Labels are four inches wide.
        image.convert('RGB').save(buffer, 'PDF', resolution=image.width / 4)
        return buffer.getvalue()
    except Exception as error:
        # What libraries raise for a damaged document is as various as damage.
        _logger.info("The document of a label cannot be printed (%s)", type(error).__name__)
        return None
