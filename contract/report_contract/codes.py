"""Every message that an import can carry: its code, its level and what to do about it.

``docs/messages.md`` is generated from this table, so that what the page says, what the API
returns and what the documentation explains cannot drift apart.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """How bad a message is. Errors cost a file or the import; warnings cost a detail."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of message."""

    key: str
    level: Level
    meaning: str
    """When it appears, in one sentence."""
    advice: str
    """What the person who sees it can do."""


CODES: Final[dict[str, Code]] = {}


def _code(key: str, level: Level, meaning: str, advice: str) -> str:
    if key in CODES:
        raise ValueError(f"message code {key} is defined twice")
    CODES[key] = Code(key, level, meaning, advice)
    return key


# Detection
INVALID_FORMATTER: Final = _code(
    "invalid_formatter",
    Level.ERROR,
    "The formatter named in the call is not one that this server knows.",
    "Use a key of GET /api/v2/formatters, or leave the formatter out to detect it.",
)
MULTIPLE_FORMATTER_MATCH: Final = _code(
    "multiple_formatter_match",
    Level.ERROR,
    "A file fits more than one formatter.",
    "Name the formatter in the call.",
)
ZERO_FILES_MATCHED: Final = _code(
    "zero_files_matched_formatters",
    Level.ERROR,
    "No file of the upload fits a formatter.",
    "Check that the test tool wrote a report and that it is one of the supported formats.",
)
FORMATTER_MISMATCH: Final = _code(
    "formatter_mismatch",
    Level.ERROR,
    "The file is not of the format that the call names.",
    "Leave the formatter out to have it detected, or send a file of that format.",
)
UNSPECIFIED_FORMATTER: Final = _code(
    "unspecified_formatter",
    Level.INFO,
    "The call named no formatter, so it was detected from the content.",
    "Name the formatter in the call, or send ignore_unspecified_formatter=true.",
)
FILES_MOVED: Final = _code(
    "files_moved",
    Level.INFO,
    "A file that is no report was kept as an attachment.",
    "Send it as attachment[], or send suppress_files_moved=true.",
)

# Files as a whole
EMPTY_FILE: Final = _code(
    "empty_file", Level.ERROR, "The file has no bytes.", "Check that the test tool ran to its end."
)
LINK_SKIPPED: Final = _code(
    "link_skipped",
    Level.WARNING,
    "A link in an archive is not followed: what it points to is read only if that is in the upload itself.",
    "Pack the files themselves: tar with --dereference, zip without --symlinks.",
)
MALFORMED: Final = _code(
    "malformed",
    Level.ERROR,
    "The file breaks the rules of its format at this place.",
    "Everything before this place is in the report. Mend the file and import it again.",
)
TRUNCATED: Final = _code(
    "truncated_file",
    Level.ERROR,
    "The file ends in the middle: the tool that wrote it did not finish.",
    "Everything before the end is in the report. Check whether the test run was killed.",
)
MISSING_OBJECT: Final = _code(
    "missing_object",
    Level.ERROR,
    "The file is not in object storage.",
    "Check spec.source: bucket and key must name an existing object.",
)
CHECKSUM_MISMATCH: Final = _code(
    "checksum_mismatch",
    Level.ERROR,
    "The stored file is not the one that was uploaded: its SHA-256 differs.",
    "Upload it again, and check who else writes to the bucket.",
)
NO_TESTS: Final = _code(
    "no_tests",
    Level.WARNING,
    "The file is a valid report but holds no test.",
    "Check the test run, or send ignore_empty_report=true.",
)
LIMIT_EXCEEDED: Final = _code(
    "limit_exceeded",
    Level.ERROR,
    "The file goes past a limit of this server, which the message names.",
    "Split the file, or ask the operator of the server to raise the limit.",
)
INTERNAL_ERROR: Final = _code(
    "internal_error",
    Level.ERROR,
    "The importer itself failed while it read the file.",
    "What was read before is in the report, and log.txt has the details. Tell us about it.",
)

