"""Mocha's own reporters ``json`` and ``json-stream``.

The facts are from the reporters of Mocha 2 to 12. The document has an array of all tests, which does not
tell how they went, then one array for each outcome; these are read. In the stream each line is an array.
"""

import re
from typing import Any, Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, Event, Label, Recorder
from report_processor.formats.mocha.result import HOOK, is_timeout, plain, seconds, tell_error
from report_processor.parsing.base import JSON, LINES, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.either import Either
from report_processor.parsing.json_format import JsonFormat, dict_of, list_of, number_of, text_of
from report_processor.parsing.json_reader import SKIP
from report_processor.parsing.line_format import JsonLineFormat

_FAILED: Final = 100_000
"""Titles of failed tests that are remembered."""


class _Tests:
    """Records tests, each in the container of its suite."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder: Final = recorder
        self._suite: tuple[str, str] | None = None
        """Title and file of the container that is open."""
        self._failed: set[int] = set()
        self.count = 0
        """How many there were, those included that Mocha lists twice."""

    def record(self, test: dict[str, Any], status: int, duration: float | None, line: int) -> None:
        """A test."""
        title, whole = test.get("title"), test.get("fullTitle")
        if type(title) is not str or type(whole) is not str or "\x1b" in whole:
            title, whole = plain(text_of(title)), plain(text_of(whole))
        error = test.get("err")
        self.count += 1
        if status == FAILED:
            if len(self._failed) < _FAILED:
                self._failed.add(hash(whole))
        elif error and hash(whole) in self._failed:
            return  # it passed, then failed: Mocha lists it twice
        elif error:
            status = FAILED
        self._enter(whole.removesuffix(title).strip(), text_of(test.get("file")))
        usual = 0 < len(title) <= limits.TITLE and not title.isspace()
        if status == PASSED and not test.get("currentRetry") and usual:
            self._recorder.rows.append((title, "", PASSED, duration, line, None))
            return
        draft = Draft(title, "", status, line)
        draft.duration = duration
        if error or test.get("stack"):
            tell_error(draft, error if isinstance(error, dict) else {"message": error, "stack": test.get("stack")})
        if status == FAILED and (HOOK.match(title) or is_timeout(error)):
            draft.status = BROKEN
        _tell_retries(draft, test.get("currentRetry"))
        draft.record(self._recorder)

    def end(self) -> None:
        """Close what is open."""
        self._enter("", "")

    def _enter(self, title: str, file: str) -> None:
        wanted = (title, file) if title else None
        if wanted == self._suite:
            return
        if self._suite is not None:
            labels: list[Label] = [("file", self._suite[1])] if self._suite[1] else []
            self._recorder.close("", labels)
        if wanted is not None:
            self._recorder.open(title, "", 0)
        self._suite = wanted


def _tell_retries(draft: Draft, retries: Any) -> None:
    earlier = number_of(retries) or 0
    if 0 < earlier < limits.ATTEMPTS:
        # Only a test that failed is run again.
        for _ in range(int(earlier)):
            draft.attempt(FAILED)
        draft.attempt(draft.status, draft.duration)
    elif retries:
        draft.label("retries", text_of(retries))


class MochaJson(JsonFormat):
    """Parser of what the reporter ``json`` writes."""

    SHAPE = {"": {"tests": SKIP, "pending": "pending", "failures": "failure", "passes": "pass", "stats": "stats"}}

    def __init__(self) -> None:
        super().__init__()
        self._tests: Final = _Tests(self.recorder)
        self._stated: float | None = None

    def item(self, name: str, value: Any) -> None:
        """A test, in the array of its outcome."""
        if not isinstance(value, dict):
            if value is not None:
                self.recorder.note("unknown_element", f"no {name or 'report'}: {text_of(value)[:100]}", self.line)
        elif name == "stats":
            self.date(value.get("start"))
            counts = [number_of(value.get(key)) for key in ("passes", "pending", "failures")]
            self._stated = sum(count or 0 for count in counts) if counts != [None] * 3 else None
        elif name in _OUTCOMES:
            duration = seconds(value.get("duration"))
            if duration is None:
                duration = self.seconds(value.get("duration"), 0.001)
            self._tests.record(value, _OUTCOMES[name], duration, self.line)

    def close(self) -> list[Event]:
        """See ``base.Parser``: only a whole document can be compared with its summary."""
        events = super().close()
        if self._stated is not None and self._stated != self._tests.count:
            text = f"stats tell of {self._stated:g} tests and hooks, but there are {self._tests.count}"
            self.recorder.note("suite_count_differs", text)
        return events + self.recorder.take()

    def finish(self) -> None:
        """See ``JsonFormat``."""
        self._tests.end()


class MochaStream(JsonLineFormat):
    """Parser of what the reporter ``json-stream`` writes; what tests print stands between its lines."""

    def __init__(self) -> None:
        super().__init__()
        self._tests: Final = _Tests(self.recorder)
        self._ended = False

    def value(self, value: Any) -> None:
        """See ``JsonLineFormat``."""
        kind, told = value if isinstance(value, list) and len(value) == 2 else (None, None)
        if kind in ("pass", "fail") and isinstance(told, dict):
            status = PASSED if kind == "pass" else FAILED
            self._tests.record(told, status, self.seconds(told.get("duration"), 0.001), self.line)
        elif kind == "end" and isinstance(told, dict):
            self._end(told)
        elif isinstance(kind, str) and kind != "start":
            super().other(text_of(value))

    def other(self, line: str) -> None:
        """What a test printed says nothing about tests; a torn line does."""
        if line.lstrip().startswith('["'):
            super().other(line)

    def finish(self, *, complete: bool) -> None:
        """See ``LineFormat``."""
        if complete and not self._ended:
            raise Damage("truncated_file", "there is no line of the kind end", self.line, 0)
        self._tests.end()

    def _end(self, stats: dict[str, Any]) -> None:
        self._ended = True
        self.date(stats.get("start"))
        told = sum(number_of(stats.get(key)) or 0 for key in ("passes", "failures"))
        pending = number_of(stats.get("pending")) or 0
        if told != self._tests.count or pending:
            text = f"the end tells of {told + pending:g} tests and hooks, but there are {self._tests.count}"
            self.recorder.note("suite_count_differs", text, self.line)


def _parser() -> Either:
    return Either(lambda sign: MochaStream() if sign == "[" else MochaJson())


_START: Final = re.compile(r'[\ufeff\s]*\["start", ?\{"total": ?\d+\}\]')
_OUTCOMES: Final = {"pending": SKIPPED, "failure": FAILED, "pass": PASSED}


def recognise(head: Head) -> str | None:
    """What is looked at: the first line of a stream, or stats of Mocha and the arrays beside it."""
    if _START.match(head.text):
        return "line of the kind start"
    document = dict_of(next(iter(head.json), None))
    stats = dict_of(document.get("stats"))
    arrays = [key for key in ("tests", "pending", "failures", "passes") if isinstance(document.get(key), list)]
    if {"suites", "tests", "passes", "failures"} <= stats.keys() and arrays and "results" not in document:
        return f"keys stats, {', '.join(arrays)}"
    if len(arrays) > 2 and any("fullTitle" in dict_of(one) for key in arrays for one in list_of(document[key])[:1]):
        return f"keys {', '.join(arrays)}"
    return None


FORMAT: Final = Format(
    key="mocha",
    origin="mocha_json",
    title="Mocha JSON",
    expects="What Mocha's own reporter json writes (version 2 and later: an object with stats, tests, pending, "
    "failures and passes), or json-stream (an array on each line).",
    example="""{
  "stats": {
    "suites": 1,
    "tests": 2,
    "passes": 1,
    "pending": 0,
    "failures": 1,
    "start": "2026-11-24T15:23:31.496Z",
    "end": "2026-11-24T15:23:31.544Z",
    "duration": 48
  },
  "tests": [],
  "pending": [],
  "failures": [
    {
      "title": "signs out",
      "fullTitle": "login signs out",
      "file": "/project/tests/login.js",
      "duration": 1,
      "currentRetry": 0,
      "err": {"stack": "Error: still there\\n    at login.js:7:9", "message": "still there"}
    }
  ],
  "passes": [
    {
      "title": "signs in",
      "fullTitle": "login signs in",
      "file": "/project/tests/login.js",
      "duration": 3,
      "currentRetry": 0,
      "speed": "fast",
      "err": {}
    }
  ]
}
""",
    mapping="The suites around a test are one container, for Mocha writes their titles as one text; its file is a "
    "label. Tests are read from the arrays pending (skipped), failures (failed) and passes (passed), not from tests, "
    "and in that order; parts of one suite are merged into one container. A hook that failed and a test that timed out "
    "are broken. Of a test that was run again, the earlier attempts are failed, and nothing else is known of them.",
    kinds=(JSON, LINES),
    recognise=recognise,
    parser=_parser,
    limits="json-stream does not tell of pending tests and timeouts. Tests that were not run because of a broken hook "
    "are in neither.",
    merges=True,
)
