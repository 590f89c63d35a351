"""A test of Mocha, from its own reporters and from mochawesome."""

import json
import re
from contextlib import suppress
from typing import Any, Final

from report_processor import limits
from report_processor.parsing.draft import Draft
from report_processor.parsing.error_text import problem
from report_processor.parsing.json_format import dict_of, dicts_of, text_of

HOOK: Final = re.compile(r'"(?:before|after) (?:all|each)" hook\b')
"""How the title of a hook begins."""

_LONG: Final = 10**10
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]{0,20}m")
_TIMEOUT: Final = re.compile(r"(?:Error: )?Timeout of \d{1,20}ms exceeded\. For async tests and hooks")
_FILE: Final = re.compile(
    r"[^\n]{1,1000}\.(?:png|jpe?g|gif|svg|webp|bmp|mp4|webm|txt|log|html?|json|har|xml|pdf|csv|zip)", re.IGNORECASE
)


def seconds(value: Any) -> float | None:
    """A usual duration in milliseconds; None when it is to be looked at more closely."""
    return value / 1000 if type(value) is int and 0 <= value < _LONG else None


def plain(text: str) -> str:
    """Without colours of a terminal."""
    return _COLOUR.sub("", text) if "\x1b" in text else text


def tell_error(draft: Draft, error: Any) -> None:
    """What went wrong: an object with message and stack, or with older reporters only a text."""
    if not isinstance(error, dict):
        draft.message(plain(text_of(error)))
        return
    stack = plain(text_of(error.get("estack") or error.get("stack")))
    message = plain(text_of(error.get("message")))
    draft.exception, told, trace = problem(stack or message)
    if name := text_of(error.get("name")):
        draft.exception = name
    draft.message(told or message)
    draft.trace(trace)
    if (diff := error.get("diff")) is not None:
        draft.describe(_diff(diff))


def is_timeout(error: Any) -> bool:
    """Whether a test took too long, as far as the error tells."""
    found = dict_of(error)
    return found.get("code") == "ERR_MOCHA_TIMEOUT" or bool(
        _TIMEOUT.match(text_of(found.get("message")) if found else text_of(error))
    )


def tell_context(draft: Draft, context: Any) -> list[str]:
    """What the test attached: names of files, addresses, texts, values. Returns pictures that stand inside it."""
    if isinstance(context, str):
        with suppress(ValueError, RecursionError):
            context = json.loads(context)
    inside: list[str] = []
    for one in context if isinstance(context, list) else [context]:
        title, value = "", one
        if isinstance(one, dict) and "value" in one:
            title, value = text_of(one.get("title")), one["value"]
        for text in value if isinstance(value, list) and value and all(map(_is_file, value)) else [value]:
            if isinstance(text, str) and text.startswith("data:"):
                inside.append(text)
            elif _is_file(text):
                draft.asset(text)
            elif text is not None:
                told = text_of(text)
                draft.describe(f"{title}: {told}" if title else told)
    return inside


def _is_file(value: Any) -> bool:
    return isinstance(value, str) and not value.startswith(("http:", "https:")) and bool(_FILE.fullmatch(value))


def _diff(diff: Any) -> str:
    if not isinstance(diff, list):
        return text_of(diff)
    parts = []
    for part in dicts_of(diff):
        text = text_of(part.get("value"))
        parts.append(f"[-{text}-]" if part.get("removed") else f"{{+{text}+}}" if part.get("added") else text)
    return "".join(parts)[: limits.DESCRIPTION]
