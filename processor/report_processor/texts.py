"""Long texts in bounded memory: the head and the tail are kept, the middle is counted."""

from collections import deque
from collections.abc import Callable
from typing import Final

Cut = Callable[[int], None]
"""Is told how many characters were cut."""


class LongText:
    """Text that arrives in pieces. Keeps at most ``limit`` characters, half from either end.

    The end is kept because that is where backtraces say what went wrong.
    """

    __slots__ = ("_half", "_head", "_head_size", "_tail", "_tail_size", "size")

    def __init__(self, limit: int) -> None:
        self._half: Final = limit // 2
        self._head: Final[list[str]] = []
        self._head_size = 0
        self._tail: Final[deque[str]] = deque()
        self._tail_size = 0
        self.size = 0
        """Characters that arrived."""

    def add(self, piece: str) -> None:
        """Take the next piece."""
        self.size += len(piece)
        room = self._half - self._head_size
        if room > 0:
            self._head.append(piece[:room])
            self._head_size += len(self._head[-1])
            piece = piece[room:]
        if piece:
            self._tail.append(piece)
            self._tail_size += len(piece)
            while self._tail_size - len(self._tail[0]) >= self._half:
                self._tail_size -= len(self._tail.popleft())

    @property
    def cut(self) -> int:
        """Characters that will be missing from the text."""
        return max(0, self.size - 2 * self._half)

    def text(self) -> str:
        """What was kept, with a line in the middle that says how much is missing."""
        head, tail = "".join(self._head), "".join(self._tail)
        if not self.cut:
            return head + tail
        return f"{head}\n[... {self.cut} characters cut ...]\n{tail[-self._half :]}"


def shortened(text: str, limit: int, cut: Cut) -> str:
    """The text, or its beginning when it is longer than the limit."""
    if len(text) <= limit:
        return text
    cut(len(text) - limit)
    return text[:limit]
