"""CppUnit's XML (``XmlOutputter``): root ``TestRun``, first the tests that failed, then those that did not.

A name is ``Class::test``: the class is the classification, the test the title. ``FailureType`` is ``Assertion``
(failed) or ``Error`` (broken). There are no containers. Of a test that fails several times, such as in itself and in
``tearDown``, only the first failure is written; ``FailuresTotal`` counts all.

Programs may add elements by hooks. The one that comes with CppUnit as an example (ClockerPlugIn), and others after it,
write the ``Time`` of a test in seconds, its ``TestPath``, and at the end the times of all suites.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, UNKNOWN
from report_processor.parsing.base import XML, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import seconds
from report_processor.parsing.shapes import Part, Rule, Run, groups_of
from report_processor.parsing.xml_format import XmlFormat
from report_processor.parsing.xml_skim import ANY, NAME_TEXT, SECONDS, TEXT, XmlSkimmer

_STATUSES: Final = {"Assertion": FAILED, "Error": BROKEN}
_LISTS: Final = ("<FailedTests", "<SuccessfulTests", "<Statistics")


_RULES: Final = {"id": ANY, "Name#": NAME_TEXT, "TestPath#": Rule(TEXT.expression, captured=False), "Time#": SECONDS}
_INSIDE: Final = ("Name", "TestPath", "Time")
_TIMES: Final = ("Time", "Duration")
_BY_HOOKS: Final = ("TestPath", "TimedTestTree", "TimedSuite", "TimedTest", "TotalElapsedTime", "AverageTestCaseTime")


def _plan(parts: list[Part]) -> tuple[int, int] | None:
    """Groups of name and duration (-1: none) of a test that has a name and no more to tell."""
    keys = [part.key for part in parts]
    groups = groups_of(parts)
    return (groups["Name#"], groups.get("Time#", -1)) if _is_plain(keys) else None


def _is_plain(keys: list[str]) -> bool:
    told = keys[3:]
    if told[:2] == ["TestPath", "TestPath#"]:
        told = told[2:]
    return keys[:3] == ["id", "Name", "Name#"] and told in ([], ["Time", "Time#"])


class CppUnitParser(XmlFormat):
    """Reads such files."""

    ROOTS: ClassVar[frozenset[str]] = frozenset({"TestRun"})
    KNOWN: ClassVar[frozenset[str]] = ROOTS | {
        "FailedTests",
        "FailedTest",
        "SuccessfulTests",
        "Test",
        "Location",
        "Statistics",
        *_BY_HOOKS,
    }
    TEXTS: ClassVar[Mapping[str, int]] = {
        "Name": limits.TITLE * 2,
        "FailureType": limits.EXCEPTION_NAME,
        "File": limits.TITLE,
        "Line": 100,
        "Message": limits.EXCEPTION_DESCRIPTION,
        **dict.fromkeys(("Tests", "FailuresTotal", "Errors", "Failures", *_TIMES), 100),
    }

    def __init__(self) -> None:
        super().__init__()
        self._values: dict[str, str] = {}
        """Texts of the test at hand."""
        self._at = (0, 0)
        self._open = ""
        """Kind of the test at hand."""
        self._found = self._failed = 0
        skimmer = XmlSkimmer("Test", _RULES, self._between_tests, _plan, self._take, _INSIDE)
        skimmer.opening = "<Test "  # and not <TestPath>, which may stand in it
        self.xml.skimmer = skimmer

    def opened(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002
        """See ``XmlFormat``."""
        if name == "TestRun":
            self._found = self._failed = 0
        elif name in {"FailedTest", "Test"}:
            self._finish_test(complete=True)
            self._open, self._at = name, self.position()

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        if name in {"FailedTest", "Test"}:
            self._finish_test(complete=True)
        elif name == "Tests" and self.parent == "Statistics":
            self._check(name, text, self._found)
        elif name == "FailuresTotal":
            self._check(name, text, self._failed, most=False)
        elif name in self.TEXTS and self._open:
            self._values[name] = text

    def finish(self) -> None:
        """See ``XmlFormat``."""
        self._finish_test(complete=False)

    def _finish_test(self, *, complete: bool) -> None:
        kind, values = self._open, self._values
        if not kind:
            return
        self._open, self._values = "", {}
        classification, title = _names(values.get("Name", "").strip())
        duration = self.seconds(next((values[name] for name in _TIMES if name in values), ""))
        self._found += 1
        line, column = self._at
        if kind == "Test" and complete and title:
            self.recorder.rows.append(
                (title[: limits.TITLE], classification[: limits.CLASSIFICATION], PASSED, duration, line, None)
            )
            return
        draft = Draft(title, classification, PASSED, line, column)
        draft.duration = duration
        if kind == "FailedTest":
            self._failed += 1
            self._fail(draft, values)
        elif not complete:
            draft.status = UNKNOWN
        draft.record(self.recorder)

    def _between_tests(self) -> bool:
        return not self._open and self.path[-1:] == ["SuccessfulTests"]

    def _take(self, run: Run[tuple[int, int]]) -> None:
        columns, (name, time) = run.columns(), run.plan
        names = [_names(one.strip()) for one in columns[name]]
        titles = [title[: limits.TITLE] for _, title in names]
        kinds = [kind[: limits.CLASSIFICATION] for kind, _ in names]
        durations = columns[time] if time >= 0 else [None] * len(names)
        self.recorder.columns(titles, kinds, durations, run.line, run.step)
        self._found += len(names)

    def _fail(self, draft: Draft, values: dict[str, str]) -> None:
        word = values.get("FailureType", "").strip()
        if word not in _STATUSES:
            self.recorder.note("unknown_status", word[:100] or "a failed test without a FailureType", *self._at)
        place = values.get("File", "").strip()
        trace = f"{place}:{values.get('Line', '').strip()}" if place else ""
        draft.fail(_STATUSES.get(word, FAILED), word, values.get("Message", "").strip(), trace)

    def _check(self, name: str, text: str, found: int, *, most: bool = True) -> None:
        promised = seconds(text)
        if promised is not None and promised != found and (most or promised < found):
            self.note("suite_count_differs", f"{name} {int(promised)}, but there are {found}")


def _names(name: str) -> tuple[str, str]:
    """Classification and title."""
    classification, _, title = name.rpartition("::")
    return (classification, title) if title else ("", name)  # an operator at the end, or no name at all


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name != "TestRun" or root.namespace:
        return None
    for element in _LISTS:
        if element in head.text:
            return f"root element <{root.qualified}> with {element}>"
    return None


FORMAT: Final = Format(
    key="cppunit",
    origin="cppunit_xml",
    title="CppUnit XML",
    expects="XML with the root element <TestRun> and <FailedTests>, <SuccessfulTests> and <Statistics> in it, as the "
    "XmlOutputter of CppUnit 1.10 and later writes it.",
    example="""<TestRun>
  <FailedTests>
    <FailedTest id="2">
      <Name>LoginTest::signsOut</Name>
      <FailureType>Assertion</FailureType>
      <Location><File>login.cpp</File><Line>12</Line></Location>
      <Message>assertion failed
- Expression: out</Message>
    </FailedTest>
  </FailedTests>
  <SuccessfulTests>
    <Test id="1"><Name>LoginTest::signsIn</Name></Test>
  </SuccessfulTests>
  <Statistics><Tests>2</Tests><FailuresTotal>1</FailuresTotal><Errors>0</Errors><Failures>1</Failures></Statistics>
</TestRun>
""",
    mapping="Each <FailedTest> and <Test> is a result; of the name Class::test the class is the classification. The "
    "FailureType Assertion is failed, Error is broken.",
    kinds=(XML,),
    recognise=recognise,
    parser=CppUnitParser,
    roots=CppUnitParser.ROOTS,
    limits="CppUnit writes no suites, no output, one failure of each test only, and durations only with a hook like "
    "that of its ClockerPlugIn (<Time>, in seconds).",
)
