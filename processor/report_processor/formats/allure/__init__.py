"""Allure results: a folder with a JSON file for each test, and files beside them.

The files: ``*-result.json`` (a run of a test), ``*-container.json`` (its fixtures), ``*-globals.json``
(errors outside of any test), ``categories.json``, ``executor.json``, and attachments by the names that
results give. Where a result belongs, and which results are runs of the same test, is in the results
themselves, so files may come in any order. Allure 1 wrote an XML file for each suite, see ``allure1``.
"""

from typing import Any, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, UNKNOWN
from report_processor.formats.allure.allure1 import ROOT, Allure1Parser, recognise_xml
from report_processor.formats.allure.result import BAD, STATUSES, Gathered, of_report
from report_processor.formats.allure.skim import skimmer
from report_processor.parsing.base import JSON, XML, Format
from report_processor.parsing.either import Either
from report_processor.parsing.json_format import JsonFormat, dict_of, dicts_of, list_of, number_of, text_of

_FIXTURES: Final = "Broken fixtures"
_ERRORS: Final = "Errors outside of tests"
_EARLIEST: Final = 1e12
"""Milliseconds since 1970 of a time that needs no closer look."""
_LATEST: Final = 1e13
_OWN: Final = frozenset({"historyId", "testCaseId", "statusDetails", "fullName", "titlePath", "stage", "labels"})
"""Keys of results; no adapter writes all of them."""
_BUILD: Final = frozenset({"buildOrder", "buildName", "buildUrl", "reportUrl", "reportName"})
_CATEGORY: Final = frozenset({"matchedStatuses", "messageRegex", "traceRegex"})
_OF_CONTAINER: Final = frozenset({"uuid", "name", "start", "stop", "description", "descriptionHtml", "links"})


class AllureJsonParser(JsonFormat):
    """Reads one file of the folder, whichever it is."""

    def __init__(self) -> None:
        super().__init__()
        self.reader.skimmers[""] = skimmer(self.recorder)

    def item(self, name: str, value: Any) -> None:  # noqa: ARG002  # there is one name
        """See ``JsonHandler``."""
        one = dict_of(value)
        if _is_result(one):
            self._result(one)
        elif _is_container(one):
            self._container(one)
        elif _is_globals(one):
            self._globals(one)
        elif _is_executor(one):
            order = text_of(one.get("buildOrder"))
            self.recorder.system(build=text_of(one.get("buildName")) or (f"#{order}" if order else ""))

    def _result(self, value: dict[str, Any]) -> None:
        if isinstance(value.get("time"), dict):
            value = of_report(value)
        gathered = Gathered(self.recorder, value, self.line)
        gathered.place()
        if gathered.start is not None and _EARLIEST < gathered.start < _LATEST:
            self.recorder.date(gathered.start / 1000)
        else:
            self.date(value.get("start"))
        self._record(gathered, gathered.key(), gathered.start or number_of(value.get("stop")))

    def _container(self, value: dict[str, Any]) -> None:
        """Its fixtures: those that went wrong are results, because a test may not even be there then."""
        name = text_of(value.get("name"))
        for when in ("befores", "afters"):
            for index, fixture in enumerate(dicts_of(value.get(when))):
                if STATUSES.get(text_of(fixture.get("status")).lower()) not in BAD:
                    continue
                gathered = Gathered(self.recorder, fixture, self.line)
                around = [name] if name and name != gathered.title else []
                gathered.place_in([(title, "") for title in (_FIXTURES, *around)], when[:-1])
                self._record(gathered, f"fixture:{text_of(value.get('uuid'))}:{when}:{index}", gathered.start)

    def _globals(self, value: dict[str, Any]) -> None:
        """Errors outside of any test. Those with one message are one result: a hook breaks once for each retry."""
        for error in dicts_of(value.get("errors")):
            title = text_of(error.get("message")).strip().partition("\n")[0]
            entry = {"name": title or "error", "statusDetails": error}
            gathered = Gathered(self.recorder, entry, self.line)
            gathered.place_in([(_ERRORS, "")], "")
            self._record(gathered, f"global:{title}", number_of(error.get("timestamp")), BROKEN)

    def _record(self, gathered: Gathered, key: str, order: float | None, fallback: int = UNKNOWN) -> None:
        row = gathered.row(fallback)
        self.recorder.late(gathered.path[: limits.DEPTH], key, order or 0.0, row)


