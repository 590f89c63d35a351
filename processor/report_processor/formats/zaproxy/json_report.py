"""ZAP's report as JSON."""

from typing import Any, Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, INFORMATIONAL, PASSED, UNKNOWN
from report_processor.formats.zaproxy.alert import conclude, instance, moment_of
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import JsonFormat, dict_of, dicts_of, list_of, text_of
from report_processor.parsing.json_reader import SKIP

_NAMES: Final = {"site": "@name", "sequence": "name"}


class ZapJsonParser(JsonFormat):
    """See ``base.Parser``."""

    SHAPE = {
        "": {"site": "site", "sequences": "sequence", "statistics": SKIP},
        "site": {"alerts": "alert", "statistics": SKIP},
        "sequence": {"steps": "step"},
    }

    def __init__(self) -> None:
        super().__init__()
        self._open: list[list[tuple[str, str]]] = []
        """Labels of the containers that are open."""
        self._named = False
        self._dates: dict[str, str] = {}
        self._errors: list[Any] = []
        self._warnings: list[Any] = []

    def begin(self, name: str) -> None:
        """A site or a sequence begins."""
        if name in _NAMES:
            self.recorder.open_unnamed(self.line)
            self._open.append([])
            self._named = False

    def member(self, name: str, key: str, value: Any) -> None:
        """Something of the report, a site or a sequence."""
        if name in _NAMES:
            if key == _NAMES[name]:
                self._name(name, text_of(value))
            elif key in {"@host", "@port", "@ssl"} and (text := text_of(value)):
                self._open[-1].append((key[1:], text[: limits.LABEL_VALUE]))
        elif key in {"@generated", "created"}:
            self._dates[key] = text_of(value)
        elif key == "afPlanErrors":
            self._errors = list_of(value)
        elif key == "afPlanWarns":
            self._warnings = list_of(value)

    def item(self, name: str, value: Any) -> None:
        """An alert, or a step of a sequence."""
        if name == "alert" and isinstance(value, dict):
            self._alert(value)
        elif name == "step" and isinstance(value, dict):
            self._step(value)
        elif value is not None:
            self.recorder.note("unknown_element", f"no {name or 'report'}: {text_of(value)[:100]}", self.line)

    def end(self, name: str) -> None:
        """A site, a sequence or the report ends."""
        if name in _NAMES:
            if not self._named:
                self._name(name, "")
            self.recorder.close("", self._open.pop())
        elif not name:
            self._plan()

    def finish(self) -> None:
        """See ``JsonFormat``."""
        while self._open:
            self.recorder.close("", self._open.pop())
        self._plan()
        if self._dates:
            self.date(moment_of(self._dates.get("created", ""), self._dates.get("@generated", "")))
            self._dates = {}

    def _name(self, name: str, title: str) -> None:
        if not self._named:
            self.recorder.name(title, name)
            self._named = True

    def _alert(self, alert: dict[str, Any]) -> None:
        draft = Draft("", "", PASSED, self.line)
        for place in dicts_of(alert.get("instances")):
            instance(draft, {key: text_of(value) for key, value in place.items()})
        for tag in dicts_of(alert.get("tags")):
            draft.label("tag", text_of(tag.get("tag")))
            if link := text_of(tag.get("link")):
                draft.label("link", link)
        fields = {key: text_of(value) for key, value in alert.items() if key not in {"instances", "tags"}}
        conclude(draft, fields, self.recorder)
        draft.record(self.recorder)

    def _step(self, step: dict[str, Any]) -> None:
        original = dict_of(step.get("original"))
        request = " ".join(text_of(original.get(key)) for key in ("method", "uri")).strip()
        draft = Draft(f"step {text_of(step.get('step'))}: {request}", "step", PASSED, self.line)
        word = text_of(step.get("pass")).lower()
        if word == "false":
            draft.fail(FAILED, "", text_of(step.get("resultDetails")))
        else:
            draft.message(text_of(step.get("resultDetails")))
        if word not in {"true", "false"}:
            draft.status = UNKNOWN
            self.recorder.note("unknown_status", f'"pass": {word[:100]}', self.line)
        for key in ("original", "replay"):
            for name, value in dict_of(step.get(key)).items():
                if value:
                    draft.output(f"{key} {name}: {text_of(value)}")
        for alert in list_of(step.get("alertIds")):
            draft.label("alertId", text_of(alert))
        draft.record(self.recorder)

    def _plan(self) -> None:
        """Errors of the automation plan: the scan is not what it should have been."""
        if self._errors or self._warnings:
            draft = Draft("automation plan", "", BROKEN if self._errors else INFORMATIONAL)
            for text in self._errors:
                draft.message(text_of(text))
            for text in self._warnings:
                draft.describe(text_of(text))
            draft.record(self.recorder)
            self._errors, self._warnings = [], []
