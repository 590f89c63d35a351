"""TestNG's own report, ``testng-results.xml``.

From TestNG 6.14 and 7.12 themselves: ``<suite>``, ``<test>`` and ``<class>`` are containers inside each
other, each ``<test-method>`` is one run of a method. Classes stand in any order, the runs of a class in the
order of their start. Texts are CDATA with white space around it.

* A run that is retried is written as skipped, with the exception. TestNG 7 adds ``retried="true"``, 6 nothing:
  there a run that was skipped for an exception, and is followed by one of the same method and parameters that was
  not, was retried.
* The signature has an address in memory, and so may the parameters: they change with every run.
* Groups stand at the head of the suite with their methods; only when TestNG is told so are they at the method, too.
"""

import re
from typing import ClassVar, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN
from report_processor.formats.testng.retries import Retries, is_failure
from report_processor.formats.testng.skim import INSIDE, RULES, Plan, plan
from report_processor.parsing.base import XML, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.html_links import HTML, Embeds, plain
from report_processor.parsing.shapes import Run
from report_processor.parsing.xml_format import XmlFormat
from report_processor.parsing.xml_skim import XmlSkimmer

_CONTAINERS: Final = frozenset({"suite", "test", "class"})
_STATUS: Final = {"PASS": PASSED, "FAIL": FAILED, "SKIP": SKIPPED, "SUCCESS_PERCENTAGE_FAILURE": UNKNOWN}
_COUNTED: Final = (("passed", "PASS"), ("failed", "FAIL"), ("skipped", "SKIP"))
_LABELS: Final = ("depends-on-methods", "depends-on-groups", "data-provider")
_ADDRESS: Final = re.compile(r"(\b(?:[A-Za-z_][\w$]*\.)+[A-Z][\w$]*|\[+[A-Z](?:[\w.$]+;)?)@[0-9a-f]{1,8}\b(?![\w.])")
"""What Java makes of an object that has no text of its own: its class and its address."""
_DATE: Final = re.compile(r"(\S+) +[^\d+-]{0,60}(?:([+-])(\d{1,2})(?::?(\d\d))?)?")
"""A date and the short name of its zone, in any language, or its distance from Greenwich: ``GMT+02:00``."""
_PARAMETER: Final = 1_000
"""Characters of a parameter in a title."""
_GROUPED: Final = 50_000
"""Methods whose groups are remembered."""


