"""How the report page arranges counts, containers and files. Pure."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from report_contract.report import ContainerHead, FileReport, Report
from report_contract.requests import ImportRequest
from report_contract.resource import Counts, SourceFile

STATUSES: Final = ("passed", "failed", "broken", "skipped", "unknown", "informational")
"""In the order in which they are shown."""
MIN_PIECE: Final = 6.0
"""Units of 1000 that the smallest piece of the bar has."""
MAX_INDENT: Final = 8
"""Levels that are indented; deeper ones stand below each other."""


@dataclass(frozen=True, slots=True)
class Row:
    """One container in the table."""

    container: ContainerHead
    depth: int
    """From 0; at most ``MAX_INDENT``."""


@dataclass(frozen=True, slots=True)
class Original:
    """One file of the upload and what became of it."""

    report: FileReport | None
    source: SourceFile | None
    number: int | None
    """Number of the upload that the file is, or lies in."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One status in the bar."""

    status: str
    start: float
    width: float


def tree(containers: list[ContainerHead]) -> list[Row]:
    """The containers in their order, each with its depth. Parents come before their children."""
    depths: dict[int, int] = {}
    rows = []
    for container in containers:
        depth = depths.get(container.parent_id or 0, -1) + 1
        depths[container.id] = depth
        rows.append(Row(container, min(depth, MAX_INDENT)))
    return rows


def bar(counts: Counts) -> list[Piece]:
    """The results as pieces of a bar of 1000 units. A single failure among a million can still be seen."""
    shares = [(name, getattr(counts, name)) for name in STATUSES if getattr(counts, name)]
    seen = {name: max(MIN_PIECE, 1000 * count / counts.total) for name, count in shares}
    scale = 1000 / sum(seen.values()) if seen else 0
    pieces, start = [], 0.0
    for name, width in seen.items():
        pieces.append(Piece(name, round(start, 2), round(width * scale, 2)))
        start += width * scale
    return pieces


def originals(report: Report | None, upload: ImportRequest | None, limit: int) -> list[Original]:
    """The files of the report with the upload that each comes from; the plain uploads without a report."""
    uploads = upload.files if upload else []
    if report is None or not report.files:
        return [Original(None, source, number) for number, source in enumerate(uploads[:limit], 1)]
    times = Counter(source.name for source in uploads)
    numbers = {source.name: number for number, source in enumerate(uploads, 1) if times[source.name] == 1}
    found = []
    for file in report.files[:limit]:
        number = numbers.get(file.path) or numbers.get(file.path.split("!", 1)[0])
        found.append(Original(file, uploads[number - 1] if number else None, number))
    return found
