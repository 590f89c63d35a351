"""One result of a TRX file while it is read."""

import re
from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Recorder, Row
from report_processor.parsing.dotnet import is_absolute
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import LONGEST
from report_processor.parsing.json_format import moment

_STATUS: Final = {
    "passed": PASSED,
    "passedbutrunaborted": PASSED,
    "failed": FAILED,
    "error": BROKEN,
    "min": BROKEN,
    "timeout": BROKEN,
    "aborted": BROKEN,
    "disconnected": BROKEN,
    "notrunnable": BROKEN,
    "notexecuted": SKIPPED,
    "pending": SKIPPED,
    "inconclusive": UNKNOWN,
    "warning": UNKNOWN,
    "completed": UNKNOWN,
    "inprogress": UNKNOWN,
}
"""``Pending`` is written by mocha-trx-reporter only: that is Mocha's word for a skipped test. ``Min`` is what .NET 7
writes for ``Error``, the first of the words."""
_TOLD: Final = frozenset({PASSED, FAILED, SKIPPED})
"""Statuses that say as much as the outcome does."""
_SPAN: Final = re.compile(r"(?:(\d{1,4})\.)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)(\.\d{1,20})?")


def span(text: str) -> float | None:
    """A time span of .NET in seconds: ``[days.]hours:minutes:seconds``.

    vitest-trx-results-processor has milliseconds with a fraction of their own behind the seconds: ``00:00:02.7.86``.
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    days, hours, minutes, seconds, fraction = found.groups()
    value = int(days or 0) * 86400.0 + int(hours) * 3600 + int(minutes) * 60
    if fraction:
        seconds, _, milliseconds = seconds.partition(".")
        value += float(milliseconds + fraction) / 1000
    value += float(seconds)
    return round(value, 9) if value <= LONGEST else None


def status_of(attributes: dict[str, str]) -> tuple[int, str]:
    """The status, and the word when it is not known. Loggers leave ``Error`` out: it is the first of the words."""
    word = attributes.get("outcome")
    if word is None:
        return BROKEN, ""
    status = _STATUS.get(word.strip().lower())
    return (UNKNOWN, word or "no outcome") if status is None else (status, "")


class Result:
    """Its attributes, and a draft once there is more to say than they do."""

    __slots__ = ("_draft", "attributes", "bad_inside", "key", "place", "status", "tests_inside", "title")

    def __init__(self, attributes: dict[str, str], place: tuple[int, int], status: int) -> None:
        self.attributes: Final = attributes
        self.place: Final = place
        self.status: Final = status
        self.key: Final = attributes.get("testId", "").lower()
        self.title: Final = attributes.get("testName", "")
        self.tests_inside = 0
        """Results of which it is made, such as those of the rows of its data."""
        self.bad_inside = 0
        self._draft: Draft | None = None
        if status not in _TOLD:
            self.draft.label("outcome", attributes.get("outcome", "Error"))

    @property
    def draft(self) -> Draft:
        """What will be recorded."""
        if self._draft is None:
            self._draft = Draft(self.title, "", self.status, *self.place)
        return self._draft

    def file(self, path: str) -> None:
        """A file of it, in its folder of results."""
        folder = self.attributes.get("relativeResultsDirectory", "")
        self.draft.asset(f"{folder}/{path}" if path and folder and not is_absolute(path) else path)

    def row(self, recorder: Recorder, duration: float | None) -> Row:
        """It is complete."""
        title = self.title
        plain = self._draft is None and len(title) <= limits.TITLE and title and not title.isspace()
        if plain:
            return title, "", self.status, duration, self.place[0], None
        self.draft.duration = duration
        return self.draft.row(recorder)


def elapsed(attributes: dict[str, str]) -> float | None:
    """The duration by the times of begin and end, of a result that has none of its own."""
    begin, end = moment(attributes.get("startTime", "")), moment(attributes.get("endTime", ""))
    if begin is None or end is None or not 0 <= end - begin <= LONGEST:
        return None
    return round(end - begin, 6)
