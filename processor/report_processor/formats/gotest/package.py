"""What is held of a Go package while its tests run: results that wait for their container, and output."""

from typing import Final

from report_processor import limits
from report_processor.events import Row
from report_processor.parsing.draft import Draft
from report_processor.parsing.texts import Budget, LongText

_OUTPUT: Final = 64_000
"""Of the output of each test and of each package."""


class Output:
    """Lines of output, within the budget of all that run at a time."""

    __slots__ = ("_budget", "_text", "torn")

    def __init__(self, budget: Budget) -> None:
        self._budget: Final = budget
        self._text: LongText | None = None
        self.torn = ""
        """The beginning of a line, as far as it is needed to know what the line is."""

    def add(self, piece: str) -> None:
        """Take the next piece."""
        if self._text is None:
            self._text = LongText(_OUTPUT, self._budget)
        self._text.add(piece)

    @property
    def empty(self) -> bool:
        """Whether there was none."""
        return self._text is None

    def end(self) -> tuple[str, int]:
        """All that was kept, and how many characters were cut; gives back the budget."""
        if self._text is None:
            return "", 0
        text, cut = self._text.text(), self._text.cut
        self._text.drop()
        self._text = None
        return text, cut


class Test:
    """A test that runs."""

    __slots__ = ("_draft", "duration", "line", "name", "output", "subtests")

    def __init__(self, name: str, line: int, budget: Budget) -> None:
        self.name: Final = name
        self.line: Final = line
        self.output: Final = Output(budget)
        self.subtests = False
        self.duration: float | None = None
        self._draft: Draft | None = None

    @property
    def draft(self) -> Draft:
        """Its result."""
        if self._draft is None:
            self._draft = Draft(self.name, line=self.line)
        return self._draft

    @property
    def plain(self) -> bool:
        """Whether there is nothing to tell of it but its name, which is one."""
        return self._draft is None and self.output.empty and not self.name.isspace()


class Package:
    """A package. Its container is opened when its tests have ended, because those of others run meanwhile."""

    __slots__ = ("_size", "again", "bad", "cached", "coverage", "line", "name", "output", "rows", "running", "started")

    def __init__(self, name: str, line: int, budget: Budget) -> None:
        self.name: Final = name
        self.line: Final = line
        self.started = True
        """Whether it runs; it may run again."""
        self.bad = False
        """Whether one of its tests failed in this run."""
        self.again = False
        """Whether it failed, so that some of its tests may run again."""
        self.rows: list[Row] = []
        self.running: dict[str, Test] = {}
        self.output: Final = Output(budget)
        self.coverage = ""
        self.cached = False
        self._size = 0

    def add(self, row: Row) -> int:
        """A result; returns its size."""
        self.rows.append(row)
        size = 200 + len(row[0]) + _size_of(row)
        self._size += size
        return size

    def take(self) -> tuple[list[Row], int]:
        """The results that waited, and their size."""
        rows, size = self.rows, self._size
        self.rows, self._size = [], 0
        return rows, size

    @property
    def size(self) -> int:
        """Of the results that wait."""
        return self._size


def _size_of(row: Row) -> int:
    details = row[5]
    if details is None:
        return 0
    labels = sum(len(name) + len(value) for name, value in details[6])
    return sum(map(len, details[:4])) + labels + sum(map(len, details[7]))


def within(text: str) -> str:
    """A text as the description of a container."""
    return text[: limits.DESCRIPTION]
