"""Results of tools that write a file for each: put together when all files are read.

``LateResults`` keeps the rows in a file and an index of them in memory, 36 bytes for a result and 12 more while they
are put in order. Results with the same key are attempts of one; the containers around them become one tree,
sorted by path.
"""

import hashlib
import marshal
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from report_processor.events import Row
from report_processor.retries import joined

MAX: Final = 50_000
"""Results in the index. When there are more, they are put together in portions of so many."""
_PATHS: Final = 4_000_000
"""Bytes that their paths may take, about. Then a portion has fewer results."""
_PARTS: Final = 64
"""Lists that are sorted one by one: what Python holds while it sorts a list is many times the index."""

Titles = tuple[tuple[str, str], ...]


class LateResults:
    """The results of this kind, from all files so far."""

    def __init__(self, folder: Path) -> None:
        """``folder`` takes the file."""
        self._path: Final = folder / "late"
        self._spill: IO[bytes] | None = None
        self._paths: dict[Titles, int] = {}
        self._size = 0
        """Bytes that the paths take, about."""
        # Of each result: its key in two halves, its order among those with the same key, its place and path.
        self._high: Final = array("Q")
        self._low: Final = array("Q")
        self._orders: Final = array("d")
        self._offsets: Final = array("Q")
        self._numbers: Final = array("I")

    def add(  # noqa: PLR0917  # mirrors the event
        self, file: int, name: str, path: Sequence[Sequence[str]], key: str, order: float, row: Row
    ) -> None:
        """A result in the file ``name``, which has the number ``file``."""
        if self._spill is None:
            self._spill = self._path.open("w+b")
        offset = self._spill.seek(0, 2)
        kept: Any = (file, name, row)
        marshal.dump(kept, self._spill)
        titles: Titles = tuple((title, classification) for title, classification in path)
        number = self._paths.get(titles)
        if number is None:
            number = self._paths[titles] = len(self._paths)
            self._size += sum(200 + len(title) + len(classification) for title, classification in titles)
        digest = hashlib.sha1(key.encode(errors="replace"), usedforsecurity=False).digest()
        self._high.append(int.from_bytes(digest[:8]))
        self._low.append(int.from_bytes(digest[8:16]))
        self._orders.append(order)
        self._offsets.append(offset)
        self._numbers.append(number)

    @property
    def full(self) -> bool:
        """Whether it is time to take them."""
        return len(self._offsets) >= MAX or self._size >= _PATHS

    def take(self) -> Iterator[tuple[Titles, int, str, Row]]:
        """Path, number and name of the file, and row of each result; sorted by path, then in order."""
        spill = self._spill
        if spill is None:
            return
        paths = list(self._paths)
        attempts, starts = self._in_order()
        for start in starts:
            file, name, row = self._read(spill, attempts[start])
            last = start
            while last + 1 < len(attempts) and self._same(attempts[last], attempts[last + 1]):
                last += 1
                file, name, again = self._read(spill, attempts[last])
                row = joined(row, again)
            yield paths[self._numbers[attempts[last]]], file, name, row
        spill.close()
        self._path.unlink()
        self._spill = None
        self._paths.clear()
        self._size = 0
        for column in (self._high, self._low, self._orders, self._offsets, self._numbers):
            del column[:]

    def _in_order(self) -> tuple["array[int]", "array[int]"]:
        """The results with those of one key together, in order; and where each key begins, sorted by path."""
        attempts, high, low, orders = array("I"), self._high, self._low, self._orders
        for part in _parted(len(high), lambda index: high[index] * _PARTS >> 64):
            attempts.extend(sorted(part, key=lambda index: (high[index], low[index], orders[index])))
        starts, lasts = array("I"), array("I")  # places in ``attempts``, and the paths of the last ones
        for at, index in enumerate(attempts):
            if not at or not self._same(attempts[at - 1], index):
                starts.append(at)
                lasts.append(0)
            lasts[-1] = self._numbers[index]
        ranks = array("I", bytes(4 * len(self._paths)))
        for rank, path in enumerate(sorted(self._paths)):
            ranks[self._paths[path]] = rank

        def in_report(key: int) -> tuple[int, float, int]:
            first = attempts[starts[key]]
            return ranks[lasts[key]], orders[first], first

        keys = array("I")
        for part in _parted(len(starts), lambda key: ranks[lasts[key]] * _PARTS // len(ranks)):
            keys.extend(sorted(part, key=in_report))
        return attempts, array("I", (starts[key] for key in keys))

    def _same(self, one: int, other: int) -> bool:
        return self._high[one] == self._high[other] and self._low[one] == self._low[other]

    def _read(self, spill: IO[bytes], index: int) -> tuple[int, str, Row]:
        spill.seek(self._offsets[index])
        found: tuple[int, str, Row] = marshal.load(spill)  # noqa: S302  # written above
        return found


def _parted(count: int, part_of: Callable[[int], int]) -> Iterator["array[int]"]:
    """The numbers below ``count``, those of the first part first."""
    parts = [array("I") for _ in range(_PARTS)]
    for number in range(count):
        parts[part_of(number)].append(number)
    yield from parts
