"""Amazon's processing reports on feeds: a message is accepted only where Amazon says so."""

import json
from typing import NamedTuple

from lxml import etree

from .patches import read_issues
from .words import _

MAX_BYTES = 64 * 1024 * 1024
MOST_ISSUES = 200_000


class ReportProblem(ValueError):
    """Raised for a processing report that is missing, damaged, or that of another feed, with the reason in words."""


class Outcome(NamedTuple):
    """The outcome of messages by a report.

    `refused` and `accepted` are message id -> text (False where Amazon has no remark), `unclear` are the ids that it
    does not state as accepted, and `problems` are texts about the feed as a whole.
    """

    accepted: dict
    refused: dict
    unclear: set
    problems: list


class Report(NamedTuple):
    """`issues` are dicts with `messageId` (None: the feed), `severity` and `message`; the counts are those of Amazon's
    summary.
    """

    issues: list
    processed: int
    accepted: int


def read_listings_report(content: bytes, feed_ref: str) -> Report:
    """Return the processing report of a `JSON_LISTINGS_FEED` (`listings-feed-processing-report-schema-v2`).

    :raises ReportProblem: the content is no such report, or is about another feed
    """
    report = _load_json(content)
    header, issues, summary = (_get(report, name, kind)
                               for name, kind in (('header', dict), ('issues', list), ('summary', dict)))
    if str(header.get('feedId') or feed_ref) != feed_ref:
        raise ReportProblem(_("it is the report of another feed (%(feed)s)", feed=str(header['feedId'])[:40]))
    if len(issues) > MOST_ISSUES:
        raise ReportProblem(_("it has %(count)s issues", count=len(issues)))
    counts = [_get_count(summary, name) for name in ('messagesProcessed', 'messagesAccepted')]
    return Report([_read_issue(issue) for issue in issues], *counts)


def _load_json(content):
    if len(content) > MAX_BYTES:
        raise ReportProblem(_("it is too large"))
    try:
        report = json.loads(content)
    except (ValueError, RecursionError):
        start = repr(content[:60].decode(errors='replace'))
        raise ReportProblem(_("it is no JSON, it begins with %(start)s", start=start) if content.strip()
                            else _("it is empty")) from None
    if not isinstance(report, dict):
        raise ReportProblem(_("it is no JSON object"))
    return report


def _get(report, name, kind):
    if not isinstance(report.get(name), kind):
        raise ReportProblem(_("it has no %(name)s", name=name))
    return report[name]


def _get_count(summary, name):
    count = summary.get(name)
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise ReportProblem(_("its summary has no %(name)s", name=name))
    return count


def _read_issue(issue):
    """Return an issue; one of another shape is an error of an unknown message."""
    return ({**issue, 'messageId': _read_id(issue.get('messageId'))} if isinstance(issue, dict)
            else {'messageId': None, 'message': str(issue)[:100]})


def _read_id(value):
    """Return the id of a message, None where the feed as a whole is meant or the id cannot be read."""
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 and int(text) else None


def read_fulfillment_report(content: bytes, feed_ref: str) -> Report:
    """Return the processing report of a feed in XML, in the same form.

    :raises ReportProblem: the content is no such report, or is about another feed
    """
    report = _load_xml(content)
    transaction = report.findtext('DocumentTransactionID') or feed_ref
    if transaction.strip() != feed_ref:
        raise ReportProblem(_("it is the report of another feed (%(feed)s)", feed=transaction[:40]))
    counts = [_count_text(report, name) for name in ('MessagesProcessed', 'MessagesSuccessful', 'MessagesWithWarning')]
    issues = [{
        'messageId': _read_id(result.findtext('MessageID')),
        'severity': (result.findtext('ResultCode') or '').strip().upper(),
        'message': result.findtext('ResultDescription') or result.findtext('ResultMessageCode') or '',
    } for result in report.iter('Result')]
    return Report(issues, counts[0], counts[1] + counts[2])


# Where a table says in the marketplace's language that an issue is a warning only.
WARNINGS = ('WARNING', 'WARNUNG', 'AVERTISSEMENT', 'ADVERTENCIA', 'AVVISO', 'INFO')


