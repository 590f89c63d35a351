"""JSON as Jest and Vitest write it: files with their tests, the suites around a test as a list of titles.

The facts are from Jest's types (``FormattedTestResult``, ``AssertionResult``), Vitest's JSON reporter and
from what both write. A file is walked through, a test is handed over whole.

Jest writes the members of a file by alphabet, so that its name stands behind its tests. A hook that
breaks after the tests leaves no trace but a part of the file's message (Jest) or the file's status
(Vitest): that becomes a result of its own, else the report would look as if all was well.
"""

import re
import textwrap
from typing import Any, Final

from report_processor import limits
from report_processor.checkout import title_of_path
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED
from report_processor.formats.jest.result import draft_of, is_plain
from report_processor.parsing.base import JSON, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.js_error import parts_of_error
from report_processor.parsing.json_format import JsonFormat, dict_of, list_of, number_of, text_of
from report_processor.parsing.json_reader import SKIP

_COUNTS: Final = frozenset(
    {"numTotalTests", "numTotalTestSuites", "numPassedTests", "numFailedTests", "numFailedTestSuites"}
)
_BROKEN_SUITE: Final = re.compile(r"^\s*● Test suite failed to run[ \t]*$\n?", re.MULTILINE)
_NEXT_TEST: Final = re.compile(r"^ {0,2}● ", re.MULTILINE)
_MEMBERS: Final = frozenset({"name", "testFilePath", "message", "failureMessage", "status", "testExecError"})
_NUMBERS: Final = frozenset({int, float})
_LONGEST: Final = 1_000_000_000
"""Milliseconds that need no second look."""
_SUITE_TITLE: Final = "test suite failed to run"


class JestParser(JsonFormat):
    """See ``base.Parser``."""

    SHAPE = {
        "": {"testResults": "file", "coverageMap": SKIP, "snapshot": SKIP, "openHandles": SKIP},
        "file": {"assertionResults": "test", "testResults": "test", "coverage": SKIP, "snapshot": SKIP},
    }

    def __init__(self) -> None:
        super().__init__()
        self._stated: float | None = None
        """How many tests the file's own summary says there are."""
        self._tests = 0
        self._file: dict[str, Any] | None = None
        """What is known of the open file, but for its tests."""
        self._file_line = 0
        self._bad = 0
        """Tests of the open file that failed."""
        self._suites: list[str] = []
        """Titles of the suites that are open in it."""

    def begin(self, name: str) -> None:
        """A file begins."""
        if name == "file":
            self._file, self._bad, self._file_line = {}, 0, self.line
            self.recorder.open_unnamed(self._file_line)

    def member(self, name: str, key: str, value: Any) -> None:
        """What is known of the run or of a file."""
        if name == "file" and self._file is not None:
            if key in _MEMBERS:
                self._file[key] = value
        elif key == "startTime":
            self.date(value)
        elif key == "numTotalTests":
            self._stated = number_of(value)

    def item(self, name: str, value: Any) -> None:
        """A test."""
        if name != "test" or not isinstance(value, dict):
            self.recorder.note("unknown_element", f"no {name or 'report'}: {text_of(value)[:100]}", self.line)
            return
        self._tests += 1
        suites = value.get("ancestorTitles")
        if suites != self._suites:
            # Vitest 1 and older name the file's own suite, too: with an empty text.
            self._enter(list(filter(None, map(text_of, list_of(suites)))))
        line, title = self.reader.position()[0], value.get("title")
        duration = self._seconds_of(value.get("duration"))
        if type(title) is str and 0 < len(title) <= limits.TITLE and is_plain(value):
            self.recorder.rows.append((title, "", PASSED, duration, line, None))
            return
        draft = draft_of(value, self.recorder, line, duration)
        self._bad += draft.status == FAILED
        draft.record(self.recorder)

    def end(self, name: str) -> None:
        """A file ends."""
        if name == "file" and self._file is not None:
            self._end_file(self._file)
            self._file = None

    def finish(self) -> None:
        """See ``JsonFormat``."""
        if self._file is not None:
            self._end_file(self._file)
            self._file = None
        elif self._stated is not None and self._stated != self._tests:
            text = f'"numTotalTests": {self._stated:g}, but there are {self._tests}'
            self.recorder.note("suite_count_differs", text)

    def _seconds_of(self, duration: Any) -> float | None:
        if type(duration) in _NUMBERS and 0 <= duration < _LONGEST:
            seconds: float = round(duration * 0.001, 9)
            return seconds
        return self.seconds(duration, 0.001)

    def _end_file(self, file: dict[str, Any]) -> None:
        self._enter([])
        broken = self._broken_suite(file)
        if broken is not None:
            draft = Draft(_SUITE_TITLE, "", BROKEN, self._file_line)
            draft.fail(BROKEN, *parts_of_error(broken))
            draft.record(self.recorder)
        path = text_of(file.get("name") or file.get("testFilePath"))
        if path:
            self.recorder.name(title_of_path(path))
        self.recorder.close()

    def _broken_suite(self, file: dict[str, Any]) -> str | None:
        """What the file says about its own failure, outside of its tests; None when it did not fail."""
        message = text_of(file.get("message") or file.get("failureMessage"))
        if found := _BROKEN_SUITE.search(message):
            following = _NEXT_TEST.search(message, found.end())
            part = message[found.end() : following.start() if following else None]
            return textwrap.dedent(part).strip()
        if error := dict_of(file.get("testExecError")):
            return text_of(error.get("stack") or error.get("message"))
        if file.get("status") == "failed" and not self._bad:
            return message or "The report says that this file failed, but none of its tests did."
        return None

    def _enter(self, suites: list[str]) -> None:
        """Close and open suites until these are open."""
        opened = self._suites
        common = 0
        while common < min(len(opened), len(suites)) and opened[common] == suites[common]:
            common += 1
        for _ in range(len(opened) - common):
            self.recorder.close()
        for title in suites[common:]:
            self.recorder.open(title, "", self.line)
        self._suites = suites


