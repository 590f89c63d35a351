"""One ``<TestSuite>`` of Boost.Test while it is open: what was found in it, and what was told of it."""

from typing import Final

from report_processor import limits
from report_processor.parsing.texts import Budget, LongText


class Suite:
    """A suite that is open."""

    __slots__ = ("_room", "_text", "attributes", "bad", "found", "hidden", "inner", "kept", "line", "lost", "skipped")

    def __init__(self, attributes: dict[str, str], line: int, room: Budget, *, kept: bool) -> None:
        """``room`` is for the texts of all that are open."""
        self.attributes: Final = attributes
        self.line: Final = line
        self.kept: Final = kept
        """Whether it is a container; one that was skipped is a result."""
        self.found = 0
        """Test cases in it, at any depth."""
        self.bad = 0
        """Those that did not pass."""
        self.skipped = 0
        """Those that were skipped."""
        self.lost = 0
        """Test cases that were counted and are not there, by the suites in it."""
        self.hidden = 0
        """Test cases that were counted as skipped and are not there, by the suites in it."""
        self.inner = False
        """Whether there is a suite or test case in it."""
        self._room: Final = room
        self._text: LongText | None = None

    @property
    def title(self) -> str:
        """Its name."""
        return self.attributes.get("name", "")

    def include(self, suite: "Suite") -> None:
        """A suite in it ends."""
        self.found += suite.found
        self.bad += suite.bad
        self.skipped += suite.skipped
        self.lost += suite.lost
        self.hidden += suite.hidden

    def tell(self, text: str) -> None:
        """Add a line that is about it and none of its test cases."""
        if self._text is None:
            self._text = LongText(limits.SUITE_TEXT, self._room)
        self._text.add(f"{text}\n")

    def close(self) -> str:
        """It ends: its text, and the room of that is free again."""
        if self._text is None:
            return ""
        text = self._text.text()
        self._text.drop()
        return text
