"""One ``<testsuite>`` while it is open: what its attributes promise and what was found."""

from collections.abc import Iterator, Mapping
from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, SKIPPED
from report_processor.formats.junit_case import Kept
from report_processor.texts import LongText

_COUNTS: Final = frozenset({"tests", "failures", "errors", "skipped", "disabled"})
_MEANT: Final = frozenset({"name", "time", "timestamp"})


class Suite:
    """A suite's place, labels, output and counts."""

    __slots__ = ("_below", "_output", "_own", "_promised", "children", "column", "kept", "line", "title")

    def __init__(self, title: str, line: int, column: int, attributes: Mapping[str, str]) -> None:
        self.title: Final = title
        self.line: Final = line
        self.column: Final = column
        self.children = 0
        """Suites straight below it."""
        self.kept: Final = Kept()
        self._output: LongText | None = None
        self._own = [0] * 6
        self._below = [0] * 6
        self._promised: Final[dict[str, int]] = {}
        for name, value in attributes.items():
            if name in _COUNTS:
                if value.isdecimal() and value.isascii() and len(value) < 16:
                    self._promised[name] = int(value)
            elif name not in _MEANT and value and name[:3] != "xml":
                self.kept.label(name, value)

    @property
    def output(self) -> LongText:
        """What was written while it ran."""
        if self._output is None:
            self._output = LongText(limits.DESCRIPTION)
        return self._output

    @property
    def description(self) -> str:
        """The same as a text."""
        return self._output.text() if self._output is not None else ""

    @property
    def cut(self) -> int:
        """Characters of it that were cut."""
        return self._output.cut if self._output is not None else 0

    def count(self, status: int, number: int = 1) -> None:
        """Count results of its own."""
        self._own[status] += number

    def include(self, suite: "Suite") -> None:
        """Count the results of a suite straight below it that has ended."""
        for status, number in enumerate(suite._own):
            if number:
                self._below[status] += number
        if suite.children:
            for status, number in enumerate(suite._below):
                self._below[status] += number

    def differences(self) -> Iterator[str]:
        """A sentence for each promise that no reading of it keeps."""
        promised = self._promised
        if not promised:
            return
        own = self._own
        all_of_it = [a + b for a, b in zip(own, self._below, strict=True)] if self.children else own
        tests = promised.get("tests")
        if tests is not None and tests not in {sum(own), sum(all_of_it), sum(own) + self.children}:
            yield f'tests="{tests}", but there are {sum(all_of_it)}'
        if self.children and tests not in {sum(own), sum(all_of_it)}:
            return  # node:test: everything is counted by children
        for names, statuses in ((("failures", "errors"), (FAILED, BROKEN)), (("skipped", "disabled"), (SKIPPED,))):
            present = [name for name in names if name in promised]
            if not present:
                continue
            found = {sum(counts[status] for status in statuses) for counts in (own, all_of_it)}
            if sum(promised[name] for name in present) not in found:
                told = " and ".join(f'{name}="{promised[name]}"' for name in present)
                yield f"{told}, but there are {max(found)}"
