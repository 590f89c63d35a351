"""One level of TAP: the stream itself, or a subtest in it."""

from typing import Final

from report_processor.events import Recorder
from report_processor.formats.tap.lines import Point
from report_processor.parsing.draft import Draft

_TITLES: Final = 100_000
"""Titles of one level that are remembered, to tell apart those that are equal."""


class Level:
    """What is known of a level while it is open."""

    __slots__ = (
        "_odd",
        "_odd_line",
        "_odds",
        "_titles",
        "bad",
        "count",
        "line",
        "name",
        "next",
        "opened",
        "pending",
        "plan",
        "plan_first",
        "plan_line",
        "summary",
    )

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        """Its title; empty when nothing has told it yet."""
        self.line: Final = line
        self.opened = False
        """Whether it is a container: it is when there is a test in it."""
        self.bad = False
        """Whether a test in it, however deep, failed or broke."""
        self.summary: Draft | None = None
        """The test point that stands for it, when that comes before its content."""
        self.pending = ""
        """Title of the subtest that comes next, as a comment said."""
        self.count = 0
        self.next = 1
        self.plan: int | None = None
        self.plan_first = False
        self.plan_line = 0
        self._titles: dict[int, int] = {}
        self._odd = ""
        self._odd_line = 0
        self._odds = 0

    def planned(self, number: int, line: int) -> None:
        """Its plan."""
        self.plan, self.plan_line, self.plan_first = number, line, not self.count

    def add(self, point: Point, line: int) -> str:
        """The next test point; returns its title, which nothing else on this level has."""
        self.count += 1
        number = point.number
        if number is not None and number != self.next:
            self._odds += 1
            if self._odds == 1:
                self._odd, self._odd_line = f"number {number}, where {self.next} was expected", line
        self.next = (self.next if number is None else number) + 1
        return self.unlike(point.title or f"test {self.count if number is None else number}")

    def unlike(self, title: str) -> str:
        """The title, with a number when it was there before: assertions often have no title of their own."""
        key = hash(title)
        times = self._titles.get(key, 0) + 1
        if times > 1 or len(self._titles) < _TITLES:
            self._titles[key] = times
        return f"{title} #{times}" if times > 1 else title

    def regroup(self) -> None:
        """From here on the tests stand in another container."""
        self._titles.clear()

    def check(self, recorder: Recorder, *, noted: bool = True) -> None:
        """At its end: note what its plan and its numbers say otherwise. ``noted``: the plan is not told elsewhere."""
        name = f" of {self.name[:100]}" if self.name else ""
        if noted and self.plan is not None and self.plan != self.count:
            text = f"1..{self.plan} was planned, but there are {self.count} tests{name}"
            recorder.note("suite_count_differs", text, self.plan_line)
        if self._odds:
            more = f", and {self._odds - 1} more" if self._odds > 1 else ""
            recorder.note("suite_count_differs", f"{self._odd}{more}{name}", self._odd_line)
