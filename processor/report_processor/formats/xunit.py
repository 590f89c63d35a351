"""xUnit.net's XML: version 1 (root ``<assembly>``, classes) and versions 2 and 3 (root ``<assemblies>``, collections).

* ``<assembly>``, ``<collection>`` and version 1's ``<class>`` are containers. An assembly's title is the name of its
  file; a collection's loses the id that version 3 adds, for it depends on the folder of the assembly.
* ``<test>`` is a result with its ``type``, the class, as classification.
* An ``<error>`` of an assembly (a cleanup that broke) and the ``<failure>`` of a class are results of their own.
* Attachments of version 3 stand in the file: those with a media type become files, texts become labels.
"""

import binascii
import re
from typing import ClassVar, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN
from report_processor.parsing.base import XML, Format
from report_processor.parsing.dotnet import Holder, exception_of, file_title, without_id
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import seconds
from report_processor.parsing.shapes import Part, Run, groups_of
from report_processor.parsing.texts import Budget
from report_processor.parsing.xml_format import XmlFormat
from report_processor.parsing.xml_skim import ANY, NAME, SECONDS, VALUE, XmlSkimmer

_STATUS: Final = {
    **dict.fromkeys(("pass", "passed"), PASSED),
    **dict.fromkeys(("fail", "failed"), FAILED),
    **dict.fromkeys(("skip", "skipped", "notrun"), SKIPPED),
    "unknown": UNKNOWN,
}
"""By the words in small letters. ``Unknown`` is what XunitXml.TestLogger writes for a test without an outcome; the
longer words are those of other programs."""
_RULES: Final = {
    "name": NAME,
    "type": VALUE,
    "time": SECONDS,
    **dict.fromkeys(("id", "method", "time-rtf", "start-rtf", "finish-rtf"), ANY),
}
_AROUND: Final = (["collection"], ["class"])
_USUAL: Final = 2_000
"""Characters of a name that need no second look."""
_CONTAINERS: Final = frozenset({"assembly", "collection", "class"})
_ASSEMBLY_MARKS: Final = frozenset({"run-date", "total", "test-framework", "environment"})
_ASSEMBLY_LABELS: Final = ("environment", "test-framework", "target-framework")
_EXTENSION: Final = re.compile(r"\w+/(?:[\w.-]+\+)?(\w{1,10})")


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name not in XUnitParser.ROOTS or root.namespace:
        return None  # manifests of Windows and of Maven have a root <assembly>, too, each in a namespace
    if root.name == "assembly" and not _ASSEMBLY_MARKS & root.attributes.keys():
        return None
    return f"root element <{root.qualified}>"


def _plan(parts: list[Part]) -> dict[str, int] | None:
    """The groups of a test that passed and has no attribute that needs a word."""
    attributes = {part.key: part.value for part in parts}
    plain = "name" in attributes and attributes.get("result") == "Pass" and "source-file" not in attributes
    return groups_of(parts) if plain else None


