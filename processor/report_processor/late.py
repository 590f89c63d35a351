"""Results of tools that write a file for each: put together when all files are read.

``LateResults`` keeps the rows in a file and an index of them in memory, 200 bytes for a result. Results
with the same key are attempts of one; the containers around them become one tree, sorted by path.
"""

import hashlib
import marshal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from report_processor.events import Row
from report_processor.retries import joined

MAX: Final = 200_000
"""Results in the index. When there are more, they are put together in portions of so many."""

Titles = tuple[tuple[str, str], ...]
_Place = tuple[float, int, int]
"""Order, offset, number of the path."""


class LateResults:
    """The results of this kind, from all files so far."""

    def __init__(self, folder: Path) -> None:
        """``folder`` takes the file."""
        self._path: Final = folder / "late"
        self._spill: IO[bytes] | None = None
        self._places: dict[bytes, list[_Place]] = {}
        self._paths: dict[Titles, int] = {}
        self._count = 0

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
        self._places.setdefault(digest, []).append((order, offset, number))
        self._count += 1

    @property
    def full(self) -> bool:
        """Whether it is time to take them."""
        return self._count >= MAX

    def take(self) -> Iterator[tuple[Titles, int, str, Row]]:
        """Path, number and name of the file, and row of each result; sorted by path, then in order."""
        spill = self._spill
        if spill is None:
            return
        paths = list(self._paths)
        groups = [sorted(places) for places in self._places.values()]
        groups.sort(key=lambda places: (paths[places[-1][2]], places[0]))
        for places in groups:
            file, name, row = self._read(spill, places[0])
            for place in places[1:]:
                file, name, again = self._read(spill, place)
                row = joined(row, again)
            yield paths[places[-1][2]], file, name, row
        spill.close()
        self._path.unlink()
        self._spill = None
        self._places.clear()
        self._paths.clear()
        self._count = 0

    def _read(self, spill: IO[bytes], place: _Place) -> tuple[int, str, Row]:
        spill.seek(place[1])
        found: tuple[int, str, Row] = marshal.load(spill)  # noqa: S302  # written above
        return found
