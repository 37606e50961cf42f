class AmazonAccessLog:

    # In place of 578f4cc4: no cursor is for reading only.
    @api.model
    def _log(self, action, records, detail=None):
        """Add a line for each record, unless the same user did the same with it a moment ago.

        :param str action: a key of the field `action`
        """
        if records and self.env.uid != SUPERUSER_ID:
            self._insert(self.env.cr, action, records, detail)
            self.invalidate_model()
