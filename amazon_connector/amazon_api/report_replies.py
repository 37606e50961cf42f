"""`Report` and the lists of it, of the Reports API 2021-06-30."""

import datetime
from typing import NamedTuple

from .order_head import read_time
from .shapes import TEXT, needed, read

REPORT = {
    'reportId': needed(TEXT), 'reportType': TEXT, 'processingStatus': needed(TEXT), 'reportDocumentId': TEXT,
    'marketplaceIds': [TEXT],
}


class ReportFacts(NamedTuple):
    """What a `Report` of the Reports API states; '' or None for what it does not; `start` is naive in UTC."""

    report_ref: str
    report_type: str
    status: str
    document_ref: str
    marketplaces: list
    start: datetime.datetime | None


def read_report(report) -> ReportFacts:
    """Return a `Report` of the Reports API as the fields that are used of it.

    :raises ShapeError: it has another form than Amazon's model describes
    """
    ref = report.get('reportId') if isinstance(report, dict) else None
    start = read_time(report.get('dataStartTime')) if isinstance(report, dict) else None
    report = read(report or {}, REPORT, f'report {ref[:100]}' if isinstance(ref, str) else 'reports', 'reports')
    return ReportFacts(report['reportId'][:255], report.get('reportType', ''), report['processingStatus'],
                       report.get('reportDocumentId', ''), report.get('marketplaceIds', []), start)
