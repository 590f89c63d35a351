"""The results of a batch one by one, as dictionaries with the columns of ``tests.parquet``."""

from collections.abc import Iterator
from typing import Any

from report_processor.batch import Batch
from report_processor.events import STATUSES


def rows_of(batch: Batch) -> Iterator[dict[str, Any]]:
    """In the order of their numbers."""
    labels = list(zip(batch.label_names, batch.label_values, strict=True))
    assets = _lists(batch.asset_counts, batch.assets, len(batch))
    attempts = _lists(batch.attempt_counts, batch.attempts, len(batch))
    files, containers, paths = batch.places()
    names = batch.names
    for row in sorted(range(len(batch)), key=batch.ids.__getitem__):
        description, name, message, trace, flaky = batch.details.get(row, ("", "", "", "", False))
        yield {
            "id": batch.ids[row],
            "file": names[files[row]],
            "line": batch.lines[row] or None,
            "container_id": containers[row],
            "container_path": names[paths[row]],
            "title": batch.titles[row],
            "classification": names[batch.classifications[row]],
            "description": description,
            "status": STATUSES[batch.statuses.get(row, 0)],
            "duration": batch.durations[row],
            "exception_name": name,
            "exception_description": message,
            "exception_backtrace": trace,
            "flaky": flaky,
            "attempts": [_attempt(attempt) for attempt in attempts[row]],
            "labels": [
                {"name": names[label], "value": names[value]}
                for label, value in labels[batch.label_offsets[row] : batch.label_offsets[row + 1]]
            ],
            "assets": [{"name": asset, "key": key} for asset, key in assets[row]],
            "history_hash": batch.digests[row].hex(),
        }


def _lists(counts: dict[int, int], flat: list[Any], rows: int) -> list[list[Any]]:
    at = 0
    found = []
    for row in range(rows):
        count = counts.get(row, 0)
        found.append(flat[at : at + count])
        at += count
    return found


def _attempt(attempt: tuple[Any, ...]) -> dict[str, Any]:
    status, duration, name, message, trace = attempt
    return {
        "status": STATUSES[status],
        "duration": duration,
        "exception_name": name,
        "exception_description": message,
        "exception_backtrace": trace,
    }
