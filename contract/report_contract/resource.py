"""The ``ReportImport`` resource. These models are its one definition: ``crds/`` is generated from
them, and their docstrings are what ``kubectl explain`` shows.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from report_contract.base import Model, OpenModel, Timestamp
from report_contract.codes import Level
from report_contract.names import API_VERSION, KIND
from report_contract.options import ImportOptions
from report_contract.phases import Phase

MAX_LISTED_FILES = 100
"""Files that the resource itself names; ``request.json`` names all of them."""
MAX_STATUS_MESSAGES = 10
"""Messages that the resource carries; ``report.json`` has the rest."""
MAX_MESSAGE_TEXT = 500
"""Characters of one message."""

ProfileName = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,63}$")]
NonNegative = Annotated[int, Field(ge=0)]


class SourceFile(Model):
    """One uploaded object."""

    key: Annotated[str, Field(min_length=1, max_length=1024)]
    """Object key in the bucket."""
    name: Annotated[str, Field(max_length=1024)]
    """File name as the client gave it."""
    size: NonNegative
    """Size in bytes."""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    """SHA-256 of the bytes, in lower-case hexadecimal. Empty: not known, and not checked."""


class Source(Model):
    """Where the uploaded files lie in object storage."""

    bucket: Annotated[str, Field(min_length=3, max_length=63)]
    """Bucket of the objects. It must be the bucket that this installation uses."""
    prefix: Annotated[str, Field(max_length=1024)]
    """Key prefix under which everything about this import lies, such as imports/41/."""
    files: Annotated[list[SourceFile], Field(max_length=MAX_LISTED_FILES)] = []
    """The first files of the upload. request.json in the same folder names all of them."""
    file_count: NonNegative = 0
    """Number of files of the upload."""
    bytes: NonNegative = 0
    """Size of all files together, in bytes."""


class ReportImportSpec(Model):
    """What is to be imported. Immutable, but for cancel and priority."""

    report_id: Annotated[int, Field(ge=1)]
    """Number of the report. The resource must be called report-<reportId>."""
    profile: ProfileName
    """Id or key of the profile that the report goes to."""
    formatter: Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,63}$")] = ""
    """Key of the format. Empty: detected from the content."""
    source: Source
    """The uploaded files."""
    options: ImportOptions = ImportOptions()
    """Import options, as the HTTP API takes them."""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """Higher runs earlier. Imports of equal priority are taken in turn over the profiles."""
    cancel: bool = False
    """Set to true to stop the import. It ends as Cancelled."""


class Progress(OpenModel):
    """How far the running attempt is. Written by the processor every few seconds."""

    percent: Annotated[int, Field(ge=0, le=100)] = 0
    """Bytes read of all bytes, in percent."""
    files_total: NonNegative = 0
    """Number of files to read."""
    files_done: NonNegative = 0
    """Number of files read to their end."""
    bytes_total: NonNegative = 0
    """Bytes to read."""
    bytes_done: NonNegative = 0
    """Bytes read."""
    tests: NonNegative = 0
    """Results found so far."""
    failed: NonNegative = 0
    """Results found so far that failed or broke."""
    heartbeat_at: Timestamp | None = None
    """Last sign of life of the processor."""


class Counts(OpenModel):
    """Results by status, counted from the results themselves."""

    total: NonNegative = 0
    """All results."""
    passed: NonNegative = 0
    """Results that passed."""
    failed: NonNegative = 0
    """Results with a failed expectation."""
    broken: NonNegative = 0
    """Results that could not finish: an error outside the expectation."""
    skipped: NonNegative = 0
    """Results that did not run."""
    unknown: NonNegative = 0
    """Results without a clear outcome."""
    informational: NonNegative = 0
    """Results that state a fact and judge nothing."""


class Message(OpenModel):
    """Something a person should know about this import."""

    level: Level
    """info, warning or error."""
    code: Annotated[str, Field(max_length=63)]
    """Stable code; docs/messages.md explains each."""
    message: Annotated[str, Field(max_length=MAX_MESSAGE_TEXT)]
    """What happened, where, and what to do."""
    file: Annotated[str, Field(max_length=1024)] = ""
    """Name of the file, as it was uploaded. Empty: the import as a whole."""
    line: NonNegative | None = None
    """Line in the file, from 1."""
    column: NonNegative | None = None
    """Column in the line, from 1."""
    count: Annotated[int, Field(ge=1)] = 1
    """How often it happened in this file; the place is that of the first."""


class Condition(OpenModel):
    """A Kubernetes condition."""

    type: Literal["Accepted", "Processing", "Complete", "Ready", "Stalled"]
    """Accepted: taken into the queue. Processing: a Job works on it. Complete: it has ended, well
    or badly. Ready and Stalled are what kstatus looks at: Ready is true when the report can be
    read, Stalled is true when the import failed for good."""
    status: Literal["True", "False", "Unknown"]
    """True, False or Unknown."""
    reason: Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")]
    """CamelCase word for programs."""
    message: Annotated[str, Field(max_length=32768)] = ""
    """Sentence for people."""
    last_transition_time: Timestamp
    """When the status last changed."""
    observed_generation: NonNegative | None = None
    """Generation of the resource that this was decided for."""


class Attempts(OpenModel):
    """The attempts of this import so far."""

    started: NonNegative = 0
    """Attempts started, the running one included."""
    counted: NonNegative = 0
    """Attempts that count against the limit: those that a lost node or an eviction ended do not."""
    memory_bytes: NonNegative = 0
    """Memory limit of the latest attempt, in bytes."""
    last_reason: Annotated[str, Field(max_length=63)] = ""
    """Why the latest finished attempt ended."""


class ReportImportStatus(OpenModel):
    """Where the import is. Numbers and a few messages only: results are in object storage."""

    phase: Phase | None = None
    """Queued, Running, Succeeded, PartiallySucceeded, Failed or Cancelled. The last four are final."""
    reason: Annotated[str, Field(max_length=63)] = ""
    """Why it is in this phase, as one CamelCase word."""
    message: Annotated[str, Field(max_length=1024)] = ""
    """The same as a sentence for people. The API gives it as import_progress."""
    progress: Progress | None = None
    """How far the running attempt is."""
    counts: Counts | None = None
    """Results by status. Final when the phase is."""
    attempts: Attempts | None = None
    """The attempts so far."""
    messages: Annotated[list[Message], Field(max_length=MAX_STATUS_MESSAGES)] = []
    """The first messages, the worst first. report.json has all that were kept."""
    message_count: NonNegative = 0
    """Number of messages that were kept in report.json."""
    job: Annotated[str, Field(max_length=63)] = ""
    """Name of the Job of the latest attempt."""
    queued_at: Timestamp | None = None
    """When it was put in the queue."""
    started_at: Timestamp | None = None
    """When its first attempt was started."""
    completed_at: Timestamp | None = None
    """When it ended."""
    expires_at: Timestamp | None = None
    """When this resource will be deleted. The report stays in object storage."""
    duration: Annotated[str, Field(max_length=32)] = ""
    """Time from the start to the end, such as 1m12s."""
    conditions: list[Condition] = []
    """Conditions, one of each type."""
    observed_generation: NonNegative | None = None
    """Generation of the resource that this status was decided for."""


class ReportImport(OpenModel):
    """One upload of test reports, and what becomes of it."""

    api_version: Literal["reportimport.dev/v1"] = API_VERSION
    kind: Literal["ReportImport"] = KIND
    metadata: dict[str, Any] = {}
    """Standard object metadata."""
    spec: ReportImportSpec
    """What is to be imported."""
    status: ReportImportStatus = ReportImportStatus()
    """Where the import is."""

    @property
    def report_id(self) -> int:
        """The number of the report."""
        return self.spec.report_id
