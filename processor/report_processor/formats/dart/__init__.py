"""JSON lines as the ``json`` reporter of Dart and Flutter writes them: an event on each line.

The facts are from the published protocol (pkgs/test/doc/json_reporter.md in dart-lang/test), version 0.1, from the
reporter and from what Flutter writes around it.

Suites run side by side, so their events are mixed, and a test may break after its end. So results wait,
as many as memory allows, until they can be written suite by suite. When there are more, containers are written
again; ``merges`` is on for that reason.
"""

import re
from typing import Any, Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.detect import Head
from report_processor.formats.dart.places import Path, Places
from report_processor.formats.dart.result import DartTest, outcome_of
from report_processor.formats.dart.skim import Begin, End, Pair, skimmer
from report_processor.parsing.base import JSON, LINES, Format
from report_processor.parsing.json_format import dict_of, milliseconds, text_of
from report_processor.parsing.line_format import JsonLineFormat
from report_processor.parsing.shapes import Run

_WAITING: Final = 2_000
_START: Final = re.compile(r'^\{(?=[^\n]*"protocolVersion" ?: ?")(?=[^\n]*"type" ?: ?"start")', re.MULTILINE)
_QUIET: Final = frozenset({"allSuites", "debug"})
Id = int | str


class DartParser(JsonLineFormat):
    """See ``base.Parser``."""

    def __init__(self) -> None:
        super().__init__()
        self._places = Places()
        self._tests: dict[Id, DartTest] = {}
        """Tests that began, whether they have ended or not, in order."""
        self._ended = 0
        """How many of them have ended."""
        self._text = 0
        """Characters of all of them."""
        self._started = False
        self._done = False
        self._stopped = 0
        """Line of the event that says that a run was stopped."""
        self.skimmer = skimmer(self._take)

    def value(self, value: Any) -> None:
        """One event."""
        if not isinstance(value, dict):
            return  # Flutter's own: arrays such as [{"event": "test.startedProcess", ...}]
        kind = value.get("type")
        if kind == "testStart":
            self._begins(dict_of(value.get("test")), value.get("time"))
        elif kind == "testDone":
            self._end(value)
        elif kind in ("print", "error"):
            self._say(value, kind)
        elif kind == "suite":
            self._places.suite(dict_of(value.get("suite")))
        elif kind == "group":
            self._places.group(dict_of(value.get("group")))
        else:
            self._run(value, text_of(kind))

    def other(self, line: str) -> None:
        """What Flutter prints between the events says nothing about tests; a torn event does."""
        if line.lstrip().startswith("{"):
            super().other(line)

    def finish(self, *, complete: bool) -> None:
        """See ``LineFormat``."""
        if complete and not self._done:
            raise Damage("truncated_file", "there is no event that says that the tests are done", self.line, 1)
        if complete and self._stopped:
            raise Damage("truncated_file", "the run was stopped before all tests were done", self._stopped, 1)
        self._write(everything=True)

    def _run(self, event: dict[str, Any], kind: str) -> None:
        """An event that is about the run as a whole."""
        if kind == "start":
            self._begin()
        elif kind == "done":
            self._done = True
            if event.get("success", True) is None:
                self._stopped = self._stopped or self.line
        elif kind not in _QUIET:
            self.recorder.note("unknown_element", f"an event of the type {kind[:100]}", self.line)

    def _begin(self) -> None:
        """A run begins; several may follow each other in one file."""
        if self._started and not self._done:
            self.recorder.note("truncated_file", "a run begins before the one before it is done", self.line)
        self._write(everything=True)
        self._places = Places()
        self._started, self._done = True, False

    def _begins(self, test: dict[str, Any], time: Any) -> None:
        skip = text_of(dict_of(test.get("metadata")).get("skipReason"))
        groups, name = test.get("groupIDs"), text_of(test.get("name"))
        self._make_room()
        self._start(_id(test.get("id")), name, (test.get("suiteID"), groups), skip, self.seconds(time, 0.001))

    def _make_room(self) -> None:
        """For one more test."""
        if len(self._tests) >= _WAITING or (self._ended and self._text > limits.OPEN_TEXT):
            self._write(everything=False)

    def _start(self, key: Id, name: str, place: tuple[Any, Any], skip: str, time: float | None) -> None:
        if key in self._tests:
            self._tests[f"again {self.line}"] = self._tests.pop(key)
        path, title, size = self._places.path_of(*place, name)
        begun = self._tests[key] = DartTest(path, title, name, skip, time, self.line)
        begun.size = 2 * size + 200
        self._text += begun.size

    def _take(self, run: Run[Pair]) -> None:
        """Events that tests begin or end, in pairs."""
        line, (first, second) = self.line, run.plan
        if isinstance(first, Begin) and isinstance(second, End) and self._took_all(run, first, second):
            self.line = line
            return
        for at, row in zip(run.lines(), run.rows, strict=False):
            self.line = at
            for one in run.plan:
                time = round(float(row[one.time]) * 0.001, 9)
                if isinstance(one, Begin):
                    place = int(row[one.suite]), [int(row[group]) for group in one.groups]
                    self._make_room()
                    self._start(int(row[one.id]), row[one.name], place, one.skip, time)
                elif test := self._known(int(row[one.id])):
                    self._ended += not test.ended
                    test.end(one.event, time)
                self.line += 1
        self.line = line

    def _took_all(self, run: Run[Pair], first: Begin, second: End) -> bool:
        """Whether each of the tests ended as soon as it began: the usual case."""
        columns = run.columns()
        if columns[first.id] != columns[second.id]:
            return False
        begun, ended = milliseconds(columns[first.time]), milliseconds(columns[second.time])
        keys, names = map(int, columns[first.id]), columns[first.name]
        places = zip(columns[first.suite], *(columns[group] for group in first.groups), strict=True)
        last: tuple[str, ...] = ()
        place: tuple[int, list[int]] = 0, []
        tests, outcome = self._tests, outcome_of(second.event)
        test: DartTest | None = None
        for self.line, key, name, begin, end, written in zip(
            run.lines(), keys, names, begun, ended, places, strict=False
        ):
            if len(tests) >= _WAITING or self._text > limits.OPEN_TEXT:
                self._make_room()
                tests = self._tests
            if test is not None and written == last and place[1] and key not in tests:
                test = tests[key] = DartTest(test.path, self._places.within(name), name, first.skip, begin, self.line)
                test.size = 2 * len(name) + 200
                self._text += test.size
            else:
                last, place = written, (int(written[0]), [int(group) for group in written[1:]])
                self._start(key, name, place, first.skip, begin)
                test = tests[key]
            test.end_with(outcome, end)
            self._ended += 1
        return True

    def _say(self, event: dict[str, Any], kind: str) -> None:
        text = text_of(event.get("message" if kind == "print" else "error"))
        trace = text_of(event.get("stackTrace")) if kind == "error" else ""
        if self._ended and self._text + len(text) + len(trace) > 2 * limits.OPEN_TEXT:
            self._write(everything=False)
        test = self._tests.get(_id(event.get("testID")))
        if kind == "error":
            test = self._late() if test is None else test
            text, trace = self._kept(test, text, limits.LEAST_TEXT), self._kept(test, trace)
            test.failed(text, trace, assertion=event.get("isFailure") is True)
        elif test is None:
            self.recorder.note("unknown_element", "output of a test that did not begin, or ended long ago", self.line)
        elif text := self._kept(test, text):
            test.printed(text, skip=event.get("messageType") == "skip")

    def _late(self) -> DartTest:
        """A result for an error of a test whose own was written already, or that never began."""
        test = DartTest((), "error after the end of a test", "", "", None, self.line)
        test.end({"result": "error"}, None)
        self._tests[f"late {self.line}"] = test
        self._ended += 1
        return test

    def _kept(self, test: DartTest, text: str, least: int = 0) -> str:
        """The text, or what there is room for of it."""
        if self._text + len(text) > 2 * limits.OPEN_TEXT and len(text) > least:
            self.recorder.note("field_cut", f"{len(text) - least} characters of a test were cut", self.line)
            text = text[:least]
        test.size += len(text)
        self._text += len(text)
        return text

    def _end(self, event: dict[str, Any]) -> None:
        test = self._known(_id(event.get("testID")))
        if test is not None:
            self._ended += not test.ended
            test.end(event, self.seconds(event.get("time"), 0.001))

    def _known(self, key: Id) -> DartTest | None:
        """The test that ends."""
        test = self._tests.get(key)
        if test is None:
            self.recorder.note("unknown_element", "the end of a test that did not begin", self.line)
        return test

    def _write(self, *, everything: bool) -> None:
        """Write what waits, suite by suite. Tests that are running stay, unless they are absurdly many."""
        running = {key: test for key, test in self._tests.items() if not test.ended}
        if everything or len(running) > _WAITING // 2:
            running = {}
        suites: dict[Path, dict[Path, list[DartTest]]] = {}
        for key, test in self._tests.items():
            if key not in running and not test.hidden:
                suites.setdefault(test.path[:1], {}).setdefault(test.path, []).append(test)
        opened: Path = ()
        for places in suites.values():
            for path, tests in places.items():
                self._enter(opened, path, tests[0].line)
                opened = path
                for test in tests:
                    test.record(self.recorder)
        self._enter(opened, (), 0)
        self._tests = running
        self._text = sum(test.size for test in running.values())
        self._ended = 0

    def _enter(self, opened: Path, path: Path, line: int) -> None:
        common = 0
        while common < min(len(opened), len(path)) and opened[common] == path[common]:
            common += 1
        for _ in opened[common:]:
            self.recorder.close()
        for title, classification in path[common:]:
            self.recorder.open(title, classification, line)


