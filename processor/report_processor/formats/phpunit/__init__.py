"""PHPUnit's own XML: TestDox (``testdox``) and Open Test Reporting (``otr``).

Its third kind, ``--log-junit``, is JUnit XML: detected as that, and read by that parser when the caller names PHPUnit.
"""

from typing import Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import Event
from report_processor.formats import junit
from report_processor.formats.junit.parser import JUnitParser
from report_processor.formats.phpunit.otr import OtrParser
from report_processor.formats.phpunit.testdox import TestDoxParser
from report_processor.parsing.base import XML, Format, Parser

_SCHEMA: Final = "schema.phpunit.de/otr/"


class PhpUnitParser:
    """Finds out which kind it is and leaves the rest to that parser."""

    def __init__(self) -> None:
        self._text = ""
        self._look_at = 0
        self._parser: Parser | None = None
        self._events: list[Event] = []
        """Of the end of the file, when it is so short that it was read there."""

    def feed(self, text: str) -> list[Event]:
        """See ``base.Parser``."""
        if self._parser is not None:
            return self._parser.feed(text)
        self._text += text
        if len(self._text) < self._look_at:
            return []
        self._look_at = 2 * len(self._text)
        if Head(self._text, whole=False).xml_root is None and len(self._text) < limits.HEAD:
            return []
        return self._chosen().feed(self._taken())

    def close(self) -> list[Event]:
        """See ``base.Parser``."""
        if self._parser is not None:
            return self._parser.close()
        parser = self._chosen()
        self._events = parser.feed(self._taken())
        return self._events + parser.close()

    def salvage(self) -> list[Event]:
        """See ``base.Parser``."""
        return self._events + self._parser.salvage() if self._parser is not None else []

    def _taken(self) -> str:
        text, self._text = self._text, ""
        return text

    def _chosen(self) -> Parser:
        root = Head(self._text).xml_root
        parsers: dict[str, type[Parser]] = {"tests": TestDoxParser, "events": OtrParser}
        self._parser = parsers.get(root.name if root is not None else "", JUnitParser)()
        return self._parser


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None:
        return None
    if root.name == "events":
        found = next((value for value in root.attributes.values() if _SCHEMA in value), None)
        return f"root element <{root.qualified}> with the namespace {found[:200]}" if found else None
    if root.name == "tests" and "prettifiedMethodName=" in head.text:
        return f"root element <{root.qualified}> with prettifiedMethodName"
    return None


def accepts(head: Head) -> str | None:
    """The same when the caller says that it is PHPUnit's: its JUnit XML, and a TestDox file without tests, too."""
    root = head.xml_root
    if root is not None and root.name == "tests":
        return f"root element <{root.qualified}>"
    return recognise(head) or junit.recognise(head)


FORMAT: Final = Format(
    key="phpunit",
    origin="phpunit_xml",
    title="PHPUnit XML",
    expects="XML with the root element <tests> (--testdox-xml, PHPUnit 5.7 to 9) or <e:events> with PHPUnit's "
    "namespace (--log-otr, PHPUnit 12.2 and later). With this formatter named, also JUnit XML (--log-junit), which is "
    "detected as such.",
    example="""<tests>
  <test className="LoginTest" methodName="testSignsIn" prettifiedClassName="Login" prettifiedMethodName="Signs in" status="0" time="0.25" size="-1" groups="default"/>
  <test className="LoginTest" methodName="testSignsOut" prettifiedClassName="Login" prettifiedMethodName="Signs out" status="3" time="0.09" size="-1" groups="default" exceptionLine="12" exceptionMessage="still signed in"/>
</tests>
""",  # noqa: E501
    mapping="TestDox: the tests of a class are a container; status 0 is passed, 1 skipped, 3 failed, 4 broken, and 2 "
    "(incomplete), 5 (risky) and 6 (warning) are unknown; -1 (not run) is broken with an exception, else "
    "skipped; groups are labels. Open Test Reporting: suites are "
    "containers; SUCCESSFUL is passed, FAILED failed, ERRORED broken, SKIPPED skipped, ABORTED (incomplete) unknown; "
    "issues and output follow the backtrace; the result of a suite (a hook that broke) is one of its own.",
    kinds=(XML,),
    recognise=recognise,
    parser=PhpUnitParser,
    roots=frozenset({"tests", "events"}),
    accepts=accepts,
    limits="TestDox has no messages of skipped tests and no backtraces. Open Test Reporting of other tools (JUnit) is "
    "not read, nor are TeamCity logs.",
)
