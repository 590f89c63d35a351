"""CUnit's XML of its automated interface: the results (``CUNIT_TEST_RUN_REPORT``) and the list of tests.

* Each suite is a container. CUnit writes one entry for each assertion that failed, all with the name of the test:
  entries that follow each other and have the same name are one result.
* A suite whose initialisation or cleanup failed is a result of its own in it, broken.
* In the list (``CUNIT_TEST_LIST_REPORT``) every test is unknown, for it did not run; one that is not active is
  skipped.

CUnit pads every text with blanks and does not escape the names of tests and suites. As it writes each on a line of
its own, that can be mended before the text is parsed.
"""

import contextlib
import re
from collections.abc import Mapping
from typing import ClassVar, Final

from report_processor import limits
from report_processor.damage import Damage
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Event
from report_processor.parsing.base import XML, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import seconds
from report_processor.parsing.shapes import Part, Run
from report_processor.parsing.xml_format import XmlFormat
from report_processor.parsing.xml_skim import NAME_TEXT, XmlSkimmer

_GENERATED: Final = re.compile(r"\w{3} (\w{3}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})\s*$")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAME: Final = re.compile(r"^( *<(SUITE_NAME|TEST_NAME|TEST_CASE_NAME)> )(.*[&<].*)(?= </\2> ?$)", re.MULTILINE)
_ODD_NAME: Final = re.compile(r"_NAME> (?![^&<\n]*+(?:</[A-Z_]*+> ?$|\n|\Z))", re.MULTILINE)
"""The cheap look for names such as ``_NAME`` finds: nearly always there is none in a piece."""
_STRAY: Final = re.compile(r"&(?!(?:\w+|#\d+|#x[0-9a-fA-F]+);)")
_LONGEST_LINE: Final = 1 << 16
"""Longer ones are passed on as they are."""
_SUITES: Final = frozenset({"CUNIT_RUN_SUITE", "CUNIT_ALL_TEST_LISTING_SUITE"})
_TESTS: Final = frozenset({"CUNIT_RUN_TEST_SUCCESS", "CUNIT_RUN_TEST_FAILURE", "TEST_CASE_DEFINITION"})


_RULES: Final = {"TEST_NAME#": NAME_TEXT}
_PASSED: Final = ["CUNIT_RUN_TEST_SUCCESS", "TEST_NAME", "TEST_NAME#"]
_AROUND: Final = (["CUNIT_RUN_SUITE_SUCCESS"], ["CUNIT_RUN_GROUP_SUCCESS"])


def _plan(parts: list[Part]) -> int | None:
    """Lines from the record to the test in it, when that passed."""
    return parts[0].line if [part.key for part in parts] == _PASSED else None