# Content
REPLACED_BYTES: Final = _code(
    "replaced_bytes",
    Level.WARNING,
    "Bytes that are not text in the file's encoding were replaced by U+FFFD.",
    "Write the report in UTF-8. The original file is kept untouched.",
)
REPLACED_CHARACTERS: Final = _code(
    "replaced_characters",
    Level.WARNING,
    "Characters that the format forbids were replaced by U+FFFD.",
    "Often terminal colours in captured output; turn them off in the test run.",
)
ENCODING_DIFFERS: Final = _code(
    "encoding_differs",
    Level.WARNING,
    "The file is not in the encoding that it declares; the real one was used.",
    "Mend the declaration in the file's first line.",
)
UNKNOWN_ENTITY: Final = _code(
    "unknown_entity",
    Level.WARNING,
    "An entity reference was kept as text, because it is not one of XML's own.",
    "Entities declared in a file are never expanded and external ones never fetched.",
)
FIELD_CUT: Final = _code(
    "field_cut",
    Level.WARNING,
    "A text was longer than the limit and was cut; the message says by how much.",
    "The whole text is in the original file.",
)
SUITE_COUNT_DIFFERS: Final = _code(
    "suite_count_differs",
    Level.WARNING,
    "A count in the file's own summary differs from the tests that are in it.",
    "The report counts the tests. Often a test process died before it wrote its last tests.",
)
UNKNOWN_STATUS: Final = _code(
    "unknown_status",
    Level.WARNING,
    "A test's status is a word that is not known here; the test counts as unknown, in JUnit XML as passed.",
    "Check the test. Tell us about the tool that writes the word.",
)
MISSING_NAME: Final = _code(
    "missing_name",
    Level.WARNING,
    "A test has no name, so a name was made from its place in the file.",
    "Its history cannot be followed. Give the test a name.",
)
DUPLICATE_NAMES: Final = _code(
    "duplicate_names",
    Level.WARNING,
    "Several results have the same path of titles, so their history cannot be told apart.",
    "Give parametrised tests their parameters in the name.",
)
INVALID_DURATION: Final = _code(
    "invalid_duration",
    Level.WARNING,
    "A duration is not a number of seconds, or is negative; it was left empty.",
    "Check the tool that wrote the file.",
)
INVALID_DATE: Final = _code(
    "invalid_date",
    Level.WARNING,
    "A date cannot be read; it was left out.",
    "Use ISO 8601, or send date= with the import.",
)
MISSING_DURATIONS: Final = _code(
    "missing_durations",
    Level.INFO,
    "No test of a file has a duration.",
    "Slow tests cannot be found. Check whether the tool can write durations.",
)
NO_REPORT_DATE: Final = _code(
    "no_report_date",
    Level.INFO,
    "The files do not say when the tests ran, so the time of the import counts.",
    "Send date= with the import when the tests ran earlier.",
)
FUTURE_REPORT_DATE: Final = _code(
    "future_report_date",
    Level.WARNING,
    "The tests ran in the future, as the date says.",
    "Check clock and time zone of the machine that ran the tests, or send date= with the import.",
)
CONTAINERS_NOT_MERGED: Final = _code(
    "containers_not_merged",
    Level.WARNING,
    "There were more containers than can be remembered for merging; one that is like an earlier one may stay apart.",
    "Send the files as several imports, or merge_containers=false.",
)
OLD_REPORT_DATE: Final = _code(
    "old_report_date",
    Level.WARNING,
    "The tests ran long before the import.",
    "Check that the right file was sent, or send ignore_old_report_date=true.",
)
UNKNOWN_ELEMENT: Final = _code(
    "unknown_element",
    Level.WARNING,
    "The file has an element that this format does not define; its content was skipped.",
    "The original file is kept. Tell us about the tool that writes it.",
)
TEXT_AROUND_REPORT: Final = _code(
    "text_around_report",
    Level.INFO,
    "Text before or after the report in its file was skipped.",
    "Often it is what the build printed. A report that the tool writes to a file of its own has none.",
)
DEPTH_FLATTENED: Final = _code(
    "depth_flattened",
    Level.WARNING,
    "Containers nested deeper than the limit were joined to the deepest one that is allowed.",
    "The tests in them are all in the report.",
)
ATTACHMENT_NOT_FOUND: Final = _code(
    "attachment_not_found",
    Level.WARNING,
    "A result names a file that is not in the upload.",
    "Send it as attachment[] in the same call.",
)
TOOL_MESSAGE: Final = _code(
    "tool_message",
    Level.INFO,
    "The test tool wrote a warning or an error of its own into the file, outside of any test.",
    "Read it: it may say why tests are missing or failed.",
)
FILES_NOT_SHOWN: Final = _code(
    "files_not_shown",
    Level.INFO,
    "There were more files than the list of files shows; their results are all in the report.",
    "Bad files are shown first. The tables name the file of each result.",
)
