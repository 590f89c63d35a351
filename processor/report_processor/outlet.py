"""Results that are settled, on their way to the sink: in batches, their assets found.

A result that names a file which has not come yet (in an archive it may follow) waits in a file until
all files are read.
"""

import marshal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Final, Protocol

from report_processor.attachments import Attachments
from report_processor.batch import Batch, ContainerRow
from report_processor.events import BROKEN, FAILED, Column, Details, Row
from report_processor.heads import Heads

_BATCH_ROWS: Final = 2_048
_BATCH_TEXT: Final = 500_000
"""Characters of long texts: four times as many take no less time, and 4 MiB more."""
_BAD: Final = frozenset({FAILED, BROKEN})

Place = tuple[str, int, str]
"""File, number of the container, titles of the containers."""


class Sink(Protocol):
    """Where the report goes."""

    def results(self, batch: Batch) -> None:
        """Results. The batch is not used afterwards."""
        ...

    def containers(self, rows: list[ContainerRow]) -> None:
        """Containers that have ended; those inside come before those around them."""
        ...

    def close(self) -> None:
        """Everything was handed over."""
        ...

    def titles_of(self, history_hashes: set[str]) -> dict[str, tuple[str, int]]:
        """After ``close``: title and line of results, by identity, as far as known."""
        ...


class Outlet:
    """Holds one batch of each kind."""

    def __init__(
        self, sink: Sink, folder: Path, heads: Heads, missing: Callable[[int, str, int], None], *, bad_apart: bool
    ) -> None:
        """``missing`` is told number of the file, name of the asset, and line of a result whose asset is not there.

        ``bad_apart``: batches hold either failed and broken results or others, else all.
        """
        self._sink: Final = sink
        self._heads: Final = heads
        self._missing: Final = missing
        self._bad_apart: Final = bad_apart
        self._path: Final = folder / "waiting"
        self._waiting: IO[bytes] | None = None
        self.attachments: Final = Attachments()
        self._good = Batch()
        self._bad = Batch()
        self._ended: list[ContainerRow] = []
        self._ended_text = 0

    def columns(  # noqa: PLR0917  # called for every run of results
        self,
        place: Place,
        first: int,
        lines: Sequence[int],
        titles: list[str],
        classifications: Column,
        durations: list[float | None],
        digests: list[bytes],
        label_names: list[str],
        label_values: list[Column],
    ) -> None:
        """Many results that passed, numbers from ``first`` on."""
        good = self._good
        good.move_to(*place)
        good.extend(first, lines, titles, classifications, durations, digests, label_names, label_values)

    def result(self, place: Place, file: int, number: int, digest: bytes, row: Row) -> None:
        """One result. ``file`` is the number of its file."""
        details = row[5]
        assets: Sequence[tuple[str, str]] = ()
        if details is not None and details[7]:
            # What an archive holds behind a report may fit better than what is there already.
            find = self.attachments.beside if "!" in place[0] else self.attachments.find
            found = [(name, find(name, place[0])) for name in details[7]]
            if any(key is None for _, key in found):
                self._wait(place, file, number, digest, row)
                return
            assets = [(name, key or "") for name, key in found]
        self._out(place, number, digest, row, assets)

    def container(self, row: ContainerRow) -> None:
        """A container has ended."""
        self._ended.append(row)
        self._ended_text += len(row[6]) + sum(len(name) + len(value) for name, value in row[7])

    def flush(self, times: int = 1) -> None:
        """Hand over what is large enough: batches of the usual size, or of so many times that."""
        rows, text = times * _BATCH_ROWS, times * _BATCH_TEXT
        if len(self._bad) >= rows or self._bad.text >= text:
            self._sink.results(self._bad)
            self._bad = Batch()
        if len(self._good) >= rows or self._good.text >= text:
            self._sink.results(self._good)
            self._good = Batch()
        if len(self._ended) >= rows or self._ended_text >= text:
            self._sink.containers(self._ended)
            self._ended = []
            self._ended_text = 0

    def finish(self) -> None:
        """All files are read: hand over everything."""
        self._release()
        for batch in (self._bad, self._good):
            if len(batch):
                self._sink.results(batch)
        if self._ended:
            self._sink.containers(self._ended)
        self._good, self._bad, self._ended = Batch(), Batch(), []
        self._sink.close()

    def _out(self, place: Place, number: int, digest: bytes, row: Row, assets: Sequence[tuple[str, str]]) -> None:
        title, classification, status, duration, line, details = row
        bad = status in _BAD
        batch = self._bad if bad and self._bad_apart else self._good
        batch.move_to(*place)
        batch.append(number, line, title, classification, status, duration, digest, details, assets)
        if bad and self._heads.wants_failures:
            head = (number, place[1], place[2], place[0], line, title, classification, status, duration)
            self._heads.failure(head, details, assets)

    def _wait(self, *waiting: Any) -> None:
        if self._waiting is None:
            self._waiting = self._path.open("w+b")
        marshal.dump(waiting, self._waiting)

    def _release(self) -> None:
        waiting = self._waiting
        if waiting is None:
            return
        end = waiting.tell()
        waiting.seek(0)
        while waiting.tell() < end:
            place, file, number, digest, row = marshal.load(waiting)  # noqa: S302  # written above
            details: Details = row[5]
            assets = []
            for name in details[7]:
                key = self.attachments.find(name, place[0])
                if key is None:
                    self._missing(file, name, row[4])
                assets.append((name, key or ""))
            self._out(place, number, digest, row, assets)
            self.flush()
        waiting.close()
        self._waiting = None
        self._path.unlink()
