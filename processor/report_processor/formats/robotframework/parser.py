"""Reads Robot Framework's ``output.xml``. See ``robotframework`` for what it looks like."""

import re
from typing import ClassVar, Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Event
from report_processor.formats.robotframework.held import HeldTests
from report_processor.formats.robotframework.keywords import ARGUMENT, KEYWORDS, PARTS, Keywords
from report_processor.formats.robotframework.merged import Outcome, outcomes
from report_processor.formats.robotframework.skim import KEPT
from report_processor.formats.robotframework.skimmer import RobotSkimmer
from report_processor.formats.robotframework.suite import Suite
from report_processor.formats.robotframework.times import between, iso
from report_processor.formats.robotframework.whole_tests import WholeTest
from report_processor.parsing.draft import Draft
from report_processor.parsing.html_links import HTML, Embeds, plain
from report_processor.parsing.texts import Budget, LongText
from report_processor.parsing.xml_format import XmlFormat

_STATUS: Final = {"PASS": PASSED, "FAIL": FAILED, "SKIP": SKIPPED, "NOT RUN": SKIPPED}
_JUDGING: Final = frozenset({"FAIL", "SKIP"})
_COUNTED: Final = (("pass", (PASSED,)), ("fail", (FAILED,)), ("skip", (SKIPPED,)))
_GENERATOR: Final = re.compile(r"\((.{1,200}?) on ([^()\s]{1,100})\)")
_SKIPPED_TOO: Final = re.compile(r"\w+ 4\.0\b")
_EXCEPTION: Final = re.compile(r"((?:[A-Za-z_]\w{0,100}\.){0,8}[A-Z]\w{0,100}(?:Error|Exception)): ")
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
        self._room: Final = Budget(limits.OPEN_TEXT)
        self._held: Final = HeldTests()
        self._suites: list[Suite] = []
        self._draft: Draft | None = None
        """The test that is open, or the setup or teardown of a suite."""
        self._keywords = _NO_KEYWORDS
        self._depth = 0
        """How deep its element lies."""
        self._fixture: str | None = None
        """Of a suite's setup or teardown its type, None for a test."""
        self._task = False
        self._status: dict[str, str] = {}
        self._outcomes: list[Outcome] = []
        """Of a test that ran again."""
        self._skipped_too = False
        """A teardown that fails changes tests that were skipped, too."""
        self._reading = 0
        """How deep the element lies whose text is being read; 0 for none."""
        self._limit = 0
        self._text: LongText | None = None
        """Its text, once it is more than a piece of the file has."""
        self._pieces: Final[list[str]] = []
        """Of the text or argument that is open, or of what nobody reads: to stop and go costs more than to take all."""
        self._append: Final = self._pieces.append
        self._in_part = False
        self._name = ""
        """The attribute of the element whose text is being read: a name, or a level of messages."""
        self._html = False
        self._failing = False
        """The message before was a failure, so that its backtrace may follow."""
        self._aside = ""
        """Statistics or errors, where elements of the same names mean other things."""
        self._counts = [0] * 6
        self._totals: dict[str, str] = {}
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
            if not self._reading:
                self._pieces.clear()
            self._in_part = True
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
            if self._fixture is not None and len(self.path) == self._depth:
                self._end_fixture()
        elif self._reading:
            self._end_text(name)
        elif name in PARTS:
            self._in_part = False
            if nodes := self._keywords.nodes:
                pieces = self._pieces
                text = pieces[0] if len(pieces) == 1 else "".join(pieces)
                nodes[-1].add(name, self._name, text[:ARGUMENT])
        self._pop()

    def feed(self, text: str) -> list[Event]:
        """See ``base.Parser``."""
        events = super().feed(text)
        if len(self.path) > _DEEPEST:  # the short way does not look
            raise Damage("limit_exceeded", f"more than {_DEEPEST} elements inside each other", *self.position())
        if self._reading:
            self._keep_pieces()
        else:
            self._pieces[:] = ["".join(self._pieces)[:ARGUMENT]] if self._in_part else []
        self._held.put(events)
        return self._held.take(all_of_them=not self._suites)

    def close(self) -> list[Event]:
        """See ``base.Parser``."""
        self._held.put(super().close())
        return self._held.take(all_of_them=True)

    def salvage(self) -> list[Event]:
        """See ``base.Parser``."""
        self._held.put(super().salvage())
        return self._held.take(all_of_them=True)

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
        if self._reading:
            self._end_text(name)
        if name in KEYWORDS and not self._aside:
            self._keywords.close()
        if name in {"test", "suite", "statistics", "errors", "total"}:
            self._leave(name)
        elif self._fixture is not None and len(self.path) == self._depth:
            self._end_fixture()

    def finish(self) -> None:
        """See ``XmlFormat``."""
        if self._fixture is not None:
            self._end_fixture()
        elif self._draft is not None:
            self._end_test(complete=False)
        while self._suites:
            self._close_suite()

    def _open_keyword(self, name: str, attributes: dict[str, str]) -> None:
        if self._draft is None:
            self._open_fixture(attributes)
        self._failing = False
        self._keywords.open(name, attributes)

    def _among_keywords(self) -> bool:
        """Whether a keyword would be one more of a test, setup or teardown."""
        if self._draft is None or self._aside or self._reading or self._in_part:
            return False
        return self.path[-1] in _AROUND

    def _more_keywords(self) -> Keywords:
        """Where keywords that were skimmed belong."""
        self._failing = False
        return self._keywords

    def _among_tests(self) -> bool:
        """Whether a test would be one more of a suite."""
        return self._draft is None and not (self._aside or self._reading) and self.path[-1:] == ["suite"]

    def _whole_test(self, test: WholeTest) -> None:
        """A test that was skimmed."""
        description = "\n".join(text for text in (*test.documentation, test.keywords) if text)
        labels = [("tag", tag) for tag in test.tags]
        details = (description, "", "", "", False, (), labels, ()) if description or labels else None
        kind = "task" if self._task else "test"
        self.recorder.rows.append((test.name, kind, PASSED, test.duration, test.line, details))
        self._counts[PASSED] += 1

    def _leave(self, name: str) -> None:
        depth = len(self.path)
        if name == self._aside:
            self._aside = ""
        elif self._aside:
            if name == "total":
                self._check_counts()
        elif self._draft is not None:
            if depth == self._depth:
                if self._fixture is None:
                    self._end_test(complete=True)
                else:
                    self._end_fixture()
        elif name == "suite" and self._suites and self._suites[-1].depth == depth:
            self._close_suite()

    def _opened_aside(self, name: str, attributes: dict[str, str]) -> None:
        if name == "stat" and self.parent == "total":
            self._totals = attributes  # the last one counts: all tests, after those that are critical
        elif name == "msg" and self._aside == "errors":
            self._name = attributes.get("level", "")
            self._read(limits.LABEL_NAME)

    def _opened_other(self, name: str, attributes: dict[str, str]) -> None:
        if name in {"doc", "tag"}:
            self._read(limits.DESCRIPTION if name == "doc" else limits.LABEL_VALUE)
        elif name in {"meta", "item"}:
            self._name = attributes.get("name", "")
            self._read(limits.LABEL_VALUE)
        elif name == "timeout":
            if self._draft is not None and (value := attributes.get("value")):
                self._draft.label("timeout", value)
        elif name in {"statistics", "errors"}:
            self._aside = name
        elif name == "robot":
            self._open_robot(attributes)

    def _open_robot(self, attributes: dict[str, str]) -> None:
        self.xml.collect(self._append)
        self._counts = [0] * 6
        self._task = attributes.get("rpa") == "true"
        self._moment(attributes.get("generated", ""))
        generator = attributes.get("generator", "")
        self._skipped_too = _SKIPPED_TOO.match(generator) is not None
        if found := _GENERATOR.search(generator):
            self.recorder.system(os=found[2], platform=found[1])

    # Texts

    def _read(self, limit: int) -> None:
        if not self._reading:
            self._reading, self._limit = len(self.path), limit
            self._pieces.clear()

    def _end_text(self, name: str) -> None:
        if len(self.path) != self._reading:
            return
        pieces = self._pieces
        if self._text is None and sum(map(len, pieces)) <= self._limit:
            self._reading = 0
            self._take(name, pieces[0] if len(pieces) == 1 else "".join(pieces))
            return
        text = self._keep_pieces()
        self._reading, self._text = 0, None
        if text.cut:
            self.note("field_cut", f"{text.cut} characters of <{name}> were cut")
        self._take(name, text.text())

    def _keep_pieces(self) -> LongText:
        """Move what was read into a text that is kept within its limit."""
        text = self._text = self._text or LongText(self._limit)
        for piece in self._pieces:
            text.add(piece)
        self._pieces.clear()
        return text

    def _take(self, name: str, text: str) -> None:
        if name == "msg":
            self._take_message(text)
        elif name == "status":
            self._take_status(text)
        elif self._draft is not None:
            if name == "doc":
                self._draft.describe(text)
            elif name == "tag":
                self._draft.label("tag", text)
            else:
                self._draft.label(self._name, text)
        elif self._suites:
            if name == "doc":
                self._suites[-1].document(text)
            elif name != "tag":
                self._suites[-1].label(self._name, text)

    def _open_message(self, attributes: dict[str, str]) -> None:
        self._name = level = attributes.get("level", "")
        self._html = attributes.get("html") in {"true", "yes"}
        traceback = self._failing and level == "DEBUG"
        if self._draft is not None and (level in KEPT or self._html or traceback):
            self._read(HTML if self._html else limits.BACKTRACE)
        else:
            self._failing = False

    def _take_message(self, text: str) -> None:
        level, draft = self._name, self._draft
        if self._aside:
            self.note("tool_message", f"{level}: {text}")
            return
        if draft is None:
            return
        if self._html:
            self._embeds.attach(draft, text)
            text = plain(text)
        if level == "FAIL":
            trail = self._keywords.trail()
            draft.trace(f"{trail}\n{text}" if trail else text)
            if self._fixture is not None:
                draft.message(text)
        elif level in KEPT:
            draft.output(f"{level}: {text}")
        elif self._failing and level == "DEBUG":
            draft.trace(text)
        self._failing = level == "FAIL"

    def _open_status(self, attributes: dict[str, str]) -> None:
        if self._draft is None:
            self._moment(attributes.get("start") or attributes.get("starttime") or "")
        else:
            self._status = attributes
        self._read(limits.EXCEPTION_DESCRIPTION)

    def _take_status(self, text: str) -> None:
        if not text:
            return
        html = text.startswith("*HTML*")
        if html and self._draft is not None:
            self._embeds.attach(self._draft, text)
        text = text.removeprefix("*HTML*")
        merged = outcomes(text)
        self._outcomes = merged
        text = merged[-1][1] if merged else plain(text) if html else text
        if self._draft is not None:
            if found := _EXCEPTION.match(text):
                self._draft.exception = found[1]
            self._draft.message(text)
        elif self._suites and text:
            self._suites[-1].add(text)

    # Suites

    def _open_suite(self, attributes: dict[str, str]) -> None:
        if self._draft is not None:
            self.note("unknown_element", f"<suite> in <{self.parent[:100]}>")
            return
        title = attributes.get("name", "") or "suite without a name"
        self.recorder.open(title, "suite", self.position()[0])
        self._suites.append(Suite(len(self.path), attributes, self._room))

    def _close_suite(self) -> None:
        suite = self._suites.pop()
        self.recorder.close(suite.description(), suite.labels)
        if suite.cut:
            self.note("field_cut", f"{suite.cut} characters of a suite were cut")
        suite.close()

    def _open_fixture(self, attributes: dict[str, str]) -> None:
        self._fixture = attributes.get("type", "").lower()
        name = " ".join(("suite", self._fixture)).rstrip().title()
        self._begin(Draft(f"{name}: {attributes.get('name', '')}", "", PASSED, *self.position()))

    def _end_fixture(self) -> None:
        draft, keywords, fixture = self._draft, self._keywords, self._fixture
        self._draft, self._keywords, self._fixture = None, _NO_KEYWORDS, None
        if draft is None:
            return
        lines, failed = keywords.text(), keywords.last == "FAIL"
        draft.describe(lines)
        judging = fixture == "teardown" and keywords.last in _JUDGING
        if failed:
            draft.status = BROKEN
        row = draft.row(self.recorder)
        details = row[5]
        if judging and not self._judge(keywords.last, details[2] if details else "") and failed:
            self.recorder.rows.append(row)
        elif self._suites:
            for text in (details[0], details[3]) if details else ():
                self._suites[-1].add(text)
            for name in details[7] if details else ():
                self._suites[-1].label("attachment", name)

    def _judge(self, word: str, message: str) -> bool:
        """The teardown of the innermost suite ended so, and its tests with it. Whether they were all here."""
        self._held.put(self.recorder.take())
        if len(self._suites) > limits.DEPTH:
            return False
        status = _STATUS[word]
        changed, whole = self._held.judge(status, message, skipped_too=self._skipped_too)
        for before in changed:
            self._counts[before] -= 1
            self._counts[status] += 1
        return whole

    # Tests

    def _open_test(self, attributes: dict[str, str]) -> None:
        if self._draft is not None:
            self.note("unknown_element", f"<test> in <{self.parent[:100]}>")
            return
        kind = "task" if self._task else "test"
        self._begin(Draft(attributes.get("name", ""), kind, UNKNOWN, *self.position()))

    def _begin(self, draft: Draft) -> None:
        self._draft, self._keywords, self._depth = draft, Keywords(), len(self.path)
        self._status, self._failing, self._outcomes = {}, False, []

    def _end_test(self, *, complete: bool) -> None:
        draft, keywords, attributes = self._draft, self._keywords, self._status
        self._draft, self._keywords = None, _NO_KEYWORDS
        if draft is None:
            return
        word = attributes.get("status", "")
        draft.status = _STATUS.get(word, UNKNOWN)
        if word not in _STATUS and (complete or word):
            self.recorder.note("unknown_status", f'status="{word[:100]}"', draft.line, draft.column)
        draft.duration = self._elapsed(attributes)
        for status, message in self._outcomes[:-1]:
            draft.attempt(status, message=message)
        if self._outcomes:
            draft.attempt(draft.status, draft.duration, draft.exception, self._outcomes[-1][1])
        if attributes.get("critical") == "no":
            draft.label("critical", "no")
        draft.describe(keywords.text())
        if keywords.hidden:
            text = f"{keywords.hidden} keywords of a test are not shown"
            self.recorder.note("field_cut", text, draft.line, draft.column)
        self._counts[draft.status] += 1
        draft.record(self.recorder)

    def _check_counts(self) -> None:
        for name, statuses in _COUNTED:
            stated, found = self._totals.get(name, ""), sum(self._counts[status] for status in statuses)
            if stated.isdecimal() and stated != str(found):
                self.note("suite_count_differs", f'{name}="{stated[:20]}", but there are {found}')
        self._totals = {}

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
