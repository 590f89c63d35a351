"""One test of Jest or Vitest."""

from typing import Any, Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Recorder
from report_processor.parsing.draft import Draft
from report_processor.parsing.js_error import parts_of_error
from report_processor.parsing.json_format import dict_of, list_of, number_of, text_of

_STATUS: Final = {
    "passed": PASSED,
    "failed": FAILED,
    "pending": SKIPPED,
    "skipped": SKIPPED,
    "disabled": SKIPPED,
    "todo": SKIPPED,
}
KNOWN: Final = frozenset(
    {
        "ancestorTitles", "benchmarks", "duration", "failing", "failureDetails", "failureMessages", "fullName",
        "invocations", "location", "meta", "numPassingAsserts", "retryMessages", "retryReasons", "startAt", "status",
        "tags", "title",
    }
)  # fmt: skip
"""Members that this module reads, and those that say nothing more. Others become labels."""


def is_plain(test: dict[str, Any]) -> bool:
    """Whether there is nothing to say but that it passed."""
    get = test.get
    return (
        get("status") == "passed"
        and get("invocations", 1) == 1
        and not (get("failureMessages") or get("failing") or get("tags") or get("meta") or get("location"))
        and not (get("retryReasons") or get("retryMessages") or get("benchmarks"))
        and test.keys() <= KNOWN
    )


def draft_of(test: dict[str, Any], recorder: Recorder, line: int, duration: float | None) -> Draft:
    """The test as a result."""
    word = text_of(test.get("status"))
    status = _STATUS.get(word)
    if status is None:
        recorder.note("unknown_status", word[:100], line)
        status = UNKNOWN
    draft = Draft(text_of(test.get("title") or test.get("fullName")), "", status, line)
    draft.duration = duration
    messages = [text_of(one) for one in list_of(test.get("failureMessages"))]
    reasons = [text_of(one) for one in list_of(test.get("retryReasons") or test.get("retryMessages"))]
    invocations = min(int(number_of(test.get("invocations")) or 1), limits.ATTEMPTS + 1)
    if status == PASSED and messages and not reasons:
        reasons, messages = messages, []  # Vitest: the failures of the attempts before it passed
    if len(reasons) < invocations - 1:
        reasons = [""] * (invocations - 1 - len(reasons)) + reasons
    for reason in reasons:
        draft.attempt(FAILED, None, *parts_of_error(reason))
    if reasons:
        draft.attempt(status, duration, *parts_of_error(messages[-1] if messages else ""))
    for message in messages:
        if status in {FAILED, BROKEN}:
            draft.fail(status, *parts_of_error(message))
        else:
            draft.message(message)
    _label(test, draft)
    return draft


def _label(test: dict[str, Any], draft: Draft) -> None:
    for tag in list_of(test.get("tags")):
        draft.label("tag", text_of(tag))
    for key, value in dict_of(test.get("meta")).items():
        draft.label(key, text_of(value))
    if test.get("status") == "todo":
        draft.label("todo", "true")
    if test.get("failing"):
        draft.label("failing", "true")
    if location := dict_of(test.get("location")):
        draft.label("location", f"{text_of(location.get('line'))}:{text_of(location.get('column'))}")
    if benchmarks := list_of(test.get("benchmarks")):
        draft.describe("\n".join(map(text_of, benchmarks)))
    for key in sorted(test.keys() - KNOWN):
        if test[key]:
            draft.label(key, text_of(test[key]))
