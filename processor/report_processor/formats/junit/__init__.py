"""JUnit XML, in the dialects that test tools write.

There is no standard. What is read, from the tools' own sources and output:

* ``<testsuites>`` is the report itself, each ``<testsuite>`` a container of the classification
  ``testsuite``, each ``<testcase>`` a result with its ``classname`` as classification. Test cases
  straight under the root (node:test) lie in no container.
* ``<failure>`` is failed, ``<error>`` broken, ``<skipped>`` skipped; PHPUnit's ``<warning>`` and ``<risky>``
  are unknown. Of several the worst counts, broken before failed before unknown before skipped, and all
  their texts are kept; but node:test's ``<skipped type="todo">`` and Catch2's ``!mayfail`` keep a test
  from failing, and a ``status`` that fits one of several decides (godog). Without any of them attributes
  decide, see ``status``. Straight in a suite, where
  a hook broke, each is a result that is named like the suite.
* Surefire's ``<rerunFailure>`` and ``<rerunError>`` come after the first failed attempt, which is
  the ``<failure>`` or ``<error>``; the last attempt decides. ``<flakyFailure>`` and
  ``<flakyError>`` are failed attempts before the pass.
* ``system-out`` and ``system-err`` of a test follow its backtrace, those of a suite are its
  description. ``[[ATTACHMENT|path]]`` in them and in the text of a failure names a file (Playwright,
  Jenkins): of a test it is an asset, of a suite, which has none, a label ``attachment``.
* Properties, and attributes without a meaning of their own here, are labels.

Counts are those of the test cases; when a suite's own attributes differ, that is a message. They
may count a suite's own tests or all below it (PHPUnit), its children of any kind (node:test), or only the tests
that ran (Ginkgo 1).

IntelliJ's export of test results is read, too: ``<suite>``, ``<test>`` with milliseconds, ``<output>``.
"""

from typing import Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.detect import Head
from report_processor.events import PASSED, SKIPPED, Column, Event, Recorder
from report_processor.formats.junit.case import Case
from report_processor.formats.junit.elements import (
    AT_SUITE,
    ATTEMPT_OUTPUT,
    CASE,
    CHILDREN,
    DOCUMENT,
    FLAKY,
    ITEM,
    OTHER,
    OUTPUT,
    PROBLEM_STATUS,
    PROBLEMS,
    PROPERTIES,
    PROPERTY,
    RERUN,
    ROOTS,
    SILENT,
    SKIP,
    SUITE,
    SUITE_OUTPUT,
    SUITES,
    TEXTS,
    TRACE,
    UNREAD,
    WRAPPER,
)
from report_processor.formats.junit.kept import Kept
from report_processor.formats.junit.problem import Problem
from report_processor.formats.junit.skim import JUnitSkimmer
from report_processor.formats.junit.status import OUTCOME_ATTRIBUTES, status_by_attributes
from report_processor.formats.junit.suite import Suite
from report_processor.parsing.base import XML, Format
from report_processor.parsing.durations import seconds
from report_processor.parsing.json_format import EARLIEST, moment
from report_processor.parsing.texts import Budget, LongText
from report_processor.parsing.xml_parser import XmlParser, local

_DEEPEST: Final = 200_000
"""Elements inside each other. The parser needs 200 bytes for each that is open."""


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name not in ROOTS:
        return None
    return f"root element <{root.qualified}>"


