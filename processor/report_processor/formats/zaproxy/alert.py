"""An alert of ZAP as a result, from XML and from JSON."""

import email.utils
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from report_processor.events import FAILED, INFORMATIONAL, UNKNOWN, Recorder
from report_processor.parsing.draft import Draft

_FALSE_POSITIVE: Final = "0"
_PARAGRAPH: Final = re.compile(r"\s*</?(?:p|br)\s*/?>\s*", re.IGNORECASE)
DESCRIPTION: Final = ("solution", "otherinfo", "reference")
TOLD: Final = frozenset({"name", "alert", "desc", "riskdesc", *DESCRIPTION})


def conclude(draft: Draft, fields: Mapping[str, str], recorder: Recorder) -> None:
    """Title, status and texts of an alert, from its members by their names; its instances are told before."""
    draft.title = fields.get("name") or fields.get("alert") or ""
    draft.classification = fields.get("pluginid", "")
    draft.status = status_of(fields.get("riskcode", ""), fields.get("confidence", ""))
    if draft.status == UNKNOWN:
        risk = fields.get("riskcode", "").strip()
        recorder.note("unknown_status", f"riskcode {risk[:100]}" if risk else "no riskcode", draft.line, draft.column)
    draft.exception = fields.get("riskdesc", "")
    draft.message(plain(fields.get("desc", "")))
    for name in DESCRIPTION:
        draft.describe(plain(fields.get(name, "")))
    for name, value in fields.items():
        if name not in TOLD and value:
            draft.label(name, value)


def status_of(risk: str, confidence: str) -> int:
    """By the codes of risk and confidence."""
    risk = risk.strip()
    if not (risk.isascii() and risk.isdigit()):
        return UNKNOWN
    return INFORMATIONAL if confidence == _FALSE_POSITIVE or not risk.strip("0") else FAILED


def instance(draft: Draft, fields: Mapping[str, str]) -> None:
    """A place where the alert was raised: its address, and what else is known of it."""
    draft.trace(f"{fields.get('method', '')} {fields.get('uri', '')}".strip())
    for name, value in fields.items():
        if value and name not in {"method", "uri", "id"}:
            draft.trace(f"    {name}: {value}")


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
