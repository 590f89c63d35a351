"""Long texts in bounded memory: the head and the tail are kept, the middle is counted."""

from collections import deque
from collections.abc import Callable
from typing import Final

from report_processor import limits

Cut = Callable[[int], None]
"""Is told how many characters were cut."""


class Budget:
    """Characters that several texts together may keep at a time."""

    __slots__ = ("_above", "_left", "_reserved")

    def __init__(self, limit: int, above: "Budget | None" = None, least: int = 0) -> None:
        """With a budget above, all of this one is reserved there until it is closed, but never less than ``least``."""
        self._above: Final = above
        self._reserved: Final = limit if above is None else above.take(limit, least)
        self._left = self._reserved

    def take(self, wanted: int, least: int = 0) -> int:
        """As much as there is of what is wanted; ``least`` of it even when there is nothing."""
        granted = wanted if wanted <= self._left else max(0, self._left, min(wanted, least))
        self._left -= granted
        return granted

    def give(self, size: int) -> None:
        """Give back what was taken."""
        self._left += size

    def close(self) -> None:
        """Give back what was reserved."""
        if self._above is not None:
            self._above.give(self._reserved)


class LongText:
    """Text that arrives in pieces. Keeps at most ``limit`` characters, half from either end.

    The end is kept because that is where backtraces say what went wrong.
    """

    __slots__ = ("_budget", "_half", "_head", "_head_size", "_reserved", "_tail", "_tail_size", "size")

    def __init__(self, limit: int, budget: Budget | None = None) -> None:
        """With a budget, the text reserves there what it may become, until it ends."""
        if budget is not None:
            limit = budget.take(limit, limits.LEAST_TEXT)
        self._budget: Final = budget
        self._reserved = limit
        self._half: Final = limit // 2
        self._head: Final[list[str]] = []
        self._head_size = 0
        self._tail: deque[str] | None = None
        """Most texts fit into the head."""
        self._tail_size = 0
        self.size = 0
        """Characters that arrived."""

    def add(self, piece: str) -> None:
        """Take the next piece."""
        size = len(piece)
        self.size += size
        room = self._half - self._head_size
        if size <= room:
            self._head.append(piece)
            self._head_size += size
            return
        if room > 0:
            self._head.append(piece[:room])
            self._head_size += len(self._head[-1])
            piece = piece[room:]
        if piece:
            if self._tail is None:
                self._tail = deque()
            self._tail.append(piece)
            self._tail_size += len(piece)
            while self._tail_size - len(self._tail[0]) >= self._half:
                self._tail_size -= len(self._tail.popleft())

    @property
    def cut(self) -> int:
        """Characters that will be missing from the text."""
        return max(0, self.size - 2 * self._half)

    def end(self) -> None:
        """Nothing will be added any more: what is not needed goes back to the budget."""
        self._give(self._reserved - min(self.size, self._reserved))

    def drop(self) -> None:
        """Forget the text."""
        self._head.clear()
        self._tail = None
        self._give(self._reserved)

    def _give(self, size: int) -> None:
        self._reserved -= size
        if self._budget is not None:
            self._budget.give(size)

    def text(self) -> str:
        """What was kept, with a line in the middle that says how much is missing."""
        head = "".join(self._head)
        if self._tail is None:
            return head
        tail = "".join(self._tail)
        if not self.cut:
            return head + tail
        return f"{head}\n[... {self.cut} characters cut ...]\n{tail[-self._half :]}"


def shortened(text: str, limit: int, cut: Cut) -> str:
    """The text, or its beginning when it is longer than the limit."""
    if len(text) <= limit:
        return text
    cut(len(text) - limit)
    return text[:limit]
