"""Events to the report: the tree of containers, the counts, the identity of results, the messages.

``Collector`` takes the events of one file after the other, gives containers and results their numbers and
identity, counts, and hands them to an ``Outlet``. It holds the open containers, the failures in them that
another run may join (``retries``), the heads of the lists that ``report.json`` shows, and counts; nothing
that grows with the number of results. What must wait (``naming``, ``late``) waits in files.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from report_processor import identity
from report_processor.batch import ContainerRow
from report_processor.columns import numbers, one_by_one
from report_processor.containers import Container
from report_processor.duplicates import Duplicates
from report_processor.events import (
    BROKEN,
    CLOSE,
    COLUMNS,
    DATE,
    FAILED,
    LATE,
    NOTE,
    OPEN,
    PASSED,
    ROWS,
    SYSTEM,
    Column,
    Event,
    Row,
)
from report_processor.filelist import MAX_FILES, FileList, FileSummary, counts_of, rounded
from report_processor.heads import Heads
from report_processor.late import LateResults
from report_processor.merging import Merging
from report_processor.messages import Messages
from report_processor.naming import Naming
from report_processor.outlet import Outlet, Place, Sink
from report_processor.retries import Held, HeldRow, Names, Room, joined

_BAD: Final = frozenset({FAILED, BROKEN})


class Collector:
    """Makes the report."""

    def __init__(self, sink: Sink, folder: Path, *, bad_apart: bool = True, files: int = MAX_FILES) -> None:
        """``folder`` takes what does not fit into memory. ``bad_apart``: batches hold either failed and
        broken results or others, else all. ``files``: so many are in the list of files, with their messages.
        """
        self._sink: Final = sink
        self._heads: Final = Heads()
        self._outlet: Final = Outlet(sink, folder, self._heads, self._missing_asset, bad_apart=bad_apart)
        self._root = Container(0, None)
        self._open = self._root
        self._file = FileSummary(0, "", "", "")
        self._owner = 0
        """Number of the file that new identities belong to; 0 when a result may be from several."""
        self._files: Final = FileList(files)
        self._naming: Final = Naming(folder)
        self._late: Final = LateResults(folder)
        self._merging: Final = Merging()
        self._room: Final = Room()
        self._merge = False
        self._rows_alike = False
        self._next_result = 1
        self._next_container = 1
        self._flaky = 0
        self._outcomes = [0] * 6
        self._date: float | None = None
        self._system: dict[str, str] = {}
        self._duplicates: Final = Duplicates(folder)
        self._messages: Final = Messages()

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

    def begin_file(
        self, path: str, format_key: str, evidence: str, merge: bool = False, rows_alike: bool = False
    ) -> None:
        """A file begins. Files do not overlap. ``merge``: its containers are merged with those that are equal.

        ``rows_alike``: see ``Format``.
        """
        self._file = self._files.begin(path, format_key, evidence)
        self._owner = self._file.index
        self._merge = merge
        self._rows_alike = rows_alike

    def end_file(self, verdict: str, warn_empty: bool = True) -> None:
        """The file that began last ends."""
        for event in self._naming.end():
            self._take(event)
            self._outlet.flush(2)
        self._close_all()
        file = self._file
        if warn_empty and verdict == "parsed" and not sum(file.counts) and not file.late:
            file.messages.add("no_tests", "")
        self._files.end(file, verdict)

    def attachment(self, name: str, key: str) -> None:
        """A file beside the reports, and its object key: results that name it will be linked to it."""
        self._outlet.attachments.add(name, key)

    def note(self, code: str, text: str, line: int = 0, column: int = 0) -> None:
        """A message about the current file."""
        self._file.messages.add(code, text, line, column)

    def note_import(self, code: str, text: str) -> None:
        """A message about the import as a whole."""
        self._messages.add(code, text)

    def feed(self, events: list[Event]) -> None:
        """The next events of the current file."""
        for event in self._naming.named(events):  # of which there are very many when a name is found at last
            self._take(event)
            self._outlet.flush(2)
        self._outlet.flush()

    def _take(self, event: Event) -> None:  # noqa: C901  # a table
        kind = event[0]
        if kind == COLUMNS:
            self._columns(*event[1:])
        elif kind == ROWS:
            self._rows(event[1])
        elif kind == OPEN:
            self._open_container(event[1], event[2], event[3], event[4])
        elif kind == CLOSE:
            self._close(event[1], event[2])
        elif kind == NOTE:
            _, code, line, column, text, count = event
            self._file.messages.add(code, text, line, column, count)
        elif kind == DATE:
            self._date = event[1] if self._date is None else min(self._date, event[1])
        elif kind == LATE:
            self._keep_late(*event[1:])
        elif kind == SYSTEM:
            for name, value in zip(("os", "platform", "build"), event[1:], strict=True):
                if value:
                    self._system.setdefault(name, value)

    # Containers

    def _open_container(self, title: str, classification: str, line: int, description: str) -> None:
        parent = self._open
        number = self._merging.find(parent.id, title, classification, description) if self._merge else None
        if number is None:
            number = self._next_container
            self._next_container += 1
            self._file.containers += 1
            self._heads.open_container(number, parent.id, title, classification)
            if self._merge:
                self._merging.remember(number, parent.id, title, classification, description)
        self._open = Container(number, parent, title, classification, line=line, description=description)

    def _close(self, description: str, labels: Sequence[tuple[str, str]]) -> None:
        container = self._open
        parent = container.parent
        if parent is None:
            return
        self._release(container)
        counts = container.counts
        for status, count in enumerate(counts):
            if count:
                parent.counts[status] += count
        if container.timed:
            parent.duration += container.duration
            parent.timed += container.timed
        told = container.description
        if description:
            told = f"{told}\n{description}" if told else description
        row: ContainerRow = (
            container.id,
            parent.id,
            self._file.path,
            container.line,
            container.title,
            container.classification,
            told,
            labels,
            counts,
            rounded(container.duration) if container.timed else None,
        )
        whole = self._merging.ended(row) if self._merge else None
        if whole is None:
            self._outlet.container(row)
        for complete in self._merging.forgotten():
            self._outlet.container(complete)
        self._heads.close_container(container.id, *(whole or row)[6::2][:2], (whole or row)[9])
        self._open = parent

    def _close_all(self) -> None:
        while self._open is not self._root:
            self._close("", ())
        self._release(self._root)

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
        digests = identity.of_results(container.digest, titles, classifications)
        lines = range(line, line + step * count, step) if step else [line] * count
        times: list[float | None] = numbers(durations)
        if container.held is not None and container.held.any_of(digests):
            self._rows(list(one_by_one(titles, classifications, times, lines, label_names, label_values)))
            return
        container.names.all_passed(digests)
        self._outcomes[PASSED] += sum(map(int.from_bytes, digests))
        place = (self._file.path, container.id, container.path)
        first = self._next_result
        self._outlet.columns(place, first, lines, titles, classifications, times, digests, label_names, label_values)
        self._counted(container, PASSED, count, times)
        self._next_result += count
        self._file.attempts += count
        self._duplicates.add(self._owner, digests)

    def _rows(self, rows: list[Row]) -> None:
        container, file = self._open, self._file
        names = container.names
        place = (file.path, container.id, container.path)
        digests: list[bytes] = []
        for row in rows:
            title, classification, status, _, _, details = row
            digest = identity.of_result(container.digest, title, classification)
            attempts = len(details[5]) if details is not None else 0
            file.attempts += attempts or 1
            self._count(container, row, digest, 1)
            number = self._next_result
            self._next_result += 1
            if container.held is not None:
                container.held.seen(digest)
                if status == PASSED and container.held.take((number, digest, row)):
                    self._duplicates.add(self._owner, digests)  # those of this batch, too
                    digests.clear()
                    names.interrupted()
                    names.shared = names.shared or self._duplicates.holds(digest)
                    continue
            if status == PASSED:
                names.passed(digest)
            else:
                names.interrupted()
            if status in _BAD and not (self._rows_alike and title[-1:] == ")"):
                if container.held is None:
                    container.held = self._holding(container, place, file.index)
                container.held.put((number, digest, row))
            else:
                digests.append(digest)
                self._outlet.result(place, file.index, number, digest, row)
        self._duplicates.add(self._owner, digests)

    def _holding(self, container: Container, place: Place, file: int) -> Held:
        def emit(runs: list[HeldRow]) -> None:
            number, digest, _ = runs[0]
            self._duplicates.add(self._owner, [digest])
            self._outlet.result(place, file, number, digest, self._one_result(container, runs))

        return Held(self._room, container.names, emit)

    def _one_result(self, container: Container, runs: Sequence[HeldRow]) -> Row:
        """The runs of a test, which were counted one by one, as one result that counts."""
        _, digest, row = runs[0]
        if len(runs) == 1:
            return row
        for _, _, run in runs:
            self._count(container, run, digest, -1)
        for _, _, run in runs[1:]:
            row = joined(row, run)
        self._count(container, row, digest, 1)
        return row

    def _release(self, container: Container) -> None:
        if container.held is not None:
            container.held.release()
            container.held = None
        container.names = Names()  # the report itself is open for one file after the other

    def _count(self, container: Container, row: Row, digest: bytes, sign: int) -> None:
        _, _, status, duration, _, details = row
        file = self._file
        self._outcomes[status] += sign * int.from_bytes(digest)
        container.counts[status] += sign
        file.counts[status] += sign
        if duration is not None:
            duration *= sign
            container.duration += duration
            container.timed += sign
            file.duration += duration
            file.timed += sign
        if details is not None and details[4]:
            self._flaky += sign

    def _counted(self, container: Container, status: int, count: int, durations: list[float | None]) -> None:
        container.counts[status] += count
        file = self._file
        file.counts[status] += count
        known = [duration for duration in durations if duration is not None] if None in durations else durations
        if known:
            total = sum(known)  # type: ignore[arg-type]  # there is no None in it
            container.duration += total
            container.timed += len(known)
            file.duration += total
            file.timed += len(known)

    def _missing_asset(self, index: int, name: str, line: int) -> None:
        file = self._files.find(index)
        messages = self._messages if file is None else file.messages
        messages.add("attachment_not_found", name[:300], line if file is not None else 0)

    # Results that are put together at the end

    def _keep_late(self, path: list[tuple[str, str]], key: str, order: float, row: Row) -> None:
        self._late.add(self._file.index, self._file.path, path, key, order, row)
        self._file.late += 1
        if self._late.full:
            current = self._file
            self._take_late()
            self._file, self._owner = current, current.index

    def _take_late(self) -> None:
        around, merge = self._open, self._merge
        self._open, self._owner = self._root, 0
        self._merge = True  # they come in portions
        opened: tuple[tuple[str, str], ...] = ()
        for path, index, name, row in self._late.take():
            self._file = self._files.find(index) or self._files.spare(index, name)
            same = 0
            while same < min(len(path), len(opened)) and path[same] == opened[same]:
                same += 1
            for _ in opened[same:]:
                self._close("", ())
            for title, classification in path[same:]:
                self._open_container(title, classification, 0, "")
            opened = path
            self._rows([row])
            self._outlet.flush()
        self._close_all()
        self._open, self._merge = around, merge

    # The end

    def finish(self) -> dict[str, Any]:
        """The end of the report: hands over what is left and returns the head of ``report.json``."""
        self._take_late()
        for row in self._merging.rows():
            self._outlet.container(row)
            self._outlet.flush()
        self._outlet.finish()
        self._naming.close()
        self._note_duplicates()
        root = self._root
        files = self._files
        self._note_the_whole()
        notes = [*self._messages.notes(), *(note for file in files for note in file.messages.notes())]
        return {
            "counts": counts_of(root.counts),
            "duration": rounded(root.duration) if root.timed else None,
            "status_hash": identity.of_outcomes(root.counts, self._outcomes),
            "date": self._date,
            "system": self._system,
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

    def _note_duplicates(self) -> None:
        totals = self._duplicates.totals()
        self._duplicates.close()
        if not totals:
            return  # the titles are in the table, and reading it takes time and memory
        titles = self._sink.titles_of({digest.hex() for _, digest in totals.values()})
        for owner, (count, digest) in totals.items():
            title, line = titles.get(digest.hex(), ("", 0))
            text = f"{count} results, one of them is {title[:200]}" if title else f"{count} results"
            file = self._files.find(owner)
            if file is not None:
                file.messages.add("duplicate_names", text, line, 0, count)
            else:
                self._messages.add("duplicate_names", text if owner else f"{text}, in several files", 0, 0, count)

    def _note_the_whole(self) -> None:
        files, merging = self._files, self._merging
        if files.not_shown:
            self._messages.add("files_not_shown", f"{files.not_shown} of {files.count}")
        if files.untimed:
            text = f"the first file is {files.first_untimed[:200]}"
            self._messages.add("missing_durations", text, count=files.untimed)
        if merging.left_out:
            self._messages.add("containers_not_merged", f"{merging.left_out} containers")
        if merging.cut:
            self._messages.add("field_cut", f"{merging.cut} characters of merged containers were cut")
