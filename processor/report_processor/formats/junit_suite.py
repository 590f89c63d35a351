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
        for status, number in enumerate(suite._own):  # noqa: SLF001  # its own kind
            if number:
                self._below[status] += number
        if suite.children:
            for status, number in enumerate(suite._below):  # noqa: SLF001
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
        failing: list[str] = [name for name in ("failures", "errors") if name in promised]
        found = {counts[FAILED] + counts[BROKEN] for counts in (own, all_of_it)}
        if failing and sum(promised[name] for name in failing) not in found:
            yield f"{_told(promised, failing)}, but there are {max(found)}"
        found = {counts[SKIPPED] for counts in (own, all_of_it)}
        skipped = promised.get("skipped")
        # googletest counts its disabled tests apart, as skipped, or not at all.
        if skipped is not None and not found & {skipped, skipped + promised.get("disabled", 0)}:
            yield f"{_told(promised, ['skipped'])}, but there are {max(found)}"


def _told(promised: Mapping[str, int], names: list[str]) -> str:
    return " and ".join(f'{name}="{promised[name]}"' for name in names)