class XUnitParser(XmlFormat):
    """Text in, events out."""

    ROOTS: ClassVar = frozenset({"assemblies", "assembly"})
    TEXTS: ClassVar = {
        "message": limits.EXCEPTION_DESCRIPTION,
        "stack-trace": limits.BACKTRACE,
        "output": limits.BACKTRACE,
        "reason": limits.EXCEPTION_DESCRIPTION,
        "warning": limits.DESCRIPTION,
        "attachment": limits.VALUE,
        "source-file": limits.LABEL_VALUE,
        "source-line": limits.LABEL_VALUE,
    }
    KNOWN: ClassVar = (
        ROOTS | _CONTAINERS | {"test", "failure", "traits", "trait", "errors", "error", "warnings", "attachments"}
    )

    def __init__(self) -> None:
        super().__init__()
        self._room: Final = Budget(limits.OPEN_TEXT)
        self._open: list[tuple[Holder, dict[str, str]]] = []
        self._test: dict[str, str] | None = None
        """Attributes of the test that is open."""
        self._status = PASSED
        self._place = (0, 0)
        self._draft: Draft | None = None
        """The test as a draft once there is more to say than its attributes do, or an error."""
        self._attachment: dict[str, str] = {}
        self._told_system = False
        self.xml.skimmer = XmlSkimmer("test", _RULES, self._at_container, _plan, self._take)

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if name == "test":
            self._open_test(attributes)
        elif name in _CONTAINERS:
            self._open_container(name, attributes)
        elif name == "trait":
            self._of_test().label(attributes.get("name", ""), attributes.get("value", ""))
        elif name == "failure":
            self._open_failure(attributes)
        elif name == "error":
            self._open_error(attributes)
        elif name == "attachment":
            self._attachment = attributes
        elif name == "assemblies":
            self.date(attributes.get("start-rtf", ""))

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        if name in {"test", "error"}:
            self._record()
        elif name in self.TEXTS:
            if text and not text.isspace():
                self._text(name, text)
        elif name in _CONTAINERS:
            self._record()
            self._close_container()
        elif name == "failure" and self._test is None:
            self._record()

    def finish(self) -> None:
        """See ``XmlFormat``."""
        self._record()
        while self._open:
            self._open.pop()[0].close(self.recorder)

    # Containers

    def _open_container(self, name: str, attributes: dict[str, str]) -> None:
        self._record()
        line, column = self.position()
        title = file_title(attributes.get("name", "")) if name == "assembly" else attributes.get("name", "")
        title = without_id(title) or name
        self.recorder.open(title, name, line)
        holder = Holder(title, line, column, self._room)
        if name == "assembly":
            self._tell_assembly(holder, attributes)
        self._open.append((holder, attributes))

    def _tell_assembly(self, holder: Holder, attributes: dict[str, str]) -> None:
        start, day = attributes.get("start-rtf", ""), attributes.get("run-date", "")
        if start or day:
            self.date(start or f"{day} {attributes.get('run-time', '')}")
        for label in _ASSEMBLY_LABELS:
            if value := attributes.get(label, ""):
                holder.label(label, value)
        platform = attributes.get("environment", "").partition("[")[0].strip()
        if platform and not self._told_system:
            self._told_system = True
            self.recorder.system(platform=platform)

    def _close_container(self) -> None:
        if not self._open:
            return
        holder, attributes = self._open.pop()
        holder.check_total(attributes.get("total", ""), holder.title, self.recorder)
        if self._open:
            self._open[-1][0].include(holder)
        holder.close(self.recorder)

    # Tests and errors

    def _open_test(self, attributes: dict[str, str]) -> None:
        if self._test is not None or self._draft is not None:
            self._record()
        self._test = attributes
        self._place = self.position()
        word = attributes.get("result", "")
        status = _STATUS.get(word.strip().lower())
        self._status = UNKNOWN if status is None else status
        if status is None:
            self.note("unknown_status", word[:100] or "no result")
        if "source-file" in attributes:
            line = attributes.get("source-line", "")
            self._of_test().label("source-file", f"{attributes['source-file']}{':' if line else ''}{line}")
        if word == "NotRun":
            self._of_test().label("result", word)

    def _at_container(self) -> bool:
        return self._test is None and self._draft is None and self.path[-1:] in _AROUND

    def _take(self, run: Run[dict[str, int]]) -> None:
        columns, index = run.columns(), run.plan
        self.recorder.columns(
            columns[index["name"]],
            columns[index["type"]] if "type" in index else "",
            columns[index["time"]] if "time" in index else [None] * run.size,
            run.line,
            run.step,
        )
        if self._open:
            self._open[-1][0].tests += run.size

    def _of_test(self) -> Draft:
        if self._draft is None:
            attributes = self._test or {}
            title = attributes.get("name") or attributes.get("method") or ""
            self._draft = Draft(title, attributes.get("type", ""), self._status, *self._place)
        return self._draft

    def _open_failure(self, attributes: dict[str, str]) -> None:
        if self._test is None and self._draft is None:
            around = self._open[-1][0].title if self._open else "assemblies"
            self._begin_error(around, self.parent)
        draft = self._of_test()
        draft.exception = draft.exception or attributes.get("exception-type", "")

    def _open_error(self, attributes: dict[str, str]) -> None:
        self._record()
        kind, name = attributes.get("type", ""), without_id(file_title(attributes.get("name", "")))
        self._begin_error(": ".join(part for part in (kind, name) if part) or "error", "error")

    def _begin_error(self, title: str, kind: str) -> None:
        self._test = None
        self._status = BROKEN
        self._place = self.position()
        self._draft = Draft(title, kind, BROKEN, *self._place)

    def _record(self) -> None:
        attributes, draft = self._test, self._draft
        self._test = self._draft = None
        if attributes is None:
            if draft is not None:
                draft.record(self.recorder)
            return
        duration = None
        if time := attributes.get("time") or attributes.get("time-rtf"):
            duration = seconds(time)
            if duration is None:
                duration = self.seconds(time)
        status = self._status
        if self._open:
            holder = self._open[-1][0]
            holder.tests += 1
            if status == SKIPPED:
                holder.not_run += 1
        if draft is None:
            title, kind = attributes.get("name") or attributes.get("method") or "", attributes.get("type", "")
            if title and len(title) < _USUAL and len(kind) < _USUAL and not title.isspace():
                self.recorder.rows.append((title, kind, status, duration, self._place[0], None))
                return
            draft = Draft(title, kind, status, *self._place)
        draft.duration = duration
        draft.record(self.recorder)

    # Texts

    def _text(self, name: str, text: str) -> None:
        if self._test is None and self._draft is None:
            if self._open:
                self._open[-1][0].add("description", text)
            return
        draft = self._of_test()
        if name == "attachment":
            self._attach(draft, text)
        elif name == "output":
            draft.output(text)
        elif name == "stack-trace":
            draft.trace(text)
        elif name == "warning":
            draft.describe(f"warning: {text}")
        elif name.startswith("source-"):
            draft.label(name, text.strip())
        else:
            draft.message(text.strip("\r\n"))
            if name == "message" and self.parent == "failure":
                draft.exception = draft.exception or exception_of(text)

    def _attach(self, draft: Draft, text: str) -> None:
        name, media = self._attachment.get("name", "attachment"), self._attachment.get("media-type", "")
        if not media:
            if len(text) <= limits.LABEL_VALUE:
                draft.label(name, text.strip())
            else:
                draft.output(f"{name}:\n{text}")
            return
        try:
            data = binascii.a2b_base64(text.strip(), strict_mode=False) if len(text) < limits.VALUE else b""
        except ValueError:
            data = b""
        if not data:
            draft.label(name, f"{media}, not readable")
            return
        extension = _EXTENSION.match(media)
        file = self.recorder.embed(data, f".{extension[1] if extension else 'bin'}")
        draft.asset(file)
        draft.label("attachment", f"{file}: {name}")


