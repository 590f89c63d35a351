"""Qt Test's XML (``-o file,xml``): root ``TestCase``, and ``-o file,lightxml``, the same without that root.

* The test object is a container. Each ``<TestFunction>`` is a result; with data it is one for each row, and the
  row's tag stands in the title as Qt Test prints it: ``parse(empty)``. ``initTestCase`` and ``cleanupTestCase`` are
  results, as they are in Qt Test's own counts.
* Incidents: ``pass`` is passed; ``fail`` and ``xpass`` (passed though it was expected to fail) are failed, and broken
  after a ``qfatal`` message; ``skip`` (Qt 5 makes it a message) is skipped. ``xfail`` comes before the incident that
  counts and is a line of the description.
* Blacklisted tests do not count for Qt Test when they fail: ``bpass`` and ``bxfail`` are passed, ``bfail`` and
  ``bxpass`` skipped, with a label ``blacklisted``.
* Other messages follow the backtrace; benchmarks are lines of the description.

A duration is that of a whole function, so results of a function with several rows have none.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN
from report_processor.parsing.base import XML, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import milliseconds_column
from report_processor.parsing.shapes import Part, Rule, Run
from report_processor.parsing.xml_format import XmlFormat
from report_processor.parsing.xml_skim import ANY, NAME, XmlSkimmer

_MILLISECOND: Final = 1e-3
_STATUSES: Final = {
    "pass": PASSED,
    "fail": FAILED,
    "xpass": FAILED,
    "skip": SKIPPED,
    "bpass": PASSED,
    "bxfail": PASSED,
    "bfail": SKIPPED,
    "bxpass": SKIPPED,
    "bskip": SKIPPED,
}
_BLACKLISTED: Final = frozenset({"bpass", "bxfail", "bfail", "bxpass", "bskip"})
_BAD: Final = frozenset({FAILED, BROKEN})
_LABELS: Final = ("QtVersion", "QtBuild", "QTestVersion")


_RULES: Final = {
    "name": NAME,
    "Incident@file": ANY,
    "Incident@line": ANY,
    "Duration@msecs": Rule(r"[0-9]{1,10}(?:\.[0-9]{0,18})?"),
}
_PASSED: Final = ["name", "Incident", "Incident@type", "Incident@file", "Incident@line", "Duration", "Duration@msecs"]


def _plan(parts: list[Part]) -> bool | None:
    """True for a function that passed, with a duration, and has no more to tell."""
    found = {part.key: part.value for part in parts}
    return True if [part.key for part in parts] == _PASSED and found["Incident@type"] == "pass" else None


class QtTestParser(XmlFormat):
    """Reads both."""

    ROOTS: ClassVar[frozenset[str]] = frozenset({"TestCase", "Environment", "TestFunction", "Duration"})
    KNOWN: ClassVar[frozenset[str]] = ROOTS | {"Incident", "Message", "BenchmarkResult"}
    TEXTS: ClassVar[Mapping[str, int]] = {
        "DataTag": limits.TITLE,
        "Description": limits.EXCEPTION_DESCRIPTION,
        **dict.fromkeys(_LABELS, limits.LABEL_VALUE),
    }

    def __init__(self) -> None:
        super().__init__()
        self._opened = False
        self._environment: list[tuple[str, str]] = []
        self._function: str | None = None
        self._at = (0, 0)
        self._results = 0
        """Of the function so far, that at hand left out."""
        self._draft: Draft | None = None
        """The result at hand: something may follow that belongs to it."""
        self._tag = ""
        self._settled = False
        """Whether an incident decided it."""
        self._fatal = False
        self._attributes: dict[str, str] = {}
        """Of the incident or message at hand, and its texts."""
        self._entry_tag = self._entry_text = ""
        inside = ("Incident", "Duration")
        self.xml.skimmer = XmlSkimmer("TestFunction", _RULES, self._between_functions, _plan, self._take, inside)

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if name in {"Incident", "Message"}:
            self._attributes, self._entry_tag, self._entry_text = attributes, "", ""
        elif name == "TestFunction":
            self._leave_function(None)
            self._function, self._at, self._results = attributes.get("name", ""), self.position(), 0
        elif name == "Duration" and self.parent == "TestFunction":
            self._leave_function(self.seconds(attributes.get("msecs", ""), _MILLISECOND))
        elif name == "TestCase":
            self._close_container()
            self._opened = True
            self.recorder.open(attributes.get("name", ""), "TestCase", self.position()[0])
        elif name == "BenchmarkResult":
            tag = attributes.get("tag", "")
            # It follows the incident, and leaves out the global part of a tag that has one.
            draft = self._result(self._tag if self._tag.endswith(f":{tag}") else tag)
            value, iterations = attributes.get("value", "")[:40], attributes.get("iterations", "")[:40]
            draft.describe(f"{attributes.get('metric', 'benchmark')[:200]}: {value} in {iterations} iterations")

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        if name == "Incident":
            self._incident()
        elif name == "Message":
            self._message()
        elif name == "DataTag":
            self._entry_tag = text
        elif name == "Description":
            self._entry_text = text
        elif name == "TestFunction":
            self._leave_function(None)
        elif name == "TestCase":
            self._close_container()
        elif name in _LABELS and len(self._environment) < len(_LABELS):
            self._environment.append((name, text))

    def finish(self) -> None:
        """See ``XmlFormat``."""
        self._leave_function(None)
        self._close_container()

    def _close_container(self) -> None:
        if self._opened:
            self._opened = False
            self.recorder.close("", self._environment)
        self._environment = []

    # Results

    def _result(self, tag: str) -> Draft:
        """The result for this row of data, which may be the one at hand."""
        if self._draft is not None and self._tag != tag:
            self._record(None)
        if self._draft is None:
            function = self._function or ""
            title = f"{function}({tag})" if tag else function
            self._draft, self._tag = Draft(title, "", UNKNOWN, *self._at), tag
            self._settled = self._fatal = False
        return self._draft

    def _record(self, duration: float | None) -> None:
        draft, self._draft = self._draft, None
        if draft is None:
            return
        if not self._settled and self._fatal:
            draft.fail(BROKEN, "qfatal")
        draft.duration = duration
        self._results += 1
        draft.record(self.recorder)

    def _leave_function(self, duration: float | None) -> None:
        if self._function is None:
            return
        if self._draft is None and not self._results:
            self._result("")  # no incident: it did not get that far
        self._record(duration if not self._results else None)
        self._function = None

    def _between_functions(self) -> bool:
        return self._function is None and self.path[-1:] == ["TestCase"]

    def _take(self, run: Run[bool]) -> None:
        titles, durations = run.columns()
        self.recorder.columns(titles, "", milliseconds_column(durations), run.line, run.step)

    def _incident(self) -> None:
        word = self._attributes.get("type", "")
        draft = self._result(self._entry_tag)
        if word == "pass" and draft.status == UNKNOWN and not self._settled:
            self._settled, draft.status = True, PASSED
            return
        if word == "xfail":
            draft.describe(f"Expected failure: {self._entry_text}{self._where(' at ')}")
            return
        status = _STATUSES.get(word, UNKNOWN)
        if self._settled and not (status in _BAD and draft.status in _BAD):  # another row with the same tag
            self._record(None)
            draft = self._result(self._entry_tag)
        self._settled = True
        if word not in _STATUSES:
            self.note("unknown_status", word[:100])
        if word in _BLACKLISTED:
            draft.label("blacklisted", word)
        if status == PASSED and word == "pass":
            draft.status = PASSED
        elif status in _BAD:
            draft.fail(BROKEN if self._fatal else FAILED, "qfatal" if self._fatal else word, self._entry_text)
            draft.trace(self._where())
        else:
            draft.status = status
            draft.message(self._entry_text)
            draft.trace(self._where())

    def _message(self) -> None:
        kind = self._attributes.get("type", "")
        draft = self._result(self._entry_tag)
        if kind == "skip":
            draft.message(self._entry_text)
            draft.trace(self._where())
            if draft.status not in _BAD:
                draft.status, self._settled = SKIPPED, True
            return
        self._fatal = self._fatal or kind == "qfatal"
        draft.output(f"{kind}: {self._entry_text}{self._where(' at ')}")

    def _where(self, before: str = "") -> str:
        file, line = self._attributes.get("file", ""), self._attributes.get("line", "0")
        return f"{before}{file}:{line}" if file and line != "0" else ""


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name not in {"TestCase", "Environment"} or root.namespace:
        return None
    for element in ("<QtVersion>", "<QTestVersion>", "<TestFunction "):
        if element in head.text:
            return f"root element <{root.qualified}> with {element.strip('< >')}"
    return None


FORMAT: Final = Format(
    key="qttest",
    origin="qttest_xml",
    title="Qt Test XML",
    expects="XML with the root element <TestCase> and <TestFunction> in it, as Qt Test writes it with -o file,xml "
    "(Qt 4 to 6); also what -o file,lightxml writes, which has no root element.",
    example="""<TestCase name="LoginTest">
<Environment>
    <QtVersion>6.4.2</QtVersion>
</Environment>
<TestFunction name="signsIn">
<Incident type="pass" file="" line="0" />
    <Duration msecs="250"/>
</TestFunction>
<TestFunction name="signsOut">
<Incident type="fail" file="login.cpp" line="12">
    <Description><![CDATA['out' returned FALSE. ()]]></Description>
</Incident>
    <Duration msecs="90"/>
</TestFunction>
</TestCase>
""",
    mapping="<TestCase> is a container, each <TestFunction> a result, or one for each of its data tags, as "
    "function(tag). fail and xpass are failed (broken after a qfatal message), skip is skipped; xfail is a line of the "
    "description. Of blacklisted tests bpass and bxfail are passed, bfail and bxpass skipped. Messages follow the "
    "backtrace, benchmarks are lines of the description.",
    kinds=(XML,),
    recognise=recognise,
    parser=QtTestParser,
    roots=frozenset({"TestCase", "Environment"}),
    limits="Rows of data have no durations, for Qt Test tells that of the whole function. Of lightxml files the name "
    "of the test object is not known; a script that joins several of them must keep each <TestFunction> whole.",
)
