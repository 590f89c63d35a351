"""Test cases and suites as events: results, containers, and messages about what is not as it should be."""

from collections.abc import Mapping

from report_processor import limits
from report_processor.events import PASSED, SKIPPED, Recorder
from report_processor.formats.junit.case import Case
from report_processor.formats.junit.suite import Suite
from report_processor.parsing.durations import seconds
from report_processor.parsing.json_format import EARLIEST, moment


def record_case(case: Case, suite: Suite, recorder: Recorder, *, of_suite: bool = False) -> None:
    """A test case of this suite ends. ``of_suite``: it stands for a problem of the suite itself."""
    attributes, line = case.attributes, case.line
    title = attributes.get("name", "")
    classification = attributes.get("classname") or attributes.get("class") or attributes.get("className") or ""
    if not title or title.isspace():
        # Surefire: what breaks a whole class, such as @BeforeAll, has the name of the class alone.
        title = classification
        if not title or title.isspace():
            title = f"testcase at line {line}"
            recorder.note("missing_name", "a testcase has no name", line, case.column)
    if len(title) > limits.TITLE or len(classification) > limits.CLASSIFICATION:
        title = _short(title, limits.TITLE, line, recorder)
        classification = _short(classification, limits.CLASSIFICATION, line, recorder)
    duration = None
    if time := attributes.get("time"):
        duration = seconds(time)
        if duration is None:
            recorder.note("invalid_duration", f'time="{time[:100]}"', line, case.column)
    status, details = case.outcome(duration, rolled_up=suite.has_flakes)
    case.close()
    if suite.is_qt and status == PASSED and "result" not in attributes:
        status = SKIPPED
    suite.count(status, 1, case.elements, of_suite=of_suite)
    if case.cut or case.cut_labels:
        _note_cuts(case.cut_labels, case.cut, line, recorder)
    if case.unknown_status:
        recorder.note("unknown_status", case.unknown_status[:100], line, case.column)
    recorder.rows.append((title, classification, status, duration, line, details))


def open_suite(attributes: Mapping[str, str], line: int, column: int, recorder: Recorder) -> str:
    """A suite begins; returns its title."""
    title = _short(attributes.get("name", ""), limits.TITLE, line, recorder)
    record_date(attributes, line, column, recorder)
    recorder.open(title, "testsuite", line)
    return title


def close_suite(suite: Suite, recorder: Recorder) -> None:
    """A suite ends."""
    _note_cuts(suite.cut_labels, suite.cut, suite.line, recorder)
    recorder.close(suite.description, suite.labels)
    suite.close()


def record_date(attributes: Mapping[str, str], line: int, column: int, recorder: Recorder) -> None:
    """When the tests of a suite or of the report ran."""
    text = attributes.get("timestamp", "").strip()
    if not text:
        return
    found = moment(text)
    if found is None:
        recorder.note("invalid_date", f'timestamp="{text[:100]}"', line, column)
    elif found >= EARLIEST:
        recorder.date(found)


def note_differences(suite: Suite, recorder: Recorder) -> None:
    """A suite's counts that are not those of its test cases."""
    for text in suite.differences():
        name = f" of {suite.title[:100]}" if suite.title else ""
        recorder.note("suite_count_differs", f"{text}{name}", suite.line, suite.column)


def _short(text: str, limit: int, line: int, recorder: Recorder) -> str:
    if len(text) <= limit:
        return text
    recorder.note("field_cut", f"{len(text) - limit} characters of a name were cut, the limit is {limit}", line)
    return text[:limit]


def _note_cuts(labels: int, characters: int, line: int, recorder: Recorder) -> None:
    if characters:
        recorder.note("field_cut", f"{characters} characters of output or backtrace were cut", line)
    if labels:
        recorder.note("field_cut", f"{labels} labels or files were cut or left out", line)
