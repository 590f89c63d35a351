"""JSON as the plugin pytest-json-report writes it: tests with the stages setup, call and teardown.

The facts are from the plugin's source and from what it writes. ``collectors`` come before ``tests``; both
are walked through.
"""

from typing import Any, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, PASSED, SKIPPED
from report_processor.formats.pytest_json_report.node import SEPARATOR as _SEPARATOR
from report_processor.formats.pytest_json_report.node import parts_of
from report_processor.formats.pytest_json_report.stages import TestReader, plain_duration, reason_of
from report_processor.parsing.base import JSON, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import JsonFormat, dict_of, number_of, text_of
from report_processor.parsing.json_reader import SKIP

_REPORT: Final = frozenset({"created", "duration", "exitcode", "root", "environment", "summary"})
_COLLECTOR: Final = frozenset({"nodeid", "outcome", "longrepr"})


class PytestJsonReportParser(JsonFormat):
    """See ``base.Parser``."""

    SHAPE = {
        "": {"tests": "test", "collectors": "collector", "warnings": SKIP},
        "collector": {"result": SKIP},
    }

    def __init__(self) -> None:
        super().__init__()
        self._reader: Final = TestReader(self.recorder)
        self._collector: dict[str, Any] = {}
        self._opened: list[str] = []
        """Titles of the containers that are open."""
        self._prefix = ""
        """With what the node ids of tests in them begin."""
        self._tests = 0
        self._stated: float | None = None

    def begin(self, name: str) -> None:
        """A collector begins."""
        if name == "collector":
            self._collector = {}

    def member(self, name: str, key: str, value: Any) -> None:
        """What is known of the run or of a collector."""
        if name == "collector":
            if key in _COLLECTOR:
                self._collector[key] = value
        elif key == "created":
            self.date(value)
        elif key == "summary":
            self._stated = number_of(dict_of(value).get("total"))
        elif key == "root":
            self._reader.root(text_of(value))
        elif key == "environment":
            python = text_of(dict_of(value).get("Python"))
            platform = text_of(dict_of(value).get("Platform"))
            self.recorder.system(os=platform, platform=f"Python {python}" if python else "")

    def item(self, name: str, value: Any) -> None:
        """A test."""
        if name != "test" or not isinstance(value, dict):
            self.recorder.note("unknown_element", f"no {name or 'report'}: {text_of(value)[:100]}", self.line)
        else:
            self._test(value)

    def end(self, name: str) -> None:
        """A collector ends: when it broke, it is a result."""
        outcome = self._collector.get("outcome")
        if name != "collector" or not outcome or outcome == "passed":
            return
        error = text_of(self._collector.get("longrepr"))
        draft = Draft("collection", "", SKIPPED if outcome == "skipped" else BROKEN, self.line)
        if outcome == "skipped":
            draft.message(reason_of(error))
        else:
            draft.fail(BROKEN, "", "", error)
        nodeid = text_of(self._collector.get("nodeid"))
        self._enter(parts_of(nodeid) if nodeid else [])
        draft.record(self.recorder)

    def finish(self) -> None:
        """See ``JsonFormat``."""
        self._enter([])
        if self._stated is not None and self._stated != self._tests:
            self.recorder.note("suite_count_differs", f'"total": {self._stated:g}, but there are {self._tests}')

    def _test(self, test: dict[str, Any]) -> None:
        self._tests += 1
        nodeid, line = text_of(test.get("nodeid")), self.line
        title = nodeid[len(self._prefix) :] if nodeid.startswith(self._prefix) else _SEPARATOR
        if _SEPARATOR in title or not self._opened:
            *around, title = parts_of(nodeid)
            self._enter(around)
        marks = self._reader.marks_of(test, title)
        duration = plain_duration(test)
        if duration is not None and not marks and 0 < len(title) <= limits.TITLE:
            self.recorder.rows.append((title, "", PASSED, duration, line, None))
            return
        draft = self._reader.draft_of(test, title, marks, line)
        draft.duration = self._reader.duration_of(test, line)
        draft.record(self.recorder)

    def _enter(self, titles: list[str]) -> None:
        """Close and open containers until these are open."""
        opened = self._opened
        if titles == opened:
            return
        common = 0
        while common < min(len(opened), len(titles)) and opened[common] == titles[common]:
            common += 1
        for _ in opened[common:]:
            self.recorder.close()
        for title in titles[common:]:
            self.recorder.open(title, "", self.line)
        self._opened = titles
        self._prefix = "".join(f"{title}{_SEPARATOR}" for title in titles)
        self._reader.around(titles)


def recognise(head: Head) -> str | None:
    """The head of a report: exitcode, root and their like."""
    for value in head.json[:1]:
        found = dict_of(value)
        if {"exitcode", "root"} <= found.keys() and len(found.keys() & _REPORT) >= 4:
            return "keys created, exitcode, root"
    return None


FORMAT: Final = Format(
    key="pytest-json-report",
    origin="pytest_json",
    title="pytest-json-report",
    expects="JSON as the pytest plugin pytest-json-report writes it (pytest --json-report; versions 0.7 to 1.5): an "
    "object with created, duration, exitcode, root, summary, collectors and tests.",
    example="""{"created": 1769860800.5, "duration": 0.3, "exitcode": 1, "root": "/project", "environment": {},
 "summary": {"passed": 1, "failed": 1, "total": 2, "collected": 2},
 "tests": [
  {"nodeid": "test_login.py::test_signs_in", "lineno": 3, "outcome": "passed",
   "setup": {"duration": 0.01, "outcome": "passed"}, "call": {"duration": 0.2, "outcome": "passed"},
   "teardown": {"duration": 0.01, "outcome": "passed"}},
  {"nodeid": "test_login.py::test_signs_out", "lineno": 7, "outcome": "failed",
   "setup": {"duration": 0.01, "outcome": "passed"},
   "call": {"duration": 0.02, "outcome": "failed", "longrepr": "test_login.py:9: AssertionError",
            "crash": {"path": "/project/test_login.py", "lineno": 9, "message": "AssertionError: still signed in"}},
   "teardown": {"duration": 0.01, "outcome": "passed"}}
 ]}
""",
    mapping="The parts of a node id are containers (file, classes) and the result, with its parameters. passed, "
    "failed, skipped as they are; error, which is a broken setup or teardown, is broken; xfailed is skipped and "
    "xpassed passed, as in pytest's JUnit XML; rerun is passed and flaky, because the plugin keeps only the last "
    'attempt. Any other word is unknown; so is "subtests passed", behind which the plugin hides subtests that failed. '
    "Messages and backtraces of all stages, then their output and log records follow each other. A duration is the "
    "sum of the stages. metadata, user_properties and markers are labels. A collector that failed is a broken result "
    "named collection, one that was skipped a skipped one. Platform and Python version of the environment are the "
    "system.",
    kinds=(JSON,),
    recognise=recognise,
    parser=PytestJsonReportParser,
    limits="Not read: packages and plugins of the environment, the results of collectors that passed, warnings, "
    "traceback (longrepr has it), and lines of tests. With --json-report-summary the file holds counts but no tests, "
    "and is an empty report. Other plugins' JSON (pytest-json, pytest-reportlog) is not read.",
)
