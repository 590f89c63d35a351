"""What Boost.Test's report (``TestResult``) says of test cases and suites: a word for the outcome, and counts."""

from collections.abc import Mapping
from typing import Final

from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Recorder
from report_processor.formats.boost.suite import Suite
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import seconds

_RESULTS: Final = {
    "passed": PASSED,
    "failed": FAILED,
    "aborted": BROKEN,
    "timed-out": BROKEN,
    "skipped": SKIPPED,
}
_BAD: Final = frozenset({FAILED, BROKEN})
_COUNTS: Final = ("passed", "passed_with_warnings", "failed", "skipped", "timed_out")
"""Of ``test_cases_...``. Those that were aborted are among those that failed."""


def read_case(draft: Draft, attributes: Mapping[str, str], recorder: Recorder) -> None:
    """The outcome of a test case."""
    word = attributes.get("result", "")
    draft.status = _RESULTS.get(word, UNKNOWN)
    if word not in _RESULTS:
        recorder.note("unknown_status", word[:100], draft.line, draft.column)
    if draft.status in _BAD:
        failed, passed = (attributes.get(f"assertions_{name}", "0")[:20] for name in ("failed", "passed"))
        draft.exception = word if draft.status == BROKEN else "assertion error"
        draft.message(f"{failed} assertions failed, {passed} passed")
    for name in ("warnings_failed", "expected_failures"):
        if (number := attributes.get(name, "0")) != "0":
            draft.describe(f"{name.replace('_', ' ')}: {number[:20]}")


def check_counts(suite: Suite, recorder: Recorder) -> None:
    """Whether all test cases of a suite are there."""
    counts = _counts(suite)
    promised = sum(counts.values())
    missing = promised - suite.found
    if f"test_cases_{_COUNTS[0]}" not in suite.attributes or missing == suite.lost + suite.hidden:
        return
    told = f"{promised} test cases of {suite.title[:100]}, but there are {suite.found}"
    if missing - suite.lost == counts["skipped"] - suite.skipped:
        recorder.note("tool_message", f"{told}: disabled ones are counted and not written", suite.line)
        suite.hidden = missing - suite.lost
    else:
        recorder.note("suite_count_differs", told, suite.line)
        suite.lost = missing - suite.hidden


def record_suite(suite: Suite, recorder: Recorder) -> None:
    """A result for a suite that is bad though no test case in it is, or whose test cases are not named."""
    counts = {name: count for name, count in _counts(suite).items() if count}
    word = suite.attributes.get("result", "")
    status = _RESULTS.get(word, PASSED)
    bad = status in _BAD
    if not (bad and not suite.bad) and not (sum(counts.values()) and not suite.inner):
        return
    draft = Draft(suite.title, "TestSuite", line=suite.line)
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    if bad:
        draft.fail(status, word, told)
    else:
        draft.status = status
        draft.message(told)
    draft.record(recorder)
    suite.bad += bad


def _counts(suite: Suite) -> dict[str, int]:
    return {name: int(seconds(suite.attributes.get(f"test_cases_{name}", "")) or 0) for name in _COUNTS}
