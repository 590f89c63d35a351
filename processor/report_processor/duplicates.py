"""Finds results with the same identity, among any number of results, in bounded memory.

Digests go into 256 buckets by their first byte, which are moved to a file every 32,768 digests; at
the end each bucket is looked at by itself. That costs 0.1 microseconds a result, and for ten million
results 6 MB. The buckets are byte strings, not lists: small objects that live long between many that
do not would keep the heap from shrinking.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

_SIZE: Final = 20
_BUCKETS: Final = 256
_MEMORY: Final = 32_768
"""Digests that are kept in memory."""


class Duplicates:
    """The digests of all results so far, by file."""

    def __init__(self, folder: Path) -> None:
        """``folder`` takes the file."""
        self._path: Final = folder / "identities"
        self._buckets: Final = [bytearray() for _ in range(_BUCKETS)]
        self._extends: Final = [bucket.extend for bucket in self._buckets]
        self._held = 0
        self._file = 0
        self._spill: IO[bytes] | None = None
        self._segments: Final[list[tuple[int, array[int]]]] = []
        """For each move: the file, and where in the spill each bucket begins and the last one ends."""

    def add(self, file: int, digests: Sequence[bytes]) -> None:
        """Add the digests (20 bytes each) of results of one file. Files come one after the other."""
        if file != self._file:
            self._flush()
            self._file = file
        while len(digests) >= (room := _MEMORY - self._held):  # so that ``holds`` does not depend on pieces
            self._keep(digests[:room])
            self._flush()
            digests = digests[room:]
        self._keep(digests)

    def holds(self, digest: bytes) -> bool:
        """Whether it is one of the current file's latest digests, those that are in memory."""
        return digest in self._buckets[digest[0]]

    def find(self) -> Iterator[tuple[bytes, int, int]]:
        """Each digest that occurs more than once: itself, how often, and in which file; 0 for several."""
        self._flush()
        if self._spill is not None:
            for number in range(_BUCKETS):
                yield from self._in_bucket(self._spill, number)

    def totals(self) -> dict[int, tuple[int, bytes]]:
        """By file, 0 for several: how many results share their identity with another one, and one such identity."""
        found: dict[int, tuple[int, bytes]] = {}
        for digest, count, owner in self.find():
            total, example = found.get(owner, (0, digest))
            found[owner] = (total + count, example)
        return found

    def close(self) -> None:
        """Remove the file."""
        if self._spill is not None:
            self._spill.close()

    def _keep(self, digests: Sequence[bytes]) -> None:
        extends = self._extends
        [extends[digest[0]](digest) for digest in digests]  # a third faster than a loop
        self._held += len(digests)

    def _flush(self) -> None:
        if not self._held:
            return
        if self._spill is None:
            self._spill = self._path.open("w+b")
        offset = self._spill.seek(0, 2)
        offsets = array("q", [offset])
        for bucket in self._buckets:
            offset += len(bucket)
            offsets.append(offset)
        self._spill.write(b"".join(self._buckets))
        for bucket in self._buckets:
            bucket.clear()
        self._segments.append((self._file, offsets))
        self._held = 0

    def _in_bucket(self, spill: IO[bytes], number: int) -> Iterator[tuple[bytes, int, int]]:
        seen: set[bytes] = set()
        total = 0
        for digests, _ in self._read(spill, number):
            total += len(digests)
            seen.update(digests)
        if len(seen) == total:
            return
        del seen
        counts: dict[bytes, int] = {}
        owners: dict[bytes, int] = {}
        for digests, file in self._read(spill, number):
            for digest, count in Counter(digests).items():
                counts[digest] = counts.get(digest, 0) + count
                if owners.setdefault(digest, file) != file:
                    owners[digest] = 0
        for digest, count in counts.items():
            if count > 1:
                yield digest, count, owners[digest]

    def _read(self, spill: IO[bytes], number: int) -> Iterator[tuple[list[bytes], int]]:
        for file, offsets in self._segments:
            spill.seek(offsets[number])
            data = spill.read(offsets[number + 1] - offsets[number])
            yield [data[at : at + _SIZE] for at in range(0, len(data), _SIZE)], file
