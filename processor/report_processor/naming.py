"""Containers whose names stand behind their content get them before it.

JSON tools write the members of an object in any order, often by alphabet: ``elements`` before
``name``. What stands in such a container is put aside, past a megabyte into a file, until its name is
known; then it is as if the name had come first. The names of the containers inside it go the same way.
"""

import marshal
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from report_processor.events import CLOSE, NAME, OPEN, Event

_MEMORY: Final = 1_000_000
"""Bytes that are put aside in memory, and bytes of names."""
_LENGTH: Final = 4

_Name = tuple[str, str, str]
_NO_NAME: Final[_Name] = ("", "", "")


class Naming:
    """Events in, the same events out, each OPEN with its title."""

    def __init__(self, folder: Path) -> None:
        """``folder`` takes the file."""
        self._path: Final = folder / "unnamed"
        self._names: Final = _Names(folder / "names")
        self._open: list[int] = []
        """Numbers of the containers that are open since the outermost unnamed one; those that have a name are -1."""
        self._next = 0
        self._aside = bytearray()
        self._spill: IO[bytes] | None = None

    def named(self, events: list[Event]) -> Iterator[Event]:
        """The events that need not wait any more."""
        for event in events:
            if self._open:
                yield from self._put_aside(event)
            elif event[0] == OPEN and event[1] is None:
                self._begin(event)
            else:
                yield event

    def end(self) -> Iterator[Event]:
        """The file ends: what still has no name gets none."""
        if self._open:
            yield from self._released()

    def close(self) -> None:
        """Remove the file."""
        if self._spill is not None:
            self._spill.close()
            self._path.unlink(missing_ok=True)
            self._spill = None
        self._names.clear()

    def _begin(self, event: Event) -> None:
        self._open.append(self._next)
        self._keep((OPEN, self._next, *event[2:]))
        self._next += 1

    def _put_aside(self, event: Event) -> Iterator[Event]:
        kind = event[0]
        if kind == NAME:
            if self._open[-1] >= 0:
                self._names.put(self._open[-1], event[1:])
            if len(self._open) == 1:
                yield from self._released()
        elif kind == OPEN and event[1] is None:
            self._begin(event)
        else:
            self._keep(event)
            if kind == OPEN:
                self._open.append(-1)
            elif kind == CLOSE:
                self._open.pop()
                if not self._open:
                    yield from self._released()

    def _keep(self, event: Event) -> None:
        data = marshal.dumps(event)
        self._aside += len(data).to_bytes(_LENGTH)
        self._aside += data
        if len(self._aside) > _MEMORY:
            if self._spill is None:
                self._spill = self._path.open("w+b")
            self._spill.write(self._aside)
            self._aside.clear()

    def _released(self) -> Iterator[Event]:
        self._open, self._next = [], 0
        aside, self._aside = self._aside, bytearray()
        if self._spill is not None:
            spill, self._spill = self._spill, None
            spill.write(aside)
            spill.seek(0)
            while header := spill.read(_LENGTH):
                yield self._with_name(marshal.loads(spill.read(int.from_bytes(header))))  # noqa: S302  # our own
            spill.close()
            self._path.unlink(missing_ok=True)
        else:
            at = 0
            while at < len(aside):
                stop = at + _LENGTH + int.from_bytes(aside[at : at + _LENGTH])
                yield self._with_name(marshal.loads(memoryview(aside)[at + _LENGTH : stop]))  # noqa: S302
                at = stop
        self._names.clear()

    def _with_name(self, event: Event) -> Event:
        if event[0] == OPEN and isinstance(event[1], int):
            title, classification, description = self._names.get(event[1])
            return (OPEN, title, classification, event[3], description)
        return event


class _Names:
    """Names by number. In memory are eight bytes of each, and the last ones."""

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self._places: Final = array("Q")
        """Of each number: where its name begins, counted from 1; 0 when it has none."""
        self._moved = 0
        """Bytes that are in the file."""
        self._last: Final = bytearray()
        self._spill: IO[bytes] | None = None

    def put(self, number: int, name: _Name) -> None:
        """What comes later replaces what was there."""
        missing = number + 1 - len(self._places)
        if missing > 0:
            self._places.extend([0] * missing)
        self._places[number] = self._moved + len(self._last) + 1
        self._last.extend(marshal.dumps(name))
        if len(self._last) > _MEMORY:
            if self._spill is None:
                self._spill = self._path.open("w+b")
            self._spill.seek(self._moved)
            self._moved += self._spill.write(self._last)
            self._last.clear()

    def get(self, number: int) -> _Name:
        """The name, empty when there is none."""
        place = self._places[number] - 1 if number < len(self._places) else -1
        if place < 0:
            return _NO_NAME
        name: _Name
        if self._spill is None or place >= self._moved:
            name = marshal.loads(memoryview(self._last)[place - self._moved :])  # noqa: S302  # our own
        else:
            self._spill.seek(place)
            name = marshal.load(self._spill)  # noqa: S302
        return name

    def clear(self) -> None:
        """Forget all, remove the file."""
        del self._places[:]
        self._last.clear()
        self._moved = 0
        if self._spill is not None:
            self._spill.close()
            self._path.unlink(missing_ok=True)
            self._spill = None
