"""The JSON answers. Names are snake_case, as the compatible API has them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from report_api.links import Links
from report_api.lookup import Found
from report_api.queueing import Place
from report_contract.codes import Level
from report_contract.phases import QUEUED_SENTENCE, ImportStatus, Phase, import_status
from report_contract.resource import Attempts, Counts, Message, Progress

FOLLOW_SENTENCE = "Go to the report url to follow the progress and see the results of your report."

_SENTENCES = {
    ImportStatus.QUEUED: QUEUED_SENTENCE,
    ImportStatus.PROCESSING: "The import is being processed.",
    ImportStatus.SUCCESS: "The report has been imported.",
    ImportStatus.PARTIAL: "The report has been imported in part: some files could not be read.",
    ImportStatus.FAILED: "The import failed.",
    ImportStatus.CANCELLED: "The import was cancelled.",
}


class Answer(BaseModel):
    """An answer: its docstrings are the API's documentation."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class ErrorItem(Answer):
    """One thing that was wrong."""

    code: str
    """Stable code for programs."""
    message: str
    """What was wrong and what to do about it. Names the field or the limit."""


class ErrorAnswer(Answer):
    """A refusal."""

    status: str = "failed"
    """Always failed."""
    message: str
    """The first error's message."""
    errors: list[ErrorItem]
    """All errors."""


class UploadAnswer(Answer):
    """The upload is durable and its import is in the queue."""

    report_id: int
    """Number of the report."""
    report_url: str
    """Page of the report: live progress first, then the results."""
    report_status_url: str
    """Where to ask for the status. Also in the Location header."""
    import_status: ImportStatus
    """Always queued."""
    import_progress: str
    """The status as a sentence."""
    message: str
    """What to do next."""


class ProgressAnswer(Answer):
    """How far the running attempt is."""

    percent: int = 0
    """Bytes read of all bytes."""
    files_total: int = 0
    """Files to read."""
    files_done: int = 0
    """Files read."""
    bytes_total: int = 0
    """Bytes to read."""
    bytes_done: int = 0
    """Bytes read."""
    tests: int = 0
    """Results found so far."""
    failed: int = 0
    """Results found so far that failed or broke."""
    heartbeat_at: datetime | None = None
    """Last sign of life of the processor."""


class CountsAnswer(Answer):
    """Results by status."""

    total: int = 0
    """All results."""
    passed: int = 0
    """Passed."""
    failed: int = 0
    """A failed expectation."""
    broken: int = 0
    """Could not finish."""
    skipped: int = 0
    """Did not run."""
    unknown: int = 0
    """Without a clear outcome."""
    informational: int = 0
    """States a fact and judges nothing."""


class AttemptsAnswer(Answer):
    """The attempts of an import."""

    started: int = 0
    """Attempts started, the running one included."""
    counted: int = 0
    """Attempts that count against the limit."""
    memory_bytes: int = 0
    """Memory limit of the latest attempt."""
    last_reason: str = ""
    """Why the latest finished attempt ended."""


class MessageAnswer(Answer):
    """Something a person should know about the import."""

    level: Level
    """info, warning or error."""
    code: str
    """Stable code."""
    message: str
    """What happened, and what to do."""
    file: str = ""
    """File as it was uploaded; empty: the import as a whole."""
    line: int | None = None
    """Line in the file, from 1."""
    column: int | None = None
    """Column in the line, from 1."""
    count: int = 1
    """How often it happened in this file."""


class QueueAnswer(Answer):
    """Place in the queue."""

    position: int
    """From 1: the next to run."""
    total: int
    """Imports that wait."""
    estimated_seconds: float | None
    """Seconds until it starts, judged by recent imports; null when there is nothing to go by."""


class StatusAnswer(Answer):
    """Where an import is. The same fields while it runs and for ever after."""

    report_id: int
    """Number of the report."""
    profile_id: int | str
    """Profile of the report."""
    report_url: str
    """Page of the report."""
    report_status_url: str
    """This address."""
    import_status: ImportStatus
    """queued, processing, success, partial, failed or cancelled. The last four are final."""
    import_progress: str
    """The status as a sentence."""
    message: str
    """What to do next while it runs; how it ended afterwards."""
    finished: bool
    """Whether the status is final."""
    reason: str
    """Why it is in this status, as one word for programs."""
    progress: ProgressAnswer
    """How far it is."""
    counts: CountsAnswer
    """Results by status; final when the status is."""
    attempts: AttemptsAnswer
    """Attempts so far."""
    messages: list[MessageAnswer]
    """The first messages, the worst first. report.json has all that were kept."""
    message_count: int
    """How many messages there are."""
    queue: QueueAnswer | None
    """Place in the queue, while it waits."""
    created_at: datetime | None
    """When the upload was complete."""
    queued_at: datetime | None
    """When it was put in the queue."""
    started_at: datetime | None
    """When its first attempt started."""
    completed_at: datetime | None
    """When it ended."""


def upload_answer(links: Links, report_id: int) -> UploadAnswer:
    """The six fields of the compatible API."""
    return UploadAnswer(
        report_id=report_id,
        report_url=links.page(report_id),
        report_status_url=links.status(report_id),
        import_status=ImportStatus.QUEUED,
        import_progress=QUEUED_SENTENCE,
        message=FOLLOW_SENTENCE,
    )


def status_answer(links: Links, found: Found, place: Place | None) -> StatusAnswer:
    """The status of an import."""
    status, word = found.status, import_status(found.status.phase)
    sentence = sentence_of(found)
    return StatusAnswer(
        report_id=found.report_id,
        profile_id=profile_id(found.profile),
        report_url=links.page(found.report_id),
        report_status_url=links.status(found.report_id),
        import_status=word,
        import_progress=sentence,
        message=sentence if found.phase.terminal else FOLLOW_SENTENCE,
        finished=found.phase.terminal,
        reason=status.reason or Phase.QUEUED.value,
        progress=ProgressAnswer(**_plain(status.progress or Progress())),
        counts=CountsAnswer(**_plain(status.counts or Counts())),
        attempts=AttemptsAnswer(**_plain(status.attempts or Attempts())),
        messages=[message_answer(message) for message in status.messages],
        message_count=max(status.message_count, len(status.messages)),
        queue=QueueAnswer(position=place.position, total=place.total, estimated_seconds=place.estimated_seconds)
        if place
        else None,
        created_at=found.created_at,
        queued_at=status.queued_at,
        started_at=status.started_at,
        completed_at=status.completed_at,
    )


def sentence_of(found: Found) -> str:
    """The status as a sentence for people."""
    return found.status.message or _SENTENCES[import_status(found.status.phase)]


def message_answer(message: Message) -> MessageAnswer:
    """One message."""
    return MessageAnswer(**_plain(message))


def profile_id(profile: str) -> int | str:
    """Profiles with a number are numbers in the compatible API; those with a key are strings."""
    return int(profile) if profile.isdigit() and str(int(profile)) == profile else profile


def _plain(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(by_alias=False)
