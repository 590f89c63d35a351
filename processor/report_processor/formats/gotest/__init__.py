"""JSON of ``go test -json`` and ``test2json``: events of many tests and packages at a time.

The packages run side by side and their events are mixed. So the results of a package wait until it ends, and
those of one that failed until the file ends, because it may be run again: then the runs of a test stand one
after the other and become its attempts. When too much waits, a part of a package is handed over before its
end; ``merges`` makes it whole again.
"""

from typing import Any, Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED
from report_processor.formats.gotest.package import Output, Package, Test, within
from report_processor.formats.gotest.text import (
    ACTIONS,
    BUILD,
    COVERAGE,
    FRAME_EVENT,
    FRAMES,
    NOISE,
    SYSTEM,
    death,
    is_example,
    logged,
    measured,
    recognise,
)
from report_processor.parsing.base import JSON, LINES, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import LONGEST
from report_processor.parsing.json_format import text_of
from report_processor.parsing.line_format import JsonLineFormat
from report_processor.parsing.texts import Budget

_STATUSES: Final = {"pass": PASSED, "bench": PASSED, "fail": FAILED, "skip": SKIPPED}
_WAITING: Final = 3_000_000
"""Size of the results that may wait, of all packages together."""
_RUNNING: Final = 8_000_000
"""Characters of output of all that runs at a time."""
_PACKAGES: Final = 1_000
_TESTS: Final = 20_000
"""Tests that run at a time: of more, the output is lost."""
_BUILDS: Final = 200
_LINE: Final = 4_000


