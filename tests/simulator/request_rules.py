"""What Amazon's models say of parameters only in words: which exclude or need each other. Each rule quotes the
parameter's description.
"""

# Parameters of which no more than one of each group may be given: with one of the left ones, none of the right ones.
EXCLUSIVE = {
    'searchOrders': [
        (('createdAfter',), ('lastUpdatedAfter', 'lastUpdatedBefore')),
        (('lastUpdatedAfter',), ('createdAfter', 'createdBefore')),
        (('createdBefore',), ('lastUpdatedAfter', 'lastUpdatedBefore')),
        (('lastUpdatedBefore',), ('createdAfter', 'createdBefore')),
    ],
    # "include this token as the only parameter"
    'getReports': [
        (
            ('nextToken',),
            ('reportTypes', 'processingStatuses', 'marketplaceIds', 'pageSize', 'createdSince', 'createdUntil'),
        )
    ],
    'getFeeds': [
        (
            ('nextToken',),
            ('feedTypes', 'marketplaceIds', 'pageSize', 'processingStatuses', 'createdSince', 'createdUntil'),
        )
    ],
    'searchListingsItems': [
        (('identifiers',), ('variationParentSku', 'packageHierarchySku')),
        (('variationParentSku',), ('packageHierarchySku',)),
    ],
    'searchDefinitionsProductTypes': [(('keywords',), ('itemName',))],
    'searchCatalogItems': [(('identifiers',), ('keywords', 'brandNames', 'classificationIds', 'keywordsLocale'))],
}
# With the left one, the right one is required.
NEEDS = {
    'searchListingsItems': [('identifiers', 'identifiersType'), ('identifiersType', 'identifiers')],
    'searchCatalogItems': [('identifiers', 'identifiersType'), ('identifiersType', 'identifiers')],
    'listTransactions': [
        ('relatedIdentifierName', 'relatedIdentifierValue'),
        ('relatedIdentifierValue', 'relatedIdentifierName'),
    ],
}
# Of each group one is required.
ONE_OF = {
    'searchOrders': [('createdAfter', 'lastUpdatedAfter', 'paginationToken')],
    'getReports': [('reportTypes', 'nextToken')],
    'getFeeds': [('feedTypes', 'nextToken')],
    'searchCatalogItems': [('identifiers', 'keywords')],
    'listTransactions': [('postedAfter', 'relatedIdentifierName', 'nextToken')],
}
# Bounds that only the description names.
BOUNDS = {('searchOrders', 'maxResultsPerPage'): {'minimum': 1, 'maximum': 100}}


def problems(operation: str, query: dict) -> list[str]:
    """Return what is wrong with the parameters of a request to an operation as a whole, one sentence each."""
    found = [
        f"{one} and {other} cannot be given together"
        for ones, others in EXCLUSIVE.get(operation, ())
        for one in ones
        if one in query
        for other in others
        if other in query
    ]
    found += [
        f"{needed} is required with {name}"
        for name, needed in NEEDS.get(operation, ())
        if name in query and needed not in query
    ]
    found += [
        f"one of {', '.join(names)} is required"
        for names in ONE_OF.get(operation, ())
        if not any(name in query for name in names)
    ]
    if operation == 'searchCatalogItems' and query.get('identifiersType') == ['SKU'] and 'sellerId' not in query:
        found.append("sellerId is required when identifiersType is SKU")
    return found
