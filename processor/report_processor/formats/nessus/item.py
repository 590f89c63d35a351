"""A finding of Nessus as a result."""

from typing import Final

from report_processor.events import BROKEN, FAILED, INFORMATIONAL, PASSED, SKIPPED, UNKNOWN, Recorder
from report_processor.parsing.draft import Draft

_COMPLIANCE: Final = {
    "PASSED": PASSED,
    "FAILED": FAILED,
    "ERROR": BROKEN,
    "SKIPPED": SKIPPED,
    "WARNING": UNKNOWN,
}
_DESCRIPTION: Final = frozenset(
    {"description", "solution", "see_also", "compliance-info", "compliance-solution", "compliance-see-also"}
)
_PLACES: Final = {
    "synopsis": "message",
    "plugin_output": "trace",
    "compliance-actual-value": "trace",
    "risk_factor": "exception",
}
_KEPT: Final = frozenset({"compliance-check-name", "compliance-result", "risk_factor"})
_NOTHING: Final = frozenset({"", "0"})


def plugin_name(attributes: dict[str, str]) -> str:
    """The name of the plugin of a finding, or its number."""
    return attributes.get("pluginName", "") or f"plugin {attributes.get('pluginID', '')}".rstrip()


def finding_title(name: str, port: str, protocol: str) -> str:
    """The name of the plugin, and the port."""
    if port in _NOTHING:
        return name
    return f"{name} ({protocol}/{port})" if protocol else f"{name} ({port})"


def text_place(name: str) -> str:
    """Where the text of an element goes: ``message``, ``trace``, ``description``, ``exception``; empty: a label."""
    if name in _DESCRIPTION:
        return "description"
    return _PLACES.get(name, "")


def of_attributes(attributes: dict[str, str], line: int, column: int) -> Draft:
    """The finding by its attributes; its status follows at its end."""
    title = finding_title(plugin_name(attributes), attributes.get("port", ""), attributes.get("protocol", ""))
    draft = Draft(title, attributes.get("pluginFamily", ""), UNKNOWN, line, column)
    for name, value in attributes.items():
        if name not in {"pluginName", "pluginFamily"} and value:
            draft.label(name, value)
    return draft


def item_text(draft: Draft, fields: dict[str, str], name: str, text: str) -> None:
    """An element of the finding."""
    text = text.strip()
    if not text:
        return
    place = text_place(name)
    if place == "message":
        draft.message(text)
    elif place == "trace":
        draft.trace(text)
    elif place == "description":
        draft.describe(text)
    elif name in _KEPT:
        fields[name] = text
    else:
        draft.label(name, text)


def conclude(draft: Draft, fields: dict[str, str], recorder: Recorder) -> None:
    """The finding is complete: its status and what is told by several elements together."""
    severity, compliance = fields["severity"].strip(), fields.get("compliance-result", "")
    if check := fields.get("compliance-check-name"):
        draft.title = check
    draft.exception = fields.get("risk_factor", "")
    if compliance.upper() in _COMPLIANCE:
        draft.status = _COMPLIANCE[compliance.upper()]
        draft.label("compliance-result", compliance)
    elif severity.isascii() and severity.isdigit():
        draft.status = FAILED if severity.strip("0") else INFORMATIONAL
    else:
        text = f"severity {severity[:100]}" if severity else "no severity"
        recorder.note("unknown_status", text, draft.line, draft.column)
