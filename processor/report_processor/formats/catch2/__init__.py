"""Catch2's own XML (``-r xml``): root ``Catch`` of version 2 (and 1), ``Catch2TestRun`` of version 3; and doctest's.

* The run and, in version 2, each ``<Group>`` with another name are containers. Each ``<TestCase>`` is a result, as it
  is in Catch2's own counts: its ``<Section>`` elements (which are runs of the same test case) are lines of its
  description, and what fails in one is told with the section's name.
* ``<OverallResult success>`` is the tool's verdict. A failed test case is broken when an exception or a signal ended
  it, failed otherwise; an exception in an assertion about exceptions (``CHECK_NOTHROW``) is failed.
* With success, ``skips`` or ``<Skip>`` is skipped, as Catch2 counts it. Success in spite of a failure
  (``[!mayfail]``, ``[!shouldfail]``) is skipped, as in Catch2's own JUnit file.
* Assertions that passed (``--success``) are not kept; those that may fail (``CHECK_NOFAIL``, ``WARN``) are output.

doctest's XML (root ``doctest``) looks alike: suites are containers, ``<SubCase>`` is a section, ``<Message>`` a warning
or a failure, and the verdict stands in ``<OverallResultsAsserts>``. A failure that doctest expected is a pass there,
as it is in its summary.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Column, Label
from report_processor.formats.catch2.assertion import PROBLEMS, Assertion, Failure
from report_processor.parsing.base import XML, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import seconds
from report_processor.parsing.shapes import Part, Run
from report_processor.parsing.xml_format import XmlFormat
from report_processor.parsing.xml_skim import NAME, SECONDS, VALUE, XmlSkimmer

_BAD: Final = frozenset({FAILED, BROKEN})
_PLACE: Final = (("filename", "file"), ("line", "line"))
_CONTAINERS: Final = ("Catch", "Catch2TestRun", "Group", "doctest", "TestSuite")
_RULES: Final = {"name": NAME, "filename": VALUE, "line": VALUE, "OverallResult@durationInSeconds": SECONDS}
_USUAL: Final = frozenset({"name", "tags", "filename", "line"})
_RESULT: Final = frozenset({"OverallResult", "OverallResult@success", "OverallResult@skips"})
_MEASURED: Final = ("mean", "standardDeviation", "failed")


_Plan = tuple[int, int, list[str], list[tuple[str, int]]]
"""Groups of title and duration, tags, and labels with their groups."""


def _plan(parts: list[Part]) -> _Plan | None:
    """Of a test case that passed and has nothing more to tell."""
    found = {part.key: part for part in parts}
    values = {part.key: part.value for part in parts}
    if not {"name", *_RESULT} <= found.keys() <= _USUAL | _RESULT | _RULES.keys():
        return None
    if (
        values["OverallResult@success"] != "true"
        or values["OverallResult@skips"] != "0"
        or "&" in values.get("tags", "")
    ):
        return None
    tags = [value for name, value in _labels(values) if name == "tag"]
    places = [(label, found[name].group) for name, label in _PLACE if name in found]
    time = found.get("OverallResult@durationInSeconds")
    return found["name"].group, -1 if time is None else time.group, tags, places


class _Section:
    """A section that is open."""

    __slots__ = ("inner", "title")

    def __init__(self, title: str) -> None:
        self.title: Final = title
        self.inner = False
        """Whether there are sections in it."""


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
        self._sections: Final[list[_Section]] = []
        self._assertion = Assertion()
        self._benchmark = ""
        self._measured: list[str] = []
        inside = ("OverallResult",)
        self.xml.skimmer = XmlSkimmer("TestCase", _RULES, self._between_cases, _plan, self._take, inside)
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
            self._close_section()
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
            for name, value in _labels(attributes):
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
            details = ("", "", "", "", False, (), _labels(case), ())
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

    def _take(self, run: Run[_Plan]) -> None:
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
        if self._sections:
            self._sections[-1].inner = True
        if len(self._sections) < limits.DEPTH:
            self._sections.append(_Section(attributes.get("name", "")[: limits.TITLE]))

    def _section_result(self, attributes: dict[str, str]) -> None:
        if self.parent != "Section" or not self._sections or self._sections[-1].inner:
            return
        draft = self._now()
        if draft is None:
            return
        if attributes.get("failures", "0") != "0":
            word = "failed"
        elif attributes.get("expectedFailures", "0") != "0":
            word = "failed as expected"
        elif attributes.get("skipped") == "true":
            word = "skipped"
        elif attributes.get("successes", "0") == "0":
            return  # the last look at whether there is another section
        else:
            word = "passed"
        draft.describe(f"{self._path()}: {word}")

    def _close_section(self) -> None:
        if self._sections:
            self._sections.pop()

    def _path(self) -> str:
        return " / ".join(section.title for section in self._sections)

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
            draft.message(self._assertion.with_hints(self._in_section(text)))
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
                draft.output(f"{self._assertion.with_hints(self._in_section(text))}\n{place}")
                return
            draft.fail(status, exception, self._assertion.with_hints(self._in_section(text)), place)

    def _doctest_message(self, draft: Draft, text: str) -> None:
        if "ERROR" in self._assertion.place.get("type", ""):
            self._fail(self._assertion.problem("Failure", text))
        else:
            draft.output(f"Message: {text}")

    def _in_section(self, text: str) -> str:
        return f"{self._path()}: {text}" if self._sections else text


def _labels(attributes: dict[str, str]) -> list[Label]:
    labels = [("tag", tag) for part in attributes.get("tags", "").split("]") if (tag := part.strip("[ "))]
    labels.extend((label, attributes[name]) for name, label in _PLACE if name in attributes)
    return labels


def _is_plain(attributes: dict[str, str]) -> bool:
    """Whether nothing of a test case that passed may have to be cut or described."""
    title = attributes.get("name", "")
    short = sum(map(len, attributes.values())) < limits.LABEL_NAME
    return short and bool(title) and not title.isspace() and "description" not in attributes


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name not in Catch2Parser.ROOTS or root.namespace:
        return None
    return f"root element <{root.qualified}>"


FORMAT: Final = Format(
    key="catch2",
    origin="catch2_xml",
    title="Catch2 XML",
    expects="XML with the root element <Catch> (Catch2 2, also 1) or <Catch2TestRun> (Catch2 3), as -r xml writes it; "
    "also <doctest>, which -r=xml of doctest 2 writes. Files of their junit reporters are JUnit XML.",
    example="""<Catch2TestRun name="login" rng-seed="1" xml-format-version="3" catch2-version="3.12.0">
  <TestCase name="signs in" tags="[smoke]" filename="login.cpp" line="5">
    <OverallResult success="true" skips="0" durationInSeconds="0.25"/>
  </TestCase>
  <TestCase name="signs out" filename="login.cpp" line="9">
    <Expression success="false" type="CHECK" filename="login.cpp" line="12">
      <Original>out</Original>
      <Expanded>false</Expanded>
    </Expression>
    <OverallResult success="false" skips="0"/>
  </TestCase>
</Catch2TestRun>
""",
    mapping="The run is a container, each <TestCase> a result; sections are lines of its description. A failed test "
    "case is broken when an exception or a signal ended it. <Skip> is skipped, and so is a failure that may or should "
    "be ([!mayfail], [!shouldfail]); for doctest that is passed. Tags are labels, benchmarks lines of "
    "the description, output follows the backtrace.",
    kinds=(XML,),
    recognise=recognise,
    parser=Catch2Parser,
    roots=Catch2Parser.ROOTS,
    limits="Assertions that passed (--success) are not kept. There are durations only with --durations yes (doctest: "
    "-d).",
)
