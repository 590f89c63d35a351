"""Phases of an import, why it is in one, and the words the HTTP API uses for them."""

from enum import StrEnum
from typing import Final


class Phase(StrEnum):
    """Where an import is. A terminal phase is final: the API server refuses to leave it."""

    QUEUED = "Queued"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    PARTIALLY_SUCCEEDED = "PartiallySucceeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"

    @property
    def terminal(self) -> bool:
        """Whether the import has ended."""
        return self in TERMINAL_PHASES


TERMINAL_PHASES: Final = frozenset({Phase.SUCCEEDED, Phase.PARTIALLY_SUCCEEDED, Phase.FAILED, Phase.CANCELLED})


class Reason(StrEnum):
    """Why an import is in its phase: one CamelCase word, for conditions and programs."""

    QUEUED = "Queued"
    STARTING = "Starting"
    PROCESSING = "Processing"
    RETRYING = "Retrying"
    IMAGE_PULL_FAILED = "ImagePullFailed"
    UNSCHEDULABLE = "Unschedulable"
    CANCELLING = "Cancelling"

    IMPORTED = "Imported"
    SOME_FILES_FAILED = "SomeFilesFailed"
    CANCELLED_BY_REQUEST = "CancelledByRequest"

    NO_USABLE_FILE = "NoUsableFile"
    """No file held a report that could be read. Final: the same input gives the same result."""
    EMPTY_IMPORT = "EmptyImport"
    EMPTY_REPORT = "EmptyReport"
    INVALID_REQUEST = "InvalidRequest"
    """The resource names objects or options that cannot be used (a resource made by hand)."""
    PROCESSOR_VANISHED = "ProcessorVanished"
    PROCESSOR_CRASHED = "ProcessorCrashed"
    OUT_OF_MEMORY = "OutOfMemory"
    STALLED = "Stalled"
    DEADLINE_EXCEEDED = "DeadlineExceeded"
    START_DEADLINE_EXCEEDED = "StartDeadlineExceeded"
    QUEUE_DEADLINE_EXCEEDED = "QueueDeadlineExceeded"
    TOO_MANY_DISRUPTIONS = "TooManyDisruptions"


class ImportStatus(StrEnum):
    """``import_status`` of the HTTP API."""

    QUEUED = "queued"
    PROCESSING = "processing"
    SUCCESS = "success"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


_STATUS_OF: Final = {
    None: ImportStatus.QUEUED,
    Phase.QUEUED: ImportStatus.QUEUED,
    Phase.RUNNING: ImportStatus.PROCESSING,
    Phase.SUCCEEDED: ImportStatus.SUCCESS,
    Phase.PARTIALLY_SUCCEEDED: ImportStatus.PARTIAL,
    Phase.FAILED: ImportStatus.FAILED,
    Phase.CANCELLED: ImportStatus.CANCELLED,
}

QUEUED_SENTENCE: Final = "Import has been put in the queue."
"""``import_progress`` of the answer to an upload, as the compatible API words it."""


def import_status(phase: Phase | None) -> ImportStatus:
    """The HTTP API's word for a phase; a resource without a phase counts as queued."""
    return _STATUS_OF[phase]


class ExitCode:
    """How a processor ends, for the operator."""

    DONE: Final = 0
    """The final status is written (also ``PartiallySucceeded``)."""
    BAD_INPUT: Final = 42
    """The final status is written and is ``Failed``: another attempt would end the same way."""
    # Every other exit code means that the attempt broke, and is retried.