class GoTestParser(JsonLineFormat):
    """Reads one file."""

    def __init__(self) -> None:
        super().__init__()
        self._budget: Final = Budget(_RUNNING)
        self._packages: dict[str, Package] = {}
        self._waiting = 0
        self._running = 0
        self._builds: dict[str, Output] = {}
        self._failed_builds: dict[str, tuple[int, bool]] = {}
        """Line of each build that failed, and whether a package has told it."""
        self._compiling = ""
        self._dated = False
        self._in_pieces = False
        """Whether a line of output was written in pieces, and goes on or may have."""

    # Events

    def read(self, line: str) -> None:
        """See ``LineFormat``. Half of all lines are frames, which are known without decoding them."""
        if not self._in_pieces and line.endswith('\\n"}') and FRAME_EVENT.search(line) is not None:
            return
        super().read(line)

    def value(self, value: Any) -> None:
        """See ``JsonLineFormat``."""
        if not isinstance(value, dict):
            return
        action = value.get("Action")
        self._compiling = ""
        if not isinstance(action, str):
            self.recorder.note("unknown_element", "an object without an Action", self.line)
        elif action == "build-output":
            self._build(text_of(value.get("ImportPath")), text_of(value.get("Output")))
        elif action == "build-fail":
            if len(self._failed_builds) < _BUILDS:
                self._failed_builds[text_of(value.get("ImportPath"))] = (self.line, False)
        elif action in ACTIONS:
            self._event(action, value)
        else:
            self.recorder.note("unknown_element", f'"Action": "{action[:100]}"', self.line)

    def other(self, line: str) -> None:
        """What the compiler writes between the events, in versions before Go 1.24."""
        if found := BUILD.match(line[:_LINE]):
            self._compiling = found[1]
        elif self._compiling:
            self._build(self._compiling, line + "\n")

    def _event(self, action: str, value: dict[str, Any]) -> None:
        if not self._dated and value.get("Time"):
            self._dated = True
            self.date(value["Time"])
        package = self._package(text_of(value.get("Package")))
        name = text_of(value.get("Test"))
        if not name:
            self._of_package(package, action, value)
            return
        test = self._test(package, name)
        if action == "output":
            self._output(test.output, text_of(value.get("Output")))
        elif action in _STATUSES:
            elapsed = value.get("Elapsed")
            if type(elapsed) is float and 0 <= elapsed < LONGEST:
                test.duration = elapsed
            else:
                test.duration = self.seconds(elapsed)
            self._end_test(package, name, test, _STATUSES[action])
            self._relieve()
        elif action == "attr":
            test.draft.label(text_of(value.get("Key")), text_of(value.get("Value")))
        elif action == "artifacts":
            test.draft.asset(text_of(value.get("Path")))

    def _package(self, name: str) -> Package:
        package = self._packages.get(name)
        if package is None:
            if len(self._packages) >= _PACKAGES:
                self._close_package(next(iter(self._packages)))
            package = self._packages[name] = Package(name, self.line, self._budget)
        return package

    def _test(self, package: Package, name: str) -> Test:
        package.started = True
        test = package.running.get(name)
        if test is None:
            test = Test(name, self.line, self._budget)
            if self._running < _TESTS:
                package.running[name] = test
                self._running += 1
            above = package.running.get(name.rpartition("/")[0])
            if above is not None:
                above.subtests = True
        return test

    def _output(self, output: Output, text: str) -> None:
        """A line, or with long ones and benchmarks a piece of it."""
        if not output.torn and text.lstrip(" ").startswith(FRAMES):
            output.torn = "" if text.endswith("\n") else "frame"
            self._in_pieces = self._in_pieces or bool(output.torn)
            return
        if output.torn != "frame":
            output.add(text)
        output.torn = "" if text.endswith("\n") else output.torn or "line"
        self._in_pieces = self._in_pieces or bool(output.torn)

    # Tests

    def _end_test(self, package: Package, name: str, test: Test, status: int) -> None:
        if package.running.pop(name, None) is not None:
            self._running -= 1
        if status == PASSED and test.plain and not name.startswith("Benchmark") and len(name) <= limits.TITLE:
            self._waiting += package.add((name, "", PASSED, test.duration, test.line, None))
            return
        draft = test.draft
        draft.status, draft.duration = status, test.duration
        output, cut = test.output.end()
        if cut:
            self.recorder.note("field_cut", f"{cut} characters of output were cut", draft.line)
        if status == FAILED:
            package.bad = True
            died = death(output)
            if died:
                draft.status = BROKEN
                draft.exception, _, _ = died.partition(":")
            draft.message(died.partition(": ")[2] or (output if is_example(output) else logged(output)))
        elif status == SKIPPED:
            draft.message(logged(output))
        if name.startswith("Benchmark"):
            for unit, number in measured(output):
                draft.label(unit, number)
        draft.output(output)
        self._waiting += package.add(draft.row(self.recorder))

    def _relieve(self) -> None:
        """Too much waits."""
        if self._waiting > _WAITING:
            self._hand_over(max(self._packages.values(), key=lambda one: one.size))

    def _end_running(self, package: Package, *, died: bool) -> None:
        """Tests that did not end: benchmarks never say so, all others died with their process."""
        for name, test in list(package.running.items()):
            text, _ = test.output.end()
            test.output.add(text)
            if not died and name.startswith("Benchmark") and (test.subtests or "/op" in text):
                self._end_test(package, name, test, PASSED)
            else:
                test.draft.message("it began and did not end")
                self._end_test(package, name, test, FAILED)
                row = package.rows[-1] if package.rows else None
                if row is not None:
                    package.rows[-1] = (*row[:2], BROKEN, *row[3:])

    # Packages

    def _of_package(self, package: Package, action: str, value: dict[str, Any]) -> None:
        if action == "start":
            package.started, package.bad = True, False
        elif action == "output":
            self._of_output(package, text_of(value.get("Output")))
        elif action in _STATUSES:
            self._end_running(package, died=False)
            build = text_of(value.get("FailedBuild"))
            if action == "fail" and not package.bad:
                self._fail_package(package, build)
            package.started = False
            package.again = package.again or action == "fail"
            if not package.again and not package.bad and package.name in self._packages:
                self._close_package(package.name)

    def _of_output(self, package: Package, text: str) -> None:
        line = text.rstrip("\n")[:_LINE]
        if found := COVERAGE.match(line):
            package.coverage = found[1]
        elif found := SYSTEM.match(line):
            self.recorder.system(**{"os" if found[1] == "goos" else "platform": found[2]})
        elif line.startswith(("ok  \t", "FAIL\t")):
            package.cached = package.cached or "\t(cached)" in line
            if line.endswith("failed]"):
                package.output.add(text)
        elif not NOISE.match(line):
            package.output.add(text)

    def _fail_package(self, package: Package, build: str) -> None:
        """It failed without a failing test: it cannot be built, or its process died outside of the tests."""
        output, _ = package.output.end()
        draft = Draft(package.name or "package", "", BROKEN, self.line)
        for path in [build] if build else self._builds_of(package.name):
            text, _ = self._builds[path].end() if path in self._builds else ("", 0)
            draft.message(text)
            if path in self._builds:
                self._builds[path].add(text)  # other packages may need it, too
            if path in self._failed_builds:
                self._failed_builds[path] = (self._failed_builds[path][0], True)
        draft.exception = next((word for word in ("build failed", "setup failed") if f"[{word}]" in output), "")
        died = death(output)
        draft.exception = draft.exception or died.partition(":")[0]
        draft.message(died.partition(": ")[2] or output)
        if died:
            draft.trace(output)
        package.bad = True
        self._waiting += package.add(draft.row(self.recorder))

    def _hand_over(self, package: Package, labels: list[tuple[str, str]] | None = None, description: str = "") -> None:
        """Record the results that wait, in a container."""
        rows, size = package.take()
        self._waiting -= size
        if not rows:
            return
        if package.name:
            self.recorder.open(package.name, "", package.line)
        self.recorder.rows.extend(rows)
        if package.name:
            self.recorder.close(description, labels or [])

    def _close_package(self, name: str) -> None:
        package = self._packages.pop(name)
        self._end_running(package, died=True)
        output, _ = package.output.end()
        labels = [("coverage", package.coverage)] if package.coverage else []
        if package.cached:
            labels.append(("cached", "true"))
        self._hand_over(package, labels, within(output))

    # Builds

    def _build(self, path: str, text: str) -> None:
        if path not in self._builds:
            if len(self._builds) >= _BUILDS:
                return
            self._builds[path] = Output(self._budget)
        self._builds[path].add(text)

    def _builds_of(self, package: str) -> list[str]:
        return [path for path in self._builds if path == package or path.startswith(f"{package} [")]

    def finish(self, *, complete: bool) -> None:
        """See ``LineFormat``."""
        # Without a package it is test2json alone, which does not tell the end of a process that died.
        cut = [name for name, package in self._packages.items() if package.started and (name or package.running)]
        for name in list(self._packages):
            self._close_package(name)
        for path, (line, told) in self._failed_builds.items():
            if told:
                continue
            draft = Draft(path, "", BROKEN, line)
            draft.exception = "build failed"
            draft.message(self._builds[path].end()[0] if path in self._builds else "")
            self.recorder.open(path.partition(" ")[0] or "build", "", line)
            draft.record(self.recorder)
            self.recorder.close()
        self._failed_builds.clear()
        if complete and cut:
            more = f" and {len(cut) - 1} more" if len(cut) > 1 else ""
            raise Damage("truncated_file", f"the file ends while {cut[0][:200] or 'a test'}{more} runs", self.line)