class JUnitParser:
    """Text in, events out. See ``formats`` for what the methods promise."""

    def __init__(self) -> None:
        self._recorder: Final = Recorder()
        self._xml: Final = XmlParser(self._start, self._end, self._note, ROOTS, self._outside)
        self._xml.skimmer = JUnitSkimmer(self._at_suite, _leaves_plain, self._take_plain)
        self._room: Final = Budget(limits.OPEN_TEXT)
        self._kinds = [DOCUMENT]
        self._suites: list[Suite] = [Suite("", 0, 0, {}, self._room)]
        """Those that are open; the first one is the report itself."""
        self._joined = 0
        """Suites that are open, too, and so deep that they are joined to the last of ``_suites``."""
        self._cases: list[Case] = []
        self._owner: Kept | None = None
        self._property: tuple[str, LongText] | None = None
        self._problem: Problem | None = None

    def feed(self, text: str) -> list[Event]:
        """See ``formats.Parser``."""
        self._xml.feed(text)
        return self._recorder.take()

    def close(self) -> list[Event]:
        """See ``formats.Parser``."""
        self._xml.close()
        return self._recorder.take()

    def salvage(self) -> list[Event]:
        """See ``formats.Parser``."""
        if self._problem is not None:
            self._problem.end()
        while self._cases:
            case = self._cases.pop()
            case.unfinished = True
            self._finish(case)
        while self._joined:
            self._leave_joined()
        while len(self._suites) > 1:
            self._tell_suite(self._suites.pop())
        self._xml.tell()
        return self._recorder.take()

    def _note(self, code: str, text: str, line: int = 0, column: int = 0) -> None:
        self._recorder.note(code, text, line, column)

    # Elements

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        prefixed = ":" in name
        if prefixed:
            name = local(name)
        kinds = self._kinds
        parent = kinds[-1]
        kind = CHILDREN[parent].get(name, OTHER) if parent in CHILDREN else OTHER
        if kind == CASE:
            self._open_case(_in_seconds(attributes) if name == "test" else attributes)
        elif kind == SUITE:
            self._open_suite(attributes)
        elif kind in PROBLEMS:
            self._open_problem(kind, name, attributes, parent)
        elif kind == OTHER:
            # What a tool adds in a namespace of its own (Brakeman) is nothing to tell about.
            kind = SILENT if prefixed and parent not in TEXTS else self._unknown(name, parent)
        else:
            self._open_other(kind, attributes, parent)
        kinds.append(kind)
        if len(kinds) > _DEEPEST:
            raise self._too_many(f"more than {_DEEPEST} elements inside each other")

    def _end(self, _name: str) -> None:
        kind = self._kinds.pop()
        if kind == CASE:
            self._finish(self._cases.pop())
        elif kind == SUITE:
            self._close_suite()
        elif kind in PROBLEMS:
            self._close_problem()
        elif kind in {TRACE, ATTEMPT_OUTPUT}:
            self._xml.collect(self._add_to_problem if self._problem else None)
        elif kind in {OUTPUT, SUITE_OUTPUT}:
            self._xml.collect(None)
        elif kind == PROPERTY:
            self._end_property()
        elif kind == ITEM and self._property is not None:
            self._xml.collect(self._property[1].add)
        elif kind == SUITES:
            self._check_counts(self._suites[0], "testsuites")

    def _too_many(self, text: str) -> Damage:
        return Damage("limit_exceeded", text, self._xml.line, self._xml.column)

    def _open_case(self, attributes: dict[str, str]) -> None:
        if len(self._cases) >= limits.CASES_DEEP:
            raise self._too_many(f"more than {limits.CASES_DEEP} test cases inside each other")
        self._cases.append(Case(attributes, *self._xml.position(), self._room))

    def _open_suite(self, attributes: dict[str, str]) -> None:
        line, column = self._xml.position()
        title = self._short(attributes.get("name", ""), limits.TITLE, line)
        self._date(attributes, line)
        self._recorder.open(title, "testsuite", line)
        if len(self._suites) > limits.DEPTH:
            self._joined += 1
            return
        self._suites[-1].children += 1
        self._suites.append(Suite(title, line, column, attributes, self._room))

    def _close_suite(self) -> None:
        if self._joined:
            self._leave_joined()
            return
        suite = self._suites.pop()
        self._check_counts(suite, suite.title)
        self._suites[-1].include(suite)
        self._tell_suite(suite)

    def _leave_joined(self) -> None:
        self._joined -= 1
        self._recorder.close()

    def _tell_suite(self, suite: Suite) -> None:
        self._note_cuts(suite.cut_labels, suite.cut, suite.line)
        self._recorder.close(suite.description, suite.labels)
        suite.close()

    def _open_problem(self, kind: int, name: str, attributes: dict[str, str], parent: int) -> None:
        if parent in AT_SUITE:
            # A suite that broke before its tests (a hook, a compiler): a result of its own.
            title = self._suites[-1].title or "testsuites"
            self._open_case({"name": title, "classname": "testsuite"})
        case = self._cases[-1]
        self._problem = Problem(PROBLEM_STATUS[name], attributes, case.budget)
        case.add(self._problem, rerun=kind == RERUN, flaky=kind == FLAKY, skip=kind == SKIP)
        self._xml.collect(self._add_to_problem)

    def _close_problem(self) -> None:
        self._xml.collect(None)
        if self._problem is not None:
            self._problem.end()
            self._problem = None
        self._cases[-1].attachments.end()
        if self._kinds[-1] in AT_SUITE:  # see _open_problem
            self._finish(self._cases.pop(), of_suite=True)

    def _add_to_problem(self, piece: str) -> None:
        if self._problem is not None:
            self._problem.text.add(piece)
            self._cases[-1].attachments.look(piece)

    def _add_attempt_output(self, piece: str) -> None:
        if self._problem is not None:
            self._problem.output.add(piece)
            self._cases[-1].attachments.look(piece)

    def _open_other(self, kind: int, attributes: dict[str, str], parent: int) -> None:
        if kind == OUTPUT:
            self._xml.collect(self._cases[-1].add_output)
        elif kind == ATTEMPT_OUTPUT:
            self._xml.collect(self._add_attempt_output)
        elif kind == SUITE_OUTPUT:
            self._xml.collect(self._suites[-1].add_output)
        elif kind == PROPERTIES:
            self._owner = self._cases[-1].kept if parent == CASE else self._suites[-1].kept
        elif kind == PROPERTY:
            self._start_property(attributes, parent)
        elif kind == ITEM:
            self._start_item(attributes)
        elif kind == SUITES:
            self._suites[0] = Suite("", self._xml.line, self._xml.column, attributes, self._room)
            self._date(attributes, self._xml.line)

    def _unknown(self, name: str, parent: int) -> int:
        if parent in UNREAD:
            return parent
        if parent in TEXTS:
            # Markup inside a text (a failure with HTML in it): its text belongs to the text around it.
            self._note("unknown_element", f"<{name[:100]}> inside a text", self._xml.line, self._xml.column)
            return OTHER
        self._note("unknown_element", f"<{name[:100]}>", self._xml.line, self._xml.column)
        return WRAPPER if parent in AT_SUITE else OTHER

    def _start_property(self, attributes: dict[str, str], parent: int) -> None:
        if parent == CASE:
            self._owner = self._cases[-1].kept
        if "value" in attributes:
            self._keep_label(attributes.get("name", ""), attributes["value"])
            return
        text = LongText(limits.LABEL_VALUE)
        self._property = (attributes.get("name", "")[: limits.LABEL_NAME + 1], text)
        self._xml.collect(text.add)

    def _start_item(self, attributes: dict[str, str]) -> None:
        """Of Xray's properties, each item has a name; evidence is files in base64, of which only the name is told."""
        if self._property is not None:
            name, text = self._property
            item = attributes.get("name", "")
            if name.endswith("evidence"):
                text.add(f"{item}\n")
                self._xml.collect(None)
            else:
                text.add(f"\n{item}: ")

    def _end_property(self) -> None:
        if self._property is not None:
            name, text = self._property
            self._property = None
            self._xml.collect(None)
            self._keep_label(name, text.text().strip())

    def _keep_label(self, name: str, value: str) -> None:
        if self._owner is not None:
            self._owner.label(name, value)
            if name == "testrail_attachment" and self._cases:
                self._owner.asset(value)
            elif name == "QTestVersion" and not self._cases:
                self._suites[-1].is_qt = self._suites[-1].is_qt or not self._suites[-1].promises("skipped")

    # Results

    def _finish(self, case: Case, *, of_suite: bool = False) -> None:
        attributes, line = case.attributes, case.line
        title = attributes.get("name", "")
        classification = attributes.get("classname") or attributes.get("class") or attributes.get("className") or ""
        if not title or title.isspace():
            # Surefire: what breaks a whole class, such as @BeforeAll, has the name of the class alone.
            title = classification
            if not title or title.isspace():
                title = f"testcase at line {line}"
                self._note("missing_name", "a testcase has no name", line, case.column)
        if len(title) > limits.TITLE or len(classification) > limits.CLASSIFICATION:
            title = self._short(title, limits.TITLE, line)
            classification = self._short(classification, limits.CLASSIFICATION, line)
        duration = None
        if time := attributes.get("time"):
            duration = seconds(time)
            if duration is None:
                self._note("invalid_duration", f'time="{time[:100]}"', line, case.column)
        suite = self._suites[-1]
        status, details = case.outcome(duration, rolled_up=suite.has_flakes)
        case.close()
        if suite.is_qt and status == PASSED and "result" not in attributes:
            status = SKIPPED
        suite.count(status, 1, case.elements, of_suite=of_suite)
        if case.cut or case.cut_labels:
            self._note_cuts(case.cut_labels, case.cut, line)
        if case.unknown_status:
            self._note("unknown_status", case.unknown_status[:100], line, case.column)
        self._recorder.rows.append((title, classification, status, duration, line, details))

    def _take_plain(  # noqa: PLR0917  # see junit_skim.Take
        self,
        titles: list[str],
        classifications: Column,
        durations: list[str] | None,
        line: int,
        step: int,
        label_names: list[str],
        label_values: list[Column],
    ) -> None:
        count = len(titles)
        self._suites[-1].count(PASSED, count)
        self._recorder.columns(
            titles, classifications, durations or [None] * count, line, step, label_names, label_values
        )

    def _at_suite(self) -> bool:
        return self._kinds[-1] in AT_SUITE and not self._cases

    def _outside(self) -> bool:
        return len(self._kinds) == 1

    # Checks

    def _check_counts(self, suite: Suite, title: str) -> None:
        for text in suite.differences():
            name = f" of {title[:100]}" if title else ""
            self._note("suite_count_differs", f"{text}{name}", suite.line, suite.column)

    def _date(self, attributes: dict[str, str], line: int) -> None:
        text = attributes.get("timestamp", "").strip()
        if not text:
            return
        found = moment(text)
        if found is None:
            self._note("invalid_date", f'timestamp="{text[:100]}"', line, self._xml.column)
        elif found >= EARLIEST:
            self._recorder.date(found)

    def _short(self, text: str, limit: int, line: int) -> str:
        if len(text) <= limit:
            return text
        self._note("field_cut", f"{len(text) - limit} characters of a name were cut, the limit is {limit}", line)
        return text[:limit]

    def _note_cuts(self, labels: int, characters: int, line: int) -> None:
        if characters:
            self._note("field_cut", f"{characters} characters of output or backtrace were cut", line)
        if labels:
            self._note("field_cut", f"{labels} labels or files were cut or left out", line)


