"""``merge_containers``: sibling containers with equal title, classification and description become one.

The compatible API defines it so, recursively: what is in the merged ones is merged, too. A container is
known by its parent's number, which is already that of the merged one. The description is the one that a
tool gives a container before its content (a feature's, not captured output).
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from report_processor.batch import ContainerRow

_MAX: Final = 20_000
"""Containers that are remembered. Later ones stay apart."""
_TEXT: Final = 8_000_000
"""Characters of their descriptions together."""


class Merging:
    """The containers that others may be merged into."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._rows: dict[int, ContainerRow] = {}
        self._text = 0
        self.left_out = 0
        """Containers that were not remembered."""

    def find(self, parent: int, title: str, classification: str, description: str) -> int | None:
        """The number of the container that this one is part of."""
        return self._numbers.get(_key(parent, title, classification, description))

    def remember(self, number: int, parent: int, title: str, classification: str, description: str) -> None:
        """A new container."""
        if len(self._numbers) < _MAX:
            self._numbers[_key(parent, title, classification, description)] = number
        else:
            self.left_out += 1

    def ended(self, row: ContainerRow) -> ContainerRow | None:
        """A container, or part of one, has ended: what it comes to so far; None when it is not remembered."""
        number = row[0]
        if number not in self._rows:
            if len(self._rows) >= _MAX:
                return None
            self._rows[number] = row
            self._text += len(row[6])
            return row
        first = self._rows[number]
        description = first[6]
        if row[6] and row[6] != first[6] and self._text < _TEXT:
            description = f"{description}\n{row[6]}" if description else row[6]
            self._text += len(row[6])
        counts = [one + other for one, other in zip(first[8], row[8], strict=True)]
        duration = row[9] if first[9] is None else first[9] + (row[9] or 0.0)
        labels = [*first[7], *(label for label in row[7] if label not in first[7])]
        self._rows[number] = (*first[:6], description, labels, counts, duration)
        return self._rows[number]

    def rows(self) -> Iterator[ContainerRow]:
        """All of them, in the order of the report."""
        yield from (self._rows[number] for number in sorted(self._rows))


def _key(parent: int, title: str, classification: str, description: str) -> bytes:
    text = f"{parent}:{len(title)}:{len(classification)}:{title}{classification}{description}"
    return hashlib.sha1(text.encode(errors="replace"), usedforsecurity=False).digest()
