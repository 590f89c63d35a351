"""A batch of results as columns, on its way to the table.

Texts that repeat from row to row (file, container path, classification, labels) are kept once and
stand in their columns as codes, which is what Parquet stores in the end.
"""

from array import array
from collections.abc import Sequence
from typing import Any

from report_processor.events import Column, Details

ContainerRow = tuple[int, int, str, int, str, str, str, Sequence[tuple[str, str]], Sequence[int], "float | None"]
"""Id, parent id (0 at the top), file, line, title, classification, description, labels, counts by
status, duration."""


class Batch:
    """Columns of results. Rare things are kept by row number, lists as counts or offsets and flat values."""

    __slots__ = (
        "_codes",
        "_places",
        "asset_counts",
        "assets",
        "attempt_counts",
        "attempts",
        "classifications",
        "details",
        "digests",
        "durations",
        "ids",
        "label_names",
        "label_offsets",
        "label_values",
        "lines",
        "statuses",
        "text",
        "titles",
    )

    def __init__(self) -> None:
        self.ids = array("q")
        self.lines = array("q")
        """0 where there is none."""
        self.classifications = array("i")
        """Codes, see ``names``."""
        self.statuses: dict[int, int] = {}
        """By row, of those that did not pass."""
        self.titles: list[str] = []
        self.durations: list[float | None] = []
        self.digests: list[bytes] = []
        self.details: dict[int, tuple[str, str, str, str, bool]] = {}
        """By row, what is told of it: description, name and text of the exception, backtrace, whether it is flaky."""
        self.label_offsets = array("i", [0])
        """Where the labels of each row begin, and where those of the last one end."""
        self.label_names = array("i")
        self.label_values = array("i")
        """Codes, too."""
        self.asset_counts: dict[int, int] = {}
        self.assets: list[tuple[str, str]] = []
        self.attempt_counts: dict[int, int] = {}
        """By row, where there are any; the assets and attempts of all rows follow each other."""
        self.attempts: list[tuple[Any, ...]] = []
        self.text = 0
        """Characters of the long texts in it."""
        self._codes: dict[str, int] = {}
        self._places: list[tuple[int, str, int, str]] = []

    def __len__(self) -> int:
        return len(self.titles)

    @property
    def names(self) -> list[str]:
        """What the codes stand for."""
        return list(self._codes)

    def places(self) -> tuple["array[int]", "array[int]", "array[int]"]:
        """Three columns: codes of the files, ids of the containers, codes of the container paths."""
        files, containers, paths = array("i"), array("q"), array("i")
        starts = [start for start, _, _, _ in self._places[1:]]
        for (start, file, container, path), stop in zip(self._places, [*starts, len(self)], strict=True):
            count = stop - start
            files.extend(array("i", [self._code(file)]) * count)
            containers.extend(array("q", [container]) * count)
            paths.extend(array("i", [self._code(path)]) * count)
        return files, containers, paths

    def move_to(self, file: str, container: int, path: str) -> None:
        """What is added from here on lies in this container."""
        place = (len(self.titles), file, container, path)
        if self._places and (self._places[-1][0] == place[0] or self._places[-1][1:] == place[1:]):
            if self._places[-1][1:] != place[1:]:
                self._places[-1] = place
            return
        self._places.append(place)

    def extend(  # noqa: PLR0917  # called for every run of results
        self,
        first: int,
        lines: Sequence[int],
        titles: list[str],
        classifications: Column,
        durations: list[float | None],
        digests: list[bytes],
        label_names: list[str],
        label_values: list[Column],
    ) -> None:
        """Many results that passed, ids from ``first`` on."""
        count = len(titles)
        self.ids.extend(range(first, first + count))
        self.lines.extend(lines)
        self.classifications.extend(self._column(classifications, count))
        self.titles += titles
        self.durations += durations
        self.digests += digests
        self._extend_labels(label_names, label_values, count)

    def append(  # noqa: PLR0917  # called for every result
        self,
        number: int,
        line: int,
        title: str,
        classification: str,
        status: int,
        duration: float | None,
        digest: bytes,
        details: Details | None,
        assets: Sequence[tuple[str, str]],
    ) -> None:
        """One result."""
        code = self._code
        self.ids.append(number)
        self.lines.append(line)
        self.classifications.append(code(classification))
        row = len(self.titles)
        if status:
            self.statuses[row] = status
        self.titles.append(title)
        self.durations.append(duration)
        self.digests.append(digest)
        if details is None:
            self.label_offsets.append(self.label_offsets[-1])
            return
        description, name, message, trace, flaky, attempts, labels, _ = details
        for label, value in labels:
            self.label_names.append(code(label))
            self.label_values.append(code(value))
            self.text += len(value)
        self.label_offsets.append(len(self.label_names))
        if assets:
            self.asset_counts[row] = len(assets)
            self.assets += assets
            self.text += sum(len(name) for name, _ in assets)
        if attempts:
            self.attempt_counts[row] = len(attempts)
            self.attempts += attempts
            self.text += sum(len(attempt[3]) + len(attempt[4]) for attempt in attempts)
        if description or name or message or trace or flaky:
            self.details[row] = details[:5]
            self.text += len(description) + len(message) + len(trace)

    def _extend_labels(self, names: list[str], values: list[Column], count: int) -> None:
        offsets, width = self.label_offsets, len(names)
        last = offsets[-1]
        if not width:
            offsets.extend(array("i", [last]) * count)
            return
        offsets.extend(range(last + width, last + width * count + 1, width))
        self.label_names.extend(array("i", [self._code(name) for name in names]) * count)
        columns = [self._column(value, count) for value in values]
        if width == 1:
            self.label_values.extend(columns[0])
            return
        mixed = array("i", bytes(4 * width * count))
        for index, column in enumerate(columns):
            mixed[index::width] = column
        self.label_values.extend(mixed)

    def _column(self, values: Column, count: int) -> "array[int]":
        if isinstance(values, str):
            return array("i", [self._code(values)]) * count
        return array("i", map(self._code, values))

    def _code(self, name: str) -> int:
        codes = self._codes
        code = codes.get(name)
        if code is None:
            code = codes[name] = len(codes)
            self.text += len(name)
        return code
