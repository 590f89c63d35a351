"""What the attributes of a ``<testcase>`` say of its outcome, when nothing that stands in it does."""

from collections.abc import Mapping
from typing import Final

from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN

_WORDS: Final = {
    word: status
    for status, words in {
        PASSED: "pass passed passing ok success successful succeeded run ran executed complete completed done finished "
        "fixed true expected flaky xfail xpass xpassed bpass bxfail passedonretry passedwithwarnings",
        FAILED: "fail failed failing failure regression false ko nok unexpected unexpectedsuccess",
        BROKEN: "error errored broken timeout timedout aborted interrupted crash crashed exception fatal hung killed "
        "panic panicked terminated",
        SKIPPED: "cancelled canceled disabled filtered ignore ignored notexecuted notrun skip skipped suppressed "
        "assumptionfailure bfail bxpass bskip deselected didnotrun excluded expectedfailure n/a omitted quarantined "
        "unsupported xfailed",
        UNKNOWN: "ambiguous blocked inconclusive incomplete invalid noasserts notimplemented pending queued risky "
        "running todo undefined unknown unresolved untested useless warning",
    }.items()
    for word in words.split()
}
"""``status`` and ``result`` of googletest, CTest, Catch2, Cucumber, Qt Test and others, see ``_compact``."""
_IS_WORD: Final = ("status", "result")
_IF_TRUE: Final = {"skipped": SKIPPED, "disabled": SKIPPED, "ignored": SKIPPED, "incomplete": UNKNOWN}
_IF_FALSE: Final = {"executed": SKIPPED, "success": FAILED}
_TRUE: Final = frozenset({"true", "yes", "1"})
_FALSE: Final = frozenset({"false", "no", "0"})
_SEPARATORS: Final = str.maketrans("", "", " _-\t\n")

OUTCOME_ATTRIBUTES: Final = frozenset({*_IS_WORD, *_IF_TRUE, *_IF_FALSE})
"""The attributes that bear on the outcome."""


def status_by_attributes(attributes: Mapping[str, str]) -> tuple[int, str]:
    """The outcome of a test case without children, and the first word in it that is not known here.

    A word that is not known means nothing: most tools that write such attributes also write children.
    """
    if OUTCOME_ATTRIBUTES.isdisjoint(attributes):
        return PASSED, ""
    unknown = ""
    for name in _IS_WORD:
        word = _compact(attributes.get(name, ""))
        status = _WORDS.get(word, PASSED)
        if status != PASSED:
            return status, unknown
        if word and word not in _WORDS:
            unknown = unknown or attributes[name]
    for table, values in ((_IF_TRUE, _TRUE), (_IF_FALSE, _FALSE)):
        for name, status in table.items():
            if name in attributes and _compact(attributes[name]) in values:
                return status, unknown
    return PASSED, unknown


def _compact(word: str) -> str:
    """So that ``Not run``, ``not_run`` and ``NOTRUN`` are one word."""
    return word.translate(_SEPARATORS).casefold()
