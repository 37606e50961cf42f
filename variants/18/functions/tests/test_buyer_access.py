class TestBuyerAccess:

    # In place of 3b493a8a: clients sort and compare groups by no aggregates.
    def test_nobody_finds_out_by_comparing_and_sorting(self):
        partners = self.as_user('salesman', self.env['res.partner'])
        both = [('id', 'in', (self.buyer | self.own).ids)]
        self.own.street, self.buyer.street = "M", "Z"
        self.env.flush_all()
        groups = partners._read_group(both, ['id'], having=[('street:max', '>', 'A')])
        self.assertEqual([int(row[0]) for row in groups], self.own.ids)
        for street in ("A", "Z"):
            self.buyer.street = street
            self.env.flush_all()
            ways = {'groups': [row[0] for row in partners._read_group(both, ['id'], order='street:max')],
                    'records': partners.search(both, order='street').ids}
            for way, found in ways.items():
                self.assertEqual(int(found[0]), self.own.id, (way, street))
        counted = partners._read_group(both, [], ['__count', 'street:max'])
        self.assertEqual(counted, [(2, "M")], "counts are whole, values are not shown")
