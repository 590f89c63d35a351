"""TRX, the results of Visual Studio's test tools: ``dotnet test --logger trx``, MSTest, Microsoft.Testing.Platform.

* The containers are those of the tests' definitions: the file that the tests are in (assembly or script, without its
  folder) and their class, which is the classification of the results, too. See ``held``: definitions may stand
  behind the results. Names of runs have user, machine and time in them, so a run is no container.
* A result with inner results (rows of data, ordered tests) is a container for them. It is a result of its own only
  when it failed and none of them did.
* A result without ``outcome`` is an error: the loggers leave that word out, as it is the first of its list.
* What ``<ResultSummary>`` says of the run (output, warnings, files) is a container of its own, without results
  unless the run itself had an error, such as a test host that crashed. That tests failed is no such error.
"""

import re
from typing import ClassVar, Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED
from report_processor.formats.trx.definition import TestDefinition
from report_processor.formats.trx.elements import (
    DEFINED,
    DEFINITIONS,
    ENTRY,
    FREE,
    OTHERS,
    RESULT,
    RESULTS,
    TEXTS,
    USUAL_DEFINITION,
)
from report_processor.formats.trx.held import Held
from report_processor.formats.trx.result import Result, elapsed, span, status_of
from report_processor.parsing.base import XML, Format
from report_processor.parsing.dotnet import Holder, exception_of
from report_processor.parsing.draft import Draft
from report_processor.parsing.shapes import Part, Run, groups_of
from report_processor.parsing.texts import Budget
from report_processor.parsing.xml_format import XmlFormat
from report_processor.parsing.xml_skim import XmlSkimmer

_NAMESPACE: Final = "microsoft.com/schemas/VisualStudio/TeamTest/"
_SUMMARY: Final = "ResultSummary"
_RUN: Final = "test run"
"""Title of what is told of the run itself."""
_QUIET: Final = frozenset({"TestEntry", "Output", "ErrorInfo"})
_BAD_RUNS: Final = frozenset({"error", "min", "failed", "timeout", "aborted"})
_UNFINISHED: Final = frozenset({"error", "min", "timeout", "aborted", "disconnected"})
_ECHO: Final = re.compile(
    r"\s*\[xUnit\.net [\d:.]+\]\s.*\[FAIL\]\s*|[^']{0,200}'2'.{0,200}/testingplatform/exitcodes.*", re.DOTALL
)
"""Errors of a run that tell no more than that a test failed: xUnit.net's adapter says so of each, and
Microsoft.Testing.Platform by its exit code."""


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name != "TestRun":
        return None
    if _NAMESPACE in root.namespace:
        return f"root element <{root.qualified}> of Visual Studio's namespace"
    if not root.namespace and "<UnitTestResult" in head.text:
        return f"root element <{root.qualified}> with <UnitTestResult>"
    return None


def _plan_result(parts: list[Part]) -> dict[str, int] | None:
    """The groups of a test that passed."""
    attributes = {part.key: part.value for part in parts}
    plain = {"testName", "duration"} <= attributes.keys() and attributes.get("outcome") == "Passed"
    return groups_of(parts) if plain else None


def _plan_definition(parts: list[Part]) -> dict[str, int] | None:
    """The groups of a definition that says no more than the file and the class."""
    usual = {"id", "storage", "TestMethod@className"} <= {part.key for part in parts} <= USUAL_DEFINITION
    groups = groups_of(parts)
    return groups if usual and len(groups) == sum(part.group >= 0 for part in parts) else None


