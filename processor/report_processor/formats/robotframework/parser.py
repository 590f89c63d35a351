"""Reads Robot Framework's ``output.xml``. See ``robotframework`` for what it looks like."""

import re
from typing import ClassVar, Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.events import PASSED, UNKNOWN, Event
from report_processor.formats.robotframework.counts import Counts
from report_processor.formats.robotframework.execution import Execution
from report_processor.formats.robotframework.keywords import KEYWORDS, PARTS, Keywords
from report_processor.formats.robotframework.reading import Reading
from report_processor.formats.robotframework.skimmer import RobotSkimmer
from report_processor.formats.robotframework.suites import Suites
from report_processor.formats.robotframework.times import between, iso
from report_processor.formats.robotframework.whole_tests import WholeTest
from report_processor.parsing.draft import Draft
from report_processor.parsing.html_links import Embeds
from report_processor.parsing.xml_format import XmlFormat

_GENERATOR: Final = re.compile(r"\((.{1,200}?) on ([^()\s]{1,100})\)")
_SKIPPED_TOO: Final = re.compile(r"\w+ 4\.0\b")
_NO_KEYWORDS: Final = Keywords()
_OFTEN: Final = PARTS | {"kw", "doc", "tag", "msg", "status", "timeout"}
"""Most of the elements. They take a short way through ``_start`` and ``_end``, which makes a third in speed."""
_AROUND: Final = KEYWORDS | {"test"}
"""Elements that keywords stand in."""
_DEEPEST: Final = 100_000
"""Elements inside each other."""


