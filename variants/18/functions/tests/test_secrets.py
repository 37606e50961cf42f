class TestSecrets:

    # In place of 6e3a4cc4: a condition on a field that cannot be searched counts as true, whatever it says.
    def refuses(self, search, *arguments, **options):
        try:
            with mute_logger('odoo.domains', 'odoo.osv.expression'):
                found = search(*arguments, **options)
        except (AccessError, ValueError, NotImplementedError, UserError):
            return
        self.assertEqual(found, search([]), f"{arguments} {options} was answered")
