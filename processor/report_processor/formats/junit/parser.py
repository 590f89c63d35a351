"""Reads JUnit XML. See ``junit`` for what becomes of it."""

from typing import Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.events import PASSED, Column, Event, Recorder
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
from report_processor.formats.junit.problem import Problem
from report_processor.formats.junit.properties import Properties
from report_processor.formats.junit.record import close_suite, note_differences, open_suite, record_case, record_date
from report_processor.formats.junit.skim import JUnitSkimmer
from report_processor.formats.junit.status import OUTCOME_ATTRIBUTES, status_by_attributes
from report_processor.formats.junit.suite import Suite
from report_processor.parsing.texts import Budget
from report_processor.parsing.xml_parser import XmlParser, local

_DEEPEST: Final = 200_000
"""Elements inside each other. The parser needs 200 bytes for each that is open."""


class JUnitParser:
    """Text in, events out. See ``formats`` for what the methods promise."""

    def __init__(self) -> None:
        self._recorder: Final = Recorder()
        self._xml: Final = XmlParser(self._start, self._end, self._recorder.note, ROOTS, self._outside)
        self._xml.skimmer = JUnitSkimmer(self._at_suite, _leaves_plain, self._take_plain)
        self._room: Final = Budget(limits.OPEN_TEXT)
        self._kinds = [DOCUMENT]
        self._suites: list[Suite] = [Suite("", 0, 0, {}, self._room)]
        """Those that are open; the first one is the report itself."""
        self._joined = 0
        """Suites that are open, too, and so deep that they are joined to the last of ``_suites``."""
        self._cases: list[Case] = []
        self._properties: Final = Properties(self._xml.collect)
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
            record_case(case, self._suites[-1], self._recorder)
        while self._joined:
            self._leave_joined()
        while len(self._suites) > 1:
            close_suite(self._suites.pop(), self._recorder)
        self._xml.tell()
        return self._recorder.take()

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
            record_case(self._cases.pop(), self._suites[-1], self._recorder)
        elif kind == SUITE:
            self._close_suite()
        elif kind in PROBLEMS:
            self._close_problem()
        elif kind in {TRACE, ATTEMPT_OUTPUT}:
            self._xml.collect(self._add_to_problem if self._problem else None)
        elif kind in {OUTPUT, SUITE_OUTPUT}:
            self._xml.collect(None)
        elif kind == PROPERTY:
            self._properties.close()
        elif kind == ITEM:
            self._properties.close_item()
        elif kind == SUITES:
            note_differences(self._suites[0], self._recorder)

    def _too_many(self, text: str) -> Damage:
        return Damage("limit_exceeded", text, self._xml.line, self._xml.column)

    def _open_case(self, attributes: dict[str, str]) -> None:
        if len(self._cases) >= limits.CASES_DEEP:
            raise self._too_many(f"more than {limits.CASES_DEEP} test cases inside each other")
        self._cases.append(Case(attributes, *self._xml.position(), self._room))

    def _open_suite(self, attributes: dict[str, str]) -> None:
        line, column = self._xml.position()
        title = open_suite(attributes, line, column, self._recorder)
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
        note_differences(suite, self._recorder)
        self._suites[-1].include(suite)
        close_suite(suite, self._recorder)

    def _leave_joined(self) -> None:
        self._joined -= 1
        self._recorder.close()

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
            record_case(self._cases.pop(), self._suites[-1], self._recorder, of_suite=True)

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
            self._properties.owner = self._cases[-1] if parent == CASE else self._suites[-1]
        elif kind == PROPERTY:
            if parent == CASE:
                self._properties.owner = self._cases[-1]
            self._properties.open(attributes)
        elif kind == ITEM:
            self._properties.open_item(attributes)
        elif kind == SUITES:
            line, column = self._xml.line, self._xml.column
            self._suites[0] = Suite("testsuites", line, column, attributes, self._room)
            record_date(attributes, line, column, self._recorder)

    def _unknown(self, name: str, parent: int) -> int:
        if parent in UNREAD:
            return parent
        if parent in TEXTS:
            # Markup inside a text (a failure with HTML in it): its text belongs to the text around it.
            self._recorder.note("unknown_element", f"<{name[:100]}> inside a text", self._xml.line, self._xml.column)
            return OTHER
        self._recorder.note("unknown_element", f"<{name[:100]}>", self._xml.line, self._xml.column)
        return WRAPPER if parent in AT_SUITE else OTHER

    # Skimming

    def _take_plain(  # noqa: PLR0917  # see skim.Take
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
