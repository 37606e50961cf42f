class AmazonMappingRule:

    # In place of 4e0239f1: packs with a barcode are packagings of a product.
    def _search_barcode(self, keys):
        """By product or packaging; a GTIN is the same with and without leading zeros."""
        spellings = {spelling for key in keys for spelling in {key, *(key.zfill(length) for length in (8, 12, 13, 14))}}
        found = {}
        for product in self._search_products('barcode', spellings):
            found.setdefault(product.barcode.lstrip('0'), []).append((product, 1))
        packagings = self.env['product.packaging'].search([
            *self.env['product.packaging']._check_company_domain(self.marketplace_id.company_id),
            ('barcode', 'in', list(spellings))])
        for packaging in packagings:
            pack = (packaging.product_id, max(round(packaging.qty), 1))
            found.setdefault(packaging.barcode.lstrip('0'), []).append(pack)
        return found
