"""JUnit XML, in the dialects that test tools write.

There is no standard. What is read, from the tools' own sources and output:

* ``<testsuites>`` is the report itself, each ``<testsuite>`` a container of the classification
  ``testsuite``, each ``<testcase>`` a result with its ``classname`` as classification. Test cases
  straight under the root (node:test) lie in no container.
* ``<failure>`` is failed, ``<error>`` broken, ``<skipped>`` skipped. Of several the worst counts,
  broken before failed before skipped, and all their texts are kept; but node:test's ``<skipped type="todo">``
  and Catch2's ``!mayfail`` keep a test from failing. Without any of them the attributes ``status`` and
  ``result`` decide (googletest, CTest, Catch2).
* Surefire's ``<rerunFailure>`` and ``<rerunError>`` come after the first failed attempt, which is
  the ``<failure>`` or ``<error>``; the last attempt decides. ``<flakyFailure>`` and
  ``<flakyError>`` are failed attempts before the pass.
* ``system-out`` and ``system-err`` of a test follow its backtrace, those of a suite are its
  description. ``[[ATTACHMENT|path]]`` in them names a file (Playwright, Jenkins).
* Properties, and attributes without a meaning of their own here, are labels.

Counts are those of the test cases; when a suite's own attributes differ, that is a message. They
may count a suite's own tests or all below it (PHPUnit), or its children of any kind (node:test).
"""

from datetime import UTC, datetime
from typing import Final

from report_contract.options import read_date
from report_processor import limits
from report_processor.damage import Damage
from report_processor.detect import Head
from report_processor.durations import seconds
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, Column, Event, Recorder
from report_processor.formats.junit_case import Case, Kept, Problem, skipped_by_attributes
from report_processor.formats.junit_skim import VERBATIM, JUnitSkimmer
from report_processor.formats.junit_suite import Suite
from report_processor.formats.xml import XmlParser, local
from report_processor.texts import LongText

