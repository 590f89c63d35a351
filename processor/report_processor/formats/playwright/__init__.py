"""JSON as Playwright's ``json`` reporter writes it: suites in each other, with specs, tests and their runs.

The facts are from Playwright's types (``JSONReport`` and those in it), its reporters and what it writes. A spec
is one ``test()`` in the source; it has a test for each project. Suites are walked through, a spec is handed
over whole. Nothing is taken for granted about the order of the members.
"""

from typing import Any, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, PASSED
from report_processor.formats.playwright.result import TestReader, is_plain, parts_of
from report_processor.parsing.base import JSON, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import JsonFormat, dict_of, dicts_of, number_of, text_of
from report_processor.parsing.json_reader import SKIP

_CONFIG: Final = frozenset(
    {
        "configFile", "forbidOnly", "fullyParallel", "globalSetup", "globalTeardown", "globalTimeout", "grep",
        "grepInvert", "maxFailures", "preserveOutput", "projects", "reportSlowTests", "rootDir", "shard",
        "updateSnapshots", "workers",
    }
)  # fmt: skip
_OUTCOMES: Final = ("expected", "skipped", "unexpected", "flaky")
_CLOSED, _NAMED, _UNNAMED, _JOINED = range(4)
"""A suite whose container is not open yet, is open, is open without a name, and one whose name is empty:
``test.describe`` without a title only holds options, so its tests join the suite around it."""


class PlaywrightParser(JsonFormat):
    """See ``base.Parser``."""

    SHAPE = {
        "": {"config": "config", "suites": "suite", "errors": "error"},
        "config": {"projects": SKIP, "filteredProjects": SKIP, "metadata": SKIP, "webServer": SKIP, "reporter": SKIP},
        "suite": {"suites": "suite", "specs": "spec"},
    }

    def __init__(self) -> None:
        super().__init__()
        self._suites: list[int] = []
        """What became of the suites that are open."""
        self._root = ""
        self._tests = 0
        self._stated: float | None = None
        self._reader: Final = TestReader(self.recorder, self.seconds)

    def begin(self, name: str) -> None:
        """A suite begins; its container is opened when its title is known, or its first test."""
        if name == "suite":
            self._open()
            self._suites.append(_CLOSED)

    def member(self, name: str, key: str, value: Any) -> None:
        """The title of a suite, the root directory, the summary."""
        if name == "suite" and key == "title":
            self._title(text_of(value))
        elif name == "config" and key == "rootDir":
            self._root = text_of(value).replace("\\", "/").rstrip("/")
        elif not name and key == "stats":
            stats = dict_of(value)
            self.date(stats.get("startTime"))
            counts = [number_of(stats.get(outcome)) for outcome in _OUTCOMES]
            if None not in counts:
                self._stated = sum(count for count in counts if count is not None)

    def item(self, name: str, value: Any) -> None:
        """A spec with its tests, or an error outside of them."""
        if name == "spec" and isinstance(value, dict):
            self._open()
            self._spec(value)
        elif name == "error" and isinstance(value, dict):
            self._error(value)
        else:
            self.recorder.note("unknown_element", f"no {name or 'report'}: {text_of(value)[:100]}", self.line)

    def end(self, name: str) -> None:
        """A suite ends."""
        if name == "suite" and self._suites.pop() in {_NAMED, _UNNAMED}:
            self.recorder.close()

    def finish(self) -> None:
        """See ``JsonFormat``."""
        whole = not self._suites
        while self._suites:
            self.end("suite")
        if whole and self._stated is not None and self._stated != self._tests:
            self.recorder.note("suite_count_differs", f'"stats" has {self._stated:g}, but there are {self._tests}')

    def _open(self) -> None:
        if self._suites and self._suites[-1] == _CLOSED:
            self.recorder.open_unnamed(self.line)
            self._suites[-1] = _UNNAMED

    def _title(self, title: str) -> None:
        if len(self._suites) == 1:
            title = title.replace("\\", "/")  # the path of a file
        state = self._suites[-1]
        if state == _UNNAMED:
            self.recorder.name(title)
            self._suites[-1] = _NAMED
        elif state == _CLOSED and not title:
            self._suites[-1] = _JOINED
        elif state == _CLOSED:
            self.recorder.open(title, "", self.line)
            self._suites[-1] = _NAMED

    def _spec(self, spec: dict[str, Any]) -> None:
        line, title = self.line, spec.get("title")
        for test in dicts_of(spec.get("tests")):
            self._tests += 1
            project = test.get("projectName")
            if (
                isinstance(title, str)
                and isinstance(project, str)
                and title
                and len(title) <= limits.TITLE
                and len(project) <= limits.CLASSIFICATION
                and is_plain(spec, test)
            ):
                duration = self.seconds(test["results"][0].get("duration"), 0.001)
                self.recorder.rows.append((title, project, PASSED, duration, line, None))
            else:
                self._reader.draft_of(spec, test, line).record(self.recorder)

    def _error(self, error: dict[str, Any]) -> None:
        name, message, trace = parts_of(error)
        title = f"{name}: {message}" if name else message
        if self._root:
            title = title.replace(f"{self._root}/", "")
        draft = Draft(title.lstrip().partition("\n")[0][:300] or "error outside of the tests", "", BROKEN, self.line)
        draft.fail(BROKEN, name, message, trace)
        draft.record(self.recorder)


