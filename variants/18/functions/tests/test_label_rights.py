class TestLabelRights:

    # Left out 21cffb0d: files have no such keys before Odoo 19.
    def test_the_chatter_gives_no_key_to_a_label(self):
        pass
