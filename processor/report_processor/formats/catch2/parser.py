"""Reads Catch2's XML, of all versions, and doctest's. See ``catch2`` for what becomes of it."""

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Column
from report_processor.formats.catch2.assertion import PROBLEMS, Assertion, Failure
from report_processor.formats.catch2.labels import labels_of
from report_processor.formats.catch2.sections import Sections, outcome
from report_processor.formats.catch2.skim import INSIDE, RULES, Plan, plan_of
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import seconds
from report_processor.parsing.shapes import Run
from report_processor.parsing.xml_format import XmlFormat
from report_processor.parsing.xml_skim import XmlSkimmer

_BAD: Final = frozenset({FAILED, BROKEN})
_CONTAINERS: Final = ("Catch", "Catch2TestRun", "Group", "doctest", "TestSuite")
_MEASURED: Final = ("mean", "standardDeviation", "failed")


class Catch2Parser(XmlFormat):
    """Reads all versions, and doctest's XML."""

    ROOTS: ClassVar[frozenset[str]] = frozenset({"Catch", "Catch2TestRun", "doctest"})
    KNOWN: ClassVar[frozenset[str]] = ROOTS | {
        *("Options", "TestSuite", "SubCase", "Message", "OverallResultsAsserts", "OverallResultsTestCases"),
        "Group",
        "TestCase",
        "Section",
        "Expression",
        "OverallResult",
        "OverallResults",
        "OverallResultsCases",
        "Randomness",
        "BenchmarkResults",
        "mean",
        "standardDeviation",
        "outliers",
        "failed",
    }
    TEXTS: ClassVar[Mapping[str, int]] = {
        **dict.fromkeys(("Original", "Expanded", "Info", "Warning", "Text"), limits.EXCEPTION_DESCRIPTION),
        **dict.fromkeys(("ExpectedException", "ExpectedExceptionString"), limits.EXCEPTION_DESCRIPTION),
        **dict.fromkeys(PROBLEMS, limits.EXCEPTION_DESCRIPTION),
        **dict.fromkeys(("StdOut", "StdErr"), limits.BACKTRACE),
    }

    def __init__(self) -> None:
        super().__init__()
        self._containers: Final[list[tuple[str, bool]]] = []
        """Title, and whether it was opened."""
        self._found = 0
        """Test cases so far that were not left out."""
        self._case: dict[str, str] | None = None
        """The test case at hand, as long as there is nothing to tell of it."""
        self._case_at = (0, 0)
        self._duration: float | None = None
        self._draft: Draft | None = None
        """The test case at hand, when there is."""
        self._success: bool | None = None
        self._skips = False
        self._sections: Final = Sections()
        self._assertion = Assertion()
        self._benchmark = ""
        self._measured: list[str] = []
        self.xml.skimmer = XmlSkimmer("TestCase", RULES, self._between_cases, plan_of, self._take, INSIDE)
        self._opening: Final[Mapping[str, Callable[[dict[str, str]], None]]] = {
            **dict.fromkeys(_CONTAINERS, self._open_container),
            **dict.fromkeys(PROBLEMS, self._open_problem),
            "TestCase": self._open_case,
            "Section": self._open_section,
            "Expression": self._open_expression,
            "OverallResult": self._overall,
            "OverallResults": self._section_result,
            "OverallResultsCases": self._check,
            "SubCase": self._open_section,
            "Message": self._open_problem,
            "OverallResultsAsserts": self._doctest_result,
            "OverallResultsTestCases": self._check_doctest,
            "BenchmarkResults": self._open_benchmark,
        }

    # Elements

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        act = self._opening.get(name)
        if act is not None:
            act(attributes)
        elif name in _MEASURED and self.parent == "BenchmarkResults":
            told = attributes.get("message", "") if name == "failed" else f"{attributes.get('value', '')} ns"
            if len(self._measured) < len(_MEASURED):
                self._measured.append(f"{name} {told[: limits.TITLE]}")

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        if name == "TestCase":
            self._close_case()
        elif name in {"Section", "SubCase"}:
            self._sections.close()
        elif name == "Original":
            self._assertion.original = text.strip()
        elif name == "Expanded":
            self._assertion.expanded = text.strip()
        elif name == "Expression":
            self._fail(self._assertion.close())
        elif name in self.TEXTS:
            self._told(name, text.strip())
        elif name == "BenchmarkResults":
            if (draft := self._now()) is not None:
                draft.describe(f"benchmark {self._benchmark}: {', '.join(self._measured)}")
        elif name in _CONTAINERS:
            self._close_container()

    def finish(self) -> None:
        """See ``XmlFormat``."""
        self._close_case()
        while self._containers:
            self._close_container()

    # Containers

    def _open_container(self, attributes: dict[str, str]) -> None:
        title = attributes.get("name", "") or attributes.get("binary", "").replace("\\", "/").rpartition("/")[2]
        # Version 2 has one group with the name of the run.
        apart = bool(title) and not (self._containers and self._containers[-1][0] == title)
        self._containers.append((title, apart))
        if apart:
            self.recorder.open(title, self.path[-1], self.position()[0])

    def _close_container(self) -> None:
        if self._containers and self._containers.pop()[1]:
            self.recorder.close()

    # Test cases

    def _open_case(self, attributes: dict[str, str]) -> None:
        self._close_case()
        self._success, self._skips, self._duration, self._assertion = None, False, None, Assertion()
        self._case, self._case_at = attributes, self.position()

    def _now(self) -> Draft | None:
        """The test case at hand, of which there is something to tell now."""
        attributes, self._case = self._case, None
        if attributes is not None:
            self._skips = self._skips or attributes.get("skipped") == "true"
            draft = self._draft = Draft(attributes.get("name", ""), "", PASSED, *self._case_at)
            for name, value in labels_of(attributes):
                draft.label(name, value)
            if description := attributes.get("description"):
                draft.describe(description)
        return self._draft

    def _overall(self, attributes: dict[str, str]) -> None:
        if self._draft is None and self._case is None:
            return
        self._success = {"true": True, "false": False}.get(attributes.get("success", ""))
        if self._success is None:
            self.note("unknown_status", f'success="{attributes.get("success", "")[:100]}"')
        if attributes.get("skips", "0") != "0":
            self._skips = True
        if (time := attributes.get("durationInSeconds")) is not None:
            self._duration = self.seconds(time)

    def _close_case(self) -> None:
        case = self._case
        if case is not None and self._success and not self._skips and _is_plain(case):
            self._case = None
            details = ("", "", "", "", False, (), labels_of(case), ())
            self.recorder.rows.append((case["name"], "", PASSED, self._duration, self._case_at[0], details))
            self._found += 1
            return
        draft, self._draft = self._now(), None
        self._sections.clear()
        if draft is None:
            return
        draft.duration = self._duration
        failed = draft.status in _BAD
        doctest = self.path[:1] == ["doctest"]
        if self._success is None:
            draft.status = draft.status if failed else SKIPPED if self._skips else UNKNOWN
        elif not self._success and not failed:
            draft.fail(
                FAILED, "", f"Nothing failed in it, but {'doctest' if doctest else 'Catch2'} says that it failed."
            )
        elif self._success and (failed or self._skips):
            draft.status = PASSED if doctest else SKIPPED
        draft.record(self.recorder)
        self._found += not (doctest and self._skips)

    def _between_cases(self) -> bool:
        return self._case is None and self._draft is None and bool(self.path) and self.path[-1] in _CONTAINERS

    def _take(self, run: Run[Plan]) -> None:
        columns, (title, time, tags, places) = run.columns(), run.plan
        names, values = ["tag"] * len(tags), list[Column](tags)
        for name, group in places:
            names.append(name)
            values.append(columns[group])
        durations = columns[time] if time >= 0 else [None] * run.size
        self.recorder.columns(columns[title], "", durations, run.line, run.step, names, values)
        self._found += run.size

    def _check(self, attributes: dict[str, str]) -> None:
        """The counts at the end of the run."""
        promised = sum(seconds(number) or 0 for number in attributes.values())
        if len(self.path) == 2 and promised != self._found:
            self.note("suite_count_differs", f"{int(promised)} test cases, but there are {self._found}")
        if len(self.path) == 2:
            self._found = 0

    def _doctest_result(self, attributes: dict[str, str]) -> None:
        if self.parent == "TestCase" and "test_case_success" in attributes:
            time = {"durationInSeconds": attributes["duration"]} if "duration" in attributes else {}
            self._overall({"success": attributes["test_case_success"], **time})

    def _check_doctest(self, attributes: dict[str, str]) -> None:
        self._check({name: attributes.get(name, "") for name in ("successes", "failures")})

    # Sections

    def _open_section(self, attributes: dict[str, str]) -> None:
        self._sections.open(attributes.get("name", ""))

    def _section_result(self, attributes: dict[str, str]) -> None:
        if self.parent != "Section" or not self._sections.is_leaf:
            return
        draft = self._now()
        if draft is not None and (word := outcome(attributes)):
            draft.describe(self._sections.before(word))

    # Assertions and what else a test case tells

    def _open_expression(self, attributes: dict[str, str]) -> None:
        self._assertion.open(attributes)

    def _open_problem(self, attributes: dict[str, str]) -> None:
        self._assertion.place = attributes

    def _open_benchmark(self, attributes: dict[str, str]) -> None:
        self._benchmark, self._measured = attributes.get("name", "")[: limits.TITLE], []

    def _told(self, name: str, text: str) -> None:
        draft = self._now()
        if draft is None:
            self.note("unknown_element", f"<{name}> outside of test cases: {text[:100]}")
        elif name == "Text":
            self._doctest_message(draft, text)
        elif name.startswith("ExpectedException"):
            self._assertion.hint(f"expected: {text}")
        elif name == "Skip":
            self._skips = True
            draft.message(self._assertion.with_hints(self._sections.before(text)))
        elif name in PROBLEMS:
            self._fail(self._assertion.problem(name, text))
        elif name == "Info":
            self._assertion.hint(text)
        elif name == "Warning":
            draft.output(f"Warning: {text}")
        else:
            draft.output(text)

    def _fail(self, failure: Failure | None) -> None:
        if failure is not None and (draft := self._now()) is not None:
            status, exception, text, place = failure
            if exception.startswith("WARN") or exception == "CHECK_NOFAIL":
                draft.output(f"{self._assertion.with_hints(self._sections.before(text))}\n{place}")
                return
            draft.fail(status, exception, self._assertion.with_hints(self._sections.before(text)), place)

    def _doctest_message(self, draft: Draft, text: str) -> None:
        if "ERROR" in self._assertion.place.get("type", ""):
            self._fail(self._assertion.problem("Failure", text))
        else:
            draft.output(f"Message: {text}")


def _is_plain(attributes: dict[str, str]) -> bool:
    """Whether nothing of a test case that passed may have to be cut or described."""
    title = attributes.get("name", "")
    short = sum(map(len, attributes.values())) < limits.LABEL_NAME
    return short and bool(title) and not title.isspace() and "description" not in attributes