class TestNGParser(XmlFormat):
    """See the module."""

    ROOTS: ClassVar = frozenset({"testng-results"})
    TEXTS: ClassVar = {
        "message": limits.EXCEPTION_DESCRIPTION,
        "short-stacktrace": limits.BACKTRACE,
        "full-stacktrace": limits.BACKTRACE,
        "line": HTML,
        "value": limits.LABEL_VALUE,
        "attribute": limits.LABEL_VALUE,
    }
    KNOWN: ClassVar = frozenset(
        {"testng-results", "suite", "groups", "group", "method", "test", "class", "test-method", "params", "param"}
        | {"exception", "reporter-output", "attributes", "custom-attributes", "custom-attribute", "name"}
    )

    def __init__(self) -> None:
        super().__init__()
        self._embeds: Final = Embeds(self.recorder)
        self._retries: Final = Retries(self.recorder)
        self._containers: list[int] = []
        """How deep the elements of the open containers lie."""
        self._class = ""
        self._group = ""
        self._long_groups = False
        """Whether a group has a name so long that a method with many of them may not keep all."""
        self._groups: dict[tuple[str, str], list[str]] = {}
        """Of the open suite: class and method to groups."""
        self._totals: dict[str, str] = {}
        self._runs: dict[str, int] = {}
        self._method: dict[str, str] | None = None
        """Attributes of the open method."""
        self._depth = 0
        self._at = (0, 0)
        self._parameters: list[str] = []
        self._custom = ""
        self._draft: Draft | None = None
        """What is more than the method's attributes, as soon as there is any."""
        self.xml.skimmer = XmlSkimmer("test-method", RULES, self._between_methods, plan, self._take, INSIDE, most=8)

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """See ``XmlFormat``."""
        if self._method is not None:
            self._opened_in_method(name, attributes)
        elif name == "test-method":
            self._method, self._at, self._depth = attributes, self.position(), len(self.path)
        elif name in _CONTAINERS:
            self._open_container(name, attributes)
        elif name == "group":
            self._group = attributes.get("name", "")[: limits.LABEL_VALUE]
            self._long_groups = self._long_groups or len(self._group) > limits.LABEL_NAME
        elif name == "method":
            self._remember(attributes)
        elif name == "testng-results":
            self._totals, self._runs = attributes, {}

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        if self._method is not None:
            if name == "test-method":
                if len(self.path) == self._depth:
                    self._record()
            elif text:
                self._text(name, text.strip())
        elif self._containers and self._containers[-1] == len(self.path):
            self._close_container()
        elif name == "testng-results":
            self._check_counts()

    def finish(self) -> None:
        """See ``XmlFormat``."""
        if self._method is not None:
            self._record()
        while self._containers:
            self._close_container()
        self._retries.flush()

    # Containers

    def _open_container(self, name: str, attributes: dict[str, str]) -> None:
        if address := attributes.get("url", ""):
            self.note("unknown_element", f'<{name} url="{address[:200]}"> stands for another file')
            return
        self._retries.flush()
        title = attributes.get("name", "")
        if name == "suite":
            self._groups = {}
            self.date(_date(attributes.get("started-at", "")[:200]))
        elif name == "class":
            package = attributes.get("package", "")
            title = f"{package}.{title}" if package and package != "[default]" else title
            self._class = title
        self._containers.append(len(self.path))
        self.recorder.open(title or f"{name} without a name", name, self.position()[0])

    def _close_container(self) -> None:
        self._retries.flush()
        self._containers.pop()
        self.recorder.close()

    def _remember(self, attributes: dict[str, str]) -> None:
        key = (attributes.get("class", "")[: limits.TITLE], attributes.get("name", "")[: limits.TITLE])
        if key not in self._groups and len(self._groups) >= _GROUPED:
            self.note("field_cut", f"the groups of more than {_GROUPED} methods of a suite were cut")
            return
        groups = self._groups.setdefault(key, [])
        if self._group not in groups and len(groups) < limits.LABELS:
            groups.append(self._group)

    # Methods

    def _opened_in_method(self, name: str, attributes: dict[str, str]) -> None:
        if name == "exception":
            self._open().exception = attributes.get("class", "")
        elif name == "value" and attributes.get("is-null") == "true":
            self._parameters.append("null")
        elif name == "attribute":
            self._custom = attributes.get("name", "")
        elif name == "name":
            self._custom = attributes.get("value", "")
        elif name == "param":
            while len(self._parameters) > limits.LABELS:
                self._parameters.pop()

    def _text(self, name: str, text: str) -> None:
        if name == "value" and self.parent == "param":
            self._parameters.append(_without_addresses(text)[:_PARAMETER])
        elif name in {"value", "attribute"}:
            self._open().label(self._custom, text)
        elif name == "message":
            self._open().message(text)
        elif name == "line":
            draft = self._open()
            draft.output(plain(text) if "<" in text and self._embeds.attach(draft, text) else text)
        elif name.endswith("-stacktrace"):
            self._open().trace(text)

    def _open(self) -> Draft:
        if self._draft is None:
            self._draft = Draft("", "", PASSED, *self._at)
        return self._draft

    def _record(self) -> None:
        attributes, draft = self._method or {}, self._draft
        parameters, self._parameters, self._custom = self._parameters, [], ""
        self._method = self._draft = None
        word = attributes.get("status", "")
        status = _STATUS.get(word.strip().upper(), UNKNOWN)
        if attributes.get("is-config") == "true":
            if status != FAILED:
                return
            status = BROKEN
        else:
            self._count(word, attributes)
        if status == FAILED and draft is not None and not is_failure(draft.exception):
            status = BROKEN
        title = _title(attributes, parameters)
        duration = self.seconds(attributes.get("duration-ms", ""), 0.001)
        retried = attributes.get("retried") == "true"
        groups = self._groups_of(attributes)
        about = attributes.get("description", "")
        plainly = draft is None and not retried and not groups and not about and status == PASSED
        if plainly and title and not any(name in attributes for name in _LABELS) and len(title) <= limits.TITLE:
            self._retries.passed((title, "", PASSED, duration, self._at[0], None), attributes.get("signature", ""))
            return
        draft = draft or Draft("", "", PASSED, *self._at)
        draft.title, draft.status, draft.duration = title, status, duration
        draft.describe(about)
        for group in groups:
            draft.label("group", group)
        for name in _LABELS:
            if value := attributes.get(name):
                draft.label(name, value)
        self._retries.record(draft, attributes.get("signature", ""), retried=retried)

    def _between_methods(self) -> bool:
        return self._method is None and self.path[-1:] == ["class"] and not self._long_groups

    def _take(self, run: Run[Plan]) -> None:
        if not run.plan:
            return
        title, time, signature = run.plan
        self._runs["PASS"] = self._runs.get("PASS", 0) + run.size
        alone, append = not (self._groups or self._retries.waits), self.recorder.rows.append
        for row, line in zip(run.rows, run.lines(), strict=False):
            duration = None if time < 0 else round(int(row[time]) * 0.001, 9)
            if alone:
                append((row[title], "", PASSED, duration, line, None))
            else:
                self._passed(row[title], duration, line, "" if signature < 0 else row[signature])

    def _passed(self, title: str, duration: float | None, line: int, signature: str) -> None:
        """A skimmed test; it may be in groups or the last run of one that was retried."""
        groups = self._groups.get((self._class, title))
        if not groups:
            self._retries.passed((title, "", PASSED, duration, line, None), signature)
            return
        draft = Draft(title, "", PASSED, line)
        draft.duration = duration
        for group in groups:
            draft.label("group", group)
        self._retries.record(draft, signature, retried=False)

    def _count(self, word: str, attributes: dict[str, str]) -> None:
        if word.strip().upper() not in _STATUS:
            self.recorder.note("unknown_status", f'status="{word[:100]}"', *self._at)
        kind = "retried" if attributes.get("retried") == "true" else word
        if kind in _STATUS or kind == "retried":
            self._runs[kind] = self._runs.get(kind, 0) + 1

    def _groups_of(self, attributes: dict[str, str]) -> list[str]:
        if written := attributes.get("groups"):
            return [group.strip() for group in written.strip("[]").split(",")]
        if not self._groups:
            return []
        return self._groups.get((self._class, attributes.get("name", "")), [])

    def _check_counts(self) -> None:
        for name, word in _COUNTED:
            stated, found = self._totals.get(name, ""), self._runs.get(word, 0)
            if stated.isdecimal() and stated != str(found):
                self.note("suite_count_differs", f'{name}="{stated[:20]}", but there are {found}')


