"""One ``<testsuite>`` while it is open: what its attributes promise and what was found."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Label
from report_processor.formats.junit.kept import Attachments, Kept
from report_processor.parsing.texts import Budget, LongText

_COUNTS: Final = frozenset({"tests", "failures", "errors", "skipped", "disabled"})
_MEANT: Final = frozenset({"name", "time", "timestamp"})
_SCHEMA: Final = ("xml", "xsi:")
"""How attributes begin that say which schema the file has."""
_ATTACHMENT: Final = "attachment"
"""Label for a file that a suite's output names: a container has no files of its own."""


class _Tally:
    """Results, and those among them that are no test case but a problem of the suite itself."""

    __slots__ = ("counts", "elements", "own_problems")

    def __init__(self) -> None:
        self.counts = [0] * 6
        self.own_problems = [0] * 6
        self.elements = 0
        """``<failure>`` and ``<error>`` elements; a test case that failed without any counts as one."""

    def add(self, other: "_Tally") -> None:
        for status, number in enumerate(other.counts):
            if number:
                self.counts[status] += number
                self.own_problems[status] += other.own_problems[status]
        self.elements += other.elements

    def numbers(self, *statuses: int) -> set[int]:
        """How many there are, with the suites' own problems and without."""
        found = sum(self.counts[status] for status in statuses)
        return {found, found - sum(self.own_problems[status] for status in statuses)}


class Suite:
    """A suite's place, labels, output and counts."""

    __slots__ = (
        "_attachments",
        "_below",
        "_budget",
        "_kept",
        "_output",
        "_own",
        "_promised",
        "_room",
        "children",
        "column",
        "has_flakes",
        "is_qt",
        "line",
        "title",
    )

    def __init__(self, title: str, line: int, column: int, attributes: Mapping[str, str], room: Budget) -> None:
        """``room`` is for all that is open."""
        self.title: Final = title
        self.line: Final = line
        self.column: Final = column
        self.children = 0
        """Suites straight below it."""
        self.has_flakes: Final = attributes.get("flakes", "0") != "0"
        """Whether it counts flaky tests apart from those that failed, as Firebase Test Lab and Flank do."""
        self.is_qt = False
        """Whether Qt Test's ``xunitxml`` wrote it (before Qt 6): a test without a result was skipped, errors are lines
        of its log, and a failure that is expected is counted as one."""
        self._room: Final = room
        self._budget: Budget | None = None
        self._kept: Kept | None = None
        self._output: LongText | None = None
        self._attachments: Attachments | None = None
        self._own: Final = _Tally()
        self._below: Final = _Tally()
        self._promised: Final[dict[str, int]] = {}
        for name, value in attributes.items():
            if name in _COUNTS:
                if value.isdecimal() and value.isascii() and len(value) < 16:
                    self._promised[name] = int(value)
            elif name not in _MEANT and value and not name.startswith(_SCHEMA):
                self.kept.label(name, value)

    @property
    def kept(self) -> Kept:
        """Its labels."""
        if self._kept is None:
            self._kept = Kept(self._own_budget())
        return self._kept

    @property
    def labels(self) -> Sequence[Label]:
        """Those that were kept."""
        return self._kept.labels if self._kept is not None else ()

    @property
    def cut_labels(self) -> int:
        """Labels that were cut or left out."""
        return self._kept.cut if self._kept is not None else 0

    def _own_budget(self) -> Budget:
        if self._budget is None:
            self._budget = Budget(limits.SUITE_TEXT, self._room, limits.LEAST_TEXT)
        return self._budget

    def add_property(self, name: str, value: str) -> None:
        """A property; Qt's tell who wrote the suite."""
        self.kept.label(name, value)
        if name == "QTestVersion" and "skipped" not in self._promised:
            self.is_qt = True

    def add_output(self, piece: str) -> None:
        """What was written while it ran, in pieces."""
        if self._output is None or self._attachments is None:
            self._output = LongText(limits.DESCRIPTION, self._own_budget())
            self._attachments = Attachments(partial(self.kept.label, _ATTACHMENT))
        self._output.add(piece)
        self._attachments.look(piece)

    def close(self) -> None:
        """It ends: give back its room."""
        if self._budget is not None:
            self._budget.close()

    @property
    def description(self) -> str:
        """Its output."""
        return self._output.text() if self._output is not None else ""

    @property
    def cut(self) -> int:
        """Characters of it that were cut."""
        return self._output.cut if self._output is not None else 0

    def count(self, status: int, number: int = 1, elements: int = 0, *, of_suite: bool = False) -> None:
        """Count results of its own. ``of_suite``: of the suite itself, which most tools do not count."""
        own = self._own
        own.counts[status] += number
        if of_suite:
            own.own_problems[status] += number
        if elements or status in {FAILED, BROKEN}:
            own.elements += max(elements, number if status in {FAILED, BROKEN} else 0)

    def include(self, suite: "Suite") -> None:
        """Count the results of a suite straight below it that has ended."""
        self._below.add(suite._own)  # noqa: SLF001  # its own kind
        if suite.children:
            self._below.add(suite._below)  # noqa: SLF001

    def _is_as_promised(self) -> bool:
        """Whether a suite without suites has all it promises in the plainest reading: nearly all are so."""
        promised, counts = self._promised, self._own.counts
        return (
            not self.children
            and promised.get("tests", -1) == sum(counts)
            and promised.get("failures", 0) + promised.get("errors", 0) == counts[FAILED] + counts[BROKEN]
            and promised.get("skipped", counts[SKIPPED]) == counts[SKIPPED]
        )

    def differences(self) -> Iterator[str]:
        """A sentence for each promise that no reading of it keeps."""
        promised = self._promised
        if not promised or self._is_as_promised():
            return
        every = range(6)
        views = [self._own]
        if self.children:
            views.append(_Tally())
            views[1].add(self._own)
            views[1].add(self._below)
        tests = promised.get("tests")
        # Ginkgo 1, xcpretty and older pytest count the tests that ran; pytest 2 not those that broke, either.
        counted = (every, (PASSED, FAILED, BROKEN, UNKNOWN), (PASSED, FAILED, UNKNOWN))
        found = {number for view in views for statuses in counted for number in view.numbers(*statuses)}
        if tests is not None and tests not in {*found, *(sum(self._own.counts) + self.children,)}:
            yield f'tests="{tests}", but there are {max(found)}'
        if self.children and tests not in found:
            return  # node:test: everything is counted by children
        failing: list[str] = [name for name in ("failures", "errors") if name in promised and not self.is_qt]
        if failing:
            found = {number for view in views for number in (*view.numbers(FAILED, BROKEN), view.elements)}
            numbers = [promised[name] for name in failing]
            # TestCafe and others write the same number twice.
            if not found & ({sum(numbers), *numbers} if len(set(numbers)) == 1 else {sum(numbers)}):
                most = max(view.counts[FAILED] + view.counts[BROKEN] for view in views)
                yield f"{_told(promised, failing)}, but there are {most}"
        found = {number for view in views for number in view.numbers(SKIPPED)}
        skipped = promised.get("skipped")
        # googletest counts its disabled tests apart, as skipped, or not at all.
        if skipped is not None and not found & {skipped, skipped + promised.get("disabled", 0)}:
            yield f"{_told(promised, ['skipped'])}, but there are {max(found)}"


def _told(promised: Mapping[str, int], names: list[str]) -> str:
    return " and ".join(f'{name}="{promised[name]}"' for name in names)