class TrxParser(XmlFormat):
    """Text in, events out."""

    ROOTS: ClassVar = frozenset({"TestRun"})
    TEXTS: ClassVar = TEXTS
    KNOWN: ClassVar = ROOTS | RESULTS | DEFINITIONS | OTHERS
    FREE: ClassVar = FREE

    def __init__(self) -> None:
        super().__init__()
        self._held: Final = Held(self.recorder)
        self._results: list[Result] = []
        """Those that are open: one, or one inside the other."""
        self._definition: TestDefinition | None = None
        self._summary: Holder | None = None
        self._info: dict[str, str] = {}
        self._error: Draft | None = None
        """What the run itself could not do."""
        self._total = ""
        self._place = (0, 0)
        defined = ("TestMethod", "Execution")
        self._skimmers: Final = {
            "Results": XmlSkimmer("UnitTestResult", RESULT, self._at_results, _plan_result, self._take),
            "TestDefinitions": XmlSkimmer(
                "UnitTest", DEFINED, self._at_definitions, _plan_definition, self._take_defined, defined
            ),
            "TestEntries": XmlSkimmer("TestEntry", ENTRY, self._at_entries, groups_of, self._take_entries),
        }
        """By the element around."""
        self._counts = [0, 0, 0]
        """Results: those without inner ones, all, those that are in no other."""
        self._bad = False
        """Whether any of them failed or broke, or the run had an error."""
        self._outcome = ""
        """Of the run."""

    # Elements

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if self._held.waiting:
            self._held.tick()
        if name in RESULTS:
            self._open_result(attributes)
        elif name in DEFINITIONS and self.parent == "TestDefinitions":
            self._definition = TestDefinition(attributes)
        elif self._definition is not None:
            self._definition.element(name, attributes)
        elif name in {"ResultFile", "A"}:
            self._file(attributes.get("path") or attributes.get("href") or "")
        elif name in self._skimmers:
            self.xml.skimmer = self._skimmers[name]
        elif name not in _QUIET:
            self._open_in_run(name, attributes)

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        if name in RESULTS:
            self._close_result()
        elif name in self.TEXTS:
            if text and not text.isspace():
                self._text(name, text.replace("\r\n", "\n"))  # VSTest writes Windows' ends of lines as references
        elif name in DEFINITIONS and self.parent == "TestDefinitions":
            if self._definition is not None:
                self._held.define(self._definition.id, self._definition.complete(), self.position()[0])
            self._definition = None
        elif name == "TestDefinitions":
            self._held.settle()
        elif name == _SUMMARY:
            self._close_summary()
        elif name == "TestRun" and len(self.path) == 1:
            self._close_run()

    def finish(self) -> None:
        """See ``XmlFormat``."""
        while self._results:
            self._close_result()
        self._held.finish()

    def _open_in_run(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Times":
            self.date(attributes.get("start", ""))
        elif name == _SUMMARY:
            self._summary = Holder(_RUN, *self.position(), Budget(limits.SUITE_TEXT))
            self._outcome = attributes.get("outcome", "")
        elif name == "Counters":
            self._total, self._place = attributes.get("total", ""), self.position()
        elif name == "RunInfo":
            self._info = attributes
        elif name == "Build" and attributes.get("name"):
            self.recorder.system(build=attributes["name"])

    def _close_run(self) -> None:
        self.finish()
        total = self._total
        if total.isdecimal() and total.isascii() and len(total) < 16 and int(total) not in self._counts:
            self.recorder.note("suite_count_differs", f'total="{total}", but there are {self._counts[0]}', *self._place)
        if self._outcome.lower() in _UNFINISHED and not self._bad:
            draft = Draft(_RUN, _SUMMARY, BROKEN, *self._place)
            draft.message(f"The test run ended as {self._outcome}.")
            self._held.enter(_RUN, _SUMMARY)
            draft.record(self.recorder)
            self._held.leave("", [])
        self._total, self._counts, self._bad, self._outcome = "", [0, 0, 0], False, ""

    # Results

    def _open_result(self, attributes: dict[str, str]) -> None:
        if len(self._results) >= limits.CASES_DEEP:
            text = f"more than {limits.CASES_DEEP} results inside each other"
            raise Damage("limit_exceeded", text, *self.position())
        status, unknown = status_of(attributes)
        if unknown:
            self.note("unknown_status", unknown[:100])
        self._results.append(Result(attributes, self.position(), status))

    def _close_result(self) -> None:
        if not self._results:
            return
        result = self._results.pop()
        counts = self._counts
        counts[1] += 1
        counts[2] += not self._results
        bad = result.status in {FAILED, BROKEN}
        self._bad = self._bad or bad
        if self._results:
            self._results[-1].tests_inside += 1
            self._results[-1].bad_inside += bad or result.bad_inside > 0
        around = tuple(outer.title[: limits.TITLE] or "test without a name" for outer in self._results)
        if result.tests_inside:
            if not bad or result.bad_inside:
                return
            around = (*around, result.title[: limits.TITLE])
        else:
            counts[0] += 1
        attributes = result.attributes
        time = attributes.get("duration", "")
        duration = span(time) if time else elapsed(attributes)
        if duration is None and time:
            duration = self.seconds(time)
        outermost = self._results[0].key if self._results else result.key
        self._held.add(outermost, result.key, around, result.row(self.recorder, duration))

    def _text(self, name: str, text: str) -> None:
        if self._definition is not None:
            self._definition.text(name, text)
        elif not self._results:
            self._text_of_summary(text)
        elif name == "Message" and self.parent == "ErrorInfo":
            draft = self._results[-1].draft
            draft.message(text)
            draft.exception = draft.exception or exception_of(text)
        elif name == "StackTrace" or (name == "Exception" and self.parent == "ErrorInfo"):
            self._results[-1].draft.trace(text)
        elif name == "Comments":
            self._results[-1].draft.describe(text)
        else:
            self._results[-1].draft.output(text)

    def _file(self, path: str) -> None:
        if self._results:
            self._results[-1].file(path)
        elif self._summary is not None and path:
            self._summary.label("attachment", path)

    def _at_results(self) -> bool:
        return self.path[-1:] == ["Results"] and not self._results and not self._held.waiting

    def _take(self, run: Run[dict[str, int]]) -> None:
        title, key, time = run.plan["testName"], run.plan.get("testId"), run.plan["duration"]
        add = self._held.add
        for row, line in zip(run.rows, run.lines(), strict=False):
            test = "" if key is None else row[key].lower()
            add(test, test, (), (row[title], "", PASSED, span(row[time]), line, None))
        self._counts = [count + run.size for count in self._counts]

    # Definitions and entries

    def _at_definitions(self) -> bool:
        return self.path[-1:] == ["TestDefinitions"] and self._definition is None and not self._held.waiting

    def _take_defined(self, run: Run[dict[str, int]]) -> None:
        for row, line in zip(run.rows, run.lines(), strict=False):
            values = {name: row[place] for name, place in run.plan.items()}
            found = TestDefinition(values)
            found.element("TestMethod", {"className": values["TestMethod@className"]})
            self._held.define(found.id, found.complete(), line)

    def _at_entries(self) -> bool:
        return self.path[-1:] == ["TestEntries"]

    def _take_entries(self, run: Run[dict[str, int]]) -> None:
        for _ in range(run.size):
            if self._held.waiting:
                self._held.tick()

    # The run

    def _text_of_summary(self, text: str) -> None:
        summary = self._summary
        if summary is None:
            return
        outcome = self._info.get("outcome", "") if self.parent == "RunInfo" else ""
        if outcome.lower() in _BAD_RUNS:
            if self._bad and _ECHO.fullmatch(text):
                return
            if self._error is None:
                self._error = Draft(summary.title, "RunInfo", BROKEN, *self.position())
            self._error.fail(BROKEN, exception_of(text), text)
        else:
            summary.add("description", f"{outcome}: {text}" if outcome else text)

    def _close_summary(self) -> None:
        summary, self._summary = self._summary, None
        error, self._error = self._error, None
        if summary is None or not (error or summary.labels or summary.text("description")):
            return
        self._held.enter(summary.title, _SUMMARY)
        if error is not None:
            error.record(self.recorder)
            self._bad = True
        self._held.leave(summary.text("description"), list(summary.labels))


FORMAT: Final = Format(
    key="trx",
    origin="trx_xml",
    title="TRX (Visual Studio)",
    expects="XML with the root element <TestRun> of Visual Studio's namespace, as dotnet test --logger trx, "
    "Microsoft.Testing.Platform, vstest.console, MSTest, jest-trx-results-processor and mocha-trx-reporter write it.",
    example="""<TestRun id="1" name="run" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
  <Results>
    <UnitTestResult testId="11" testName="SignsIn" duration="00:00:00.2500000" outcome="Passed" />
    <UnitTestResult testId="12" testName="SignsOut" duration="00:00:00.0100000" outcome="Failed">
      <Output><ErrorInfo><Message>Assert.IsFalse failed.</Message></ErrorInfo></Output>
    </UnitTestResult>
  </Results>
  <TestDefinitions>
    <UnitTest id="11" name="SignsIn" storage="shop.dll">
      <TestMethod className="Shop.LoginTest" name="SignsIn" />
    </UnitTest>
    <UnitTest id="12" name="SignsOut" storage="shop.dll">
      <TestMethod className="Shop.LoginTest" name="SignsOut" />
    </UnitTest>
  </TestDefinitions>
</TestRun>
""",
    mapping="The file that the tests are in and their class are containers, each result is a result with its class as "
    "classification; results with inner results are containers, too. Failed is failed; Error (also when there is no "
    "outcome), Timeout, Aborted, Disconnected and NotRunnable are broken; NotExecuted and Pending are skipped; "
    "Inconclusive, Warning, Completed and InProgress are unknown. Output follows the backtrace, result files are "
    "assets, categories, owners and properties labels. Errors of the run are one result of its own.",
    kinds=(XML,),
    recognise=recognise,
    parser=TrxParser,
    roots=TrxParser.ROOTS,
    limits="The tests of a file with more than 100,000 have no classes, for that takes memory. "
    "The output of a result with inner results is not read, for it repeats theirs.",
    merges=True,
    rows_alike=True,
)
