class AmazonCase:

    # In place of eb066606: the registry is put into test mode by hand.
    @contextlib.contextmanager
    def in_job(self):
        """Give an environment with a cursor that may commit, as jobs and requests have it."""
        self.env.flush_all()
        self.registry.enter_test_mode(self.cr)
        try:
            with self.registry.cursor() as cr:
                yield self.env(cr=cr)
        finally:
            self.registry.leave_test_mode()
        self.env.invalidate_all()

    # In place of 423bdf01: more of the chart's special taxes are active, which makes Amazon's 0 % a question.
    @classmethod
    def _find_or_make_company(cls):
        """Loading a chart of accounts takes seconds: `scripts/test` works on a database that has this company."""
        company = cls.env['res.company'].search([('name', '=', "Test GmbH")], limit=1)
        if not company:
            company = cls.env['res.company'].create({'name': "Test GmbH", 'currency_id': cls.env.ref('base.EUR').id})
            company.country_id = cls.env.ref('base.de')
            cls.env['account.chart.template'].try_loading('de_skr03', company=company, install_demo=False)
        for name in (
            'free_skr03_mit_vst', 'free_skr03_ohne_vst', 'free_eu_skr03', 'free_third_country_skr03',
            'free_newcar_skr03',
            'ust_19_3eck_first_skr03', 'ust_free_bau_skr03', 'ust_free_mobil_skr03', 'ust_no_ustpflicht_skr03',
            'ust_55_farmer_skr03', 'ust_107_farmer_skr03', 'vst_ust_19_purchase_13b_werk_ausland_skr03',
        ):
            cls.env.ref(f'account.{company.id}_tax_{name}').active = False
        return company
