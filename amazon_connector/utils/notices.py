"""Notices of the web client, in which a line of the text is a line on the screen."""


def make_notice(kind: str, message, after: dict, *, sticky: bool = False) -> dict:
    """Return the action that shows a notice.

    :param kind: success, info, warning or danger
    :param after: the action that follows
    :param sticky: whether it stays until somebody closes it
    """
    return {'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
        'type': kind, 'message': str(message or ''), 'sticky': sticky, 'className': 'o_amazon_notice', 'next': after}}
