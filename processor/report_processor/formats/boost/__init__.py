"""Boost.Test's own XML: its log (``TestLog``), which tells what happened, and its report (``TestResult``).

* Each ``<TestSuite>`` is a container, the master suite included, and each ``<TestCase>`` a result.
* In a log a test case passed unless there is an ``<Error>``, a ``<FatalError>`` (a check that ends the test: both
  failed) or an ``<Exception>`` (a signal or time-out included: broken) in it. ``skipped="yes"`` is skipped.
* In a report the attribute ``result`` says so. ``aborted`` is all that ended a test early, a ``BOOST_REQUIRE`` that
  failed included: the report does not tell them apart.
* What is wrong with a suite and with none of its test cases (a fixture, a suite that is skipped) is a result of its
  own with the suite's title. A log at the level of errors names no test cases; there each error is a result.
* A report that follows the log of the same suite, in one stream with it or even inside its root, tells the same tests
  once more: it is not read. After a log of errors only it is, and the errors are the text of its suite.
* A report at the level ``confirm`` or ``short`` names no test cases: its suite is the result.

Written by Boost's ``xml_log_formatter`` and ``xml_report_formatter``. The log counts microseconds.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Column, Row
from report_processor.formats.boost.skim import INSIDE, RULES, Plan, failed_rows, place, plan_of
from report_processor.parsing.base import XML, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import seconds
from report_processor.parsing.shapes import Run
from report_processor.parsing.texts import Budget, LongText
from report_processor.parsing.xml_format import XmlFormat
from report_processor.parsing.xml_skim import XmlSkimmer

_MICROSECOND: Final = 1e-6
_PROBLEMS: Final = {
    "Error": (FAILED, "assertion error"),
    "FatalError": (FAILED, "fatal error"),
    "Exception": (BROKEN, "uncaught exception"),
}
_MESSAGES: Final = frozenset({"Info", "Message", "Warning"})
_RESULTS: Final = {
    "passed": PASSED,
    "failed": FAILED,
    "aborted": BROKEN,
    "timed-out": BROKEN,
    "skipped": SKIPPED,
}
_COUNTS: Final = ("passed", "passed_with_warnings", "failed", "skipped", "timed_out")
"""Of ``test_cases_...``. Those that were aborted are among those that failed."""
_LABELS: Final[tuple[str, ...]] = ("file", "line")
_LOOSE: Final = 200
"""Errors without a test case that are held back until it is known whether a report follows."""
_NAMED: Final = 1_000
"""Suites whose logs are remembered."""


class _Suite:
    """A suite that is open."""

    __slots__ = ("attributes", "bad", "found", "hidden", "inner", "kept", "line", "lost", "skipped", "text")

    def __init__(self, attributes: dict[str, str], line: int, *, kept: bool) -> None:
        self.attributes: Final = attributes
        self.line: Final = line
        self.kept: Final = kept
        """Whether it is a container; one that was skipped is a result."""
        self.found = 0
        """Test cases in it, at any depth."""
        self.bad = 0
        """Those that did not pass."""
        self.lost = 0
        """Test cases that were counted and are not there, by the suites in it."""
        self.skipped = 0
        """Those that were skipped."""
        self.hidden = 0
        """Test cases that were counted as skipped and are not there, by the suites in it."""
        self.inner = False
        """Whether there is a suite or test case in it."""
        self.text: LongText | None = None


class BoostParser(XmlFormat):
    """Reads both."""

    ROOTS: ClassVar[frozenset[str]] = frozenset({"TestLog", "TestResult"})
    KNOWN: ClassVar[frozenset[str]] = ROOTS | {"TestSuite", "TestCase", "BuildInfo", "Context"}
    TEXTS: ClassVar[Mapping[str, int]] = {
        **dict.fromkeys((*_PROBLEMS, *_MESSAGES, "Frame"), limits.EXCEPTION_DESCRIPTION),
        "LastCheckpoint": limits.TITLE,
        "TestingTime": 100,
    }

    def __init__(self) -> None:
        super().__init__()
        self._suites: Final[list[_Suite]] = []
        self._report = False
        """Whether this is a report and no log."""
        self._again = False
        """Whether this is the report of a suite whose log was read."""
        self._logged: Final[set[str]] = set()
        """Outermost suites whose logs name test cases."""
        self._loose: Final[list[Row]] = []
        """Errors of a log that names no test cases."""
        self._room: Final = Budget(limits.OPEN_TEXT)
        self._case: dict[str, str] | None = None
        """The test case at hand, as long as there is nothing to tell of it."""
        self._case_at = (0, 0)
        self._duration: float | None = None
        self._draft: Draft | None = None
        """The test case at hand, when there is."""
        self._place: dict[str, str] = {}
        self._checkpoint: dict[str, str] = {}
        self._checkpoint_text = ""
        self._frames: LongText | None = None
        self._build: list[tuple[str, str]] = []
        self.xml.skimmer = XmlSkimmer("TestCase", RULES, self._between_cases, plan_of, self._take, INSIDE)

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if name in self.ROOTS:
            self._report = name == "TestResult"
            self._again = False
        elif self._again:
            return
        elif name == "TestCase":
            self._open_case(attributes)
        elif name == "TestSuite":
            self._open_suite(attributes)
        elif name in _PROBLEMS or name in _MESSAGES:
            self._place = attributes
        elif name == "LastCheckpoint":
            self._checkpoint = attributes
        elif name == "BuildInfo":
            self.recorder.system(os=attributes.get("platform", ""))
            self._build = list(attributes.items())[: limits.LABELS]

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        if self._again:
            return
        if name == "TestCase":
            self._close_case()
        elif name == "TestSuite":
            self._close_suite()
        elif name == "TestingTime":
            self._duration = self.seconds(text, _MICROSECOND)
        elif name in _PROBLEMS:
            self._problem(name, text)
        elif name in _MESSAGES:
            self._message(name, text)
        elif name == "LastCheckpoint":
            self._checkpoint_text = text
        elif name == "Frame":
            self._frame(text)

    def finish(self) -> None:
        """See ``XmlFormat``."""
        draft = self._told()
        if draft is not None:
            if draft.status == PASSED:
                draft.status = UNKNOWN
            self._close_case()
        while self._suites:
            self._leave_suite(self._suites.pop())
        self.recorder.rows += self._loose
        self._loose.clear()

    # Suites

    def _open_suite(self, attributes: dict[str, str]) -> None:
        line = self.position()[0]
        title = attributes.get("name", "")
        if self._report and not self._suites and title in self._logged:
            self._again = True
            return
        if self._suites:
            self._suites[-1].inner = True
        skipped = attributes.get("skipped") == "yes"
        if skipped:
            draft = Draft(title, "TestSuite", SKIPPED, line)
            draft.message(attributes.get("reason", ""))
            draft.record(self.recorder)
        else:
            self.recorder.open(title, "TestSuite", line)
        self._suites.append(_Suite(attributes, line, kept=not skipped))

    def _close_suite(self) -> None:
        suite = self._suites.pop()
        if self._report:
            self._check(suite)
        elif suite.found and not self._suites and len(self._logged) < _NAMED:
            self._logged.add(suite.attributes.get("name", ""))
        self._leave_suite(suite)

    def _leave_suite(self, suite: _Suite) -> None:
        if self._suites:
            above = self._suites[-1]
            above.found += suite.found
            above.bad += suite.bad
            above.lost += suite.lost
            above.skipped += suite.skipped
            above.hidden += suite.hidden
        if not suite.kept:
            return
        told = suite.attributes
        labels = [(name, told[name][: limits.LABEL_VALUE]) for name in _LABELS if name in told]
        if not self._suites:
            labels += [(name[: limits.LABEL_NAME], value[: limits.LABEL_VALUE]) for name, value in self._build]
        text = ""
        if suite.text is not None:
            text = suite.text.text()
            suite.text.drop()
        self.recorder.close(text, labels)

    def _check(self, suite: _Suite) -> None:
        """A suite of a report: are all there, and does one of them tell why it failed."""
        attributes = suite.attributes
        counts = {name: int(seconds(attributes.get(f"test_cases_{name}", "")) or 0) for name in _COUNTS}
        promised = sum(counts.values())
        title, missing = attributes.get("name", ""), promised - suite.found
        if f"test_cases_{_COUNTS[0]}" in attributes and missing != suite.lost + suite.hidden:
            told = f"{promised} test cases of {title[:100]}, but there are {suite.found}"
            if missing - suite.lost == counts["skipped"] - suite.skipped:
                self.recorder.note("tool_message", f"{told}: disabled ones are counted and not written", suite.line)
                suite.hidden = missing - suite.lost
            else:
                self.recorder.note("suite_count_differs", told, suite.line)
                suite.lost = missing - suite.hidden
        word = attributes.get("result", "")
        status = _RESULTS.get(word, PASSED)
        bad = status in {FAILED, BROKEN}
        if not self._loose and ((bad and not suite.bad) or (promised and not suite.inner)):
            draft = Draft(title, "TestSuite", line=suite.line)
            told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
            if bad:
                draft.fail(status, word, told)
            else:
                draft.status = status
                draft.message(told)
            draft.record(self.recorder)
            suite.bad += bad

    # Test cases

    def _open_case(self, attributes: dict[str, str]) -> None:
        if self._case is not None or self._draft is not None:  # test cases in test cases do not exist
            self._close_case()
        self._case, self._case_at, self._duration = attributes, self.position(), None
        if self._suites:
            self._suites[-1].inner = True
        if self._report:
            if self._loose:
                self._explain()
            if (draft := self._told()) is not None:
                self._read_result(draft, attributes)
        elif "skipped" in attributes and (draft := self._told()) is not None:
            if attributes["skipped"] == "yes":
                draft.status = SKIPPED
            draft.message(attributes.get("reason", ""))

    def _told(self) -> Draft | None:
        """The test case at hand, of which there is something to tell now."""
        attributes, self._case = self._case, None
        if attributes is not None:
            self._draft = Draft(attributes.get("name", ""), "", PASSED, *self._case_at)
            for name in _LABELS:
                if name in attributes:
                    self._draft.label(name, attributes[name])
        return self._draft

    def _read_result(self, draft: Draft, attributes: dict[str, str]) -> None:
        word = attributes.get("result", "")
        draft.status = _RESULTS.get(word, UNKNOWN)
        if word not in _RESULTS:
            self.note("unknown_status", word[:100])
        failed = attributes.get("assertions_failed", "0")[:20]
        if draft.status in {FAILED, BROKEN}:
            draft.exception = word if draft.status == BROKEN else "assertion error"
            draft.message(f"{failed} assertions failed, {attributes.get('assertions_passed', '0')[:20]} passed")
        for name in ("warnings_failed", "expected_failures"):
            if (number := attributes.get(name, "0")) != "0":
                draft.describe(f"{name.replace('_', ' ')}: {number[:20]}")

    def _close_case(self) -> None:
        plain = self._case
        if plain is not None:
            title = plain.get("name", "")
            labels = [(name, plain[name]) for name in _LABELS if name in plain]
            if title and not title.isspace() and sum(map(len, plain.values())) < limits.LABEL_NAME:
                self._case = None
                details = ("", "", "", "", False, (), labels, ()) if labels else None
                self.recorder.rows.append((title, "", PASSED, self._duration, self._case_at[0], details))
                if self._suites:
                    self._suites[-1].found += 1
                return
        draft, self._draft = self._told(), None
        if draft is None:
            return
        draft.duration = self._duration
        if self._suites:
            self._suites[-1].found += 1
            self._suites[-1].bad += draft.status in {FAILED, BROKEN}
            self._suites[-1].skipped += draft.status == SKIPPED
        draft.record(self.recorder)

    def _between_cases(self) -> bool:
        path = self.path
        if self._case is not None or self._draft is not None or self._checkpoint or self._frames is not None:
            return False
        return path[-1:] == ["TestSuite"] and not self._report

    def _take(self, run: Run[Plan]) -> None:
        suite = self._suites[-1]
        suite.found += run.size
        if run.plan.errors:
            suite.bad += run.size
            self.recorder.rows.extend(failed_rows(run))
            return
        columns, groups = run.columns(), run.plan.groups
        durations: Sequence[float | None] | Sequence[str] = [None] * run.size
        if "TestingTime#" in groups:
            durations = [f"{number}e-6" for number in columns[groups["TestingTime#"]]]
        names = [name for name in _LABELS if name in groups]
        values: list[Column] = [columns[groups[name]] for name in names]
        self.recorder.columns(columns[groups["name"]], "", durations, run.line, run.step, names, values)

    # Entries of a log

    def _problem(self, name: str, text: str) -> None:
        status, kind = _PROBLEMS[name]
        trace = where = _place(self._place)
        checkpoint = ""
        if self._checkpoint:
            checkpoint = _place(self._checkpoint)
            if checkpoint:
                told = f"last checkpoint: {checkpoint}: {self._checkpoint_text}".rstrip(": ")
                trace = f"{trace}\n{told}" if trace else told
            self._checkpoint, self._checkpoint_text = {}, ""
        if self._frames is not None:
            text += self._frames.text()
            self._frames = None
        draft = self._told()
        if draft is not None:
            draft.fail(status, kind, text, trace)
            return
        if self._suites:
            title, classification = self._suites[-1].attributes.get("name", ""), "TestSuite"
        else:
            where = where or checkpoint
            title, classification = where.replace("\\", "/").rpartition("/")[2] or kind, "TestLog"
        draft = Draft(title, classification, PASSED, *self.position())
        draft.fail(status, kind, text, trace)
        if self._suites or len(self._loose) >= _LOOSE:
            draft.record(self.recorder)
        else:
            self._loose.append(draft.row(self.recorder))

    def _frame(self, text: str) -> None:
        if self._frames is None:
            self._frames = LongText(limits.EXCEPTION_DESCRIPTION)
        self._frames.add(f"\n{text}")

    def _message(self, name: str, text: str) -> None:
        text += self._frames.text() if self._frames is not None else ""
        self._frames = None
        where = _place(self._place)
        text = f"{where}: {name}: {text}" if where else f"{name}: {text}"
        draft = self._told()
        if draft is not None:
            draft.output(text)
        elif self._suites:
            self._tell_suite(self._suites[-1], text)
        else:
            self.note("unknown_element", f"<{name}> outside of suites: {text[:100]}")

    def _explain(self) -> None:
        """The test cases of a report that follows errors: these belong to them, which is not told more closely."""
        for row in self._loose:
            _, kind, message, trace, *_ = row[5] or ("",) * 4
            self._tell_suite(self._suites[0], f"{kind}: {message}\n{trace}\n")
        self._loose.clear()

    def _tell_suite(self, suite: _Suite, text: str) -> None:
        if suite.text is None:
            suite.text = LongText(limits.SUITE_TEXT, self._room)
        suite.text.add(f"{text}\n")


def _place(attributes: dict[str, str]) -> str:
    """Where in the source, empty when that is not known."""
    return place(attributes.get("file", ""), attributes.get("line", ""))


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name not in BoostParser.ROOTS or root.namespace:
        return None
    if root.name == "TestResult" and "<TestSuite" not in head.text:
        return None
    return f"root element <{root.qualified}>"


FORMAT: Final = Format(
    key="boost",
    origin="boost_xml",
    title="Boost.Test XML",
    expects="XML with the root element <TestLog> (--logger=XML,test_suite) or <TestResult> (--report_format=XML "
    "--report_level=detailed), as Boost.Test 1.59 and later write it.",
    example="""<TestLog><TestSuite name="login"><TestCase name="signs_in" file="login.cpp" line="5"><TestingTime>250</TestingTime></TestCase>
<TestCase name="signs_out" file="login.cpp" line="9"><Error file="login.cpp" line="12"><![CDATA[check out has failed]]></Error><TestingTime>90</TestingTime></TestCase>
</TestSuite></TestLog>
""",  # noqa: E501
    mapping="Each <TestSuite> is a container, each <TestCase> a result. In a log <Error> and <FatalError> are failed, "
    "<Exception> is broken, skipped='yes' skipped; messages and warnings follow the backtrace; <TestingTime> is the "
    "duration. In a report result='failed' is failed, 'aborted' and 'timed-out' are broken. What is wrong with a suite "
    "itself is a result with its name.",
    kinds=(XML,),
    recognise=recognise,
    parser=BoostParser,
    roots=BoostParser.ROOTS,
    limits="A log below the level test_suite names no test cases: each error is a result then. A log does not say that "
    "failures were expected: such tests are failed there and passed in the report. The report has no messages and no "
    "durations, leaves out disabled tests (but counts them), and calls tests passed that never ran after a crash. "
    "It is not read when it follows the log of the same tests in one file.",
)
