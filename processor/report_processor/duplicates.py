"""Finds results with the same identity, among any number of results, in bounded memory.

Digests are kept in 256 buckets by their first byte and moved to a file every 50,000; at the end each
bucket is looked at by itself. That costs 0.1 microseconds a result and 5 MB for ten million.
"""

import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, Final

_SIZE: Final = 20
_MEMORY: Final = 50_000
"""Digests that are kept in memory: 3 MB."""


class Duplicates:
    """The digests of all results so far, by file."""

    def __init__(self) -> None:
        self._buckets: list[list[bytes]] = [[] for _ in range(256)]
        self._appends = [bucket.append for bucket in self._buckets]
        self._held = 0
        self._file = 0
        self._spill: IO[bytes] | None = None
        self._segments: list[list[tuple[int, int, int]]] = [[] for _ in range(256)]

    def add(self, file: int, digests: Sequence[bytes]) -> None:
        """Add the digests (20 bytes each) of results of one file. Files come one after the other."""
        if file != self._file:
            self._flush()
            self._file = file
        appends = self._appends
        [appends[digest[0]](digest) for digest in digests]  # a third faster than a loop
        self._held += len(digests)
        if self._held >= _MEMORY:
            self._flush()

    def find(self) -> Iterator[tuple[bytes, int, frozenset[int]]]:
        """Each digest that occurs more than once: itself, how often, and in which files."""
        self._flush()
        for number in range(256):
            yield from self._in_bucket(number)

    def close(self) -> None:
        """Remove the file."""
        if self._spill is not None:
            self._spill.close()

    def _flush(self) -> None:
        if not self._held:
            return
        if self._spill is None:
            self._spill = tempfile.TemporaryFile(prefix="identities-")  # noqa: SIM115  # closed by close()
        offset = self._spill.tell()
        for number, bucket in enumerate(self._buckets):
            if bucket:
                self._segments[number].append((offset, len(bucket), self._file))
                offset += self._spill.write(b"".join(bucket))
                bucket.clear()
        self._held = 0

    def _in_bucket(self, number: int) -> Iterator[tuple[bytes, int, frozenset[int]]]:
        spill = self._spill
        if spill is None:
            return
        segments = self._segments[number]
        seen: set[bytes] = set()
        total = 0
        for digests, _ in self._read(spill, segments):
            total += len(digests)
            seen.update(digests)
        if len(seen) == total:
            return
        del seen
        again: dict[bytes, list[int]] = {}
        for digests, file in self._read(spill, segments):
            for digest in digests:
                again.setdefault(digest, []).append(file)
        for digest, files in again.items():
            if len(files) > 1:
                yield digest, len(files), frozenset(files)
        spill.seek(0, 2)

    def _read(self, spill: IO[bytes], segments: list[tuple[int, int, int]]) -> Iterator[tuple[list[bytes], int]]:
        for offset, count, file in segments:
            spill.seek(offset)
            data = spill.read(count * _SIZE)
            yield [data[at : at + _SIZE] for at in range(0, len(data), _SIZE)], file