KEY: Final = "junit"
_ROOTS: Final = frozenset({"testsuites", "testsuite"})
_DEEPEST: Final = 200_000
"""Elements inside each other. The parser needs 200 bytes for each that is open."""
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""Timestamps before this are how tools spell "none": 1970-01-01 and 0001-01-01."""

# What an element is, by the one that it stands in.
_DOCUMENT, _SUITES, _SUITE, _WRAPPER, _CASE = range(5)
_FAILURE, _RERUN, _FLAKY, _SKIPPED = range(5, 9)
_TRACE, _ATTEMPT_OUTPUT, _OUTPUT, _SUITE_OUTPUT, _PROPERTIES, _PROPERTY, _UNKNOWN = range(9, 16)

_IN_SUITE: Final = {
    "testsuite": _SUITE,
    "testcase": _CASE,
    "properties": _PROPERTIES,
    "system-out": _SUITE_OUTPUT,
    "system-err": _SUITE_OUTPUT,
    "failure": _FAILURE,
    "error": _FAILURE,
}
_IN_ATTEMPT: Final = {
    "stackTrace": _TRACE,
    "system-out": _ATTEMPT_OUTPUT,
    "system-err": _ATTEMPT_OUTPUT,
}
_CHILDREN: Final[dict[int, dict[str, int]]] = {
    _DOCUMENT: {"testsuites": _SUITES, "testsuite": _SUITE},
    _SUITES: {**_IN_SUITE, "testsuites": _WRAPPER},
    _SUITE: _IN_SUITE,
    _WRAPPER: {"testsuite": _SUITE, "testcase": _CASE},
    _CASE: {
        "failure": _FAILURE,
        "error": _FAILURE,
        "skipped": _SKIPPED,
        "ignored": _SKIPPED,
        "disabled": _SKIPPED,
        "rerunFailure": _RERUN,
        "rerunError": _RERUN,
        "flakyFailure": _FLAKY,
        "flakyError": _FLAKY,
        "system-out": _OUTPUT,
        "system-err": _OUTPUT,
        "properties": _PROPERTIES,
        "property": _PROPERTY,
        "testcase": _CASE,
        "testsuite": _SUITE,
    },
    _RERUN: _IN_ATTEMPT,
    _FLAKY: _IN_ATTEMPT,
    _FAILURE: _IN_ATTEMPT,
    _SKIPPED: {},
    _PROPERTIES: {"property": _PROPERTY},
}
_PROBLEM_STATUS: Final = {
    "failure": FAILED,
    "error": BROKEN,
    "rerunFailure": FAILED,
    "rerunError": BROKEN,
    "flakyFailure": FAILED,
    "flakyError": BROKEN,
}
_AT_SUITE: Final = frozenset({_SUITES, _SUITE, _WRAPPER})


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name not in _ROOTS:
        return None
    return f"root element <{root.qualified}>"


class JUnitParser:
    """Text in, events out. See ``formats`` for what the methods promise."""

    def __init__(self) -> None:
        self._recorder: Final = Recorder()
        self._xml: Final = XmlParser(self._start, self._end, self._note)
        self._xml.skimmer = JUnitSkimmer(self._at_suite, _leaves_plain, self._take_plain)
        self._kinds = [_DOCUMENT]
        self._suites: list[Suite] = [Suite("", 0, 0, {})]
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
        while self._cases:
            case = self._cases.pop()
            case.unfinished = True
            self._finish(case)
        while len(self._suites) > 1:
            suite = self._suites.pop()
            self._recorder.close(suite.description, suite.kept.labels)
        self._xml.tell()
        return self._recorder.take()

    def _note(self, code: str, text: str, line: int = 0, column: int = 0) -> None:
        self._recorder.note(code, text, line, column)

    # Elements

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = local(name)
        kinds = self._kinds
        parent = kinds[-1]
        kind = _CHILDREN[parent].get(name, _UNKNOWN) if parent in _CHILDREN else _UNKNOWN
        if kind == _CASE:
            self._cases.append(Case(attributes, self._xml.line, self._xml.column))
        elif kind == _SUITE:
            self._open_suite(attributes)
        elif kind in {_FAILURE, _RERUN, _FLAKY, _SKIPPED}:
            self._open_problem(kind, name, attributes, parent)
        elif kind == _UNKNOWN:
            kind = self._unknown(name, parent)
        else:
            self._open_other(kind, attributes, parent)
        kinds.append(kind)
        if len(kinds) > _DEEPEST:
            text = f"more than {_DEEPEST} elements inside each other"
            raise Damage("limit_exceeded", text, self._xml.line, self._xml.column)

    def _end(self, _name: str) -> None:
        kind = self._kinds.pop()
        if kind == _CASE:
            self._finish(self._cases.pop())
        elif kind == _SUITE:
            self._close_suite()
        elif kind in {_FAILURE, _RERUN, _FLAKY, _SKIPPED}:
            self._xml.collect(None)
            self._problem = None
            if self._kinds[-1] in _AT_SUITE:  # a problem of the suite itself, see _open_problem
                self._finish(self._cases.pop())
        elif kind in {_TRACE, _ATTEMPT_OUTPUT}:
            self._xml.collect(self._problem.text.add if self._problem else None)
        elif kind in {_OUTPUT, _SUITE_OUTPUT}:
            self._xml.collect(None)
        elif kind == _PROPERTY:
            self._end_property()
        elif kind == _SUITES:
            self._check_counts(self._suites[0], "testsuites")

    def _open_suite(self, attributes: dict[str, str]) -> None:
        line = self._xml.line
        title = attributes.get("name", "")
        suite = Suite(self._short(title, limits.TITLE, line), line, self._xml.column, attributes)
        self._date(attributes, line)
        self._suites[-1].children += 1
        self._suites.append(suite)
        self._recorder.open(suite.title, "testsuite", line)

    def _close_suite(self) -> None:
        suite = self._suites.pop()
        self._check_counts(suite, suite.title)
        self._suites[-1].include(suite)
        self._note_cuts(suite.kept, suite.cut, suite.line)
        self._recorder.close(suite.description, suite.kept.labels)

    def _open_problem(self, kind: int, name: str, attributes: dict[str, str], parent: int) -> None:
        if parent in _AT_SUITE:
            # A suite that broke before its tests (a hook, a compiler): a result of its own.
            title = self._suites[-1].title or "testsuites"
            self._cases.append(Case({"name": title, "classname": "testsuite"}, self._xml.line, self._xml.column))
        case = self._cases[-1]
        problem = Problem(_PROBLEM_STATUS.get(name, SKIPPED), attributes, limits.BACKTRACE)
        if kind == _SKIPPED:
            case.skip(problem)
        else:
            case.add(problem, rerun=kind == _RERUN, flaky=kind == _FLAKY)
        self._problem = problem
        self._xml.collect(problem.text.add)

    def _open_other(self, kind: int, attributes: dict[str, str], parent: int) -> None:
        if kind == _OUTPUT:
            self._xml.collect(self._cases[-1].add_output)
        elif kind == _ATTEMPT_OUTPUT:
            self._xml.collect(self._add_attempt_output)
        elif kind == _SUITE_OUTPUT:
            self._xml.collect(self._suites[-1].output.add)
        elif kind == _PROPERTIES:
            self._owner = self._cases[-1].kept if parent == _CASE else self._suites[-1].kept
        elif kind == _PROPERTY:
            self._start_property(attributes, parent)
        elif kind == _SUITES:
            self._suites[0] = Suite("", self._xml.line, self._xml.column, attributes)
            self._date(attributes, self._xml.line)

    def _add_attempt_output(self, piece: str) -> None:
        if self._problem is not None:
            self._problem.output.add(piece)
            self._cases[-1].look_for_assets(piece)

    def _unknown(self, name: str, parent: int) -> int:
        if parent in {_UNKNOWN, _FAILURE, _SKIPPED, _OUTPUT, _SUITE_OUTPUT, _TRACE, _ATTEMPT_OUTPUT}:
            # Markup inside a text (a failure with HTML in it): its text belongs to the text around it.
            if parent != _UNKNOWN:
                self._note("unknown_element", f"<{name[:100]}> inside a text", self._xml.line, self._xml.column)
            return _UNKNOWN
        self._note("unknown_element", f"<{name[:100]}>", self._xml.line, self._xml.column)
        return _WRAPPER if parent in _AT_SUITE else _UNKNOWN

    def _start_property(self, attributes: dict[str, str], parent: int) -> None:
        if parent == _CASE:
            self._owner = self._cases[-1].kept
        if "value" in attributes:
            self._keep_label(attributes.get("name", ""), attributes["value"])
            return
        text = LongText(limits.LABEL_VALUE)
        self._property = (attributes.get("name", ""), text)
        self._xml.collect(text.add)

    def _end_property(self) -> None:
        if self._property is not None:
            name, text = self._property
            self._property = None
            self._xml.collect(None)
            self._keep_label(name, text.text().strip())

    def _keep_label(self, name: str, value: str) -> None:
        if self._owner is not None:
            self._owner.label(name, value)

    # Results

    def _finish(self, case: Case) -> None:
        attributes, line = case.attributes, case.line
        title = attributes.get("name", "")
        if not title or title.isspace():
            title = f"testcase at line {line}"
            self._note("missing_name", "a testcase has no name", line, case.column)
        classification = attributes.get("classname") or attributes.get("class") or ""
        if len(title) > limits.TITLE or len(classification) > limits.CLASSIFICATION:
            title = self._short(title, limits.TITLE, line)
            classification = self._short(classification, limits.CLASSIFICATION, line)
        duration = None
        if time := attributes.get("time"):
            duration = seconds(time)
            if duration is None:
                self._note("invalid_duration", f'time="{time[:100]}"', line, case.column)
        case.label_attributes()
        status, details = case.outcome(duration)
        self._suites[-1].count(status)
        if case.cut or case.kept.cut:
            self._note_cuts(case.kept, case.cut, line)
        self._recorder.rows.append((title, classification, status, duration, line, details))

    def _take_plain(  # noqa: PLR0917  # see junit_skim.Take
        self,
        titles: list[str],
        classifications: Column,
        durations: list[float] | None,
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
        return self._kinds[-1] in _AT_SUITE and not self._cases

    # Checks

    def _check_counts(self, suite: Suite, title: str) -> None:
        for text in suite.differences():
            name = f" of {title[:100]}" if title else ""
            self._note("suite_count_differs", f"{text}{name}", suite.line, suite.column)

    def _date(self, attributes: dict[str, str], line: int) -> None:
        text = attributes.get("timestamp", "").strip()
        if not text:
            return
        moment = read_date(text)
        if moment is None:
            self._note("invalid_date", f'timestamp="{text[:100]}"', line, self._xml.column)
        elif moment >= _EARLIEST:
            self._recorder.date(moment.timestamp())

    def _short(self, text: str, limit: int, line: int) -> str:
        if len(text) <= limit:
            return text
        self._note("field_cut", f"{len(text) - limit} characters of a name were cut, the limit is {limit}", line)
        return text[:limit]

    def _note_cuts(self, kept: Kept, cut: int, line: int) -> None:
        if cut:
            self._note("field_cut", f"{cut} characters of output or backtrace were cut", line)
        if kept.cut:
            self._note("field_cut", f"{kept.cut} labels or files were cut or left out", line)


def _leaves_plain(name: str, value: str) -> bool:
    if name in VERBATIM:
        return skipped_by_attributes({name: value}) == PASSED
    return name != "class" and not name.startswith("xml")
