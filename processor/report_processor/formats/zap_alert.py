"""An alert of ZAP as a result, from XML and from JSON."""

import email.utils
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from report_processor import limits
from report_processor.events import FAILED, INFORMATIONAL, UNKNOWN, Label, Recorder, Row
from report_processor.formats.draft import Draft

_FALSE_POSITIVE: Final = "0"
_PARAGRAPH: Final = re.compile(r"\s*</?(?:p|br)\s*/?>\s*", re.IGNORECASE)
_DESCRIPTION: Final = ("solution", "otherinfo", "reference")
_PLACE: Final = frozenset({"method", "uri", "id"})
_TOLD: Final = frozenset({"name", "alert", "desc", "riskdesc", *_DESCRIPTION})


def conclude(draft: Draft, fields: Mapping[str, str], recorder: Recorder) -> None:
    """Title, status and texts of an alert, from its members by their names; its instances are told before."""
    draft.title = fields.get("name") or fields.get("alert") or ""
    draft.classification = fields.get("pluginid", "")
    draft.status = _status_of(fields)
    if draft.status == UNKNOWN:
        risk = fields.get("riskcode", "").strip()
        recorder.note("unknown_status", f"riskcode {risk[:100]}" if risk else "no riskcode", draft.line, draft.column)
    draft.exception = fields.get("riskdesc", "")
    draft.message(plain(fields.get("desc", "")))
    for name in _DESCRIPTION:
        draft.describe(plain(fields.get(name, "")))
    for name, value in _labels(fields):
        draft.label(name, value)


def short_row(fields: Mapping[str, str], trace: str, line: int) -> Row:
    """The same of an alert in which nothing can be missing or too long, with what its instances say."""
    title = fields.get("name") or fields.get("alert") or ""
    description = "\n".join(text for name in _DESCRIPTION if (text := plain(fields.get(name, ""))))
    exception, message = fields.get("riskdesc", "")[: limits.EXCEPTION_NAME], plain(fields.get("desc", ""))
    details = (description, exception, message, trace, False, (), _labels(fields), ())
    return title, fields.get("pluginid", ""), _status_of(fields), None, line, details


def _status_of(fields: Mapping[str, str]) -> int:
    risk = fields.get("riskcode", "").strip()
    if not (risk.isascii() and risk.isdigit()):
        return UNKNOWN
    return INFORMATIONAL if fields.get("confidence") == _FALSE_POSITIVE or not risk.strip("0") else FAILED


def _labels(fields: Mapping[str, str]) -> list[Label]:
    return [(name, value) for name, value in fields.items() if value and name not in _TOLD]


def instance(draft: Draft, fields: Mapping[str, str]) -> None:
    """A place where the alert was raised: its address, and what else is known of it."""
    for line in instance_lines(fields):
        draft.trace(line)


def instance_lines(fields: Mapping[str, str]) -> list[str]:
    """The lines that tell of it."""
    first = f"{fields.get('method', '')} {fields.get('uri', '')}".strip()
    others = [f"    {name}: {value}" for name, value in fields.items() if value and name not in _PLACE]
    return [first, *others] if first else others


def plain(text: str) -> str:
    """A text without the marks of its paragraphs."""
    if "<" not in text:
        return text
    inner = text[3:-4]
    if "<" not in inner and text.startswith("<p>") and text.endswith("</p>"):  # nearly always one paragraph
        return inner.strip()
    return _PARAGRAPH.sub("\n", text).strip()


def moment_of(created: str, generated: str) -> str | float:
    """When the report was made: ISO 8601 in newer versions, before that a date as in mails, without a zone."""
    if created.strip() or not generated.strip():
        return created.strip()
    parts = email.utils.parsedate(generated)
    if parts is None:
        return generated
    try:
        return datetime(*parts[:6], tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return generated
