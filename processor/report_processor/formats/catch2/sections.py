"""The sections of a test case that are open: Catch2's ``<Section>``, doctest's ``<SubCase>``."""

from collections.abc import Mapping
from typing import Final

from report_processor import limits


class _Section:
    """A section that is open."""

    __slots__ = ("inner", "title")

    def __init__(self, title: str) -> None:
        self.title: Final = title
        self.inner = False
        """Whether there are sections in it."""


class Sections:
    """Those of the test case at hand, from the outermost to the innermost."""

    def __init__(self) -> None:
        self._open: Final[list[_Section]] = []

    def open(self, title: str) -> None:
        """One begins inside the innermost."""
        if self._open:
            self._open[-1].inner = True
        if len(self._open) < limits.DEPTH:
            self._open.append(_Section(title[: limits.TITLE]))

    def close(self) -> None:
        """The innermost ends."""
        if self._open:
            self._open.pop()

    def clear(self) -> None:
        """The test case ends."""
        self._open.clear()

    @property
    def is_leaf(self) -> bool:
        """Whether there was no section in the innermost: one run of the test case went no deeper."""
        return bool(self._open) and not self._open[-1].inner

    def before(self, text: str) -> str:
        """The text behind the titles of the sections that it belongs to."""
        return f"{' / '.join(section.title for section in self._open)}: {text}" if self._open else text


def outcome(attributes: Mapping[str, str]) -> str:
    """What the counts of a section come to; empty at the last look at whether there is another section in it."""
    if attributes.get("failures", "0") != "0":
        return "failed"
    if attributes.get("expectedFailures", "0") != "0":
        return "failed as expected"
    if attributes.get("skipped") == "true":
        return "skipped"
    return "passed" if attributes.get("successes", "0") != "0" else ""
