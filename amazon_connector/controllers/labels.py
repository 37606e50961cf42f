from odoo import http
from odoo.http import content_disposition, request


class Labels(http.Controller):

    @http.route('/amazon_connector/labels/<string:ids>', type='http', auth='user', readonly=True)
    def labels(self, ids):
        """Answer labels as one document, made for this request and not stored: labels name buyers."""
        if not all(number.isdecimal() for number in ids.split(',')):
            raise request.not_found()
        labels = request.env['amazon.label'].browse(int(number) for number in ids.split(',')).exists()
        labels.check_access('write')
        content, mimetype, extension = labels._make_document()
        request.env['amazon.access.log'].sudo()._log('label', labels)
        kind = 'inline' if extension == 'pdf' else 'attachment'
        return request.make_response(content, [
            ('Content-Type', mimetype), ('Content-Length', len(content)),
            ('Content-Disposition', content_disposition(f'labels.{extension}', kind))])
