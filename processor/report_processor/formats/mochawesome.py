"""mochawesome: a tree of suites, each with tests, hooks and suites.

The facts are from what its versions 4 to 8 write, from mochawesome-merge, and from Cypress, which has a
root suite for each spec file. A suite is walked through; a test is handed over whole.
"""

import base64
import binascii
from typing import Any, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN
from report_processor.formats.mocha.result import is_timeout, plain, seconds, tell_context, tell_error
from report_processor.parsing.base import JSON, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import JsonFormat, dict_of, list_of, number_of, text_of
from report_processor.parsing.json_reader import SKIP

_STATUS: Final = {"passed": PASSED, "failed": FAILED, "pending": SKIPPED, "skipped": SKIPPED}
_KEYS: Final = frozenset({"title", "file"})


class _Suite:
    __slots__ = ("named", "opened", "told")

    def __init__(self) -> None:
        self.told: dict[str, str] = {}
        """Title and file, as far as they were told."""
        self.opened = False
        self.named = False


class MochawesomeParser(JsonFormat):
    """See ``base.Parser``."""

    SHAPE = {
        "": {"results": "suite", "suites": "suite", "stats": "stats", "allTests": SKIP, "allPending": SKIP}
        | {"allPasses": SKIP, "allFailures": SKIP},
        "suite": {"tests": "test", "suites": "suite", "beforeHooks": "hook", "afterHooks": "hook"},
    }

    def __init__(self) -> None:
        super().__init__()
        self._suites: list[_Suite] = []
        self._tests = 0
        self._stated: float | None = None
        """How many tests the file's own summary says there are."""
        self._file = ""
        """The file whose container is open."""

    def begin(self, name: str) -> None:
        """A suite begins."""
        if name == "suite":
            self._suites.append(_Suite())

    def member(self, name: str, key: str, value: Any) -> None:
        """What a suite says of itself."""
        if name == "suite" and key in _KEYS and self._suites:
            self._suites[-1].told[key] = plain(text_of(value)).strip()

    def item(self, name: str, value: Any) -> None:
        """The summary, a test or a hook."""
        if not isinstance(value, dict):
            if value is not None and value is not False:  # false: what it writes for a run without tests
                self.recorder.note("unknown_element", f"no {name or 'report'}: {text_of(value)[:100]}", self.line)
        elif name == "stats":
            self.date(value.get("start"))
            self._stated = number_of(value.get("testsRegistered"))
        elif name == "test":
            self._test(value)
        elif name == "hook":
            self._hook(value)

    def end(self, name: str) -> None:
        """A suite ends."""
        if name == "suite" and self._suites:
            self._close()

    def finish(self) -> None:
        """See ``JsonFormat``."""
        torn = bool(self._suites)
        while self._suites:
            self._close()
        if not torn and self._stated is not None and self._stated != self._tests:
            text = f'"testsRegistered": {self._stated:g}, but there are {self._tests}'
            self.recorder.note("suite_count_differs", text)
            self._stated = None

    # Suites

    def _open(self) -> None:
        """Open the containers of all suites around what comes, and of the file around them.

        Root suites mostly have no name and are no container. The file of a root suite is told or not, depending on how
        many suites are in it; that of the suites in it always is.
        """
        named = False
        for suite in self._suites:
            told = suite.told
            named = named or suite.opened
            if suite.opened:
                continue
            title = told.get("title", "")
            if title and not named:
                self._enter_file(told.get("file") or self._suites[0].told.get("file", ""))
            if title:
                self.recorder.open(title, "", self.line)
                suite.opened = suite.named = True
            elif "title" not in told or suite is not self._suites[0]:
                self.recorder.open_unnamed(self.line)
                suite.opened = True
            named = named or suite.opened
        if not named and self._suites:
            self._enter_file(self._suites[0].told.get("file", ""))

    def _close(self) -> None:
        if not self._suites[-1].opened and self._suites[-1].told.get("title"):
            self._open()
        suite = self._suites.pop()
        if suite.opened:
            if not suite.named:
                self.recorder.name(suite.told.get("title") or suite.told.get("file") or "suite")
            self.recorder.close()
        if not self._suites:
            self._enter_file("")

    def _enter_file(self, file: str) -> None:
        if file != self._file:
            if self._file:
                self.recorder.close()
            if file:
                self.recorder.open(file, "", self.line)
            self._file = file

    # Tests

    def _test(self, test: dict[str, Any]) -> None:
        self._tests += 1
        self._open()
        title = test.get("title")
        duration = seconds(test.get("duration"))
        if duration is None:
            duration = self.seconds(test.get("duration"), 0.001)
        if type(title) is str and test.get("state") == "passed" and _is_plain(test, title):
            self.recorder.rows.append((title, "", PASSED, duration, self.line, None))
            return
        status = self._status(test)
        self._record(self._draft(test, status, duration), test)

    def _hook(self, hook: dict[str, Any]) -> None:
        """A hook is a result when it went wrong or attached something."""
        state = _state(hook)
        if state in {"passed", "", "pending", "skipped"} and not hook.get("context"):
            return
        self._open()
        status = BROKEN if state == "failed" else _STATUS.get(state, UNKNOWN)
        self._record(self._draft(hook, status, self.seconds(hook.get("duration"), 0.001)), hook)

    def _status(self, test: dict[str, Any]) -> int:
        state = _state(test)
        if state == "failed" and (test.get("timedOut") is True or is_timeout(test.get("err"))):
            return BROKEN
        if state and state not in _STATUS:
            self.recorder.note("unknown_status", f'"state": "{state[:100]}"', self.line)
        return _STATUS.get(state, UNKNOWN)

    def _draft(self, test: dict[str, Any], status: int, duration: float | None) -> Draft:
        draft = Draft(plain(text_of(test.get("title"))), "", status, self.line)
        # 0 is what a test that was not run has.
        draft.duration = None if status == SKIPPED and not duration else duration
        if error := test.get("err"):
            tell_error(draft, error)
        return draft

    def _record(self, draft: Draft, test: dict[str, Any]) -> None:
        for picture in tell_context(draft, test.get("context")):
            if asset := self._embed(picture):
                draft.asset(asset)
        if draft.status in {FAILED, BROKEN}:
            draft.describe(text_of(test.get("code")))
        draft.record(self.recorder)

    def _embed(self, picture: str) -> str:
        """Store a picture that is written as ``data:image/png;base64,...``; returns the name of the asset."""
        head, _, data = picture.partition(",")
        kind, _, coding = head.removeprefix("data:").partition(";")
        ending = kind.rpartition("/")[2].partition("+")[0]
        try:
            content = base64.b64decode(data) if coding.endswith("base64") else data.encode(errors="replace")
        except (binascii.Error, ValueError):
            self.recorder.note("unknown_element", f"a picture that is no base64: {head[:100]}", self.line)
            return ""
        return self.recorder.embed(content, f".{ending[:20]}" if ending.isalnum() else "")