FORMAT: Final = Format(
    key="xunit",
    origin="xunit_xml",
    title="xUnit.net XML",
    expects="XML with the root element <assemblies> (xUnit.net 2 and 3, XunitXml.TestLogger, mocha-xunit-reporter) or "
    "<assembly> (xUnit.net 1). The form that JUnit uses, which many tools call xUnit, is junit.",
    example="""<assemblies>
  <assembly name="Shop.Tests.dll" run-date="2026-01-31" run-time="12:00:00" total="2" passed="1" failed="1">
    <collection name="Test collection for Shop.LoginTest" total="2">
      <test name="Shop.LoginTest.SignsIn" type="Shop.LoginTest" method="SignsIn" time="0.25" result="Pass" />
      <test name="Shop.LoginTest.SignsOut" type="Shop.LoginTest" method="SignsOut" time="0.01" result="Fail">
        <failure exception-type="Xunit.Sdk.FalseException"><message>Expected: False</message></failure>
      </test>
    </collection>
  </assembly>
</assemblies>
""",
    mapping="Each <assembly>, <collection> or <class> is a container, each <test> a result with its type as "
    "classification. Pass is passed, Fail failed, whatever the exception; Skip and NotRun are skipped. "
    "Errors of an assembly and failures of a class are broken results of their own. Output follows the backtrace, "
    "traits are labels, attachments that stand in the file become assets.",
    kinds=(XML,),
    recognise=recognise,
    parser=XUnitParser,
    roots=XUnitParser.ROOTS,
    rows_alike=True,
)
