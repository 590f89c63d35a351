"""The heads of the lists in ``report.json``: its first containers and first failures, texts cut."""

from collections.abc import Sequence
from typing import Any, Final

from report_processor.events import STATUSES, Details

_MAX_CONTAINERS: Final = 1_000
_MAX_FAILURES: Final = 200
_MAX_TEXT: Final = 4_000
_MAX_TITLE: Final = 1_000
_MAX_DESCRIPTION: Final = 1_000
_MAX_ATTEMPTS: Final = 10
_MAX_LABELS: Final = 50


class Heads:
    """Holds no more than a few megabytes, however large the report is."""

    def __init__(self) -> None:
        self._containers: dict[int, dict[str, Any]] = {}
        self._failures: list[dict[str, Any]] = []
        self.wants_failures = True
        """Whether there is room for another failure."""

    def open_container(self, number: int, parent: int, title: str, classification: str) -> None:
        """A container begins."""
        if number <= _MAX_CONTAINERS:
            self._containers[number] = {
                "id": number,
                "parent_id": parent or None,
                "title": title[:_MAX_TITLE],
                "classification": classification[:_MAX_TITLE],
            }

    def close_container(self, number: int, description: str, counts: Sequence[int], duration: float | None) -> None:
        """A container has ended."""
        if number <= _MAX_CONTAINERS:
            named = dict(zip(STATUSES, counts, strict=True))
            self._containers[number].update(
                description=description[:_MAX_DESCRIPTION],
                counts={"total": sum(counts), **named},
                duration=duration,
            )

    def failure(self, row: tuple[Any, ...], details: Details | None, assets: Sequence[tuple[str, str]]) -> None:
        """A result that failed or broke."""
        number, container, path, file, line, title, classification, status, duration = row
        head: dict[str, Any] = {
            "id": number,
            "container_id": container,
            "container_path": path[:_MAX_TITLE],
            "file": file,
            "line": line or None,
            "title": title[:_MAX_TITLE],
            "classification": classification[:_MAX_TITLE],
            "status": STATUSES[status],
            "duration": duration,
        }
        if details is not None:
            description, name, message, trace, flaky, attempts, labels, _ = details
            head.update(
                description=_cut(description),
                exception_name=_cut(name),
                exception_description=_cut(message),
                exception_backtrace=_cut(trace),
                flaky=flaky,
                attempts=[_attempt(attempt) for attempt in attempts[:_MAX_ATTEMPTS]],
                labels=[(name[:_MAX_TITLE], value[:_MAX_TITLE]) for name, value in labels[:_MAX_LABELS]],
                assets=[{"name": name, "key": key} for name, key in assets[:_MAX_LABELS]],
            )
        self._failures.append(head)
        self.wants_failures = len(self._failures) < _MAX_FAILURES

    def plain(self) -> dict[str, Any]:
        """The lists of ``report_contract.report.Report``."""
        failures = sorted(self._failures, key=lambda head: head["id"])
        return {"containers": list(self._containers.values()), "failures": failures}


def _attempt(attempt: tuple[int, float | None, str, str, str]) -> dict[str, Any]:
    status, duration, name, message, trace = attempt
    return {
        "status": STATUSES[status],
        "duration": duration,
        "exception_name": _cut(name, 1000),
        "exception_description": _cut(message, 1000),
        "exception_backtrace": _cut(trace, 1000),
    }


def _cut(text: str, limit: int = _MAX_TEXT) -> str:
    """The text; of a longer one the beginning and the end, where backtraces say what went wrong."""
    if len(text) <= limit:
        return text
    half = (limit - 3) // 2
    return f"{text[:half]}\n…\n{text[-half:]}"