def _id(value: Any) -> Id:
    return value if isinstance(value, int) else text_of(value)


def recognise(head: Head) -> str | None:
    """The event that a run starts, first or behind what Flutter prints."""
    for value in head.json[:1]:
        found = dict_of(value)
        if found.get("type") == "start" and "protocolVersion" in found:
            return "event start with protocolVersion"
    return "event start with protocolVersion" if _START.search(head.text) else None


FORMAT: Final = Format(
    key="dart",
    origin="dart_json",
    title="Dart and Flutter JSON",
    expects="Lines of JSON as dart test --reporter json, flutter test --machine and --file-reporter json:FILE write "
    "them (protocol 0.1, package test 0.12 to 1.32): events such as start, suite, group, testStart, error, testDone.",
    example="""{"protocolVersion":"0.1.1","runnerVersion":"1.26.3","pid":1,"type":"start","time":0}
{"suite":{"id":0,"platform":"vm","path":"test/login_test.dart"},"type":"suite","time":0}
{"group":{"id":2,"suiteID":0,"parentID":null,"name":"","testCount":1},"type":"group","time":500}
{"test":{"id":3,"name":"signs in","suiteID":0,"groupIDs":[2]},"type":"testStart","time":500}
{"testID":3,"result":"success","skipped":false,"hidden":false,"type":"testDone","time":750}
{"success":true,"type":"done","time":760}
""",
    mapping="Suites (files of tests, with their platform as classification) and groups are containers, tests are "
    "results, without the names of their groups. success is passed, failure failed, error broken, skipped skipped; a "
    "widget test that Flutter calls an error because an expect failed is failed. Hidden tests (loading a file, "
    "setUpAll, tearDownAll) are results only when they break. An error after the end of a test counts. Retries are "
    "attempts. What a test prints follows the backtrace. A test without an end is broken. Paths are relative to the "
    "package: its folder is where the first suite's folder test, integration_test or test_driver stands.",
    kinds=(JSON, LINES),
    recognise=recognise,
    parser=DartParser,
    limits="Not read: lines and columns of tests, ids, debug events and what Flutter prints between the events. "
    "Results wait until they can be written suite by suite; when more than 2,000 tests wait, suites that run side by "
    "side get several containers of the same name, which merge_containers joins.",
    merges=True,
)