class CUnitParser(XmlFormat):
    """Reads both."""

    ROOTS: ClassVar[frozenset[str]] = frozenset({"CUNIT_TEST_RUN_REPORT", "CUNIT_TEST_LIST_REPORT"})
    KNOWN: ClassVar[frozenset[str]] = (
        ROOTS
        | _SUITES
        | _TESTS
        | {
            "CUNIT_HEADER",
            "CUNIT_RESULT_LISTING",
            "CUNIT_RUN_SUITE_SUCCESS",
            "CUNIT_RUN_SUITE_FAILURE",
            "CUNIT_RUN_GROUP",
            "CUNIT_RUN_GROUP_SUCCESS",
            "CUNIT_RUN_GROUP_FAILURE",
            "CUNIT_RUN_TEST_RECORD",
            "CUNIT_RUN_SUMMARY",
            "CUNIT_RUN_SUMMARY_RECORD",
            "CUNIT_LIST_TOTAL_SUMMARY",
            "CUNIT_LIST_TOTAL_SUMMARY_RECORD",
            "CUNIT_ALL_TEST_LISTING",
            "CUNIT_ALL_TEST_LISTING_SUITE_DEFINITION",
            "CUNIT_ALL_TEST_LISTING_SUITE_TESTS",
        }
    )
    TEXTS: ClassVar[Mapping[str, int]] = {
        **dict.fromkeys(("SUITE_NAME", "TEST_NAME", "TEST_CASE_NAME", "FILE_NAME"), 2 * limits.TITLE),
        **dict.fromkeys(("CONDITION", "FAILURE_REASON"), limits.EXCEPTION_DESCRIPTION),
        **dict.fromkeys(("LINE_NUMBER", "TEST_ACTIVE_VALUE", "CUNIT_FOOTER", "TYPE", "RUN", "TOTAL"), 1000),
        **dict.fromkeys(("SUCCEEDED", "FAILED", "INACTIVE"), 1000),
        **dict.fromkeys(("INITIALIZE_VALUE", "CLEANUP_VALUE", "ACTIVE_VALUE", "TEST_COUNT_VALUE"), 1000),
        **dict.fromkeys(("CUNIT_LIST_TOTAL_SUMMARY_RECORD_TEXT", "CUNIT_LIST_TOTAL_SUMMARY_RECORD_VALUE"), 1000),
    }

    def __init__(self) -> None:
        super().__init__()
        self._suite = ""
        self._opened = False
        """Whether there is a container open."""
        self._draft: Draft | None = None
        """The test at hand, which may go on in the next entry."""
        self._values: dict[str, str] = {}
        """Texts of the entry or record at hand."""
        self._at = (0, 0)
        self._found = 0
        self._line = ""
        """The beginning of a line whose end was not fed yet."""
        self._long = False
        """Whether that line is so long that its beginning was passed on."""
        self.xml.skimmer = XmlSkimmer(
            "CUNIT_RUN_TEST_RECORD",
            _RULES,
            self._between_tests,
            _plan,
            self._take,
            ("CUNIT_RUN_TEST_SUCCESS", "TEST_NAME"),
        )

    def opened(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002
        """See ``XmlFormat``."""
        if name in _TESTS or name == "CUNIT_RUN_SUMMARY_RECORD":
            self._values, self._at = {}, self.position()
        elif name == "SUITE_NAME":
            self._at = self.position()

    def closed(self, name: str, text: str) -> None:
        """See ``XmlFormat``."""
        if name in _TESTS:
            self._entry(name)
        elif name == "SUITE_NAME":
            self._open_suite(text.strip())
        elif name == "FAILURE_REASON":
            self._suite_failed(text.strip())
        elif name == "CUNIT_RUN_SUMMARY_RECORD":
            self._check()
        elif name in {"CUNIT_RESULT_LISTING", "CUNIT_ALL_TEST_LISTING"}:
            self._close_suite()
        elif name == "CUNIT_FOOTER":
            self._footer(text)
        elif name in self.TEXTS:
            self._values[name] = text.strip()

    def finish(self) -> None:
        """See ``XmlFormat``."""
        if self._values and self.path and self.path[-1] not in {"CUNIT_RUN_SUMMARY", "CUNIT_RUN_SUMMARY_RECORD"}:
            kind = next((name for name in self.path if name in _TESTS), "")
            if kind and (self._values.get("TEST_NAME") or self._values.get("TEST_CASE_NAME")):
                self._entry(kind if kind != "CUNIT_RUN_TEST_SUCCESS" else "")
        self._close_suite()

    # Names that are not escaped

    def feed(self, text: str) -> list[Event]:
        """See ``base.Parser``."""
        self.xml.feed(self._mended(text))
        return self.recorder.take()

    def close(self) -> list[Event]:
        """See ``base.Parser``."""
        self.xml.feed(_escaped(self._line))
        return super().close()

    def salvage(self) -> list[Event]:
        """See ``base.Parser``."""
        with contextlib.suppress(Damage):
            self.xml.feed(self._line)
        return super().salvage()

    def _mended(self, text: str) -> str:
        """The text up to its last line break, with what was held back before; the rest is held back."""
        whole, newline, rest = text.rpartition("\n")
        if not newline:
            self._line += rest
            if not self._long and len(self._line) <= _LONGEST_LINE:
                return ""
            self._long = True
            rest, self._line = self._line, ""
            return rest
        first, newline, others = f"{whole}\n".partition("\n")
        first = self._line + first
        done = first if self._long or len(first) > _LONGEST_LINE else _escaped(first)
        self._long = len(rest) > _LONGEST_LINE
        self._line = "" if self._long else rest
        return done + newline + _escaped(others) + (rest if self._long else "")

    # Suites

    def _open_suite(self, title: str) -> None:
        if self._opened and title == self._suite:
            return  # the cleanup that failed has an entry of its own
        self._close_suite()
        self._suite, self._opened = title, True
        self.recorder.open(title, "suite", self._at[0])

    def _close_suite(self) -> None:
        self._flush()
        if self._opened:
            self._opened, self._suite = False, ""
            self.recorder.close()

    def _suite_failed(self, reason: str) -> None:
        self._flush()
        draft = Draft(self._suite, "suite", PASSED, *self._at)
        draft.fail(BROKEN, "", reason)
        draft.record(self.recorder)

    # Tests

    def _entry(self, kind: str) -> None:
        values, self._values = self._values, {}
        title = values.get("TEST_NAME") or values.get("TEST_CASE_NAME") or ""
        failed = kind == "CUNIT_RUN_TEST_FAILURE"
        if not (failed and self._draft is not None and self._draft.title == title):
            self._flush()
            self._found += 1
            if kind == "CUNIT_RUN_TEST_SUCCESS" and title and len(title) <= limits.TITLE:
                self.recorder.rows.append((title, "", PASSED, None, self._at[0], None))
                return
            self._draft = Draft(title, "", PASSED if failed else UNKNOWN, *self._at)
        if failed and self._draft is not None:
            file = values.get("FILE_NAME", "")
            place = f"{file}:{values.get('LINE_NUMBER', '')}" if file else ""
            condition = values.get("CONDITION", "")
            self._draft.fail(FAILED, condition.partition("(")[0] if "(" in condition else "", condition, place)
        elif self._draft is not None and values.get("TEST_ACTIVE_VALUE") == "No":
            self._draft.status = SKIPPED

    def _between_tests(self) -> bool:
        return not self._values and self.path[-1:] in _AROUND

    def _take(self, run: Run[int]) -> None:
        self._flush()
        titles = [name.strip() for (name,) in run.rows]
        self.recorder.columns(titles, "", [None] * len(titles), run.line + run.plan, run.step)
        self._found += len(titles)

    def _flush(self) -> None:
        draft, self._draft = self._draft, None
        if draft is not None:
            draft.record(self.recorder)

    # The end

    def _check(self) -> None:
        values, self._values = self._values, {}
        if values.get("TYPE") != "Test Cases":
            return
        run = seconds(values.get("RUN", ""))
        if run is not None and run != self._found:
            self.note("suite_count_differs", f"{int(run)} test cases were run, but there are {self._found}")
        inactive = values.get("INACTIVE", "0")
        if inactive.isdecimal() and int(inactive[:9]):
            self.note("tool_message", f"{inactive[:9]} tests are not active and not in the report")
        self._found = 0

    def _footer(self, text: str) -> None:
        found = _GENERATED.search(text)
        if found is not None and found[1] in _MONTHS:
            self.date(f"{found[4]}-{_MONTHS.index(found[1]) + 1:02}-{int(found[2]):02}T{found[3]}")


def _escaped(lines: str) -> str:
    if _ODD_NAME.search(lines) is None:
        return lines
    return _NAME.sub(_escaped_name, lines)


def _escaped_name(found: re.Match[str]) -> str:
    name = found[3]
    if len(found[0]) <= _LONGEST_LINE:
        name = _STRAY.sub("&amp;", name).replace("<", "&lt;")
    return found[1] + name


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None."""
    root = head.xml_root
    if root is None or root.name not in CUnitParser.ROOTS:
        return None
    return f"root element <{root.qualified}>"


FORMAT: Final = Format(
    key="cunit",
    origin="cunit_xml",
    title="CUnit XML",
    expects="XML with the root element <CUNIT_TEST_RUN_REPORT> (...-Results.xml) or <CUNIT_TEST_LIST_REPORT> "
    "(...-Listing.xml), as the automated interface of CUnit 2.1 writes it.",
    example="""<CUNIT_TEST_RUN_REPORT>
  <CUNIT_RESULT_LISTING>
    <CUNIT_RUN_SUITE>
      <CUNIT_RUN_SUITE_SUCCESS>
        <SUITE_NAME> login </SUITE_NAME>
        <CUNIT_RUN_TEST_RECORD>
          <CUNIT_RUN_TEST_SUCCESS>
            <TEST_NAME> signs in </TEST_NAME>
          </CUNIT_RUN_TEST_SUCCESS>
        </CUNIT_RUN_TEST_RECORD>
        <CUNIT_RUN_TEST_RECORD>
          <CUNIT_RUN_TEST_FAILURE>
            <TEST_NAME> signs out </TEST_NAME>
            <FILE_NAME> login.c </FILE_NAME>
            <LINE_NUMBER> 12 </LINE_NUMBER>
            <CONDITION> CU_ASSERT_TRUE(out) </CONDITION>
          </CUNIT_RUN_TEST_FAILURE>
        </CUNIT_RUN_TEST_RECORD>
      </CUNIT_RUN_SUITE_SUCCESS>
    </CUNIT_RUN_SUITE>
  </CUNIT_RESULT_LISTING>
</CUNIT_TEST_RUN_REPORT>
""",
    mapping="Each suite is a container, each test a result: entries with the same name that follow each other are the "
    "failed assertions of one test. A suite whose initialisation or cleanup failed is a broken result with its name. "
    "In a list of tests all are unknown, and skipped when they are not active.",
    kinds=(XML,),
    recognise=recognise,
    parser=CUnitParser,
    roots=CUnitParser.ROOTS,
    limits="CUnit writes no durations, and nothing of tests and suites that are not active; their number is a message. "
    "It does not escape names; that is mended where each name stands on a line of its own, as CUnit writes them.",
)
