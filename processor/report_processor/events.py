"""What a parser says: a flat stream of small tuples.

Parsers do no I/O. They are fed text and record events; ``Recorder.take`` hands over what was
recorded since the last call. The events are plain tuples of plain values, because a file has
hundreds of thousands of them and they cross a process boundary: ``marshal`` moves a plain tuple
about ten times faster than ``pickle`` moves an object.

::

    (OPEN, title, classification, line, description)          a container begins; title None: see NAME
    (NAME, title, classification, description)                the innermost container, which was opened without
    (CLOSE, description, labels)                              the innermost container ends
    (ROWS, [row, ...])                                        results of the innermost container
    (COLUMNS, titles, classifications, durations, line, step, names, values)
                                                              many plain results that passed
    (NOTE, code, line, column, text, count)                   something a person should know
    (DATE, seconds)                                           when the tests ran, POSIX time
    (SYSTEM, os, platform, build)                             what was tested, as far as the file says
    (EMBED, name, bytes)                                      a file that stands inside the report
    (LATE, path, key, order, row)                             a result whose place and attempts are in other files

    row     = (title, classification, status, duration or None, line, details or None)
    details = (description, exception name, exception description, backtrace,
               flaky, attempts, labels, asset names)
    attempt = (status, duration or None, exception name, exception description, backtrace)
    labels  = [(name, value), ...]
    path    = [(title, classification), ...]

``status`` is an index into ``STATUSES``. In COLUMNS the line of result ``i`` is ``line + i * step``,
and ``values`` has one column for each label name. A column of classifications or label values that
are all the same is that one text instead of a list, and durations may be the texts of numbers: whoever
collects the events has more time for them than the parser.

LATE is for tools that write a file for each result: ``path`` are the containers from the top, results
with the same ``key`` are attempts of one, in the order of ``order``.
"""

from collections.abc import Sequence
from typing import Any, Final

from report_processor import limits

PASSED: Final = 0
FAILED: Final = 1
BROKEN: Final = 2
SKIPPED: Final = 3
UNKNOWN: Final = 4
INFORMATIONAL: Final = 5
STATUSES: Final = ("passed", "failed", "broken", "skipped", "unknown", "informational")
"""The words of ``report_contract.report.ResultStatus``, in the order of the numbers above."""

OPEN: Final = 0
CLOSE: Final = 1
ROWS: Final = 2
COLUMNS: Final = 3
NOTE: Final = 4
DATE: Final = 5
NAME: Final = 6
SYSTEM: Final = 7
EMBED: Final = 8
LATE: Final = 9

_NOTES: Final = 16
"""Notes of one code that ``take`` hands over as they are."""

Column = str | list[str]
Label = tuple[str, str]
Attempt = tuple[int, "float | None", str, str, str]
Details = tuple[str, str, str, str, bool, Sequence[Attempt], Sequence[Label], Sequence[str]]
Row = tuple[str, str, int, "float | None", int, "Details | None"]
Event = tuple[Any, ...]


class Recorder:
    """Where a parser puts its events, in order."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._noted: dict[str, int] = {}
        self._depth = 0
        self._embedded = 0
        self.rows: list[Row] = []
        """Results of the innermost open container; append to it directly."""

    def open(self, title: str, classification: str, line: int, description: str = "") -> None:
        """Begin a container inside the one that is open.

        Past ``limits.DEPTH`` its results join the deepest container that is allowed, with a note.
        """
        self._depth += 1
        if self._depth > limits.DEPTH:
            text = f"containers deeper than {limits.DEPTH} levels were joined to the one above, the first is {title}"
            self.note("depth_flattened", text, line)
            return
        self._seal()
        if len(title) > limits.TITLE or len(classification) > limits.CLASSIFICATION:
            self.note("field_cut", f"{len(title) + len(classification)} characters of a name were cut", line)
            title, classification = title[: limits.TITLE], classification[: limits.CLASSIFICATION]
        self._events.append((OPEN, title, classification, line, description))

    def open_unnamed(self, line: int) -> None:
        """Begin a container whose title stands behind its content; ``name`` tells it before ``close``."""
        self._depth += 1
        if self._depth > limits.DEPTH:
            self.note("depth_flattened", f"containers deeper than {limits.DEPTH} levels were joined", line)
            return
        self._seal()
        self._events.append((OPEN, None, "", line, ""))

    def name(self, title: str, classification: str = "", description: str = "") -> None:
        """Name the innermost container, which ``open_unnamed`` began. Costs nothing when it is still empty."""
        if self._depth > limits.DEPTH:
            return
        self._seal()
        title, classification = title[: limits.TITLE], classification[: limits.CLASSIFICATION]
        if self._events and self._events[-1][:2] == (OPEN, None):
            self._events[-1] = (OPEN, title, classification, self._events[-1][3], description)
        else:
            self._events.append((NAME, title, classification, description))

    def close(self, description: str = "", labels: Sequence[Label] = ()) -> None:
        """End the innermost container."""
        self._depth -= 1
        if self._depth >= limits.DEPTH:
            return
        self._seal()
        self._events.append((CLOSE, description, list(labels)))

    def columns(  # noqa: PLR0917  # mirrors the event
        self,
        titles: Sequence[str],
        classifications: Column,
        durations: Sequence[float | None] | Sequence[str],
        line: int,
        step: int,
        label_names: Sequence[str] = (),
        label_values: Sequence[Column] = (),
    ) -> None:
        """Many plain results that passed, all at once."""
        self._seal()
        names, values = list(label_names), list(label_values)
        self._events.append((COLUMNS, titles, classifications, durations, line, step, names, values))

    def note(self, code: str, text: str, line: int = 0, column: int = 0) -> None:
        """Something a person should know; ``code`` is one of ``report_contract.codes``.

        Line and column count from 1, and 0 means that there is none. Of many of one code in one
        piece of a file only the first few are kept; the others are counted.
        """
        noted = self._noted[code] = self._noted.get(code, 0) + 1
        if noted <= _NOTES:
            self._seal()
            self._events.append((NOTE, code, line, column, text, 1))

    def date(self, seconds: float) -> None:
        """A moment at which tests ran, in seconds since 1970. The earliest of a report counts."""
        self._events.append((DATE, seconds))

    def system(self, os: str = "", platform: str = "", build: str = "") -> None:
        """What was tested. The first value that a report gives counts."""
        self._events.append(
            (SYSTEM, os[: limits.LABEL_NAME], platform[: limits.LABEL_NAME], build[: limits.LABEL_NAME])
        )

    def embed(self, data: bytes, ending: str = "") -> str:
        """A file that stands inside the report is stored; returns the name of the asset, with this ending."""
        self._embedded += 1
        name = f"embedding-{self._embedded}{ending}"
        self._events.append((EMBED, name, data))
        return name

    def late(self, path: Sequence[tuple[str, str]], key: str, order: float, row: Row) -> None:
        """A result of a tool that writes a file for each: see LATE above."""
        self._events.append((LATE, list(path), key, order, row))

    def take(self) -> list[Event]:
        """All events since the last call."""
        self._seal()
        for code, noted in self._noted.items():
            if noted > _NOTES:
                self._events.append((NOTE, code, 0, 0, "", noted - _NOTES))
        self._noted.clear()
        events, self._events = self._events, []
        return events

    def _seal(self) -> None:
        if self.rows:
            self._events.append((ROWS, self.rows))
            self.rows = []
