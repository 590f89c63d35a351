"""Outcomes of NUnit, in the words of all its versions."""

from collections.abc import Mapping
from typing import Final

from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN

_STATUS: Final = {
    "passed": PASSED,
    "success": PASSED,
    "failed": FAILED,
    "failure": FAILED,
    "error": BROKEN,
    "notrunnable": BROKEN,
    "invalid": BROKEN,
    "cancelled": BROKEN,
    "ignored": SKIPPED,
    "skipped": SKIPPED,
    "explicit": SKIPPED,
    "inconclusive": UNKNOWN,
    "warning": UNKNOWN,
}
_BROKEN_LABELS: Final = frozenset({"error", "invalid", "cancelled", "notrunnable"})
"""What ``label`` says of a failed test that did not fail by an assertion."""

EXPECTED_LABELS: Final = frozenset({"", "error", "invalid", "cancelled", "ignored", "explicit", "notrunnable"})
"""Labels that say no more than the status does."""


def status_of(attributes: Mapping[str, str]) -> tuple[int, str]:
    """The status, and the word when it is not known.

    ``result`` says it, with ``label`` beside it in version 3. Before 2.5 there were only ``executed`` and
    ``success``; and Karma's reporter writes skipped tests as a success that was not executed. Programs that take
    the word from NUnit's own object, as Unity's do, write ``Failed:Error(SetUp)``.
    """
    word = attributes.get("result", "").strip().lower()
    if not word:
        return _by_flags(attributes)
    label = attributes.get("label", "").strip().lower()
    status = _STATUS.get(word)
    if status is None:
        word, _, within = word.partition("(")[0].partition(":")
        status, label = _STATUS.get(word), label or within
    if status is None:
        return UNKNOWN, attributes["result"]
    if status == PASSED and _is_false(attributes, "executed"):
        return SKIPPED, ""
    if status == FAILED and label in _BROKEN_LABELS:
        return BROKEN, ""
    return status, ""


def _by_flags(attributes: Mapping[str, str]) -> tuple[int, str]:
    if _is_false(attributes, "executed"):
        return SKIPPED, ""
    success = attributes.get("success", "").strip().lower()
    if success == "true":
        return PASSED, ""
    if success == "false":
        return FAILED, ""
    return UNKNOWN, success or "no result"


def _is_false(attributes: Mapping[str, str], name: str) -> bool:
    return attributes.get(name, "").strip().lower() == "false"