def _parser() -> Either:
    return Either(lambda sign: Allure1Parser() if sign == "<" else AllureJsonParser())


def recognise(head: Head) -> str | None:
    """A JSON object or array as one of Allure's files is, or Allure 1's root element."""
    if head.xml_root is not None:
        return recognise_xml(head.xml_root)
    first = head.json[0] if head.json else None
    if isinstance(first, list):
        found = bool(first) and all("name" in one and _CATEGORY & one.keys() for one in map(dict_of, first))
        return "categories with matchedStatuses or messageRegex" if found else None
    one = dict_of(first)
    if _is_result(one):
        return f"keys {', '.join(key for key in ('uuid', 'name', 'status', *sorted(_OWN)) if key in one)}"
    kinds = {
        _is_container: "uuid and fixtures",
        _is_globals: "errors and attachments of a run",
        _is_executor: "a build",
    }
    return next((evidence for kind, evidence in kinds.items() if kind(one)), None)


def _is_result(one: dict[str, Any]) -> bool:
    own = len(_OWN & one.keys())
    named = "name" in one and "status" in one
    if isinstance(one.get("uuid"), str):
        return own >= 1 or (named and bool(one.keys() & {"start", "stop", "steps"}))
    return named and own >= 1


def _is_container(one: dict[str, Any]) -> bool:
    if not isinstance(one.get("uuid"), str):
        return False
    lists = [name for name in ("children", "befores", "afters") if isinstance(one.get(name), list)]
    return bool(lists) or ("start" in one and one.keys() <= _OF_CONTAINER)


def _is_globals(one: dict[str, Any]) -> bool:
    if not one or not one.keys() <= {"errors", "attachments"}:
        return False
    entries = [*list_of(one.get("errors")), *list_of(one.get("attachments"))]
    return all("timestamp" in dict_of(entry) for entry in entries) and len(one) + len(entries) > 1


def _is_executor(one: dict[str, Any]) -> bool:
    return "name" in one and "type" in one and len(_BUILD & one.keys()) > 1


FORMAT: Final = Format(
    key="allure",
    origin="allure_json",
    title="Allure results",
    expects="The files of an allure-results folder, one by one or as one archive: *-result.json, *-container.json, "
    "*-globals.json, categories.json, executor.json and attachments, as the Allure 2 and 3 adapters for pytest, JUnit, "
    "TestNG, Jest, Vitest, Mocha, Playwright, Cucumber and others write them; also *-testsuite.xml of Allure 1, and "
    "data/test-cases of a report that Allure 2 generated.",
    example="""{
  "uuid": "5c1f21f0-6d2c-4a43-a4b1-6f0a38f5f5f3",
  "historyId": "0d0cbd3e9c1c4f1a8f0f5a3c6e7b9d21",
  "name": "signs in",
  "fullName": "login.LoginTest#signs in",
  "status": "failed",
  "statusDetails": {"message": "still signed out", "trace": "AssertionError: still signed out\\n  at login.js:17"},
  "stage": "finished",
  "start": 1767260700000,
  "stop": 1767260700250,
  "labels": [{"name": "suite", "value": "login"}],
  "steps": [{"name": "opens the page", "status": "passed"}],
  "attachments": [{"name": "screenshot", "source": "f3a1-attachment.png", "type": "image/png"}]
}
""",
    mapping="Each result file is one run of a test; those with one historyId (else one full name and parameters) are "
    "attempts of one result, in the order of their starts. The containers are the labels parentSuite, suite and "
    "subSuite, else package and testClass, else titlePath, else epic, feature and story. The status stays as it is; "
    "a test that has none is unknown. Parameters are in the title unless they stand there, or are excluded or hidden. "
    "Steps are lines of the description; the files of steps belong to the result. A fixture that failed and an error "
    "outside of tests are results of their own. Allure 1: canceled and pending are skipped.",
    limits="environment.properties is kept as an attachment. Categories are not applied.",
    kinds=(JSON, XML),
    recognise=recognise,
    parser=_parser,
    roots=frozenset({ROOT}),
    may_be_empty=True,
)
