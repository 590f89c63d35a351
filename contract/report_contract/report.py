"""The report as it is stored: ``report.json`` for the first view, and the columns of the tables.

A report holds containers, which nest; a container holds results; a result holds its attempts.
``report.json`` stays small for any import: it has the head of each list and the count of the whole;
``tests.parquet`` and ``containers.parquet`` have everything.
"""

from enum import StrEnum
from typing import Annotated, Final, NamedTuple

from pydantic import Field

from report_contract.base import OpenModel, Timestamp
from report_contract.resource import Counts, Message, NonNegative

MAX_REPORT_FILES: Final = 1000
MAX_REPORT_MESSAGES: Final = 1000
MAX_REPORT_CONTAINERS: Final = 1000
MAX_REPORT_FAILURES: Final = 200
MAX_HEAD_TEXT: Final = 4000
"""Characters of each text of a result in ``report.json``; the table has the text whole."""


class ResultStatus(StrEnum):
    """The outcome of a result. The first six are counted in the compatible API."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    INFORMATIONAL = "informational"


class Verdict(StrEnum):
    """What became of one file."""

    PARSED = "parsed"
    """Read to its end."""
    PARTLY_PARSED = "partly_parsed"
    """Damaged: what stands before the damage is in the report."""
    REJECTED = "rejected"
    """No result of it is in the report."""
    ATTACHMENT = "attachment"
    """No report; kept beside the report."""


class FileReport(OpenModel):
    """One file of the upload and what became of it."""

    path: str
    """Name as uploaded; a member of an archive follows after `!`, such as results.zip!a/TEST-x.xml."""
    format: str = ""
    """Key of the formatter; empty when none fits."""
    evidence: str = ""
    """How the format was recognised."""
    verdict: Verdict
    """What became of it."""
    counts: Counts = Counts()
    """Results in this file."""
    containers: NonNegative = 0
    """Containers in this file."""
    attempts: NonNegative = 0
    """Attempts in this file; at least one for each result."""
    duration: float | None = None
    """Sum of the durations of its results, in seconds; None when no result has one."""
    messages: list[Message] = []
    """What a person should know about this file."""


class Attempt(OpenModel):
    """One run of a test that was run several times, in the order of the runs."""

    status: ResultStatus
    """Outcome of this run."""
    duration: float | None = None
    """Seconds."""
    exception_name: str = ""
    """Type of the exception or failure."""
    exception_description: str = ""
    """Its message."""
    exception_backtrace: str = ""
    """Its backtrace and captured output."""


class Label(NamedTuple):
    """A name and a value that a tool attached to a result, such as a JUnit property."""

    name: str
    value: str


class Asset(OpenModel):
    """A file that belongs to a result."""

    name: str
    """The path that the report names."""
    key: str = ""
    """Object key; empty when the file is not in the upload."""


class ResultHead(OpenModel):
    """One result in ``report.json``, its long texts cut. The fields are those of the table."""

    id: int
    container_id: int
    container_path: str = ""
    file: str = ""
    line: int | None = None
    title: str
    classification: str = ""
    description: str = ""
    status: ResultStatus
    duration: float | None = None
    exception_name: str = ""
    exception_description: str = ""
    exception_backtrace: str = ""
    flaky: bool = False
    attempts: list[Attempt] = []
    labels: list[Label] = []
    assets: list[Asset] = []


class ContainerHead(OpenModel):
    """One container in ``report.json``. Counts include everything below it."""

    id: int
    """From 1, in the order of the report."""
    parent_id: int | None = None
    """None at the top."""
    title: str
    classification: str = ""
    description: str = ""
    counts: Counts = Counts()
    duration: float | None = None
    """Sum of the durations of the results below it, in seconds."""


class Report(OpenModel):
    """``report.json``."""

    report_id: NonNegative
    """Number of the report; 0 when it was parsed without a server."""
    profile: str = ""
    origin: str = ""
    """Format of the files, such as junit_xml; `mixed` when they are of several formats."""
    date: Timestamp | None = None
    """When the tests ran: as the caller said, else as the files say, else the time of the import."""
    date_source: str = ""
    """Where the date comes from: option, file or import."""
    tags: list[str] = []
    os: str = ""
    platform: str = ""
    build: str = ""
    created_at: Timestamp
    counts: Counts
    duration: float | None = None
    """Sum of the durations of all results, in seconds."""
    history_hash: str = ""
    """SHA-1 of the profile's name: reports of one profile share a line of history."""
    status_hash: str = ""
    """SHA-1 over the outcomes of all results: equal when nothing changed."""
    container_count: NonNegative = 0
    attempt_count: NonNegative = 0
    flaky_count: NonNegative = 0
    file_count: NonNegative = 0
    message_count: NonNegative = 0
    files: Annotated[list[FileReport], Field(max_length=MAX_REPORT_FILES)] = []
    """The first files; bad ones first when there are more than fit."""
    messages: Annotated[list[Message], Field(max_length=MAX_REPORT_MESSAGES)] = []
    containers: Annotated[list[ContainerHead], Field(max_length=MAX_REPORT_CONTAINERS)] = []
    """The first containers, in the order of the report."""
    failures: Annotated[list[ResultHead], Field(max_length=MAX_REPORT_FAILURES)] = []
    """The first results that failed or broke."""


TEST_COLUMNS: Final[dict[str, str]] = {
    "id": "int64: number of the result in the report, from 1, in the order of the files; that of a run that became an "
    "attempt is left out",
    "file": "string: file of the upload that it comes from",
    "line": "int64, nullable: line in that file",
    "container_id": "int64: container it lies in (containers.parquet); 0 when it stands straight under the root",
    "container_path": "string: titles of its containers from the top, joined by ' > '",
    "title": "string: name of the test",
    "classification": "string: kind or class, such as a JUnit classname",
    "description": "string",
    "status": "string: passed, failed, broken, skipped, unknown or informational",
    "duration": "double, nullable: seconds",
    "exception_name": "string: type of the failure; empty when it did not fail",
    "exception_description": "string: message of the failure",
    "exception_backtrace": "string: backtrace and captured output",
    "flaky": "bool: an attempt failed before it passed",
    "attempts": "list<struct<status, duration, exception_name, exception_description, exception_backtrace>>: "
    "all runs in order, when there was more than one; else empty",
    "labels": "list<struct<name, value>>: properties that the tool attached",
    "assets": "list<struct<name, key>>: files that belong to it",
    "history_hash": "string: identity of the test across reports, 40 hexadecimal digits",
}
"""Columns of ``tests.parquet``, in order. Row groups are sorted: failed and broken come first."""

CONTAINER_COLUMNS: Final[dict[str, str]] = {
    "id": "int64: from 1, in the order of the report",
    "parent_id": "int64, nullable: null at the top",
    "file": "string: file of the upload that it comes from",
    "line": "int64, nullable: line in that file",
    "title": "string",
    "classification": "string",
    "description": "string: captured output and the like of the container itself",
    "labels": "list<struct<name, value>>",
    "total": "int64: results below it, at any depth",
    "passed": "int64",
    "failed": "int64",
    "broken": "int64",
    "skipped": "int64",
    "unknown": "int64",
    "informational": "int64",
    "duration": "double, nullable: sum of the durations of the results below it, in seconds",
}
"""Columns of ``containers.parquet``, in order."""