def _date(text: str) -> str:
    """As others can read it; the word of a zone says too little to go by."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return text
    day, sign, hours, minutes = found.groups()
    return f"{day}{sign}{hours:0>2}:{minutes or '00'}" if sign else str(day)


def _title(attributes: dict[str, str], parameters: list[str]) -> str:
    title, instance = attributes.get("name", ""), attributes.get("test-instance-name", "")
    if instance and instance == title:  # version 5, which has the method in the signature only
        title = attributes.get("signature", "").partition("(")[0].rpartition(".")[2] or title
    if parameters:
        title += f"({', '.join(parameters)})"
    return f"{title} [{_without_addresses(instance)}]" if instance else title


def _without_addresses(text: str) -> str:
    return _ADDRESS.sub(r"\1", text) if "@" in text else text


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    return f"root element <{root.qualified}>" if root is not None and root.name == "testng-results" else None


FORMAT: Final = Format(
    key="testng",
    origin="testng_xml",
    title="TestNG XML",
    expects="testng-results.xml, the XML report that TestNG itself writes (versions 6 and 7), also when Maven Surefire "
    "or Gradle runs it. Its junitreports/*.xml are JUnit XML.",
    example="""<testng-results passed="1" failed="1" skipped="0">
  <suite name="shop">
    <test name="all">
      <class name="shop.LoginTest">
        <test-method name="signsIn" status="PASS" duration-ms="250"/>
        <test-method name="signsOut" status="FAIL" duration-ms="10">
          <exception class="java.lang.AssertionError">
            <message><![CDATA[still signed in]]></message>
            <full-stacktrace><![CDATA[at shop.LoginTest.signsOut(LoginTest.java:17)]]></full-stacktrace>
          </exception>
        </test-method>
      </class>
    </test>
  </suite>
</testng-results>
""",
    mapping="Each <suite>, <test> and <class> is a container, each <test-method> a result; its parameters are part of "
    "the title, without the addresses that Java gives objects. FAIL with an assertion is failed, with another "
    "exception broken; SKIP is skipped; a failure within successPercentage is unknown. Retried runs are attempts of "
    "one result. "
    "A configuration method is a result only when it failed (broken). Groups, the data provider, dependencies and "
    "attributes are labels, the description is the description, reporter output follows the backtrace, and files that "
    "it links to are assets.",
    kinds=(XML,),
    recognise=recognise,
    parser=TestNGParser,
    roots=frozenset({"testng-results"}),
    limits="Not read: disabled tests, which are only a number in the file; the output of the report as a whole, which "
    "repeats that of the tests; suites that TestNG was told to write to files of their own.",
)