def recognise(head: Head) -> str | None:
    """The counts of tests and suites, or files with assertionResults."""
    for value in head.json[:1]:
        found = dict_of(value)
        counts = sorted(found.keys() & _COUNTS)
        if len(counts) >= 2 and "stats" not in found:
            return f"keys {', '.join(counts[:3])}"
        files = list_of(found.get("testResults"))
        if files and "assertionResults" in dict_of(files[0]):
            return "key testResults with assertionResults"
    return None


FORMAT: Final = Format(
    key="jest",
    origin="jest_json",
    title="Jest JSON",
    expects="JSON as jest --json (Jest 20 to 30, with --outputFile) and Vitest's json reporter (Vitest 0.20 to 5) "
    "write it: an object with numTotalTests, numFailedTests and testResults, each with assertionResults. The "
    "unformatted results that Jest hands to its own reporters and to testResultsProcessor are read too.",
    example="""{"numFailedTests": 1, "numTotalTests": 2, "startTime": 1769860800000, "success": false, "testResults": [
  {"assertionResults": [
    {"ancestorTitles": ["login"], "title": "signs in", "status": "passed", "duration": 25, "failureMessages": []},
    {"ancestorTitles": ["login"], "title": "signs out", "status": "failed", "duration": 3,
     "failureMessages": ["Error: expect(received).toBe(expected)\\n    at Object.toBe (login.test.js:7:27)"]}
  ], "message": "", "name": "login.test.js", "status": "failed"}
]}
""",
    mapping="Each file of testResults is a container, so is each of a test's ancestorTitles inside it; each of its "
    "assertionResults is a result. passed, failed as they are; pending, skipped, disabled and todo are "
    "skipped; a word that is not known is unknown. An exception in a test is failed, because the tools do not tell it "
    "from a failed assertion. A file that could not run, or whose hooks broke outside of any test, has a broken result "
    'named "test suite failed to run". invocations and retryReasons (Jest) and the failures of a test that passed '
    "(Vitest) are attempts. tags, meta, failing and location are labels. Durations are milliseconds. The paths of "
    "files are absolute; the folder into which a CI system checks out is cut, any other path stays as it is.",
    kinds=(JSON,),
    recognise=recognise,
    parser=JestParser,
    limits="Not read: coverage, snapshot counts, open handles, the values that matchers compared (the message has "
    "them), and the message of a file as far as it repeats the failures of its tests. Vitest does not write errors of "
    "beforeAll and afterAll inside of describe, nor console output (nor does Jest).",
)
