"""A batch of results as columns, on its way to the table."""

from array import array
from collections.abc import Sequence
from typing import Any, Final

from report_processor.events import Details

ContainerRow = tuple[int, int, str, int, str, str, str, Sequence[tuple[str, str]], Sequence[int], "float | None"]
"""Id, parent id (0 at the top), file, line, title, classification, description, labels, counts by
status, duration."""

_ZERO: Final = array("i", [0])


class Batch:
    """Columns of results. Rare things are kept by row number, lists as counts and flat values."""

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
        "file_codes",
        "ids",
        "label_counts",
        "label_names",
        "label_values",
        "lines",
        "path_codes",
        "statuses",
        "text",
        "titles",
    )

    def __init__(self) -> None:
        self.ids = array("q")
        self.lines = array("q")
        self.container_ids = array("q")
        self.file_codes = array("i")
        self.path_codes = array("i")
        self.statuses = array("i")
        self.titles: list[str] = []
        self.classifications: list[str] = []
        self.durations: list[float | None] = []
        self.digests: list[bytes] = []
        self.details: dict[int, Details] = {}
        self.label_counts = array("i")
        self.label_names: list[str] = []
        self.label_values: list[str] = []
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
        """What ``file_codes`` and ``path_codes`` stand for."""
        return list(self._codes)

    def code(self, name: str) -> int:
        """The code of a file name or container path in this batch."""
        return self._codes.setdefault(name, len(self._codes))

    def extend(  # noqa: PLR0917  # called for every run of results
        self,
        first: int,
        file: str,
        lines: Sequence[int],
        container: int,
        path: str,
        titles: list[str],
        classifications: list[str],
        status: int,
        durations: list[float | None],
        digests: list[bytes],
        label_names: list[str],
        label_values: list[list[str]],
    ) -> None:
        """Many results without details, ids from ``first`` on."""
        count = len(titles)
        self.ids.extend(range(first, first + count))
        self.lines.extend(lines)
        self.container_ids.extend(array("q", [container]) * count)
        self.file_codes.extend(array("i", [self.code(file)]) * count)
        self.path_codes.extend(array("i", [self.code(path)]) * count)
        self.statuses.extend(array("i", [status]) * count)
        self.titles += titles
        self.classifications += classifications
        self.durations += durations
        self.digests += digests
        none = _ZERO * count
        self.asset_counts.extend(none)
        self.attempt_counts.extend(none)
        width = len(label_names)
        if width == 0:
            self.label_counts.extend(none)
            return
        self.label_counts.extend(array("i", [width]) * count)
        self.label_names += label_names * count
        if width == 1:
            self.label_values += label_values[0]
        else:
            self.label_values += [value for row in zip(*label_values, strict=True) for value in row]
        self.text += 16 * width * count

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
        codes = self._codes
        self.ids.append(number)
        self.lines.append(line)
        self.container_ids.append(container)
        self.file_codes.append(codes.setdefault(file, len(codes)))
        self.path_codes.append(codes.setdefault(path, len(codes)))
        self.statuses.append(status)
        self.titles.append(title)
        self.classifications.append(classification)
        self.durations.append(duration)
        self.digests.append(digest)
        self.asset_counts.append(len(assets))
        if details is None:
            self.label_counts.append(0)
            self.attempt_counts.append(0)
            return
        description, name, message, trace, flaky, attempts, labels, _ = details
        self.label_counts.append(len(labels))
        self.attempt_counts.append(len(attempts))
        for label, value in labels:
            self.label_names.append(label)
            self.label_values.append(value)
            self.text += len(value)
        self.assets += assets
        for attempt in attempts:
            self.attempts.append(attempt)
            self.text += len(attempt[3]) + len(attempt[4])
        if description or name or message or trace or flaky:
            self.details[len(self.titles) - 1] = details
            self.text += len(description) + len(message) + len(trace)
