"""Reads NUnit's XML. See ``nunit`` for what it looks like."""

import re
from typing import ClassVar, Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED
from report_processor.formats.nunit.case import Case, is_plain
from report_processor.formats.nunit.skim import CaseSkimmer, Columns
from report_processor.formats.nunit.suites import Suites
from report_processor.parsing.durations import seconds
from report_processor.parsing.json_format import moment
from report_processor.parsing.shapes import Run
from report_processor.parsing.xml_format import XmlFormat

_RUNS: Final = frozenset({"test-run", "test-results"})
_FILTERS: Final = frozenset({"test", "class", "method", "namespace", "cat", "prop", "id", "name"})
_DIGIT: Final = re.compile(r"(?<![\d.])\d(?!\d)")
"""The month or day of a date as TestCafe writes it: ``2026-1-5``."""
_AROUND: Final = (["test-suite"], ["results"])
"""Elements that test cases stand in."""
_USUAL: Final = 2_000
"""Characters of a name that need no second look."""


class NUnitParser(XmlFormat):
    """See ``nunit``."""

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
        self._suites: Final = Suites(self.recorder)
        self._told_system = False
        self._attributes: dict[str, str] | None = None
        """Of the test case that is open."""
        self._place = (0, 0)
        self._case: Case | None = None
        """The same once there is more to say than that it passed."""
        self._file = ""
        self._setting = ""
        self.xml.skimmer = CaseSkimmer(self._at_suite, self._take)

    # Elements

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if name == "test-case":
            self._open_case(attributes)
        elif name == "test-suite":
            self._end_case()
            self._suites.open(attributes, *self.position())
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
            self._end_case()
        elif name in self.TEXTS:
            if text and not text.isspace():
                self._text(name, text)
        elif name == "test-suite":
            self._end_case()
            self._suites.close()
        elif name == "attachment":
            self._attach("")
        elif name in _RUNS and len(self.path) == 1:
            self._suites.close_run(name)

    def finish(self) -> None:
        """See ``XmlFormat``."""
        self._end_case()
        self._suites.finish()

    # The run

    def _open_run(self, attributes: dict[str, str]) -> None:
        self._suites.open_run(attributes, *self.position())
        day = _DIGIT.sub(r"0\g<0>", attributes.get("run-date") or attributes.get("date", ""))
        time = attributes.get("start-time") or attributes.get("time", "")
        both = f"{day} {time}" if day else time
        self.date(day if day and moment(both) is None else both)  # a time of day may be in anybody's own form

    def _environment(self, attributes: dict[str, str]) -> None:
        self._suites.folder = attributes.get("cwd", "")
        if self._told_system:
            return
        self._told_system = True
        known = {name: value for name, value in attributes.items() if value.lower() not in {"na", "n/a", "unknown"}}
        self.recorder.system(os=known.get("os-version", ""), platform=known.get("platform", ""))
        for name in ("nunit-version", "framework-version", "clr-version", "os-architecture"):
            if known.get(name):
                self._suites.innermost.label(name, known[name])

    # Test cases

    def _open_case(self, attributes: dict[str, str]) -> None:
        self._end_case()
        self._attributes = attributes
        self._place = self.position()
        if is_plain(attributes):
            return
        self._case = case = Case(attributes, self._place)
        if case.unknown_status:
            self.note("unknown_status", case.unknown_status[:100])

    def _at_suite(self) -> bool:
        return self._attributes is None and self.path[-1:] in _AROUND

    def _take(self, run: Run[Columns]) -> None:
        columns, index = run.columns(), run.plan
        time = index.get("duration", index.get("time"))
        self.recorder.columns(
            columns[index["name"]],
            columns[index["classname"]] if "classname" in index else "",
            [None] * run.size if time is None else columns[time],
            run.line,
            run.step,
        )
        self._suites.innermost.tests += run.size

    def _of_case(self) -> Case:
        if self._case is None:
            self._case = Case(self._attributes or {}, self._place)
        return self._case

    def _end_case(self) -> None:
        attributes = self._attributes
        if attributes is None:
            return
        duration = None
        if time := attributes.get("duration") or attributes.get("time"):
            duration = seconds(time)
            if duration is None:
                duration = self.seconds(time)
        suite = self._suites.innermost
        suite.tests += 1
        self._attributes = None
        if self._case is None:
            title, kind = attributes.get("name", ""), attributes.get("classname", "")
            usual = title and len(title) < _USUAL and len(kind) < _USUAL and not title.isspace()
            if usual and (title[-1] == ")" or attributes.get("fullname", "")[-1:] != ")"):
                self.recorder.rows.append((title, kind, PASSED, duration, self._place[0], None))
                return
        case, self._case = self._case or Case(attributes, self._place), None
        if case.status == SKIPPED or not case.ran:
            suite.not_run += 1
        if case.status in {FAILED, BROKEN}:
            suite.bad += 1
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
            self._suites.text(name, self.parent, text)
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

    def _of_run(self, name: str, text: str) -> None:
        if name == "command-line":
            self._suites.label_run(name, text.strip())
        elif "filter" in self.path:
            around = self.path[self.path.index("filter") + 1 : -1]
            self._suites.label_run("filter", f"{' '.join((*around, name))}: {text.strip()}")

    def _property(self, name: str, attributes: dict[str, str]) -> None:
        key, value = attributes.get("name", ""), attributes.get("value", "")
        if name == "category":
            key, value = "Category", key
        if self._attributes is not None and key == "Description":
            self._of_case().draft.describe(value)
        elif key != "_SKIPREASON":  # <reason> has it, too
            self._label(key, value)

    def _label(self, name: str, value: str) -> None:
        if self._attributes is not None:
            self._of_case().draft.label(name, value)
        else:
            self._suites.innermost.label(name, value)

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