def _is_plain(test: dict[str, Any], title: str) -> bool:
    usual = 0 < len(title) <= limits.TITLE and "\x1b" not in title and not title.isspace()
    return usual and not test.get("context") and not test.get("err")


def _state(test: dict[str, Any]) -> str:
    """The state, or what the flags say; that of a test that nobody selected is null."""
    state = text_of(test.get("state"))
    for flag, word in (("fail", "failed"), ("pending", "pending"), ("skipped", "skipped"), ("pass", "passed")):
        if state:
            break
        state = word if test.get(flag) is True else ""
    return "skipped" if not state and test.get("state", "") is None else state


def recognise(head: Head) -> str | None:
    """What is looked at: its own numbers in the summary, or hooks in the first suite."""
    first = dict_of(next(iter(head.json), None))
    stats = dict_of(first.get("stats"))
    if "passPercent" in stats and ("testsRegistered" in stats or "hasSkipped" in stats):
        return "keys stats, testsRegistered, passPercent"
    for key in ("results", "suites"):
        found = first.get(key)
        suite = dict_of(next(iter(list_of(found)), None) if isinstance(found, list) else found)
        if "beforeHooks" in suite and ("uuid" in suite or "title" in suite):
            return f"keys {key}, beforeHooks"
    return None


FORMAT: Final = Format(
    key="mochawesome",
    origin="mochawesome_json",
    title="mochawesome JSON",
    expects="The JSON of mochawesome 4 to 8 (mochawesome.json), of Mocha or Cypress, also put together by "
    "mochawesome-merge.",
    example="""{
  "stats": {
    "suites": 1,
    "tests": 2,
    "passes": 1,
    "pending": 0,
    "failures": 1,
    "start": "2026-11-24T15:23:31.132Z",
    "end": "2026-11-24T15:23:31.139Z",
    "duration": 7,
    "testsRegistered": 2,
    "passPercent": 50,
    "pendingPercent": 0,
    "other": 0,
    "hasOther": false,
    "skipped": 0,
    "hasSkipped": false
  },
  "results": [
    {
      "uuid": "d8fe944a-5ba6-44f6-85ef-d3d1b41631f2",
      "title": "",
      "file": "",
      "beforeHooks": [],
      "afterHooks": [],
      "tests": [],
      "suites": [
        {
          "uuid": "d23b91d8-e3dd-4cfe-a115-2534f7ae1f2c",
          "title": "login",
          "file": "/tests/login.js",
          "beforeHooks": [],
          "afterHooks": [],
          "tests": [
            {"title": "signs in", "duration": 3, "state": "passed", "context": null, "err": {}},
            {
              "title": "signs out",
              "duration": 1,
              "state": "failed",
              "context": "\\"screens/still there.png\\"",
              "err": {"message": "Error: still there", "estack": "Error: still there\\n    at login.js:7:9"}
            }
          ],
          "suites": []
        }
      ]
    }
  ]
}
""",
    mapping="A file is a container, each suite one inside it; root suites without a name are none. passed and failed "
    "are what they say; a test that timed out is broken; pending, skipped because of a hook, and not selected are "
    "skipped. A hook that failed is a result of its own, and broken. Files in the context are assets, pictures in it "
    "are stored, its other texts, the difference between actual and expected, and the code of a failed test are the "
    "description.",
    kinds=(JSON,),
    recognise=recognise,
    parser=MochawesomeParser,
    limits="It does not tell of retries. Hooks stand before the tests of their suite, as in the file.",
)
