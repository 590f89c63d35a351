"""The fields of a result in Calliope JSON, to a draft.

``duration`` is a number of seconds, or a text of one (``cached_duration`` too). ``labels`` is an array of
``{"name": ..., "value": ...}``, an object, or an array of pairs; ``assets`` an array of ``{"name": ...}`` or of texts;
``attempts`` an array of objects with ``status``, ``duration`` and the three ``exception_`` fields.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from report_processor import limits
from report_processor.events import STATUSES, UNKNOWN, Label, Recorder
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import LONGEST
from report_processor.parsing.json_format import dict_of, dicts_of, list_of, seconds_of, text_of

COUNTERS: Final = ("count_", "cached_")
"""What the names of members about the number of results begin with."""

OWN: Final = frozenset(
    {"id", "report_id", "container_id", "created_at", "updated_at", "history_hash", "status_hash"}
    | {"title", "classification", "description", "status", "duration", "labels", "assets", "json_data"}
    | {"exception_name", "exception_description", "exception_backtrace", "flaky", "attempts", "children_count"}
)
"""Members that are read, or that mean nothing outside of the server that wrote them."""

_STATUS: Final = {word: number for number, word in enumerate(STATUSES)}
_ASSET: Final = ("name", "file_name", "filename", "path", "file")


def labels_of(value: Any) -> Iterator[Label]:
    """Names and values, however they are written: also as a text of JSON."""
    if isinstance(value, str) and value:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = [value]
        if not isinstance(value, (dict, list)):
            value = [value]
    if isinstance(value, dict):
        for name, text in value.items():
            yield name, text_of(text)
        return
    for one in list_of(value):
        if isinstance(one, dict):
            yield text_of(one.get("name")), text_of(one.get("value"))
        elif isinstance(one, list):
            name, text = [*one, "", ""][:2]
            yield text_of(name), text_of(text)
        else:
            yield "label", text_of(one)


def asset_of(value: Any) -> str:
    """The name of a file."""
    named = dict_of(value)
    return next((text_of(named[key]) for key in _ASSET if named.get(key)), "" if named else text_of(value))


def result_of(recorder: Recorder, value: dict[str, Any], line: int) -> Draft:
    """One result."""
    draft = Draft(text_of(value.get("title")), text_of(value.get("classification")), line=line)
    draft.status = _status(recorder, value, line)
    draft.duration = duration_of(recorder, value, line)
    draft.describe(text_of(value.get("description")))
    draft.exception = text_of(value.get("exception_name"))
    draft.message(text_of(value.get("exception_description")))
    _tell_backtrace(draft, text_of(value.get("exception_backtrace")))
    draft.flaky = value.get("flaky") is True
    for attempt in dicts_of(value.get("attempts")):
        texts = [text_of(attempt.get(f"exception_{name}")) for name in ("name", "description", "backtrace")]
        draft.attempt(_status(recorder, attempt, line), duration_of(recorder, attempt, line), *texts)
    for members in ("labels", "json_data"):
        for name, text in labels_of(value.get(members)):
            draft.label(name, text)
    for asset in list_of(value.get("assets")):
        draft.asset(asset_of(asset))
    for name, member in value.items():
        if name not in OWN and not name.startswith(COUNTERS) and member not in (None, "", [], {}):
            draft.label(name, text_of(member))
    return draft


def _tell_backtrace(draft: Draft, text: str) -> None:
    """A long one is a backtrace and the output that follows it: each has a limit of its own."""
    stop = len(text) if len(text) <= limits.BACKTRACE else text.rfind("\n", 0, limits.BACKTRACE) + 1 or limits.BACKTRACE
    draft.trace(text[:stop])
    draft.output(text[stop:])


def _status(recorder: Recorder, value: dict[str, Any], line: int) -> int:
    word = text_of(value.get("status")).lower()
    if word not in _STATUS:
        recorder.note("unknown_status", f'status="{word[:100]}"', line)
    return _STATUS.get(word, UNKNOWN)


def duration_of(recorder: Recorder, value: dict[str, Any], line: int) -> float | None:
    """Seconds, as exact as they are written."""
    duration = value.get("duration")
    if duration is None:
        duration = value.get("cached_duration")
    if isinstance(duration, float) and 0.0 <= duration <= LONGEST:
        return duration
    return seconds_of(recorder, duration, 1.0, line)