def recognise(head: Head) -> str | None:
    """A config with Playwright's settings."""
    for value in head.json[:1]:
        found = dict_of(value)
        settings = sorted(dict_of(found.get("config")).keys() & _CONFIG)
        if len(settings) >= 3 and not ({"results", "tests"} & found.keys()):
            return f"key config with {', '.join(settings[:3])}"
    return None


FORMAT: Final = Format(
    key="playwright",
    origin="playwright_json",
    title="Playwright JSON",
    expects="JSON as Playwright Test's json reporter writes it (playwright test --reporter=json, also after "
    "merge-reports; versions 1.10 to 1.65): an object with config, suites, errors and stats.",
    example="""{
  "config": {"rootDir": "/project/tests", "fullyParallel": false, "forbidOnly": false, "workers": 1},
  "suites": [{"title": "login.spec.ts", "file": "login.spec.ts", "line": 0, "column": 0, "specs": [
    {"title": "signs in", "ok": true, "tags": ["smoke"], "tests": [
      {"expectedStatus": "passed", "projectName": "chromium", "status": "expected", "results": [
        {"status": "passed", "duration": 250, "retry": 0, "errors": [], "attachments": []}]}]}
  ]}],
  "errors": [],
  "stats": {"startTime": "2026-01-31T12:00:00.000Z", "expected": 1, "skipped": 0, "unexpected": 0, "flaky": 0}
}
""",
    mapping="Files and test.describe are containers; test.describe without a title is none. Each test of a spec is a "
    "result, its project is the classification. expected is passed (also when it was expected to fail, and did), "
    "flaky is passed and flaky, skipped is skipped. unexpected goes by the last run: failed when it did not meet an "
    "expect or passed against expectation, broken for any other exception, timedOut and interrupted; Playwright's "
    "JUnit reporter tells failures from errors in the same way. Each run of a test that was retried is an attempt. "
    "Steps are the description, standard output and error of the last run follow the backtrace. Attachments with a "
    "path name files, those with a body are stored. Tags and annotations are labels, the reason of a skip is the "
    "message. An error outside of the tests is a broken result at the top, named by the first line of its message. "
    "Durations are milliseconds, those of the last run.",
    kinds=(JSON,),
    recognise=recognise,
    parser=PlaywrightParser,
    limits="Not read: the settings but for rootDir, ids, workers, time limits, times of steps, and the names of "
    "attachments. A spec with more than 4 million characters, all its attachments included, is cut.",
)