def read_table_report(content: bytes, charset: str = '') -> Report:
    """Return the processing report of a flat file, a summary above a table of issues, in the same form.

    Issues name records by number, which begin anywhere, so they are told by their SKU (`sku`) alone.

    :param str charset: the name that came with the document, '' for none
    :raises ReportProblem: the content is no such report
    """
    if len(content) > MAX_BYTES:
        raise ReportProblem(_("it is too large"))
    lines = [[cell.strip() for cell in line.split('\t')] for line in _decode(content, charset).splitlines()]
    start = next((number for number, cells in enumerate(lines) if 'original-record-number' in map(str.lower, cells)),
                 len(lines))
    counts = [int(cells[-1]) for cells in lines[:start] if len(cells) > 1 and cells[-1].isascii()
              and cells[-1].isdecimal() and len(cells[-1]) < 10]
    if len(counts) != 2:
        raise ReportProblem(_("it has no %(name)s", name="Feed Processing Summary"))
    names = [name.lower() for name in lines[start]] if start < len(lines) else []
    rows = [dict(zip(names, cells, strict=False)) for cells in lines[start + 1:] if any(cells)]
    return Report([_read_row(row) for row in rows], *counts)


def _read_row(row):
    kind = row.get('error-type', '').upper()
    return {'messageId': None, 'sku': row.get('sku', ''), 'severity': 'WARNING' if kind in WARNINGS else 'ERROR',
            'code': row.get('error-code', ''), 'message': row.get('error-message') or row.get('error-code') or ''}


def _decode(content, charset):
    for name in ('utf-8-sig', charset or 'cp1252', 'cp1252'):
        try:
            return content.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode('latin-1')


def _load_xml(content):
    if len(content) > MAX_BYTES:
        raise ReportProblem(_("it is too large"))
    try:
        envelope = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ReportProblem(_("it is not XML: %(error)s", error=error)) from None
    report = envelope.find('.//ProcessingReport')
    if report is None:
        raise ReportProblem(_("it has no %(name)s", name='ProcessingReport'))
    return report


def _count_text(report, name):
    text = (report.findtext(f'ProcessingSummary/{name}') or '').strip()
    if not text and name == 'MessagesWithWarning':
        return 0
    if not text.isdecimal() or len(text) > 9:
        raise ReportProblem(_("its summary has no %(name)s", name=name))
    return int(text)


def refuse_whole(report: Report, sent: dict) -> Report:
    """Return a report in which an error of the feed as a whole is one of each message, if Amazon says that it has
    processed none; else the report as it is.

    :param dict sent: id of each message -> its SKU (or None)
    """
    of_all = [issue for issue in report.issues if issue.get('severity') == 'ERROR' and issue['messageId'] is None
              and issue.get('sku') not in sent.values()]
    if report.processed or report.accepted or not of_all:
        return report
    others = [issue for issue in report.issues if issue not in of_all]
    return Report([*others, *({**issue, 'messageId': key} for key in sent for issue in of_all)], len(sent), 0)


def find_outcome(report: Report, sent: dict) -> Outcome:
    """Return the outcome of the messages that were sent.

    A message without an error is accepted if the numbers of the summary bear it out: as many were processed as were
    sent, and as many accepted as have no error. Otherwise it is unknown which of them were, so they are unclear.

    :param dict sent: id of each message -> its SKU (or None), by which an issue is understood that names no message
    """
    by_id, skus = {}, {sku: key for key, sku in sent.items() if sku}
    for issue in report.issues:
        key = issue['messageId'] if issue['messageId'] in sent else skus.get(str(issue.get('sku')), issue['messageId'])
        by_id.setdefault(key, []).append(issue)
    texts = {key: read_issues(issues) for key, issues in by_id.items()}
    refused = {key: texts[key][0] for key in sent if key in texts and texts[key][0]}
    good = sent.keys() - refused.keys()
    problems = [text for text in (texts.get(None, (False,))[0],
                                  _describe_strangers(texts.keys() - sent.keys() - {None})) if text]
    if report.processed < len(sent) or report.accepted < len(good):
        problems.append(_(
            "Of %(sent)s messages Amazon processed %(processed)s and accepted %(accepted)s.", sent=len(sent),
            processed=report.processed, accepted=report.accepted))
        return Outcome({}, refused, set(good), problems)
    return Outcome({key: texts[key][1] if key in texts else False for key in good}, refused, set(), problems)


def _describe_strangers(ids):
    """Describe issues of messages that were never sent: they may belong to one that was, but it is unknown to which."""
    return (_("The report names messages that were not sent: %(ids)s.", ids=', '.join(map(str, sorted(ids)[:5]))) if ids
            else '')
