class TestAccessAfterwards:

    # In place of 285b1018: Odoo 18 itself cannot search a file that is a field of no model.
    def test_a_file_of_a_users_does_not_become_a_document(self):
        for model, field, role in (('amazon.settlement', 'document', 'accountant'),
                                   ('amazon.report', 'content', 'admin')):
            record = self.own(model, role)
            files = self.as_user(self.env['ir.attachment'], role)
            hung = files.create({'name': "mine", 'res_model': model, 'res_id': record.id, 'raw': b'mine'})
            loose = files.create({'name': "mine", 'raw': b'mine'})
            place = {'res_model': model, 'res_id': record.id, 'res_field': field}
            self.refuse(lambda: hung.write({'res_field': field}))  # noqa: B023
            self.refuse(lambda: loose.write(place))  # noqa: B023
            self.assertNotEqual(base64.b64decode(record.sudo()[field] or b''), b'mine')
