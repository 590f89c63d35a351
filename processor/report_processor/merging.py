"""``merge_containers``: sibling containers with equal title, classification and description become one.

The compatible API defines it so, recursively: what is in the merged ones is merged, too. A container is
known by its parent's number, which is already that of the merged one. The description is the one that a
tool gives a container before its content (a feature's, not captured output).
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from report_processor.batch import ContainerRow

_MAX: Final = 2_000
"""Containers that have ended and are remembered: those that ended last. What is like an earlier one stays apart."""
_TEXT: Final = 8_000_000
"""Characters of the descriptions and labels of all of them together."""


class Merging:
    """The containers that others may be merged into."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._keys: dict[int, bytes] = {}
        """The other way round."""
        self._rows: dict[int, ContainerRow] = {}
        """What those that have ended come to so far; the one that ended last is the last."""
        self._open_again: dict[int, ContainerRow] = {}
        self._text = 0
        self.left_out = 0
        """Containers that are not remembered, or not any more."""
        self.cut = 0
        """Characters of descriptions and labels for which there was no room in a merged one."""

    def find(self, parent: int, title: str, classification: str, description: str) -> int | None:
        """The number of the container that this one is part of."""
        number = self._numbers.get(_key(parent, title, classification, description))
        if number in self._rows:
            self._open_again[number] = self._rows.pop(number)
        return number

    def remember(self, number: int, parent: int, title: str, classification: str, description: str) -> None:
        """A new container."""
        key = _key(parent, title, classification, description)
        self._numbers[key] = number
        self._keys[number] = key

    def ended(self, row: ContainerRow) -> ContainerRow | None:
        """A container, or part of one, has ended: what it comes to so far. None: it is on its own, nothing is kept."""
        number = row[0]
        if number not in self._keys:
            return None
        first = self._open_again.pop(number, None)
        if first is not None:
            row = self._together(first, row)
            self._text -= _size(first)
        elif self._text + _size(row) > _TEXT:
            del self._numbers[self._keys.pop(number)]
            self.left_out += 1
            return None
        self._rows[number] = row
        self._text += _size(row)
        return row

    def forgotten(self) -> Iterator[ContainerRow]:
        """Those that ended so long ago that they are complete now."""
        while len(self._rows) > _MAX:
            number = next(iter(self._rows))
            row = self._rows.pop(number)
            self._text -= _size(row)
            del self._numbers[self._keys.pop(number)]
            self.left_out += 1
            yield row

    def _together(self, first: ContainerRow, last: ContainerRow) -> ContainerRow:
        """Two parts of one container."""
        description, labels = first[6], first[7]
        more = last[6] if last[6] != description else ""
        new = [label for label in last[7] if label not in labels]
        size = len(more) + sum(len(name) + len(value) for name, value in new)
        if self._text + size > _TEXT:
            self.cut += size
            more, new = "", []
        if more:
            description = f"{description}\n{more}" if description else more
        counts = [one + other for one, other in zip(first[8], last[8], strict=True)]
        duration = last[9] if first[9] is None else first[9] + (last[9] or 0.0)
        return (*first[:6], description, [*labels, *new], counts, duration)

    def rows(self) -> Iterator[ContainerRow]:
        """All of them, in the order of the report."""
        rows = self._rows | self._open_again
        yield from (rows[number] for number in sorted(rows))


def _size(row: ContainerRow) -> int:
    return len(row[6]) + sum(len(name) + len(value) for name, value in row[7])


def _key(parent: int, title: str, classification: str, description: str) -> bytes:
    text = f"{parent}:{len(title)}:{len(classification)}:{title}{classification}{description}"
    return hashlib.sha1(text.encode(errors="replace"), usedforsecurity=False).digest()
