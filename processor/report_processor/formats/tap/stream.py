"""What is open in a stream of TAP: the subtests, the test point that may go on, its YAML block.

A test point is recorded when the next one begins, because its YAML block and its comments follow it. A
subtest is indented by four spaces and ends at the test point behind it, which has its title and its outcome;
so that one is held while its container is open. node-tap may also put the test point first and the subtests
in braces behind it.
"""

from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED
from report_processor.formats.tap import yaml as tap_yaml
from report_processor.formats.tap.level import Level
from report_processor.formats.tap.trimmings import Surroundings
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import seconds_of
from report_processor.parsing.line_format import LineFormat
from report_processor.parsing.texts import LongText

_BAD: Final = frozenset({FAILED, BROKEN})


class TapStream(LineFormat):
    """The state of the parser: one stream of TAP, or several one after the other as ``prove -v`` shows them."""

    def __init__(self) -> None:
        super().__init__()
        self._levels = [Level("", 0)]
        self._width = 4
        """Spaces of one level."""
        self._held: Draft | None = None
        self._held_depth = 0
        self._held_child = False
        """The one that is held ends the subtest above it."""
        self._held_good = False
        self._yaml: LongText | None = None
        self._yaml_indent = 0
        self._around: Final = Surroundings()
        """What stands between test points."""
        self._streams = 0
        self._ended = False
        self._grouped = ""
        """Title of the container that a comment or ``prove`` opened around the tests of the first level."""

    def _reach(self, depth: int) -> int:
        """Make the levels down to this one; returns how deep that is."""
        levels = self._levels
        depth = min(depth, len(levels))
        if depth == len(levels):
            levels.append(Level(levels[-1].pending, self.line))
        return depth

    def _open(self, depth: int) -> None:
        """Containers around a test of this level."""
        if depth == 0 and (group := self._around.group()):
            if self._grouped:
                self.recorder.close()
            self.recorder.open(group, "", self.line)
            self._grouped = group
            self._levels[0].regroup()
        for level in self._levels[1 : depth + 1]:
            if not level.opened:
                level.opened = True
                if level.name:
                    self.recorder.open(level.name, "", level.line)
                else:
                    self.recorder.open_unnamed(level.line)

    def _flush(self) -> None:
        """Record the test point that is held, or close the subtest that it ends."""
        self._end_yaml()
        draft, self._held = self._held, None
        if draft is None:
            return
        if self._held_child:
            self._levels[-1].summary = draft
            self._close_level()
        else:
            self._record(draft)

    def _record(self, draft: Draft) -> None:
        draft.record(self.recorder)
        if draft.status in _BAD:
            for level in self._levels:
                level.bad = True

    def _close_level(self) -> None:
        """End the deepest level. A failure that none of its tests shows becomes a result in it."""
        level = self._levels.pop()
        level.check(self.recorder)
        draft, level.summary = level.summary, None
        if not level.opened:
            if draft is not None:
                self._record(draft)
            return
        if not level.name:
            level.name = draft.title if draft is not None else self._levels[-1].unlike("subtest")
            self.recorder.name(level.name)
        if draft is None:
            self.recorder.close()
            return
        if draft.status in _BAD and not level.bad:
            draft.title, draft.duration = level.name, None  # its tests have had the time
            self._record(draft)
        elif draft.duration is not None:  # its tests often have none
            draft.label("duration", f"{draft.duration:g} s")
        details = draft.row(self.recorder)[5]
        if details is None:
            self.recorder.close()
            return
        texts = [text for text in (details[0], details[2], details[3]) if text]
        self.recorder.close("\n".join(texts)[: limits.DESCRIPTION], details[6])

    # YAML

    def _in_yaml(self, block: LongText, line: str, text: str, indent: int) -> bool:
        """Whether the line belongs to the block."""
        if indent <= self._yaml_indent and text.rstrip() == "...":
            self._end_yaml()
            return True
        if text and text[0] != "\t" and indent < self._yaml_indent:
            self._end_yaml()
            return False
        if block.size:
            block.add("\n")
        block.add(line[self._yaml_indent :])
        return True

    def _end_yaml(self) -> None:
        block, self._yaml = self._yaml, None
        draft = self._held
        if block is None or draft is None:
            return
        if block.cut:
            self.recorder.note("field_cut", f"{block.cut} characters of a YAML block were cut", draft.line)
        text = block.text()
        milliseconds, suite = tap_yaml.plain_duration(text), False
        if milliseconds is None:
            milliseconds, suite = tap_yaml.apply(draft, text)
        if milliseconds:
            draft.duration = seconds_of(self.recorder, milliseconds, 0.001, draft.line)
        if suite and not self._held_child and draft.status == PASSED:  # a suite without tests
            self._held = None
            self.recorder.open(draft.title, "", draft.line)
            self.recorder.close()

    def _skip_all(self, reason: str) -> None:
        self._open(0)
        draft = Draft("all tests", "", SKIPPED, self.line)
        draft.message(reason)
        draft.record(self.recorder)

    def _end_stream(self, *, told: bool = False, whole: bool = True) -> None:
        """The end of one stream."""
        if self._held is not None:
            self._end_yaml()
        if self._held is not None:
            self._around.give(self._held)
        self._flush()
        while len(self._levels) > 1:
            self._close_level()
        level = self._levels[0]
        level.name = self._grouped if self._around.prove else ""
        level.check(self.recorder, noted=whole and not told and not self._ended)
        if whole and not told and level.plan_first and level.count < (level.plan or 0) and not self._ended:
            self._open(0)
            draft = Draft("planned tests that did not run", "", BROKEN, level.plan_line)
            draft.message(f"1..{level.plan} was planned, but there are {level.count} tests{self._around.last_words()}")
            self._record(draft)
        if whole and level.plan is None and level.count and not self._ended:
            text = f"there is no plan, so tests may be missing after these {level.count}"
            self.recorder.note("suite_count_differs", text, self.line)
        if self._grouped:
            self.recorder.close()
        self._grouped, self._ended = "", False
        self._levels = [Level("", self.line)]
