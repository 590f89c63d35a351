"""Reads Boost.Test's log and its report. See ``boost`` for what becomes of them."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Column, Row
from report_processor.formats.boost.entry import MESSAGES, PROBLEMS, Entry
from report_processor.formats.boost.report import check_counts, read_case, record_suite
from report_processor.formats.boost.skim import INSIDE, RULES, Plan, failed_rows, plan_of
from report_processor.formats.boost.suite import Suite
from report_processor.parsing.draft import Draft
from report_processor.parsing.shapes import Run
from report_processor.parsing.texts import Budget
from report_processor.parsing.xml_format import XmlFormat
from report_processor.parsing.xml_skim import XmlSkimmer

_MICROSECOND: Final = 1e-6
_LABELS: Final[tuple[str, ...]] = ("file", "line")
_LOOSE: Final = 200
"""Errors without a test case that are held back until it is known whether a report follows."""
_NAMED: Final = 1_000
"""Suites whose logs are remembered."""


class BoostParser(XmlFormat):
    """Reads both."""

    ROOTS: ClassVar[frozenset[str]] = frozenset({"TestLog", "TestResult"})
    KNOWN: ClassVar[frozenset[str]] = ROOTS | {"TestSuite", "TestCase", "BuildInfo", "Context"}
    TEXTS: ClassVar[Mapping[str, int]] = {
        **dict.fromkeys((*PROBLEMS, *MESSAGES, "Frame"), limits.EXCEPTION_DESCRIPTION),
        "LastCheckpoint": limits.TITLE,
        "TestingTime": 100,
    }

    def __init__(self) -> None:
        super().__init__()
        self._suites: Final[list[Suite]] = []
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
        self._entry: Final = Entry()
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
        elif name in PROBLEMS or name in MESSAGES:
            self._entry.open(attributes)
        elif name == "LastCheckpoint":
            self._entry.open_checkpoint(attributes)
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
        elif name in PROBLEMS:
            self._problem(*self._entry.problem(name, text))
        elif name in MESSAGES:
            self._message(name, text)
        elif name == "LastCheckpoint":
            self._entry.close_checkpoint(text)
        elif name == "Frame":
            self._entry.frame(text)

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
        self._suites.append(Suite(attributes, line, self._room, kept=not skipped))

    def _close_suite(self) -> None:
        suite = self._suites.pop()
        if self._report:
            check_counts(suite, self.recorder)
            if not self._loose:
                record_suite(suite, self.recorder)
        elif suite.found and not self._suites and len(self._logged) < _NAMED:
            self._logged.add(suite.title)
        self._leave_suite(suite)

    def _leave_suite(self, suite: Suite) -> None:
        if self._suites:
            self._suites[-1].include(suite)
        if not suite.kept:
            return
        told = suite.attributes
        labels = [(name, told[name][: limits.LABEL_VALUE]) for name in _LABELS if name in told]
        if not self._suites:
            labels += [(name[: limits.LABEL_NAME], value[: limits.LABEL_VALUE]) for name, value in self._build]
        self.recorder.close(suite.close(), labels)

    # Test cases

    def _open_case(self, attributes: dict[str, str]) -> None:
        if self._case is not None or self._draft is not None:  # test cases in test cases do not exist
            self._close_case()
        self._case, self._case_at, self._duration = attributes, self.position(), None
        if self._suites:
            self._suites[-1].inner = True
        if self._report:
            if self._loose and self._suites:
                self._explain()
            if (draft := self._told()) is not None:
                read_case(draft, attributes, self.recorder)
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
        idle = self._case is None and self._draft is None and self._entry.is_empty
        return idle and not self._report and self.path[-1:] == ["TestSuite"]

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

    def _problem(self, status: int, exception: str, text: str, trace: str, where: str) -> None:
        draft = self._told()
        if draft is not None:
            draft.fail(status, exception, text, trace)
            return
        if self._suites:
            title, classification = self._suites[-1].title, "TestSuite"
        else:
            title, classification = where.replace("\\", "/").rpartition("/")[2] or exception, "TestLog"
        draft = Draft(title, classification, PASSED, *self.position())
        draft.fail(status, exception, text, trace)
        if self._suites or len(self._loose) >= _LOOSE:
            draft.record(self.recorder)
        else:
            self._loose.append(draft.row(self.recorder))

    def _message(self, name: str, text: str) -> None:
        told = self._entry.message(name, text)
        draft = self._told()
        if draft is not None:
            draft.output(told)
        elif self._suites:
            self._suites[-1].tell(told)
        else:
            self.note("unknown_element", f"<{name}> outside of suites: {told[:100]}")

    def _explain(self) -> None:
        """The test cases of a report that follows errors: these belong to them, which is not told more closely."""
        for row in self._loose:
            _, kind, message, trace, *_ = row[5] or ("",) * 4
            self._suites[0].tell(f"{kind}: {message}\n{trace}\n")
        self._loose.clear()
