"""Search domains."""


def any_of(terms) -> list:
    """Return a domain that is met where any of these terms is, nowhere where there is none.

    :param terms: domains, each of which is one term, as `['&', first, second]`
    """
    domain = [(0, '=', 1)]
    for term in terms:
        domain = ['|', *term, *domain]
    return domain
