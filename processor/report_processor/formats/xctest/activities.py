"""The activities of an Xcode test, as lines of text, however many there are."""

from typing import Final

_LINES: Final = 2_000
_LINE: Final = 1_000
"""Characters of a line."""
_DEEPEST: Final = 40
"""Levels that are indented."""


class Activities:
    """An activity's title may stand behind the activities inside it, so its line is kept free for it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._open: list[int] = []
        self.hidden = 0
        """Activities without a line."""

    def open(self) -> None:
        """An activity begins."""
        if len(self._lines) < _LINES:
            self._open.append(len(self._lines))
            self._lines.append("")
        else:
            self._open.append(-1)
            self.hidden += 1

    def close(self, title: str) -> None:
        """The innermost activity ends."""
        if self._open:
            index = self._open.pop()
            if index >= 0:
                self._lines[index] = f"{'  ' * min(len(self._open), _DEEPEST)}{title[:_LINE]}"

    def text(self) -> str:
        """All lines."""
        lines = [line for line in self._lines if line.strip()]
        return "\n".join([*lines, f"[... {self.hidden} more activities ...]"] if self.hidden else lines)
