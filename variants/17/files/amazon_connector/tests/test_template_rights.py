from odoo.tests import TransactionCase, new_test_user, tagged

RESTRICT, DONE = 'mail.restrict.template.rendering', 'amazon_connector.templates_restricted'
EDITORS = 'mail.group_mail_template_editor'


@tagged('post_install', '-at_install')
class TestTemplateRights(TransactionCase):
    """Odoo 17 gives every internal user a right by which templates read whatever the server can read."""

    def test_the_right_is_taken_once(self):
        parameters, clerk = self.env['ir.config_parameter'], new_test_user(self.env, 'clerk', groups='base.group_user')
        self.assertEqual(parameters.get_param(RESTRICT), '1', "since the addon was installed")
        self.assertFalse(clerk.has_group(EDITORS))
        self.assertTrue(self.env.ref('base.user_admin').has_group(EDITORS))
        parameters.set_param(RESTRICT, False)
        parameters._amazon_restrict_templates()
        self.assertTrue(clerk.has_group(EDITORS), "an administrator has decided so since")
        parameters.set_param(DONE, False)
        parameters._amazon_restrict_templates()
        self.assertFalse(clerk.has_group(EDITORS))
