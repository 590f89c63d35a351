"""JSON of Rust's test harness (libtest) and of nextest, which writes the same events."""

from typing import Any, Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN
from report_processor.formats.cargo.events import (
    STATUSES,
    Name,
    death_of_line,
    panic_of,
    recognise,
    suite_of_event,
    suite_of_line,
)
from report_processor.formats.cargo.skim import One, Pair, is_plain, skimmer
from report_processor.parsing.base import JSON, LINES, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import number_of, text_of
from report_processor.parsing.line_format import JsonLineFormat
from report_processor.parsing.shapes import Run

_STARTED: Final = 10_000
"""Tests that are remembered as running. More than a machine runs at a time, as nextest starts ignored ones at once."""


class CargoParser(JsonLineFormat):
    """Reads one file: one suite for each test binary.

    libtest writes one after the other and dies with the process; nextest goes on with the others, and writes
    the events of several at a time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._announced = ""
        """Name of the binary that runs next."""
        self._suite: dict[str, Any] | None = None
        """The event that began the suite of libtest; of nextest, the last one."""
        self._number = 0
        self._name = "suite 1"
        """Name of the suite when its tests do not have it."""
        self._kinds: dict[str, str] = {}
        self._nextest = False
        self._open = ""
        self._started: dict[str, tuple[int, bool]] = {}
        """Line, and whether it is slow, of each test that runs."""
        self._seen = {PASSED: 0, FAILED: 0, SKIPPED: 0}
        self._death = ""
        self.skimmer = skimmer(self._take)

    def value(self, value: Any) -> None:
        """See ``JsonLineFormat``."""
        if not isinstance(value, dict):
            return  # output of a test
        kind = value.get("type")
        if kind == "suite":
            if value.get("event") == "started":
                self._begin(value)
            else:
                self._end(value)
        elif kind == "test":
            self._test(value)
        elif kind == "bench":
            self._bench(value)

    def other(self, line: str) -> None:
        """What cargo and the compiler write between the events."""
        self._announced = suite_of_line(line) or self._announced
        self._death = death_of_line(line) or self._death

    def finish(self, *, complete: bool) -> None:
        """See ``LineFormat``."""
        suite, running = self._suite, bool(self._started)
        self._leave()
        if complete and suite is not None and not running:
            raise Damage("truncated_file", "the file ends inside a suite", self.line)

    # Suites

    def _begin(self, event: dict[str, Any]) -> None:
        name, kind = suite_of_event(event)
        if not name:
            self._leave()
        else:
            self._nextest = True
            if len(self._kinds) < _STARTED:
                self._kinds[name] = kind
        self._suite = event
        self._number += 1
        self._name, self._announced = self._announced or f"suite {self._number}", ""

    def _end(self, event: dict[str, Any]) -> None:
        self._check(event)
        self._suite = None
        if not self._nextest:
            self._leave()

    def _leave(self) -> None:
        """No event of the suite will follow: tests that still run have died with their process."""
        if self._started:
            for name, (line, _) in self._started.items():
                found = Name(name)
                draft = Draft(found.title, "", BROKEN, line)
                draft.message(f"it began and did not end {self._death}".rstrip())
                self._record(draft, found.binary)
            self._started.clear()
        if self._suite is not None:
            self._check({})
        self._enter("", close=True)
        self._suite, self._death = None, ""
        self._seen = dict.fromkeys(self._seen, 0)

    def _enter(self, binary: str, *, close: bool = False) -> None:
        """The container of the next result: its binary, or else the suite."""
        wanted = "" if close else binary or self._name
        if wanted == self._open:
            return
        if self._open:
            kind = self._kinds.get(self._open, "")
            self.recorder.close("", [("kind", kind)] if kind else ())
        if wanted:
            self.recorder.open(wanted, "", self.line)
        self._open = wanted

    def _check(self, end: dict[str, Any]) -> None:
        """Compare the suite's own counts. nextest's are of several suites at a time and are wrong now and then."""
        seen, suite = self._seen, self._suite or {}
        self._seen = dict.fromkeys(seen, 0)
        if self._nextest:
            return
        told = [(suite, "test_count", sum(seen.values()))]
        told += [(end, "passed", seen[PASSED] - self._measured(end))]
        told += [(end, "failed", seen[FAILED]), (end, "ignored", seen[SKIPPED])]
        for event, key, count in told:
            number = number_of(event.get(key))
            if key == "failed" and number is not None:
                number += number_of(event.get("allowed_fail")) or 0
            if number is not None and number != count:
                text = f'"{key}": {number:g}, but there are {count} of suite {self._number}'
                self.recorder.note("suite_count_differs", text, self.line)

    def _measured(self, end: dict[str, Any]) -> int:
        return int(min(number_of(end.get("measured")) or 0, self._seen[PASSED] or 1e9))

    # Tests

    def _test(self, event: dict[str, Any]) -> None:
        text, word = text_of(event.get("name")), event.get("event")
        if word in ("started", "timeout"):  # it may be a list
            self._start(text, slow=word == "timeout")
            return
        if word == "discovered":  # by --list, before they run or not at all
            return
        if is_plain(event):
            self._passed(text, self.seconds(event.get("exec_time")))
            return
        found = Name(text)
        slow = self._stop(found, text)
        status = STATUSES.get(word, UNKNOWN) if isinstance(word, str) else UNKNOWN
        draft = Draft(found.title, "", status, self.line)
        if not isinstance(word, str) or word not in STATUSES:
            self.recorder.note("unknown_status", f'"event": {text_of(word)[:100]}', self.line)
        exact = event.get("exec_time")
        draft.duration = self.seconds(exact.removesuffix("s") if isinstance(exact, str) else exact)
        self._tell(draft, event)
        self._finish(draft, found, slow=slow)

    def _start(self, text: str, *, slow: bool = False) -> None:
        """It runs."""
        if len(self._started) < _STARTED:
            self._started[text] = (self.line, slow)

    def _stop(self, found: Name, text: str) -> bool:
        """It runs no more; whether it was slow."""
        started = self._started.pop(text, None)
        if found.binary:
            self._nextest = True
            if started is None and found.runs > 1:
                started = self._started.pop(text.rpartition("#")[0], None)
        return started is not None and started[1]

    def _passed(self, text: str, duration: float | None) -> None:
        """It passed, and has no more to tell."""
        found = Name(text)
        slow, title = self._stop(found, text), found.title
        if slow or found.stress or found.runs > 1 or not 0 < len(title) <= limits.TITLE or title.isspace():
            draft = Draft(title, "", PASSED, self.line)
            draft.duration = duration
            self._finish(draft, found, slow=slow)
            return
        self._enter(found.binary)
        self._seen[PASSED] += 1
        self.recorder.rows.append((title, "", PASSED, duration, self.line, None))

    def _finish(self, draft: Draft, found: Name, *, slow: bool) -> None:
        if slow:
            draft.label("slow", "more than 60 s")
        if found.stress:
            draft.label("stress", found.stress)
        self._runs(draft, found.runs)
        self._record(draft, found.binary)

    def _take(self, run: Run[Pair]) -> None:
        """Pairs of plain events."""
        (first, second), line = run.plan, self.line
        self.line = run.line
        if first[0] and not second[0] and self._took_all(run, first, second):
            self.line = line
            return
        for at, row in zip(run.lines(), run.rows, strict=False):
            self.line = at
            for begins, name, time in run.plan:
                if begins:
                    self._start(row[name])
                else:
                    self._passed(row[name], round(float(row[time]), 9) if time >= 0 else None)
                self.line += 1
        self.line = line

    def _took_all(self, run: Run[Pair], first: One, second: One) -> bool:
        """Whether each of the tests passed as soon as it began, in the suite at hand: the usual case."""
        columns = run.columns()
        names, time = columns[second[1]], second[2]
        if names != columns[first[1]] or "$" in "".join(names) or len(self._started) >= _STARTED:
            return False
        if self._started:
            for name in names:
                self._started.pop(name, None)
        self.line += 1
        self._enter("")
        self._seen[PASSED] += len(names)
        durations = [round(float(number), 9) for number in columns[time]] if time >= 0 else [None] * len(names)
        self.recorder.columns(names, "", durations, self.line, run.step)
        return True

    def _tell(self, draft: Draft, event: dict[str, Any]) -> None:
        output, message, reason = (text_of(event.get(key)) for key in ("stdout", "message", "reason"))
        draft.message(message)
        if draft.status == FAILED:
            draft.message(panic_of(output))
            if reason == "time limit exceeded":
                draft.status = BROKEN
            elif reason.startswith("flaky"):
                draft.flaky = True
        draft.message(reason)
        draft.output(output)
        if event.get("event") == "allowed_failure":
            draft.label("allowed_failure", "fails")

    def _runs(self, draft: Draft, runs: int) -> None:
        """Its attempts: nextest writes how many there were and what became of the last one, as it retries failures."""
        if runs < 2:
            return
        for _ in range(min(runs, 100) - 1):
            draft.attempt(FAILED)
        draft.attempt(draft.status, draft.duration)

    def _bench(self, event: dict[str, Any]) -> None:
        text = text_of(event.get("name"))
        self._started.pop(text, None)
        found = Name(text)
        draft = Draft(found.title, "", PASSED, self.line)
        for key, unit in (("median", " ns"), ("deviation", " ns"), ("mib_per_second", " MiB/s")):
            if event.get(key) is not None:
                draft.label(key, text_of(event[key]) + unit)
        self._record(draft, found.binary)

    def _record(self, draft: Draft, binary: str) -> None:
        self._enter(binary)
        counted = FAILED if draft.status in {BROKEN, UNKNOWN} else draft.status
        self._seen[counted] += 1
        draft.record(self.recorder)


FORMAT: Final = Format(
    key="cargo",
    origin="cargo_json",
    title="Rust test JSON",
    expects="JSON with one event on each line: cargo test -- -Z unstable-options --format json (the nightly compiler, "
    "or RUSTC_BOOTSTRAP=1), and cargo nextest run --message-format libtest-json or libtest-json-plus "
    "(NEXTEST_EXPERIMENTAL_LIBTEST_JSON=1). The output of cargo itself may stand between the events.",
    example="""{ "type": "suite", "event": "started", "test_count": 2 }
{ "type": "test", "event": "started", "name": "login::signs_in" }
{ "type": "test", "event": "started", "name": "login::signs_out" }
{ "type": "test", "name": "login::signs_in", "event": "ok", "exec_time": 0.25 }
{ "type": "test", "name": "login::signs_out", "event": "failed", "exec_time": 0.01, "stdout": "still signed in\\n" }
{ "type": "suite", "event": "failed", "passed": 1, "failed": 1, "ignored": 0, "exec_time": 0.26 }
""",
    mapping="Each test binary is a container: named by nextest, else by cargo's own line such as Running tests/a.rs "
    "when that is in the file, else by its number. Tests, documentation tests and benchmarks are results. failed is "
    "failed, broken when a time limit was exceeded; ignored is skipped; a test that began and did not end is broken. A "
    "number such as #3 behind nextest's names says how often it ran: these are attempts, all but the last one failed.",
    kinds=(JSON, LINES),
    recognise=recognise,
    parser=CargoParser,
    limits="libtest tells neither the test binary nor when it ran; 2>&1 puts cargo's lines with the names into it.",
    merges=True,
)
