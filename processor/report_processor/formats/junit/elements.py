"""What each element of a JUnit file is, by the one that it stands in."""

from typing import Final

from report_processor.events import BROKEN, FAILED, SKIPPED, UNKNOWN

DOCUMENT, SUITES, SUITE, WRAPPER, CASE = range(5)
FAILURE, RERUN, FLAKY, SKIP = range(5, 9)
TRACE, PART, ATTEMPT_OUTPUT, OUTPUT, SUITE_OUTPUT, PROPERTIES, PROPERTY, ITEM, SILENT, OTHER = range(9, 19)

ROOTS: Final = {"testsuites": SUITES, "testsuite": SUITE, "testrun": SUITES}
"""Root elements; ``<testrun>`` is Eclipse's and IntelliJ's."""

_PROBLEM: Final = {
    "failure": (FAILURE, FAILED),
    "error": (FAILURE, BROKEN),
    "timeout": (FAILURE, BROKEN),
    "warning": (FAILURE, UNKNOWN),
    "risky": (FAILURE, UNKNOWN),
    "pending": (FAILURE, UNKNOWN),
    "skipped": (SKIP, SKIPPED),
    "ignored": (SKIP, SKIPPED),
    "disabled": (SKIP, SKIPPED),
    "cancelled": (SKIP, SKIPPED),
    "notrun": (SKIP, SKIPPED),
    "skip": (SKIP, SKIPPED),
    "rerunFailure": (RERUN, FAILED),
    "rerunError": (RERUN, BROKEN),
    "flakyFailure": (FLAKY, FAILED),
    "flakyError": (FLAKY, BROKEN),
}
"""What says that a test did not simply pass, and the status that it stands for."""
_IN_SUITE: Final = {
    "testsuites": WRAPPER,
    "testsuite": SUITE,
    "testcase": CASE,
    "properties": PROPERTIES,
    "system-out": SUITE_OUTPUT,
    "system-err": SUITE_OUTPUT,
    "failure": FAILURE,
    "error": FAILURE,
    "skipped": SKIP,
    # IntelliJ
    "suite": SUITE,
    "test": CASE,
}
_IN_ATTEMPT: Final = {
    "stackTrace": TRACE,
    "expected": PART,
    "actual": PART,
    "system-out": ATTEMPT_OUTPUT,
    "system-err": ATTEMPT_OUTPUT,
}

CHILDREN: Final[dict[int, dict[str, int]]] = {
    DOCUMENT: ROOTS,
    SUITES: {
        **_IN_SUITE,
        # IntelliJ's settings, and Beaker's
        **dict.fromkeys(("count", "config", "root", "meta_test_info"), SILENT),
    },
    SUITE: _IN_SUITE,
    WRAPPER: {"testsuites": WRAPPER, "testsuite": SUITE, "testcase": CASE},
    CASE: {
        **{name: kind for name, (kind, _) in _PROBLEM.items()},
        "system-out": OUTPUT,
        "system-err": OUTPUT,
        "properties": PROPERTIES,
        "property": PROPERTY,
        "testcase": CASE,
        "testsuite": SUITE,
        "testsuites": WRAPPER,  # where a document broke off and another one follows (libtest)
        "output": OUTPUT,
        "diff": SILENT,
    },
    RERUN: _IN_ATTEMPT,
    FLAKY: _IN_ATTEMPT,
    FAILURE: _IN_ATTEMPT,
    SKIP: {},
    PROPERTIES: {"property": PROPERTY},
    PROPERTY: {"item": ITEM},
}
"""Kinds of children by the kind of their parent; others are ``OTHER``."""
PROBLEM_STATUS: Final = {name: status for name, (_, status) in _PROBLEM.items()}
PROBLEMS: Final = frozenset({FAILURE, RERUN, FLAKY, SKIP})
AT_SUITE: Final = frozenset({SUITES, SUITE, WRAPPER})
TEXTS: Final = frozenset({FAILURE, RERUN, FLAKY, SKIP, OUTPUT, SUITE_OUTPUT, TRACE, PART, ATTEMPT_OUTPUT})
"""Elements whose text is kept."""
UNREAD: Final = frozenset({SILENT, OTHER})
"""Elements that mean nothing here, and all that stands in them. Those that are ``OTHER`` were noted."""
