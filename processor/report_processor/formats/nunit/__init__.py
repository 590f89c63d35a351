"""NUnit's XML of versions 2 (``<test-results>``) and 3 (``<test-run>``), and what other tools write in these forms.

* ``<test-suite>`` is a container: ``type`` is its classification, ``name`` its title, ``fullname`` and ``id`` are its
  description. An assembly's or file's absolute path is cut: to what stands below the ``cwd`` of ``<environment>``, or
  to the name of the file.
* ``<test-case>`` is a result with its ``classname`` as classification.
* A suite that failed while nothing in it did (a fixture's teardown, an assembly that cannot be loaded) is a
  result of its own. When tests in it failed, too, its message is part of its description.
* What the run as a whole has, such as the command line and the filter, are labels of the first container.

Version 2 writes ``total`` without the tests that did not run, version 3 with them.
"""

import re
from typing import ClassVar, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED
from report_processor.formats.nunit.case import Case
from report_processor.formats.nunit.status import status_of
from report_processor.parsing.base import XML, Format
from report_processor.parsing.dotnet import Holder, exception_of, file_title, without_id
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import seconds
from report_processor.parsing.json_format import moment
from report_processor.parsing.shapes import Part, Rule, Run, groups_of
from report_processor.parsing.texts import Budget
from report_processor.parsing.xml_format import XmlFormat
from report_processor.parsing.xml_skim import ANY, NAME, SECONDS, VALUE, XmlSkimmer

_RUNS: Final = frozenset({"test-run", "test-results"})
_FILTERS: Final = frozenset({"test", "class", "method", "namespace", "cat", "prop", "id", "name"})
_CHILD: Final = re.compile(r"(?i)\s*(?:one or more child tests|child test)")
"""What a suite says whose tests failed."""
_DIGIT: Final = re.compile(r"(?<![\d.])\d(?!\d)")
"""The month or day of a date as TestCafe writes it: ``2026-1-5``."""
_OUTSIDE: Final = frozenset({"child", "parent"})
"""Sites of a suite's failure that are other elements of the file."""
_PLAIN: Final = frozenset({"Passed", "Success"})
_RUNNABLE: Final = "Runnable"
_RULES: Final = {
    "name": NAME,
    "classname": VALUE,
    "duration": SECONDS,
    "time": SECONDS,
    **dict.fromkeys(("id", "methodname", "seed", "start-time", "end-time", "asserts", "success", "testcasecount"), ANY),
    # See nunit_case for those that end with a bracket.
    "fullname": Rule(r'(?:[^"<&\x00-\x1f]{0,2000}[^)"<&\x00-\x1f])?', captured=False),
}
_AROUND: Final = (["test-suite"], ["results"])
_USUAL: Final = 2_000
"""Characters of a name that need no second look."""
_SUITE_MARKS: Final = frozenset({"type", "result", "executed", "success", "fullname", "testcasecount"})


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name not in NUnitParser.ROOTS:
        return None
    if root.name == "test-suite" and (
        root.namespace or "name" not in root.attributes or not _SUITE_MARKS & root.attributes.keys()
    ):
        return None
    return f"root element <{root.qualified}>"


def _plan(parts: list[Part]) -> dict[str, int] | None:
    """The groups of a test case that passed and has no attribute that needs a word."""
    attributes = {part.key: part.value for part in parts}
    plain = (
        "name" in attributes
        and attributes.get("result") in _PLAIN
        and attributes.get("runstate", _RUNNABLE) == _RUNNABLE
        and attributes.get("executed", "True") == "True"
        and not attributes.get("label")
        and not {"description", "site"} & attributes.keys()
        and not {"duration", "time"} <= attributes.keys()
    )
    return groups_of(parts) if plain else None


