"""ZAP's report as XML."""

from typing import ClassVar, Final

from report_processor import limits
from report_processor.formats.zaproxy.alert import conclude, instance, moment_of
from report_processor.formats.zaproxy.skim import AlertSkimmer, Plan, row_of
from report_processor.parsing.draft import Draft
from report_processor.parsing.shapes import Run
from report_processor.parsing.xml_format import XmlFormat

ROOTS: Final = frozenset({"OWASPZAPReport"})
_SHORT: Final = (
    "pluginid", "alertRef", "alert", "name", "riskcode", "confidence", "riskdesc", "confidencedesc", "uri", "nodeName",
    "method", "param", "attack", "count", "systemic", "cweid", "wascid", "sourceid", "tag", "link",
)  # fmt: skip
_LONG: Final = (
    "desc", "solution", "otherinfo", "reference", "evidence", "requestheader", "requestbody", "responseheader",
    "responsebody",
)  # fmt: skip


class ZapXmlParser(XmlFormat):
    """See ``base.Parser``."""

    ROOTS: ClassVar = ROOTS
    TEXTS: ClassVar = dict.fromkeys(_SHORT, limits.LABEL_VALUE) | dict.fromkeys(_LONG, limits.DESCRIPTION)
    KNOWN: ClassVar = frozenset(
        {"OWASPZAPReport", "site", "alerts", "alertitem", "instances", "instance", "tags"}
        | {"statistics", "statistic", "key", "value"}
    )

    def __init__(self) -> None:
        super().__init__()
        self._sites = 0
        """How many are open: one, unless somebody put one into another."""
        self._labels: list[tuple[str, str]] = []
        self._draft: Draft | None = None
        self._fields: dict[str, str] = {}
        self._instance: dict[str, str] | None = None
        self.xml.skimmer = AlertSkimmer(self._between_alerts, self._take)

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if name == "alertitem":
            self._record()
            self._draft, self._fields = Draft("", "", 0, *self.position()), {}
        elif name == "instance" and self._draft is not None:
            self._instance = {}
        elif name == "site":
            self._record()
            self.recorder.open(attributes.get("name") or attributes.get("host", ""), "site", self.position()[0])
            self._sites += 1
            self._labels = [
                (key, value[: limits.LABEL_VALUE]) for key in ("host", "port", "ssl") if (value := attributes.get(key))
            ]
        elif name == "OWASPZAPReport":
            found = moment_of(attributes.get("created", ""), attributes.get("generated", ""))
            if isinstance(found, float):
                self.recorder.date(found)
            else:
                self.date(found)

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        if name == "alertitem":
            self._record()
        elif name == "instance":
            self._told()
        elif name == "site" and self._sites:
            self._close_site()
        elif self._draft is not None and text and name in self.TEXTS:
            self._text(name, text)

    def finish(self) -> None:
        """See ``XmlFormat``."""
        self._record()
        while self._sites:
            self._close_site()

    def _text(self, name: str, text: str) -> None:
        text = text.strip()
        if name in {"tag", "link"}:
            if self.parent == "tag" and text and self._draft is not None:
                self._draft.label(name, text)
        elif self._instance is not None:
            self._instance[name] = text
        else:
            self._fields[name] = text

    def _between_alerts(self) -> bool:
        return self._draft is None and self.path[-1:] == ["alerts"]

    def _take(self, run: Run[Plan]) -> None:
        for values, line in zip(run.rows, run.lines(), strict=False):
            self.recorder.rows.append(row_of(run.plan, values, line))

    def _told(self) -> None:
        if self._draft is not None and self._instance is not None:
            instance(self._draft, self._instance)
        self._instance = None

    def _record(self) -> None:
        if self._draft is not None:
            self._told()
            conclude(self._draft, self._fields, self.recorder)
            self._draft.record(self.recorder)
            self._draft = None

    def _close_site(self) -> None:
        self._record()
        self._sites -= 1
        self.recorder.close("", self._labels)
        self._labels = []
