class TestRandomBritishYears:

    # New: the British chart has no fiscal positions.
    @classmethod
    def _set_up_taxes(cls):  # pylint: disable=missing-return
        super()._set_up_taxes()
        taxes = cls.env['account.tax'].search([('company_id', '=', cls.company.id), ('type_tax_use', '=', 'sale')])
        zero = cls.env['account.chart.template'].with_company(cls.company).ref('ST0').copy({'name': "0% EX"})
        common = {'company_id': cls.company.id, 'auto_apply': True}
        cls.env['account.fiscal.position'].create([
            {**common, 'name': "Domestic", 'sequence': 1, 'country_id': cls.company.country_id.id},
            {**common, 'name': "Rest of the world", 'sequence': 4,
             'tax_ids': [Command.create({'tax_src_id': tax.id, 'tax_dest_id': zero.id}) for tax in taxes]}])
