"""Tests whose suites are open. When the teardown of a suite fails, Robot Framework counts its tests as failed.

The teardown stands behind the tests, whose statuses in the file are those from before it (Rebot writes them anew). So
the last tests wait here until their suites have ended, as many as ``_ROWS`` and ``_TEXT`` allow.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final

from report_processor import limits
from report_processor.events import CLOSE, NAME, OPEN, PASSED, ROWS, SKIPPED, Details, Event, Row
from report_processor.retries import size_of

_ROWS: Final = 2_000
_TEXT: Final = 4_000_000
_TOGETHER: Final = 100
_ORDERED: Final = frozenset({OPEN, NAME, CLOSE, ROWS})
"""Events that have a place among the tests."""
_JUDGED: Final = ("arent suite teardown failed:", "Skipped in parent suite teardown")
"""What the message of a test says that Rebot has judged."""
_NO_DETAILS: Final[Details] = ("", "", "", "", False, (), (), ())


class HeldTests:
    """The last events of a file."""

    def __init__(self) -> None:
        self._events: Final[deque[Event]] = deque()
        self._rows = 0
        self._text = 0
        self._ready: list[Event] = []

    def put(self, events: Iterable[Event]) -> None:
        """What the parser has recorded since the last call."""
        for event in events:
            if event[0] not in _ORDERED:
                self._ready.append(event)
                continue
            for part in _apart(event):
                self._events.append(part)
                self._count(part, 1)
        while self._rows > _ROWS or self._text > _TEXT:
            event = self._events.popleft()
            self._count(event, -1)
            self._ready.append(event)

    def take(self, *, all_of_them: bool = False) -> list[Event]:
        """Those that wait no longer."""
        if all_of_them:
            self._ready += self._events
            self._events.clear()
            self._rows = self._text = 0
        ready, self._ready = self._ready, []
        return ready

    def judge(self, status: int, message: str, *, skipped_too: bool) -> tuple[list[int], bool]:
        """The teardown of the innermost open suite failed or was skipped: so are its tests.

        ``skipped_too``: also those that were skipped. Returns the statuses of those that changed, and whether all tests
        of the suite were here.
        """
        changed: list[int] = []
        open_ones = 0
        for at in range(len(self._events) - 1, -1, -1):
            event = self._events[at]
            if event[0] == CLOSE:
                open_ones += 1
            elif event[0] == OPEN:
                if not open_ones:
                    return changed, True
                open_ones -= 1
            elif event[0] == ROWS:
                self._events[at] = (ROWS, [_judged(row, status, message, skipped_too, changed) for row in event[1]])
        return changed, False

    def _count(self, event: Event, sign: int) -> None:
        rows, text = _weight(event)
        self._rows += sign * rows
        self._text += sign * text


def _weight(event: Event) -> tuple[int, int]:
    """Rows and characters. That a suite begins or ends, perhaps without tests, takes as much as a test."""
    if event[0] == ROWS:
        return len(event[1]), sum(map(size_of, event[1]))
    labels = event[2] if event[0] == CLOSE else ()
    texts = sum(len(value) for value in event if isinstance(value, str))
    return 1, texts + sum(len(name) + len(value) for name, value in labels)


def _apart(event: Event) -> Iterable[Event]:
    """The event; one of many tests as several, so that not all of them must go at once."""
    if event[0] != ROWS or len(event[1]) <= _TOGETHER:
        return (event,)
    rows = event[1]
    return [(ROWS, rows[at : at + _TOGETHER]) for at in range(0, len(rows), _TOGETHER)]


def _judged(row: Row, status: int, message: str, skipped_too: bool, changed: list[int]) -> Row:
    title, kind, before, duration, line, details = row
    description, exception, said, trace, flaky, attempts, labels, assets = details or _NO_DETAILS
    if not kind or any(text in said for text in _JUDGED):
        return row  # without a kind it is a teardown of a suite inside
    said = _also(said, status, message)
    if before == PASSED or status == SKIPPED or (before == SKIPPED and skipped_too):
        changed.append(before)
    else:
        status = before
    return title, kind, status, duration, line, (description, exception, said, trace, flaky, attempts, labels, assets)


def _also(said: str, status: int, message: str) -> str:
    """The message of a test, in the words of Rebot, and that of the teardown."""
    if status == SKIPPED:
        said = f"Skipped in parent suite teardown\n\n{said}".rstrip()
    elif said:
        said = f"{said}\n\nAlso parent suite teardown failed:\n{message}"
    else:
        said = f"Parent suite teardown failed:\n{message}"
    return said[: limits.EXCEPTION_DESCRIPTION]
