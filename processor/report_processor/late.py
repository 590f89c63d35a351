"""Results of tools that write a file for each: put together when all files are read.

``LateResults`` keeps the rows in a file and an index of them in memory, 36 bytes for a result and some more while they
are put in order. Results with the same key are attempts of one; the containers around them become one tree,
sorted by path.
"""

import hashlib
import marshal
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from report_processor.events import Row
from report_processor.retries import joined

MAX: Final = 50_000
"""Results in the index. When there are more, they are put together in portions of so many."""

Titles = tuple[tuple[str, str], ...]


class LateResults:
    """The results of this kind, from all files so far."""

    def __init__(self, folder: Path) -> None:
        """``folder`` takes the file."""
        self._path: Final = folder / "late"
        self._spill: IO[bytes] | None = None
        self._paths: dict[Titles, int] = {}
        # Of each result: its key in two halves, its order among those with the same key, its place and path.
        self._high: Final = array("Q")
        self._low: Final = array("Q")
        self._orders: Final = array("d")
        self._offsets: Final = array("Q")
        self._numbers: Final = array("Q")

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
        number = self._paths.setdefault(titles, len(self._paths))
        digest = hashlib.sha1(key.encode(errors="replace"), usedforsecurity=False).digest()
        self._high.append(int.from_bytes(digest[:8]))
        self._low.append(int.from_bytes(digest[8:16]))
        self._orders.append(order)
        self._offsets.append(offset)
        self._numbers.append(number)

    @property
    def full(self) -> bool:
        """Whether it is time to take them."""
        return len(self._offsets) >= MAX

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
        for column in (self._high, self._low, self._orders, self._offsets, self._numbers):
            del column[:]

    def _in_order(self) -> tuple[list[int], list[int]]:
        """The results with those of one key together, in order; and where each key begins, sorted by path.

        Sorted several times by one number, which takes a fraction of the memory that tuples take.
        """
        attempts = sorted(range(len(self._offsets)), key=self._orders.__getitem__)
        attempts.sort(key=self._low.__getitem__)
        attempts.sort(key=self._high.__getitem__)
        starts, lasts = array("Q"), array("Q")  # places in ``attempts``, and the paths of the last ones
        for at, index in enumerate(attempts):
            if not at or not self._same(attempts[at - 1], index):
                starts.append(at)
                lasts.append(0)
            lasts[-1] = self._numbers[index]
        ranks = array("Q", bytes(8 * len(self._paths)))
        for rank, path in enumerate(sorted(self._paths)):
            ranks[self._paths[path]] = rank
        keys = list(range(len(starts)))
        keys.sort(key=lambda key: self._offsets[attempts[starts[key]]])
        keys.sort(key=lambda key: self._orders[attempts[starts[key]]])
        keys.sort(key=lambda key: ranks[lasts[key]])
        return attempts, [starts[key] for key in keys]

    def _same(self, one: int, other: int) -> bool:
        return self._high[one] == self._high[other] and self._low[one] == self._low[other]

    def _read(self, spill: IO[bytes], index: int) -> tuple[int, str, Row]:
        spill.seek(self._offsets[index])
        found: tuple[int, str, Row] = marshal.load(spill)  # noqa: S302  # written above
        return found
