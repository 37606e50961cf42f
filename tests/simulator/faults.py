"""Faults on demand: what Amazon and the network between do wrong, for some calls of some operations."""

import dataclasses
import random

KINDS = {
    'throttle', 'error_500', 'error_503', 'timeout', 'cut', 'slow', 'stale_token', 'duplicate_page', 'clock_shift',
    'forbidden', 'html_success', 'feed_fatal', 'feed_cancelled', 'feed_stuck', 'feed_error', 'feed_partial',
    'feed_no_result', 'report_fatal', 'report_cancelled', 'report_header_only', 'report_damaged',
    'report_odd_byte', 'document_cut', 'empty_answer', 'unrecorded', 'too_late', 'token_loop',
}


@dataclasses.dataclass
class Fault:
    """One kind of fault: for an `operation` (`*` for all), for a `share` of calls, at most `count` times.

    With a `marketplace` (an id) it hits calls on that marketplace only.
    """

    kind: str
    operation: str = '*'
    share: float = 1.0
    count: int = -1
    seconds: float = 0.0
    marketplace: str = ''

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}: choose one of {', '.join(sorted(KINDS))}")


class Faults:
    def __init__(self, seed: int = 1):
        self._random = random.Random(seed)
        self.active: list[Fault] = []

    def strike(self, operation: str, *kinds: str, marketplaces: set[str] = frozenset()) -> Fault | None:
        """Return the fault of one of these kinds that hits this call (on these marketplaces), and count it."""
        for fault in self.active:
            if fault.kind not in kinds or fault.operation not in ('*', operation) or fault.count == 0:
                continue
            if fault.marketplace and fault.marketplace not in marketplaces:
                continue
            if self._random.random() < fault.share:
                fault.count -= fault.count > 0
                return fault
        return None

    def clock_shift(self) -> float:
        """Return how many seconds Amazon's clock is ahead of this machine's."""
        return sum(fault.seconds for fault in self.active if fault.kind == 'clock_shift')
