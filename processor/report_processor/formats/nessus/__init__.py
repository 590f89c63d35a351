"""``.nessus`` files, version 2: what the scanner Nessus and Tenable's other products export.

The facts are from Tenable's description of the format and from files of its products. The mapping is the one that
the compatible API documents, where it says something: severity 0 is informational, any other failed.

* A check of compliance has its own words for its outcome, and a name of its own: all of an audit have one plugin.
* Elements of a finding are many and change with every version, so none is unknown: what has no place of its own
  here is a label.
* Of a host only the scan as a whole has a duration. It is that of the finding that tells of the scan.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import INFORMATIONAL
from report_processor.formats.nessus.item import conclude, item_text, of_attributes, plugin_name
from report_processor.formats.nessus.labels import Labels
from report_processor.formats.nessus.skim import ItemSkimmer, Plan, finding
from report_processor.parsing.base import XML, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import moment
from report_processor.parsing.shapes import Run
from report_processor.parsing.xml_format import XmlFormat

ROOTS: Final = frozenset({"NessusClientData_v2"})
_STRUCTURE: Final = frozenset(
    {"NessusClientData_v2", "Policy", "Report", "ReportHost", "HostProperties", "ReportItem", "Preferences"}
    | {"ServerPreferences", "PluginsPreferences", "FamilySelection", "IndividualPluginSelection"}
    | {"preference", "item", "FamilyItem", "PluginItem"}
)
_PARTS: Final = frozenset({"ServerPreferences", "PluginsPreferences", "FamilySelection", "IndividualPluginSelection"})
_SETTINGS: Final = frozenset({"preference", "item", "FamilyItem", "PluginItem"})
_LONG: Final = {
    "description": limits.DESCRIPTION,
    "solution": limits.DESCRIPTION,
    "synopsis": limits.EXCEPTION_DESCRIPTION,
    "plugin_output": limits.BACKTRACE,
    "compliance-info": limits.DESCRIPTION,
    "compliance-solution": limits.DESCRIPTION,
    "compliance-actual-value": limits.BACKTRACE,
    "attachment": limits.VALUE,
}
_EXTENSION: Final = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_SCAN_INFORMATION: Final = "19506"
"""The plugin "Nessus Scan Information"."""


class _Texts(Mapping[str, int]):
    """Every element has a text, but those that only hold others."""

    def __getitem__(self, name: str) -> int:
        if name in _STRUCTURE:
            raise KeyError(name)
        return _LONG.get(name, limits.LABEL_VALUE)

    def __contains__(self, name: object) -> bool:
        return name not in _STRUCTURE

    def __iter__(self) -> Iterator[str]:
        return iter(_LONG)

    def __len__(self) -> int:
        return len(_LONG)


class NessusParser(XmlFormat):
    """See ``base.Parser``."""

    ROOTS: ClassVar = ROOTS
    TEXTS: ClassVar = _Texts()
    KNOWN: ClassVar = _STRUCTURE

    def __init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, int]] = []
        """Names of the elements of the open containers, and how deep they lie."""
        self._draft: Draft | None = None
        self._at = 0
        """How deep the element of the draft lies."""
        self._plugin = ""
        self._group = ""
        """Name of the plugin of the finding at hand: a container of its own, which is merged with those like it."""
        self._fields: dict[str, str] = {}
        self._labels = Labels()
        self._tag = ""
        self._policy = ""
        self._times: dict[str, float] = {}
        self._setting: list[str] = []
        self.xml.skimmer = ItemSkimmer(self._between_items, self._take, _STRUCTURE)

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if self._draft is not None:
            if name == "attachment":
                self._tag = attributes.get("name", "")
            elif name in _SETTINGS:
                self._setting = []
        elif name == "tag":
            self._tag = attributes.get("name", "")
        elif name == "ReportItem":
            self._begin(attributes)
        elif name in {"Report", "ReportHost"}:
            self.recorder.open(attributes.get("name", ""), name, self.position()[0])
            self._open.append((name, len(self.path)))
            self._labels, self._times = Labels(), {}
        elif name == "Policy":
            self.recorder.open_unnamed(self.position()[0])
            self._open.append((name, len(self.path)))
            self._labels, self._policy = Labels(), ""
        elif name in _PARTS:
            self.recorder.open(name, "Policy", self.position()[0])
            self._draft, self._at = Draft(name, "Policy", INFORMATIONAL, *self.position()), len(self.path)

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        if self._draft is not None:
            if len(self.path) == self._at:
                self._record()
            else:
                self._in_draft(name, text)
        elif self._open and len(self.path) == self._open[-1][1]:
            self._close()
        elif name == "tag":
            self._property(self._tag, text)
        elif name == "policyName" and self.parent == "Policy":
            self._policy = text
            self.recorder.name(f"Policies: {text}", "Policy")
        elif self.parent == "Policy" and text.strip():
            self._labels.add(name, text.strip())

    def finish(self) -> None:
        """See ``XmlFormat``."""
        if self._draft is not None:
            self._record()
        while self._open:
            self._close()

    def _begin(self, attributes: dict[str, str]) -> None:
        line, column = self.position()
        self._draft, self._at, self._fields = of_attributes(attributes, line, column), len(self.path), {}
        self._plugin = attributes.get("pluginID", "")
        self._group = plugin_name(attributes)
        self._fields["severity"] = attributes.get("severity", "")

    def _in_draft(self, name: str, text: str) -> None:
        if self._draft is None:
            return
        if self._draft.classification == "Policy" and self.path[self._at - 1] in _PARTS:
            if name in _SETTINGS:
                self._draft.describe(": ".join(_without_secret(self._setting)))
                self._setting = []
            elif text.strip() and len(self._setting) < limits.LABELS:
                self._setting.append(text.strip())
        elif name == "attachment":
            self._attach(self._draft, text)
        else:
            item_text(self._draft, self._fields, name, text)

    def _record(self) -> None:
        draft = self._draft
        if draft is None:
            return
        self._draft = None
        if "severity" not in self._fields:  # a part of the policy
            details = draft.row(self.recorder)[5]
            self.recorder.close(details[0] if details else "")
            return
        conclude(draft, self._fields, self.recorder)
        if self._plugin == _SCAN_INFORMATION:
            draft.duration = self._duration()
        self._fields = {}
        group, self._group = self._group, ""
        self.recorder.open(group, "Plugin", draft.line)
        draft.record(self.recorder)
        self.recorder.close()

    def _between_items(self) -> bool:
        return self._draft is None and self.path[-1:] == ["ReportHost"]

    def _take(self, run: Run[Plan]) -> None:
        recorder = self.recorder
        for values, line in zip(run.rows, run.lines(), strict=False):
            found = finding(run.plan, values, line)
            row = found.row
            if found.plugin == _SCAN_INFORMATION:
                row = (*row[:3], self._duration(), *row[4:])
            recorder.open(found.group, "Plugin", line)
            recorder.rows.append(row)
            recorder.close()

    def _attach(self, draft: Draft, text: str) -> None:
        """A file that stands in the report."""
        try:
            data = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            data = b""
        if not data:
            draft.asset(self._tag)
            return
        extension = _EXTENSION.search(self._tag)
        draft.asset(self.recorder.embed(data, extension[0] if extension else ""))

    def _close(self) -> None:
        name, _ = self._open.pop()
        if name == "Policy" and not self._policy:
            self.recorder.name("Policies: ", "Policy")
        if name == "ReportHost" and (duration := self._duration()) is not None:
            self._labels.add("duration", f"{duration:g}")
        self.recorder.close("", self._labels.all)
        if self._labels.lost:
            self.note("field_cut", f"{self._labels.lost} labels were cut or left out")
        self._labels = Labels()

    def _property(self, name: str, text: str) -> None:
        text = text.strip()
        if name in {"HOST_START_TIMESTAMP", "HOST_END_TIMESTAMP", "HOST_START", "HOST_END"}:
            self._time(name, text)
        elif name == "operating-system":
            self.recorder.system(os=text.partition("\n")[0])
        self._labels.add(name, text)

    def _time(self, name: str, text: str) -> None:
        found = moment(text)
        if found is None:
            self.note("invalid_date", text[:100])
            return
        self._times[name] = found
        if name.startswith("HOST_END"):
            self.recorder.date(found)

    def _duration(self) -> float | None:
        for suffix in ("_TIMESTAMP", ""):
            start, end = self._times.get(f"HOST_START{suffix}"), self._times.get(f"HOST_END{suffix}")
            if start is not None and end is not None and end >= start:
                return self.seconds(str(end - start))
        return None


def _without_secret(setting: list[str]) -> list[str]:
    """A setting whose type is password without what follows its type."""
    return setting[: setting.index("password") + 1] if "password" in setting else setting


def recognise(head: Head) -> str | None:
    """The root element."""
    root = head.xml_root
    return f"root element <{root.qualified}>" if root is not None and root.name in ROOTS else None


FORMAT: Final = Format(
    key="nessus",
    origin="nessus_xml",
    title="Nessus XML, version 2",
    expects="A .nessus file, XML with the root element <NessusClientData_v2>, as Nessus 4.2 and later, Tenable.io and "
    "Security Center export it.",
    example="""<NessusClientData_v2>
  <Policy><policyName>Basic Network Scan</policyName></Policy>
  <Report name="weekly">
    <ReportHost name="192.0.2.10">
      <HostProperties>
        <tag name="HOST_START">Tue Nov 24 15:00:00 2026</tag>
        <tag name="HOST_END">Tue Nov 24 15:02:30 2026</tag>
        <tag name="operating-system">Linux Kernel 6.1</tag>
      </HostProperties>
      <ReportItem port="443" svc_name="www" protocol="tcp" severity="2" pluginID="51192"
          pluginName="SSL Certificate Cannot Be Trusted" pluginFamily="General">
        <risk_factor>Medium</risk_factor>
        <synopsis>The certificate of this service cannot be trusted.</synopsis>
        <solution>Get a proper certificate.</solution>
        <plugin_output>Issuer: CN=example</plugin_output>
      </ReportItem>
    </ReportHost>
  </Report>
</NessusClientData_v2>
""",
    mapping="The report, each of its hosts, each plugin below a host, and the policy (Policies: and its name) are "
    "containers; with smart=false each finding has the container of its plugin for itself. Each finding is a result: "
    "title is the name of the plugin and the port when it is not 0, classification its family. Severity 0 is "
    "informational, any other failed; a check of compliance is passed, failed, broken (ERROR), skipped or unknown "
    "(WARNING) as it says. The risk is the name of the exception, the synopsis what it says, the plugin's output the "
    "backtrace, description, solution and links the description. Other elements are labels, an attachment is stored. "
    "The properties of a host are its labels; they give the operating system, the date, and the duration, which is "
    "that of the finding with plugin 19506. The parts of the policy are containers without results, with a line for "
    "each setting as description.",
    kinds=(XML,),
    recognise=recognise,
    parser=NessusParser,
    roots=ROOTS,
    merges=True,
    limits="Of very many settings of a policy the first and the last are kept, and of secret ones the name.",
)
