"""A batch of results as columns, on its way to the table.

Texts that repeat from row to row (file, container path, classification, labels) are kept once and
stand in their columns as codes, which is what Parquet stores in the end.
"""

from array import array
from collections.abc import Sequence
from typing import Any, Final

from report_processor.events import Column, Details

ContainerRow = tuple[int, int, str, int, str, str, str, Sequence[tuple[str, str]], Sequence[int], "float | None"]
"""Id, parent id (0 at the top), file, line, title, classification, description, labels, counts by
status, duration."""

_ZERO: Final = array("i", [0])


class Batch:
    """Columns of results. Rare things are kept by row number, lists as counts or offsets and flat values."""

    __slots__ = (
        "_codes",
        "asset_counts",
        "assets",
        "attempt_counts",
        "attempts",
        "classifications",
        "container_ids",
        "details",
        "digests",
        "durations",
        "files",
        "ids",
        "label_names",
        "label_offsets",
        "label_values",
        "lines",
        "paths",
        "statuses",
        "text",
        "titles",
    )

    def __init__(self) -> None:
        self.ids = array("q")
        self.lines = array("q")
        """0 where there is none."""
        self.container_ids = array("q")
        self.files = array("i")
        self.paths = array("i")
        self.classifications = array("i")
        """These three are codes, see ``names``."""
        self.statuses = array("i")
        self.titles: list[str] = []
        self.durations: list[float | None] = []
        self.digests: list[bytes] = []
        self.details: dict[int, Details] = {}
        self.label_offsets = array("i", [0])
        """Where the labels of each row begin, and where those of the last one end."""
        self.label_names = array("i")
        self.label_values = array("i")
        """Codes, too."""
        self.asset_counts = array("i")
        self.assets: list[tuple[str, str]] = []
        self.attempt_counts = array("i")
        self.attempts: list[tuple[Any, ...]] = []
        self.text = 0
        """Characters of the long texts in it."""
        self._codes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.titles)

    @property
    def names(self) -> list[str]:
        """What the codes stand for."""
        return list(self._codes)

    def extend(  # noqa: PLR0917  # called for every run of results
        self,
        first: int,
        file: str,
        lines: Sequence[int],
        container: int,
        path: str,
        titles: list[str],
        classifications: Column,
        status: int,
        durations: list[float | None],
        digests: list[bytes],
        label_names: list[str],
        label_values: list[Column],
    ) -> None:
        """Many results without details, ids from ``first`` on."""
        count = len(titles)
        self.ids.extend(range(first, first + count))
        self.lines.extend(lines)
        self.container_ids.extend(array("q", [container]) * count)
        self.files.extend(self._column(file, count))
        self.paths.extend(self._column(path, count))
        self.classifications.extend(self._column(classifications, count))
        self.statuses.extend(array("i", [status]) * count)
        self.titles += titles
        self.durations += durations
        self.digests += digests
        none = _ZERO * count
        self.asset_counts.extend(none)
        self.attempt_counts.extend(none)
        self._extend_labels(label_names, label_values, count)

    def append(  # noqa: PLR0917  # called for every result
        self,
        number: int,
        file: str,
        line: int,
        container: int,
        path: str,
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
        self.container_ids.append(container)
        self.files.append(code(file))
        self.paths.append(code(path))
        self.classifications.append(code(classification))
        self.statuses.append(status)
        self.titles.append(title)
        self.durations.append(duration)
        self.digests.append(digest)
        self.asset_counts.append(len(assets))
        if details is None:
            self.label_offsets.append(self.label_offsets[-1])
            self.attempt_counts.append(0)
            return
        description, name, message, trace, flaky, attempts, labels, _ = details
        for label, value in labels:
            self.label_names.append(code(label))
            self.label_values.append(code(value))
            self.text += len(value)
        self.label_offsets.append(len(self.label_names))
        self.assets += assets
        self.attempt_counts.append(len(attempts))
        for attempt in attempts:
            self.attempts.append(attempt)
            self.text += len(attempt[3]) + len(attempt[4])
        if description or name or message or trace or flaky:
            self.details[len(self.titles) - 1] = details
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
