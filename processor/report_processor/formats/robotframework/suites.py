"""The suites that are open: what their containers will say, and what their setups and teardowns do to them."""

from collections.abc import Callable
from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, Event, Label, Recorder
from report_processor.formats.robotframework.counts import Counts
from report_processor.formats.robotframework.execution import Execution, outcome_of
from report_processor.formats.robotframework.held import HeldTests
from report_processor.formats.robotframework.merged import STATUS
from report_processor.parsing.texts import Budget, LongText

_JUDGING: Final = frozenset({"FAIL", "SKIP"})
"""Outcomes of a teardown that are those of the tests, too."""


class Suites:
    """Those of one file, from the outermost."""

    def __init__(self, recorder: Recorder, counts: Counts, note: Callable[[str, str], None]) -> None:
        """``note`` takes code and text of a message about the element at hand."""
        self._recorder: Final = recorder
        self._counts: Final = counts
        self._note: Final = note
        self._room: Final = Budget(limits.OPEN_TEXT)
        self._held: Final = HeldTests()
        self._open: list[Suite] = []
        self.skipped_too = False
        """A teardown that fails changes tests that were skipped, too."""

    @property
    def innermost(self) -> "Suite | None":
        """The one that was opened last."""
        return self._open[-1] if self._open else None

    def open(self, attributes: dict[str, str], depth: int, line: int) -> None:
        """A suite begins."""
        self._recorder.open(attributes.get("name", "") or "suite without a name", "suite", line)
        self._open.append(Suite(depth, attributes, self._room))

    def close(self) -> None:
        """The innermost ends."""
        suite = self._open.pop()
        self._recorder.close(suite.description(), suite.labels)
        if suite.cut:
            self._note("field_cut", f"{suite.cut} characters of a suite were cut")
        suite.close()

    def end_fixture(self, fixture: Execution) -> None:
        """The setup or teardown of the innermost ends."""
        draft, keywords = fixture.draft, fixture.keywords
        draft.describe(keywords.text())
        last = keywords.last
        if last == "FAIL":
            draft.status = BROKEN
        row = draft.row(self._recorder)
        details = row[5]
        judging = fixture.fixture == "teardown" and last in _JUDGING
        if judging and not self._judge(STATUS[last], details[2] if details else "") and last == "FAIL":
            self._recorder.rows.append(row)
        elif self._open and details:
            suite = self._open[-1]
            suite.add(details[0])
            suite.add(details[3])
            for name in details[7]:
                suite.label("attachment", name)

    def pass_on(self, events: list[Event]) -> list[Event]:
        """Takes what was recorded. Returns what no teardown can change any more."""
        self._held.put(events)
        return self._held.take(all_of_them=not self._open)

    def _judge(self, status: int, message: str) -> bool:
        """The teardown of the innermost ended so, and its tests with it. Whether they were all here."""
        self._held.put(self._recorder.take())
        if len(self._open) > limits.DEPTH:
            return False
        changed, whole = self._held.judge(status, message, skipped_too=self.skipped_too)
        for before in changed:
            self._counts.change(before, status)
        return whole


class Suite:
    """Its texts stay within what all open suites may have together."""

    __slots__ = ("_budget", "_doc", "_said", "_source", "cut", "depth", "labels")

    def __init__(self, depth: int, attributes: dict[str, str], room: Budget) -> None:
        self.depth: Final = depth
        """How deep its element lies."""
        self.cut = 0
        """Characters that are missing."""
        self._budget: Final = Budget(limits.SUITE_TEXT, room)
        self._source: Final = [
            f"{name}: {self._granted(attributes[name])}" for name in ("source", "id") if attributes.get(name)
        ]
        self._said: LongText | None = None
        self._doc = ""
        self.labels: list[Label] = []

    def text(self, element: str, name: str, text: str) -> None:
        """What an element in it says; ``name`` is that of metadata."""
        if element == "doc":
            self._doc = self._granted(text)
        elif element == "status":
            self.add(outcome_of(text)[0])
        elif element in {"meta", "item"}:
            self.label(name, text)

    def add(self, text: str) -> None:
        """Add a line that setup, teardown or outcome have to say."""
        if not text:
            return
        if self._said is None:
            self._said = LongText(limits.DESCRIPTION, self._budget)
        elif self._said.size:
            self._said.add("\n")
        self._said.add(text)

    def label(self, name: str, value: str) -> None:
        """Add metadata or the name of a file."""
        value = self._granted(value)
        if len(self.labels) < limits.LABELS:
            self.labels.append((name[: limits.LABEL_NAME], value))
        else:
            self.cut += len(value)

    def description(self) -> str:
        """All of it: documentation, place, and what else was said."""
        said = self._said.text() if self._said is not None else ""
        if self._said is not None:
            self.cut += self._said.cut
        return "\n".join(text for text in (self._doc, *self._source, said) if text)

    def close(self) -> None:
        """Give back the room."""
        self._budget.close()

    def _granted(self, text: str) -> str:
        size = self._budget.take(len(text), limits.LEAST_TEXT // 20)
        self.cut += len(text) - size
        return text[:size]
