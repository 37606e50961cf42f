from odoo import models

RESTRICT = 'mail.restrict.template.rendering'
DONE = 'amazon_connector.templates_restricted'


class IrConfigParameter(models.Model):
    """Odoo 17 lets every internal user write templates, which read whatever the server can read. Once in a database,
    this takes the right from all but those who have it by another group: later it is for administrators to decide, and
    the page "Data protection" says what they have decided.
    """

    _inherit = 'ir.config_parameter'

    def init(self, force=False):  # pylint: disable=missing-return
        super().init(force)
        # Groups are changed when all tables of the addon are there.
        self.pool.post_init(self._amazon_restrict_templates)

    def _amazon_restrict_templates(self):
        parameters = self.sudo()
        if not parameters.get_param(DONE):
            parameters.set_param(RESTRICT, '1')
            parameters.set_param(DONE, '1')
