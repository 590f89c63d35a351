"""TAP, the Test Anything Protocol, versions 12 to 14, and what tools made of it: what each line does."""

from typing import Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.events import BROKEN, FAILED, SKIPPED, UNKNOWN
from report_processor.formats.tap.level import Level
from report_processor.formats.tap.lines import (
    BAIL,
    PLAN,
    PROVE,
    PROVE_WENT_WELL,
    SKIP,
    SUBTEST,
    SUMMARY,
    VERSION,
    Point,
    point_of,
    recognise,
    uncoloured,
    unescaped,
)
from report_processor.formats.tap.stream import TapStream
from report_processor.parsing.base import LINES, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.texts import LongText

_NARROW: Final = 2
"""Spaces of a level where KTAP says so."""


_BROKEN: Final = frozenset({"timeout", "error"})


class TapParser(TapStream):
    """Reads one file."""

    def read(self, line: str) -> None:
        """See ``LineFormat``."""
        line = uncoloured(line)
        text = line.lstrip(" ")
        indent = len(line) - len(text)
        if self._yaml is not None and self._in_yaml(self._yaml, line, text, indent):
            return
        if not text or text.isspace() or self._around.over(text):
            return
        if indent == _NARROW and text.startswith("KTAP version"):
            self._width = _NARROW
        if indent % self._width:
            if text.startswith("---") and indent // self._width == self._held_depth and self._held is not None:
                self._yaml, self._yaml_indent = LongText(limits.BACKTRACE), indent
            else:
                self._other(line)
            return
        if not self._structure(text, indent // self._width):
            self._other(line)

    def _structure(self, text: str, depth: int) -> bool:
        """Whether the line is one of TAP."""
        first = text[0]
        if first == "o" and depth == 0 and self._around.prove and PROVE_WENT_WELL.match(text):
            return True
        if first in "on" and (point := point_of(text)) is not None:
            return self._point(point, depth)
        if first == "#":
            self._comment(text, depth)
        elif first == "1" and (plan := PLAN.match(text)) is not None:
            self._plan(int(plan[1]), plan[2] or "", depth)
        elif first in "{}" and len(text.rstrip()) == 1:
            return self._brace(first, depth)
        elif first in "TtK" and VERSION.match(text) is not None:
            self._version(depth)
        elif first in "Bb" and (bail := BAIL.match(text)) is not None:
            self._bail(bail[1].strip())
        elif depth == 0 and self._around.may_be_prove(self._levels[0].count + self._streams):
            return self._prove(text)
        else:
            return text.startswith("pragma ")
        return True

    def finish(self, *, complete: bool) -> None:
        """See ``LineFormat``."""
        level = self._levels[0]
        short = (
            complete and self._streams == 0 and level.plan_first and level.count < (level.plan or 0) and not self._ended
        )
        self._end_stream(told=short, whole=complete)
        if short:
            text = f"1..{level.plan} was planned, but the file ends after {level.count} tests"
            raise Damage("truncated_file", text + self._around.last_words(), self.line)

    # Test points

    def _point(self, point: Point, depth: int) -> bool:
        levels = self._levels
        if depth and len(levels) <= depth and point.number is None and not levels[-1].pending:
            return False  # a test's own output
        if depth == 0 and point.number == 1 and levels[0].plan == levels[0].count > 0 and not levels[0].plan_first:
            self._end_stream()  # another stream
            self._streams += 1
            levels = self._levels
        self._flush()
        depth = self._reach(depth)
        child = levels[depth + 1] if len(levels) > depth + 1 else None
        while len(levels) > depth + 2:
            self._close_level()
        if child is not None and not child.opened:
            levels.pop()
            child = None
        level = levels[depth]
        level.pending = ""
        if child is None:
            self._open(depth)
        if depth == 0 and self._around.timed(point.title):
            title, seconds = self._around.without_time(point.title)
            point = point._replace(title=title, seconds=seconds)
        title = level.add(point, self.line)
        draft = Draft(title, line=self.line)
        self._judge(draft, point)
        if not point.title:
            self.recorder.note("missing_name", f"a test has no name but {title[:100]}", self.line)
        self._around.give(draft)
        if point.opens:
            inner = Level(title, self.line)
            inner.summary = draft
            levels.append(inner)
            return True
        self._held, self._held_depth, self._held_child, self._held_good = draft, depth, child is not None, point.good
        return True

    def _judge(self, draft: Draft, point: Point) -> None:
        draft.duration = point.seconds
        if point.directive == "skip":
            draft.status = SKIPPED
        elif point.directive == "todo":
            draft.status = UNKNOWN
            draft.label("todo", "passes" if point.good else "fails")
        elif point.directive == "xfail":
            draft.status = UNKNOWN
            draft.label("xfail", "fails")
        elif not point.good:
            draft.status = BROKEN if point.directive in _BROKEN else FAILED
        draft.message(point.reason)

    # Other lines

    def _comment(self, text: str, depth: int) -> None:
        self._end_yaml()
        subtest = SUBTEST.match(text)
        if subtest is not None:
            if self._held is not None:
                self._around.give(self._held)
            self._flush()
            levels = self._levels
            name = unescaped((subtest[1] or "").strip())
            if depth == len(levels) and not levels[-1].pending:
                levels.append(Level(name, self.line))  # indented as its tests are
            elif depth == len(levels):
                levels.append(Level(levels[-1].pending, self.line))
                levels[-1].pending = name
            elif depth < len(levels):
                levels[depth].pending = name
            return
        words = text.lstrip("#").removeprefix(" ")
        if SUMMARY.match(words):
            self._around.sums_up(words)
        elif depth == 0 and self._around.heads(words, self._levels[0].count, self._levels[0].plan):
            self._flush()
        elif self._held is not None and not self._held_good:
            self._held.message(words.rstrip())
        else:
            self._around.comment(words.rstrip())

    def _other(self, line: str) -> None:
        self._end_yaml()
        if self._held is not None and not self._held_good:
            self._held.output(line)
        else:
            self._around.output(line)

    def _plan(self, number: int, words: str, depth: int) -> None:
        self._end_yaml()
        behind = self._held_child and depth > self._held_depth  # the plan of another subtest
        if self._held is not None and (self._held_depth > depth or behind):
            self._flush()
        if depth == 0 and self._levels[0].plan is not None:
            self._end_stream()
            self._streams += 1
        depth = self._reach(depth)
        level = self._levels[depth]
        level.planned(number, self.line)
        self._around.plan(depth, level.count)
        reason = SKIP.match(words.strip()) if number == 0 else None
        if reason is not None and depth == 0 and not level.count:
            self._skip_all(reason[1].strip())

    def _brace(self, sign: str, depth: int) -> bool:
        levels = self._levels
        if sign == "{":
            self._end_yaml()
            if self._held is None or self._held_depth != depth or self._held_child:
                return False
            inner = Level(self._held.title, self._held.line)
            inner.summary, self._held = self._held, None
            levels.append(inner)
            return True
        if len(levels) <= depth + 1 or levels[depth + 1].summary is None:
            return False
        self._flush()
        while len(levels) > depth + 1:
            self._close_level()
        return True

    def _version(self, depth: int) -> None:
        self._around.version()
        if depth == 0 and (self._levels[0].count or self._levels[0].plan is not None):
            self._end_stream()
            self._streams += 1

    def _bail(self, reason: str) -> None:
        if self._ended:
            return  # each level says it again
        self._flush()
        while len(self._levels) > 1:
            self._close_level()
        self._open(0)
        draft = Draft("Bail out!", "", BROKEN, self.line)
        draft.message(reason)
        self._around.give(draft)
        self._record(draft)
        self._ended = True

    def _prove(self, text: str) -> bool:
        found = PROVE.match(text)
        if found is None:
            return False
        self._end_stream()
        self._around.script(found[1])
        self._streams += 1
        if found[2] is not None:
            self._skip_all(found[2])
            self._levels[0].plan = 0
        return True


FORMAT: Final = Format(
    key="tap",
    origin="tap",
    title="TAP",
    expects="Text of the Test Anything Protocol, versions 12 to 14: a plan such as 1..9 and lines such as "
    "ok 1 - title, as Perl's Test::More and prove -v, node-tap, tape, node:test, AVA, bats, pytest-tap and many "
    "others write it. One file may hold several streams.",
    example="""TAP version 14
1..3
ok 1 - signs in # time=12ms
not ok 2 - signs out
  ---
  message: still signed in
  at: login.js:17
  ...
ok 3 - prints # SKIP needs a printer
""",
    mapping="Each test point is a result, each subtest a container; the test point that ends a subtest is a result of "
    "its own only when it failed and nothing in it did. ok is passed, not ok failed (broken when the YAML block "
    "tells of an exception, a time limit or a broken hook), SKIP skipped, TODO unknown, with a label that says whether "
    "it passes. Bail out! is a broken result. Equal titles in a row are numbered, as assertions often have no title of "
    "their own. Comments and other output belong to the test that failed before them, else to the one behind them. "
    "A plan that promises more tests than there are means that the file is cut.",
    kinds=(LINES,),
    recognise=recognise,
    parser=TapParser,
    limits="Subtests that are indented by anything but four spaces for each level (two in KTAP) are read as output.",
)
