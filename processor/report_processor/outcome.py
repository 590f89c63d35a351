"""How an import ended: the phase, the sentence for people, and what ``report.json`` and ``status.json`` say."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from report_contract.base import utc_text
from report_contract.dates import written_date
from report_contract.formatters import origin_of
from report_contract.options import ImportOptions
from report_contract.phases import Phase, Reason
from report_contract.report import MAX_REPORT_MESSAGES, Report
from report_contract.requests import ImportRequest
from report_contract.resource import MAX_STATUS_MESSAGES, Condition, Message, Progress, ReportImportStatus
from report_processor.messages import Messages, Note, described

OLD_DAYS: Final = 30
"""A report whose tests ran longer ago than this gets a message."""

_CLOCK: Final = timedelta(minutes=5)
"""Clocks may differ by this much."""
_OWNED: Final = (
    "phase",
    "reason",
    "message",
    "progress",
    "counts",
    "messages",
    "messageCount",
    "completedAt",
    "duration",
    "conditions",
)


def in_words(summary: dict[str, Any]) -> dict[str, Any]:
    """The collector's summary with its notes as messages."""
    files = [{**file, "messages": described(file["messages"])} for file in summary["files"]]
    return {**summary, "files": files, "messages": _first(described(summary["messages"]))}


def _first(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many as ``report.json`` holds: those about the import as a whole, and the first ones about files."""
    room = MAX_REPORT_MESSAGES - sum(not message["file"] for message in messages)
    about_files = [message for message in messages if message["file"]]
    dropped = {id(message) for message in about_files[max(0, room) :]}
    return [message for message in messages if id(message) not in dropped][:MAX_REPORT_MESSAGES]


def judge(verdicts: Mapping[str, int], counts: Mapping[str, int], options: ImportOptions) -> tuple[Phase, Reason]:
    """The final phase and its reason, from the verdicts of the files."""
    parsed, partly, rejected = (verdicts.get(name, 0) for name in ("parsed", "partly_parsed", "rejected"))
    if not parsed and not partly:
        if options.ignore_empty_import and not rejected:
            return Phase.SUCCEEDED, Reason.EMPTY_IMPORT
        return Phase.FAILED, Reason.NO_USABLE_FILE
    if partly or rejected:
        return Phase.PARTIALLY_SUCCEEDED, Reason.SOME_FILES_FAILED
    return Phase.SUCCEEDED, Reason.IMPORTED if counts["total"] else Reason.EMPTY_REPORT


def sentence(phase: Phase, summary: Mapping[str, Any]) -> str:
    """The same for people."""
    counts, verdicts = summary["counts"], summary["verdicts"]
    parts = [f"{counts['total']} tests"]
    parts += [f"{counts[name]} {name}" for name in ("failed", "broken", "skipped", "unknown") if counts[name]]
    tests = ", ".join(parts)
    bad = verdicts.get("rejected", 0) + verdicts.get("partly_parsed", 0)
    if phase == Phase.FAILED:
        first = next((message["message"] for message in summary["messages"] if message["level"] == "error"), "")
        return f"No file could be read as a test report. {first}".strip()[:1024]
    if phase == Phase.PARTIALLY_SUCCEEDED:
        total = summary["file_count"]
        return f"Imported {tests}; {bad} of {total} files could not be read, or not to their end."
    return f"Imported {tests}."


def report(request: ImportRequest, summary: Mapping[str, Any], created_at: datetime) -> Report:
    """``report.json``."""
    options = request.options
    date, source = _date(options, summary["date"], created_at)
    kept = ("counts", "duration", "status_hash", "container_count", "attempt_count", "flaky_count", "file_count")
    return Report(
        report_id=request.report_id,
        profile=request.profile,
        origin=origin_of(summary["formats"]),
        date=date,
        date_source=source,
        tags=options.tags,
        os=options.os or summary["system"].get("os", ""),
        platform=options.platform or summary["system"].get("platform", ""),
        build=options.build or summary["system"].get("build", ""),
        created_at=created_at,
        history_hash=hashlib.sha1(request.profile.encode(), usedforsecurity=False).hexdigest(),
        **{name: summary[name] for name in kept},
        message_count=summary["message_count"],
        files=summary["files"],
        messages=summary["messages"],
        containers=summary["containers"],
        failures=summary["failures"],
    )


def date_note(options: ImportOptions, detected: float | None, now: datetime) -> Note | None:
    """What is odd about the time when the tests ran: long ago (the wrong file?), still to come, or not known."""
    date, source = _date(options, detected, now)
    messages = Messages()
    told = f"{utc_text(date)}, as the {source} says"
    if source == "import":
        messages.add("no_report_date", "")
    elif date > now + _CLOCK:
        messages.add("future_report_date", told)
    elif (now - date).days > OLD_DAYS and not options.ignore_old_report_date:
        messages.add("old_report_date", f"{told}; {(now - date).days} days ago")
    return next(iter(messages.notes()), None)


def final_status(  # noqa: PLR0917
    phase: Phase, reason: Reason, summary: Mapping[str, Any], progress: Progress, started: datetime, now: datetime
) -> ReportImportStatus:
    """The final status, as ``status.json`` holds it."""
    text = sentence(phase, summary)
    messages = [Message.model_validate(message) for message in summary["messages"][:MAX_STATUS_MESSAGES]]
    done = progress.model_copy(update={"percent": 100, "heartbeat_at": now})
    return ReportImportStatus(
        phase=phase,
        reason=reason,
        message=text,
        progress=done,
        counts=summary["counts"],
        messages=messages,
        message_count=summary["message_count"],
        started_at=started,
        completed_at=now,
        duration=duration_text((now - started).total_seconds()),
        conditions=conditions(phase, reason, text, now),
    )


def conditions(phase: Phase, reason: str, text: str, now: datetime) -> list[Condition]:
    """The conditions of an import that has ended; ``Accepted`` is the operator's."""
    failed = phase == Phase.FAILED
    values = {"Processing": False, "Complete": True, "Ready": not failed, "Stalled": failed}
    return [
        Condition(
            type=kind,
            status="True" if value else "False",
            reason=reason,
            message=text,
            last_transition_time=now,
        )
        for kind, value in values.items()
    ]


def owned_by_processor(status: ReportImportStatus) -> dict[str, Any]:
    """The fields of a final status that the processor applies to the resource."""
    kept = status.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {name: kept[name] for name in _OWNED if name in kept}


def duration_text(seconds: float) -> str:
    """A time span for people, such as ``1m12s``; below ten seconds with a tenth."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f}s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _date(options: ImportOptions, detected: float | None, now: datetime) -> tuple[datetime, str]:
    if options.date == "now":
        return now, "option"
    if options.date and (given := written_date(options.date)) is not None:
        return given, "option"
    if detected is not None:
        return datetime.fromtimestamp(detected, UTC), "file"
    return now, "import"
