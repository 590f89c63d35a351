"""Events to the report: the tree of containers, the counts, the identity of results, the messages.

``Collector`` takes the events of one file after the other and hands batches of results and finished
containers to a ``Sink``. It holds the open containers, one batch, the heads of the lists that
``report.json`` shows, and counts; nothing that grows with the number of results.

Identity. ``history_hash`` of a result is SHA-1 over its container's digest, the length of its
classification, a colon, its classification and its title; a container's digest is made of its
parent's in the same way, and twenty zero bytes stand above the top. So it depends on the titles and
classifications from the top down, and on nothing else: not on outcome, order, file or machine.
The length makes the parts unambiguous. ``status_hash`` of the report is SHA-1 over the sums of the
history hashes by status, so that the order of the tests does not matter to it either.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from report_processor.attachments import Attachments
from report_processor.batch import Batch, ContainerRow
from report_processor.duplicates import Duplicates
from report_processor.events import (
    BROKEN,
    CLOSE,
    COLUMNS,
    DATE,
    FAILED,
    NOTE,
    OPEN,
    PASSED,
    ROWS,
    Column,
    Details,
    Event,
)
from report_processor.filelist import FileList, FileSummary, counts_of, rounded
from report_processor.heads import Heads
from report_processor.messages import Messages

_ROOT_DIGEST: Final = bytes(20)
_MAX_PATH: Final = 4_000
"""Characters of ``container_path``. The titles themselves are whole in ``containers.parquet``."""
_BATCH_ROWS: Final = 2_048
_BATCH_TEXT: Final = 2_000_000
_BAD: Final = frozenset({FAILED, BROKEN})
_SEPARATOR: Final = " > "

_sha1 = hashlib.sha1


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


class _Container:
    """A container that is open."""

    __slots__ = ("classification", "counts", "digest", "duration", "id", "line", "parent", "path", "timed", "title")

    def __init__(self, number: int, parent: "_Container | None", title: str, classification: str, line: int) -> None:
        self.id: Final = number
        self.parent: Final = parent
        self.title: Final = title
        self.classification: Final = classification
        self.line: Final = line
        self.counts = [0] * 6
        self.duration = 0.0
        self.timed = False
        if parent is None:
            self.digest = _ROOT_DIGEST
            self.path = ""
        else:
            self.digest = identity(parent.digest, title, classification)
            path = f"{parent.path}{_SEPARATOR}{title}" if parent.path else title
            self.path = path if len(path) <= _MAX_PATH else path[:_MAX_PATH]


def identity(parent: bytes, title: str, classification: str) -> bytes:
    """The digest of a container or result in a container of that digest."""
    return _sha1(parent + f"{len(classification)}:{classification}{title}".encode()).digest()


class Collector:
    """Makes the report."""

    def __init__(self, sink: Sink, folder: Path, *, bad_apart: bool = True) -> None:
        """``folder`` takes what does not fit into memory. ``bad_apart``: batches hold either failed and
        broken results or others, else all in order.
        """
        self._sink: Final = sink
        self._bad_apart: Final = bad_apart
        self._attachments: Final = Attachments()
        self._good = Batch()
        self._bad = Batch()
        self._ended: list[ContainerRow] = []
        self._ended_text = 0
        self._root = _Container(0, None, "", "", 0)
        self._open = self._root
        self._file = FileSummary(0, "", "", "")
        self._files: Final = FileList()
        self._next_result = 1
        self._next_container = 1
        self._flaky = 0
        self._outcomes = [0] * 6
        self._date: float | None = None
        self._duplicates: Final = Duplicates(folder)
        self._messages: Final = Messages()
        self._heads: Final = Heads()

    @property
    def tests(self) -> int:
        """Results so far."""
        return sum(self._root.counts) + self._pending(range(6))

    @property
    def failed(self) -> int:
        """Results so far that failed or broke."""
        return self._root.counts[FAILED] + self._root.counts[BROKEN] + self._pending((FAILED, BROKEN))

    def _pending(self, statuses: Sequence[int]) -> int:
        found, container = 0, self._open
        while container is not self._root and container.parent is not None:
            found += sum(container.counts[status] for status in statuses)
            container = container.parent
        return found

    # Files

    def begin_file(self, path: str, format_key: str, evidence: str) -> None:
        """A file begins. Files do not overlap."""
        self._file = self._files.begin(path, format_key, evidence)

    def end_file(self, verdict: str, warn_empty: bool = True) -> None:
        """The file that began last ends."""
        while self._open is not self._root:
            self._close("", ())
        file = self._file
        if warn_empty and verdict == "parsed" and not sum(file.counts):
            file.messages.add("no_tests", "")
        self._files.end(file, verdict)

    def attachment(self, name: str, key: str) -> None:
        """A file beside the reports, and its object key: results that name it will be linked to it."""
        self._attachments.add(name, key)

    def note(self, code: str, text: str, line: int = 0, column: int = 0) -> None:
        """A message about the current file."""
        self._file.messages.add(code, text, line, column)

    def note_import(self, code: str, text: str) -> None:
        """A message about the import as a whole."""
        self._messages.add(code, text)

    def feed(self, events: list[Event]) -> None:
        """The next events of the current file."""
        for event in events:
            kind = event[0]
            if kind == COLUMNS:
                self._columns(*event[1:])
            elif kind == ROWS:
                self._rows(event[1])
            elif kind == OPEN:
                self._open_container(event[1], event[2], event[3])
            elif kind == CLOSE:
                self._close(event[1], event[2])
            elif kind == NOTE:
                _, code, line, column, text, count = event
                self._file.messages.add(code, text, line, column, count)
            elif kind == DATE:
                self._date = event[1] if self._date is None else min(self._date, event[1])
        self._flush(_BATCH_ROWS, _BATCH_TEXT)

    # Containers

    def _open_container(self, title: str, classification: str, line: int) -> None:
        container = _Container(self._next_container, self._open, title, classification, line)
        self._next_container += 1
        self._file.containers += 1
        self._open = container
        parent = container.parent
        self._heads.open_container(container.id, parent.id if parent else 0, title, classification)

    def _close(self, description: str, labels: Sequence[tuple[str, str]]) -> None:
        container = self._open
        parent = container.parent
        if parent is None:
            return
        counts = container.counts
        for status, count in enumerate(counts):
            if count:
                parent.counts[status] += count
        if container.timed:
            parent.duration += container.duration
            parent.timed = True
        duration = rounded(container.duration) if container.timed else None
        self._ended.append(
            (
                container.id,
                parent.id,
                self._file.path,
                container.line,
                container.title,
                container.classification,
                description,
                labels,
                counts,
                duration,
            )
        )
        self._ended_text += len(description) + sum(len(name) + len(value) for name, value in labels)
        self._heads.close_container(container.id, description, counts, duration)
        self._open = parent

    # Results

    def _columns(  # noqa: PLR0917  # unpacks an event
        self,
        titles: list[str],
        classifications: Column,
        durations: list[float | None] | list[str],
        line: int,
        step: int,
        label_names: list[str],
        label_values: list[Column],
    ) -> None:
        container, count = self._open, len(titles)
        prefix = container.digest
        if isinstance(classifications, str):
            prefix += f"{len(classifications)}:{classifications}".encode()
            digests = [_sha1(prefix + title.encode()).digest() for title in titles]
        else:
            digests = [
                _sha1(prefix + f"{len(kind)}:{kind}{title}".encode()).digest()
                for title, kind in zip(titles, classifications, strict=True)
            ]
        self._outcomes[PASSED] += sum(map(int.from_bytes, digests))
        lines = range(line, line + step * count, step) if step else [line] * count
        good = self._good
        good.move_to(self._file.path, container.id, container.path)
        times: list[float | None] = _numbers(durations)
        good.extend(self._next_result, lines, titles, classifications, times, digests, label_names, label_values)
        self._counted(container, PASSED, count, times)
        self._next_result += count
        self._file.attempts += count
        self._duplicates.add(self._file.index, digests)

    def _rows(self, rows: list[tuple[str, str, int, float | None, int, Details | None]]) -> None:
        container = self._open
        prefix, path, number = container.digest, container.path, container.id
        file, outcomes, counts = self._file, self._outcomes, container.counts
        digests = []
        for batch in (self._good, self._bad):
            batch.move_to(file.path, number, path)
        for title, classification, status, duration, line, details in rows:
            digest = _sha1(prefix + f"{len(classification)}:{classification}{title}".encode()).digest()
            digests.append(digest)
            outcomes[status] += int.from_bytes(digest)
            counts[status] += 1
            file.counts[status] += 1
            if duration is not None:
                container.duration += duration
                container.timed = True
                file.duration += duration
                file.timed = True
            bad = status in _BAD
            batch = self._bad if bad and self._bad_apart else self._good
            assets = self._assets(details, line) if details is not None and details[7] else ()
            batch.append(self._next_result, line, title, classification, status, duration, digest, details, assets)
            if bad and self._heads.wants_failures:
                row = (self._next_result, number, path, file.path, line, title, classification, status, duration)
                self._heads.failure(row, details, assets)
            attempts = len(details[5]) if details is not None else 0
            file.attempts += attempts or 1
            self._flaky += details is not None and details[4]
            self._next_result += 1
        self._duplicates.add(file.index, digests)

    def _counted(self, container: _Container, status: int, count: int, durations: list[float | None]) -> None:
        container.counts[status] += count
        file = self._file
        file.counts[status] += count
        known = [duration for duration in durations if duration is not None] if None in durations else durations
        if known:
            total = sum(known)  # type: ignore[arg-type]  # there is no None in it
            container.duration += total
            container.timed = True
            file.duration += total
            file.timed = True

    def _assets(self, details: Details, line: int) -> list[tuple[str, str]]:
        found = []
        for name in details[7]:
            key = self._attachments.find(name)
            if key is None:
                self._file.messages.add("attachment_not_found", name[:300], line)
            found.append((name, key or ""))
        return found

    # The end

    def _flush(self, rows: int, text: int) -> None:
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

    def finish(self) -> dict[str, Any]:
        """The end of the report: hands over what is left and returns the head of ``report.json``."""
        for batch in (self._bad, self._good):
            if len(batch):
                self._sink.results(batch)
        if self._ended:
            self._sink.containers(self._ended)
        self._good, self._bad, self._ended = Batch(), Batch(), []
        self._sink.close()
        self._find_duplicates()
        self._duplicates.close()
        root = self._root
        files = self._files
        if files.not_shown:
            self._messages.add("files_not_shown", f"{files.not_shown} of {files.count}")
        notes = [*self._messages.notes(), *(note for file in files for note in file.messages.notes())]
        return {
            "counts": counts_of(root.counts),
            "duration": rounded(root.duration) if root.timed else None,
            "status_hash": _status_hash(root.counts, self._outcomes),
            "date": self._date,
            "container_count": self._next_container - 1,
            "attempt_count": files.attempts,
            "flaky_count": self._flaky,
            "file_count": files.count,
            "verdicts": dict(files.verdicts),
            "formats": files.formats,
            "files": [file.plain() for file in files],
            "messages": notes,
            "message_count": len(notes) + files.dropped_messages,
            **self._heads.plain(),
        }

    def _find_duplicates(self) -> None:
        by_index = {file.index: file for file in self._files}
        totals: dict[int, int] = {}
        examples: dict[int, bytes] = {}
        for digest, count, owner in self._duplicates.find():
            totals[owner] = totals.get(owner, 0) + count
            examples.setdefault(owner, digest)
        if not totals:
            return
        titles = self._sink.titles_of({digest.hex() for digest in examples.values()})
        for owner, count in totals.items():
            title, line = titles.get(examples[owner].hex(), ("", 0))
            text = f"{count} results, one of them is {title[:200]}" if title else f"{count} results"
            file = by_index.get(owner)
            if file is not None:
                file.messages.add("duplicate_names", text, line, 0, count)
            else:
                self._messages.add("duplicate_names", f"{text}, in several files" if not owner else text, 0, 0, count)


def _numbers(durations: list[float | None] | list[str]) -> list[float | None]:
    if isinstance(durations[0], str):
        return list(map(float, durations))
    return durations


def _status_hash(counts: Sequence[int], outcomes: Sequence[int]) -> str:
    lines = "\n".join(f"{count} {total % (1 << 160):040x}" for count, total in zip(counts, outcomes, strict=True))
    return _sha1(lines.encode()).hexdigest()


def history_hash_of_profile(profile: str) -> str:
    """The history hash of a report: reports of one profile share a line of history."""
    return _sha1(profile.encode()).hexdigest()