class RobotParser(XmlFormat):
    """See ``robotframework``."""

    ROOTS: ClassVar = frozenset({"robot"})
    KNOWN: ClassVar = frozenset(
        KEYWORDS
        | PARTS
        | {"robot", "suite", "test", "msg", "doc", "tags", "tag", "timeout", "status", "meta", "metadata", "item"}
        | {"arguments", "assign", "statistics", "total", "stat", "errors"}
    )

    def __init__(self) -> None:
        super().__init__()
        self._push: Final = self.path.append
        self._pop: Final = self.path.pop
        self._embeds: Final = Embeds(self.recorder)
        self._counts: Final = Counts()
        self._suites: Final = Suites(self.recorder, self._counts, self.note)
        self._execution: Execution | None = None
        """The test that is open, or the setup or teardown of a suite."""
        self._keywords = _NO_KEYWORDS
        """Its keywords."""
        self._reading: Final = Reading()
        self._name = ""
        """The attribute of the element whose text is being read: a name, or the level of an error."""
        self._aside = ""
        """Statistics or errors, where elements of the same names mean other things."""
        self._kind = "test"
        """What tests are called: tasks are such, too."""
        self.xml.skimmer = RobotSkimmer(self._among_keywords, self._more_keywords, self._among_tests, self._whole_test)

    # Elements

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name not in _OFTEN or self._aside:
            super()._start(name, attributes)
            return
        self._push(name)
        if name == "kw":
            self._open_keyword(name, attributes)
        elif name in PARTS:
            self._reading.begin_part()
            self._name = attributes.get("name", "")
        elif name == "status":
            if nodes := self._keywords.nodes:
                nodes[-1].status = attributes.get("status", "")
            else:
                self._open_status(attributes)
        elif name == "msg":
            self._open_message(attributes)
        elif not self._keywords.nodes:
            self._opened_other(name, attributes)

    def _end(self, name: str) -> None:
        if name not in _OFTEN or self._aside:
            super()._end(name)
            return
        if name == "kw":
            self._keywords.close()
            execution = self._execution
            if execution is not None and len(self.path) == execution.depth:
                self._end_execution()
        elif self._reading.depth:
            self._end_text(name)
        elif name in PARTS:
            text = self._reading.end_part()
            if nodes := self._keywords.nodes:
                nodes[-1].add(name, self._name, text)
        self._pop()

    def feed(self, text: str) -> list[Event]:
        """See ``base.Parser``."""
        events = super().feed(text)
        if len(self.path) > _DEEPEST:  # the short way does not look
            raise Damage("limit_exceeded", f"more than {_DEEPEST} elements inside each other", *self.position())
        self._reading.pause()
        return self._suites.pass_on(events)

    def close(self) -> list[Event]:
        """See ``base.Parser``."""
        return self._suites.pass_on(super().close())

    def salvage(self) -> list[Event]:
        """See ``base.Parser``."""
        return self._suites.pass_on(super().salvage())

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if self._aside:
            self._opened_aside(name, attributes)
        elif name in KEYWORDS:
            self._open_keyword(name, attributes)
        elif name == "suite":
            self._open_suite(attributes)
        elif name == "test":
            self._open_test(attributes)
        elif not self._keywords.nodes:
            self._opened_other(name, attributes)

    def closed(self, name: str, text: str) -> None:  # noqa: ARG002
        """See ``XmlFormat``."""
        if self._reading.depth:
            self._end_text(name)
        if name in KEYWORDS and not self._aside:
            self._keywords.close()
        execution, suite = self._execution, self._suites.innermost
        if self._aside:
            self._closed_aside(name)
        elif execution is not None:
            if len(self.path) == execution.depth:
                self._end_execution()
        elif name == "suite" and suite is not None and len(self.path) == suite.depth:
            self._suites.close()

    def finish(self) -> None:
        """See ``XmlFormat``."""
        self._end_execution(complete=False)
        while self._suites.innermost is not None:
            self._suites.close()

    def _open_keyword(self, name: str, attributes: dict[str, str]) -> None:
        execution = self._execution or self._open_fixture(attributes)
        execution.failing = False
        self._keywords.open(name, attributes)

    def _among_keywords(self) -> bool:
        """Whether a keyword would be one more of a test, setup or teardown."""
        if self._execution is None or self._aside:
            return False
        reading = self._reading
        return not (reading.depth or reading.in_part) and self.path[-1] in _AROUND

    def _more_keywords(self) -> Keywords:
        """Where keywords that were skimmed belong."""
        if self._execution is not None:
            self._execution.failing = False
        return self._keywords

    def _among_tests(self) -> bool:
        """Whether a test would be one more of a suite."""
        return self._execution is None and not (self._aside or self._reading.depth) and self.path[-1:] == ["suite"]

    def _whole_test(self, test: WholeTest) -> None:
        """A test that was skimmed."""
        self.recorder.rows.append(test.row(self._kind))
        self._counts.read[PASSED] += 1

    def _opened_aside(self, name: str, attributes: dict[str, str]) -> None:
        if name == "stat" and self.parent == "total":
            self._counts.stated = attributes
        elif name == "msg" and self._aside == "errors":
            self._name = attributes.get("level", "")
            self._read(limits.LABEL_NAME)

    def _closed_aside(self, name: str) -> None:
        if name == self._aside:
            self._aside = ""
        elif name == "total":
            for text in self._counts.differences():
                self.note("suite_count_differs", text)

    def _opened_other(self, name: str, attributes: dict[str, str]) -> None:
        if name in {"doc", "tag"}:
            self._read(limits.DESCRIPTION if name == "doc" else limits.LABEL_VALUE)
        elif name in {"meta", "item"}:
            self._name = attributes.get("name", "")
            self._read(limits.LABEL_VALUE)
        elif name == "timeout":
            if self._execution is not None and (value := attributes.get("value")):
                self._execution.draft.label("timeout", value)
        elif name in {"statistics", "errors"}:
            self._aside = name
        elif name == "robot":
            self._open_robot(attributes)

    def _open_robot(self, attributes: dict[str, str]) -> None:
        self.xml.collect(self._reading.pieces.append)
        self._counts.restart()
        self._kind = "task" if attributes.get("rpa") == "true" else "test"
        self._moment(attributes.get("generated", ""))
        generator = attributes.get("generator", "")
        self._suites.skipped_too = _SKIPPED_TOO.match(generator) is not None
        if found := _GENERATOR.search(generator):
            self.recorder.system(os=found[2], platform=found[1])

    # Texts

    def _read(self, limit: int) -> None:
        self._reading.begin(len(self.path), limit)

    def _end_text(self, name: str) -> None:
        if len(self.path) != self._reading.depth:
            return
        text, cut = self._reading.end()
        if cut:
            self.note("field_cut", f"{cut} characters of <{name}> were cut")
        if self._aside:
            self.note("tool_message", f"{self._name}: {text}")
        elif self._execution is not None:
            self._execution.text(name, self._name, text)
        elif (suite := self._suites.innermost) is not None:
            suite.text(name, self._name, text)

    def _open_message(self, attributes: dict[str, str]) -> None:
        if self._execution is not None and (limit := self._execution.open_message(attributes)):
            self._read(limit)

    def _open_status(self, attributes: dict[str, str]) -> None:
        if self._execution is None:
            self._moment(attributes.get("start") or attributes.get("starttime") or "")
        else:
            self._execution.status = attributes
        self._read(limits.EXCEPTION_DESCRIPTION)

    # Suites and tests

    def _open_suite(self, attributes: dict[str, str]) -> None:
        if self._execution is not None:
            self.note("unknown_element", f"<suite> in <{self.parent[:100]}>")
        else:
            self._suites.open(attributes, len(self.path), self.position()[0])

    def _open_test(self, attributes: dict[str, str]) -> None:
        if self._execution is not None:
            self.note("unknown_element", f"<test> in <{self.parent[:100]}>")
        else:
            self._begin(Draft(attributes.get("name", ""), self._kind, UNKNOWN, *self.position()))

    def _open_fixture(self, attributes: dict[str, str]) -> Execution:
        kind = attributes.get("type", "").lower()
        name = f"suite {kind}".rstrip().title()
        return self._begin(Draft(f"{name}: {attributes.get('name', '')}", "", PASSED, *self.position()), kind)

    def _begin(self, draft: Draft, fixture: str | None = None) -> Execution:
        self._execution = execution = Execution(draft, len(self.path), self._embeds, fixture)
        self._keywords = execution.keywords
        return execution

    def _end_execution(self, *, complete: bool = True) -> None:
        execution = self._execution
        self._execution, self._keywords = None, _NO_KEYWORDS
        if execution is None:
            return
        if execution.fixture is not None:
            self._suites.end_fixture(execution)
            return
        execution.judge(self.recorder, complete=complete)
        execution.draft.duration = self._elapsed(execution.status)
        execution.record(self.recorder)
        self._counts.read[execution.draft.status] += 1

    # Times

    def _moment(self, text: str) -> None:
        if text != "N/A":
            self.date(iso(text))

    def _elapsed(self, attributes: dict[str, str]) -> float | None:
        if text := attributes.get("elapsed"):
            return self.seconds(text)
        if text := attributes.get("elapsedtime"):
            return self.seconds(text, 0.001)
        found = between(attributes.get("starttime", ""), attributes.get("endtime", ""))
        return None if found is None else self.seconds(f"{found:.6f}")