def _leaves_plain(name: str, value: str) -> bool:
    if name in OUTCOME_ATTRIBUTES:
        return status_by_attributes({name: value}) == (PASSED, "")
    return name not in {"class", "className"} and not name.startswith("xml")


def _in_seconds(attributes: dict[str, str]) -> dict[str, str]:
    """Those of IntelliJ's ``<test>``, whose ``duration`` is in milliseconds, with JUnit's ``time``."""
    milliseconds = attributes.pop("duration", "")
    if milliseconds.isdecimal() and len(milliseconds) < 16:
        attributes["time"] = str(int(milliseconds) / 1000)
    return attributes


FORMAT: Final = Format(
    key="junit",
    origin="junit_xml",
    title="JUnit XML",
    expects="XML with the root element <testsuites> or <testsuite>, as pytest, Maven Surefire, Gradle, "
    "Ant, Jest, Mocha, Playwright, gotestsum, PHPUnit, node:test and many others write it; also test results that "
    "IntelliJ exports.",
    example="""<testsuite name="login">
  <testcase classname="LoginTest" name="signs in" time="0.25"/>
  <testcase classname="LoginTest" name="signs out" time="0.01">
    <failure type="AssertionError" message="still signed in">LoginTest.java:17</failure>
  </testcase>
</testsuite>
""",
    mapping="Each <testsuite> is a container, each <testcase> a result with its classname as classification. "
    "<failure> is failed, <error> broken, <skipped> skipped. Reruns and flaky failures are attempts. system-out and "
    "system-err follow the backtrace; [[ATTACHMENT|path]] in them names a file; properties are labels.",
    kinds=(XML,),
    recognise=recognise,
    parser=JUnitParser,
    roots=frozenset(ROOTS),
)