FORMAT: Final = Format(
    key="gotest",
    origin="go_test_json",
    title="go test JSON",
    expects="JSON with one event on each line, as go test -json, go tool test2json and gotestsum --jsonfile write it, "
    "from Go 1.10 on, with the events of builds of Go 1.24 and later. What the compiler writes may stand between them.",
    example="""{"Time":"2026-01-31T12:00:00Z","Action":"start","Package":"example.com/login"}
{"Time":"2026-01-31T12:00:01Z","Action":"run","Package":"example.com/login","Test":"TestSignsIn"}
{"Time":"2026-01-31T12:00:02Z","Action":"pass","Package":"example.com/login","Test":"TestSignsIn","Elapsed":0.25}
{"Time":"2026-01-31T12:00:03Z","Action":"pass","Package":"example.com/login","Elapsed":0.26}
""",
    mapping="Each package is a container, each test, subtest, example, fuzz test and benchmark a result with its whole "
    "name; tests with subtests are results of their own, as Go counts them. fail is failed, or broken when the process "
    "panicked, timed out or died; skip is skipped. A package that fails without a failing test (it cannot be built, or "
    "TestMain fails) has a broken result with its name. Output follows as backtrace; what was logged is the message. A "
    "test that runs again after it failed has attempts.",
    kinds=(JSON, LINES),
    recognise=recognise,
    parser=GoTestParser,
    limits="Results of a package come when it has ended. Durations of tests include those of their subtests.",
    merges=True,
)
