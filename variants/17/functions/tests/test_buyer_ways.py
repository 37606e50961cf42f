class TestBuyerWays:

    # In place of c715a0a5: contacts keep their key.
    def test_a_key_of_before_shows_no_buyer(self):
        own = self.env['res.partner'].create({'name': "Own", 'email': 'own@example.com'})
        for partner, found in ((self.buyer, False), (own, True)):
            partner.sudo().signup_prepare()
            self.assertEqual(bool(self.env['res.partner'].sudo()._signup_retrieve_partner(partner.sudo().signup_token)),
                             found)