class NUnitParser(XmlFormat):
    """Text in, events out."""

    ROOTS: ClassVar = _RUNS | {"test-suite"}
    TEXTS: ClassVar = {
        "message": limits.EXCEPTION_DESCRIPTION,
        "stack-trace": limits.BACKTRACE,
        "output": limits.BACKTRACE,
        "failure": limits.EXCEPTION_DESCRIPTION,
        "reason": limits.EXCEPTION_DESCRIPTION,
        "filePath": limits.LABEL_VALUE,
        "description": limits.DESCRIPTION,
        "command-line": limits.LABEL_VALUE,
        **dict.fromkeys(_FILTERS, limits.LABEL_VALUE),
    }
    KNOWN: ClassVar = (
        ROOTS
        | {"test-case", "results", "properties", "property", "categories", "category"}
        | {
            *("environment", "culture-info", "settings", "setting", "item", "filter", "and", "or", "not"),
            *("assertions", "assertion", "attachments", "attachment"),
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self._room: Final = Budget(limits.OPEN_TEXT)
        self._suites: list[tuple[Holder, dict[str, str]]] = []
        self._run = Holder("", 0, 0, self._room)
        self._run_attributes: dict[str, str] = {}
        self._cwd = ""
        self._told_system = False
        self._attributes: dict[str, str] | None = None
        """Of the test case that is open."""
        self._place = (0, 0)
        self._case: Case | None = None
        """The same once there is more to say than that it passed."""
        self._file = ""
        self._setting = ""
        self.xml.skimmer = XmlSkimmer("test-case", _RULES, self._at_suite, _plan, self._take)

    # Elements

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if name == "test-case":
            self._open_case(attributes)
        elif name == "test-suite":
            self._open_suite(attributes)
        elif name in {"property", "category"}:
            self._property(name, attributes)
        elif name in _RUNS and len(self.path) == 1:
            self._open_run(attributes)
        elif name == "environment":
            self._environment(attributes)
        elif name == "setting":
            self._setting = attributes.get("name", "")
            if "value" in attributes:
                self._label(self._setting, attributes["value"])
        elif name == "attachment" and "filePath" in attributes:  # xUnit.net 3
            self._file = attributes["filePath"]
            self._attach(attributes.get("description", ""))
        elif name == "item" and "key" in attributes:
            self._label(f"{self._setting}.{attributes['key']}", attributes.get("value", ""))

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        if name == "test-case":
            self._record()
        elif name in self.TEXTS:
            if text and not text.isspace():
                self._text(name, text)
        elif name == "test-suite":
            self._close_suite()
        elif name == "attachment":
            self._attach("")
        elif name in _RUNS and len(self.path) == 1:
            self._check(self._run, self._run_attributes, name)

    def finish(self) -> None:
        """See ``XmlFormat``."""
        self._record()
        while self._suites:
            holder, _ = self._suites.pop()
            holder.close(self.recorder)

    # The run

    def _open_run(self, attributes: dict[str, str]) -> None:
        self._run.drop()
        self._run = Holder("", *self.position(), self._room)
        self._run_attributes = attributes
        self._cwd = ""
        day = _DIGIT.sub(r"0\g<0>", attributes.get("run-date") or attributes.get("date", ""))
        time = attributes.get("start-time") or attributes.get("time", "")
        both = f"{day} {time}" if day else time
        self.date(day if day and moment(both) is None else both)  # a time of day may be in anybody's own form

    def _environment(self, attributes: dict[str, str]) -> None:
        self._cwd = attributes.get("cwd", "")
        if self._told_system:
            return
        self._told_system = True
        known = {name: value for name, value in attributes.items() if value.lower() not in {"na", "n/a", "unknown"}}
        self.recorder.system(os=known.get("os-version", ""), platform=known.get("platform", ""))
        for name in ("nunit-version", "framework-version", "clr-version", "os-architecture"):
            if known.get(name):
                self._label(name, known[name], of_container=True)

    # Suites

    def _open_suite(self, attributes: dict[str, str]) -> None:
        self._record()
        line, column = self.position()
        kind = attributes.get("type") or attributes.get("classname") or ""
        fullname = attributes.get("fullname", "")
        title = without_id(file_title(attributes.get("name") or fullname or kind, self._cwd))
        self.recorder.open(title, kind, line)
        suite = Holder(title, line, column, self._room)
        if not self._suites:
            for label in self._run.labels:
                suite.label(*label)
        if fullname and fullname != title:
            suite.add("description", fullname)
        if number := attributes.get("id", ""):
            suite.add("description", f"id {number}")
        suite.add("description", attributes.get("description", ""))
        if attributes.get("runstate", "Runnable") != "Runnable":
            suite.label("runstate", attributes["runstate"])
        if word := attributes.get("label", ""):
            suite.label("label", word)
        self._suites.append((suite, attributes))

    def _close_suite(self) -> None:
        self._record()
        if not self._suites:
            return
        suite, attributes = self._suites.pop()
        self._check(suite, attributes, suite.title)
        message, trace = suite.text("message"), suite.text("trace")
        if not suite.bad and status_of(attributes)[0] in {FAILED, BROKEN}:
            message = message or suite.text("reason")
            draft = Draft(suite.title, attributes.get("type", ""), BROKEN, suite.line, suite.column)
            draft.fail(BROKEN, exception_of(message), message, trace)
            draft.record(self.recorder)
            suite.bad += 1
        else:
            suite.add("description", message)
            suite.add("description", trace)
        (self._suites[-1][0] if self._suites else self._run).include(suite)
        suite.close(self.recorder)

    def _check(self, holder: Holder, attributes: dict[str, str], title: str) -> None:
        total = attributes.get("total", "")
        if total.isdecimal() and total.isascii() and len(total) < 16:
            tests = holder.tests
            if not tests - holder.not_run <= int(total) <= tests:
                text = f'total="{total}", but there are {tests} of {title[:100]}'
                self.recorder.note("suite_count_differs", text, holder.line, holder.column)

    # Test cases

    def _open_case(self, attributes: dict[str, str]) -> None:
        if self._attributes is not None:
            self._record()
        self._attributes = attributes
        self._place = self.position()
        get = attributes.get
        if get("result") in _PLAIN and get("runstate", _RUNNABLE) == _RUNNABLE and get("executed", "True") == "True":
            if get("label") or "description" in attributes or "site" in attributes:
                self._case = Case(attributes, self._place)
            return
        self._case = case = Case(attributes, self._place)
        if case.unknown_status:
            self.note("unknown_status", case.unknown_status[:100])

    def _at_suite(self) -> bool:
        return self._attributes is None and self.path[-1:] in _AROUND

    def _take(self, run: Run[dict[str, int]]) -> None:
        columns, index = run.columns(), run.plan
        time = index.get("duration", index.get("time"))
        self.recorder.columns(
            columns[index["name"]],
            columns[index["classname"]] if "classname" in index else "",
            [None] * run.size if time is None else columns[time],
            run.line,
            run.step,
        )
        (self._suites[-1][0] if self._suites else self._run).tests += run.size

    def _of_case(self) -> Case:
        if self._case is None:
            self._case = Case(self._attributes or {}, self._place)
        return self._case

    def _record(self) -> None:
        attributes = self._attributes
        if attributes is None:
            return
        duration = None
        if time := attributes.get("duration") or attributes.get("time"):
            duration = seconds(time)
            if duration is None:
                duration = self.seconds(time)
        holder = self._suites[-1][0] if self._suites else self._run
        holder.tests += 1
        self._attributes = None
        if self._case is None:
            title, kind = attributes.get("name", ""), attributes.get("classname", "")
            usual = title and len(title) < _USUAL and len(kind) < _USUAL and not title.isspace()
            if usual and (title[-1] == ")" or attributes.get("fullname", "")[-1:] != ")"):
                self.recorder.rows.append((title, kind, PASSED, duration, self._place[0], None))
                return
        case, self._case = self._case or Case(attributes, self._place), None
        if case.status == SKIPPED or not case.ran:
            holder.not_run += 1
        if case.status in {FAILED, BROKEN}:
            holder.bad += 1
        case.record(self.recorder, duration)

    # What belongs to one or the other

    def _text(self, name: str, text: str) -> None:
        if name == "command-line" or name in _FILTERS:
            self._of_run(name, text)
        elif name == "filePath":
            self._attach("")
            self._file = text.strip()
        elif name == "description" and self.parent == "attachment":
            self._attach(text.strip())
        elif self._attributes is None:
            self._text_of_suite(name, text)
        else:
            self._text_of_case(name, self._of_case(), text)

    def _text_of_case(self, name: str, case: Case, text: str) -> None:
        if name == "description":
            case.draft.describe(text)
        elif name == "output":
            case.draft.output(text)
        elif self.parent == "assertion":
            case.assertion(name, text)
        elif name == "stack-trace":
            case.trace(text)
        else:
            case.message(text)

    def _text_of_suite(self, name: str, text: str) -> None:
        if not self._suites:
            return
        suite, attributes = self._suites[-1]
        if self.parent == "failure" or name == "failure":
            if attributes.get("site", "").lower() not in _OUTSIDE and not _CHILD.match(text):
                suite.add("trace" if name == "stack-trace" else "message", text)
        else:
            suite.add("description", text)
            if "reason" in {name, self.parent}:
                suite.add("reason", text)

    def _of_run(self, name: str, text: str) -> None:
        if name == "command-line":
            self._run.label(name, text.strip())
        elif "filter" in self.path:
            around = self.path[self.path.index("filter") + 1 : -1]
            self._run.label("filter", f"{' '.join((*around, name))}: {text.strip()}")

    def _property(self, name: str, attributes: dict[str, str]) -> None:
        key, value = attributes.get("name", ""), attributes.get("value", "")
        if name == "category":
            key, value = "Category", key
        if self._attributes is not None and key == "Description":
            self._of_case().draft.describe(value)
        elif key != "_SKIPREASON":  # <reason> has it, too
            self._label(key, value)

    def _label(self, name: str, value: str, of_container: bool = False) -> None:
        if self._attributes is not None and not of_container:
            self._of_case().draft.label(name, value)
        elif self._suites:
            self._suites[-1][0].label(name, value)
        else:
            self._run.label(name, value)

    def _attach(self, description: str) -> None:
        path, self._file = self._file, ""
        if not path:
            return
        if self._attributes is None:
            self._label("attachment", f"{path}: {description}" if description else path)
            return
        self._of_case().draft.asset(path)
        if description:
            self._of_case().draft.describe(f"{path}: {description}")


FORMAT: Final = Format(
    key="nunit",
    origin="nunit_xml",
    title="NUnit XML",
    expects="XML with the root element <test-run> (NUnit 3 and 4, NunitXml.TestLogger, pytest-nunit, TestCafe) or "
    "<test-results> (NUnit 2, Pester, jest-nunit-reporter, karma-nunit2-reporter), or a single <test-suite> of them.",
    example="""<test-run id="2" testcasecount="2" result="Failed" total="2" passed="1" failed="1">
  <test-suite type="TestFixture" name="LoginTest" fullname="Shop.LoginTest" result="Failed" total="2">
    <test-case name="SignsIn" classname="Shop.LoginTest" result="Passed" duration="0.25" />
    <test-case name="SignsOut" classname="Shop.LoginTest" result="Failed" duration="0.01">
      <failure><message>Expected: False</message><stack-trace>at Shop.LoginTest.SignsOut()</stack-trace></failure>
    </test-case>
  </test-suite>
</test-run>
""",
    mapping="Each <test-suite> is a container with its type as classification, each <test-case> a result with its "
    "classname as classification. Failed and Failure are failed; Error, NotRunnable, Invalid and Cancelled (as result, "
    "or as label of a failure) are broken; Skipped, Ignored and Explicit are skipped; Inconclusive and Warning are "
    "unknown. A suite that failed while no test in it did is a result of its own. Output follows the backtrace, "
    "attachments are assets, properties and categories labels.",
    kinds=(XML,),
    recognise=recognise,
    parser=NUnitParser,
    roots=NUnitParser.ROOTS,
    rows_alike=True,
    limits="Settings of the machine other than its system, and random seeds, are not read.",
)
