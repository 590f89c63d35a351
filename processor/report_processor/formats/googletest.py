r"""GoogleTest's JSON (``--gtest_output=json``). Its XML is JUnit XML and read by that parser.

* Each item of ``testsuites`` is a container, each item of its ``testsuite`` a result. The root, ``AllTests``, is the
  report itself.
* A result with ``failures`` is failed: GoogleTest does not tell exceptions apart, and so its XML has no errors
  either. ``result`` SKIPPED and SUPPRESSED (disabled), and ``status`` NOTRUN, are skipped.
* What failed outside of tests (an environment) has an empty name: it is a result with its suite's name. GoogleTest 1.12
  forgets the comma before its suite, which is mended.
* What ``RecordProperty`` recorded stands among the other members; all that have no meaning of their own are labels.

Where ``char`` is signed, GoogleTest up to 1.12 at least writes each byte of UTF-8 text as a character of its own
(``\u00C3\u00BC`` for one letter); that is mended.
"""

from typing import Any, ClassVar, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import FAILED, PASSED, SKIPPED, UNKNOWN, Event, Label
from report_processor.formats import junit
from report_processor.formats.junit.parser import JUnitParser
from report_processor.parsing.base import JSON, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import seconds
from report_processor.parsing.either import Either
from report_processor.parsing.json_format import JsonFormat, dict_of, dicts_of, list_of, number_of, text_of
from report_processor.parsing.json_reader import Shape
from report_processor.parsing.json_skim import ANY, ASCII, ASCII_NAME, JsonSkimmer
from report_processor.parsing.shapes import Part, Rule, Run

_COUNTS: Final = frozenset({"tests", "failures", "disabled", "errors", "skipped"})
_OF_TEST: Final = frozenset(
    {"name", "status", "result", "time", "timestamp", "classname", "failures", "skipped", "assets"}
)
_NO_COMMA: Final = "\n    }    {"
_COMMA: Final = "\n    },   {"
_STATUSES: Final = {"COMPLETED": PASSED, "SKIPPED": SKIPPED, "SUPPRESSED": SKIPPED}


_RULES: Final = {
    "name": ASCII_NAME,
    "classname": ASCII_NAME,
    "timestamp": ANY,
    "time": Rule(r"[0-9]{1,8}(?:\.[0-9]{0,18})?s"),
}
_Plan = tuple[dict[str, int], list[tuple[str, int]]]
"""Groups of what a test has, and labels with theirs."""


class _TestSkimmer(JsonSkimmer[_Plan]):
    def rule(self, key: str, parts: list[Part]) -> Rule | None:
        """See ``JsonSkimmer``."""
        return super().rule(key, parts) or (None if key in _OF_TEST else ASCII)


def _plan(parts: list[Part], tests: list[dict[str, Any]]) -> _Plan | None:
    """Of a test that passed with nothing to tell but short labels."""
    (test,) = tests
    groups = {part.key: part.group for part in parts}
    labels = [(key, groups.get(key, -1)) for key in test if key not in _OF_TEST]
    passed = test.get("result") == "COMPLETED" and test.get("status") == "RUN"
    texts = all(isinstance(test.get(key), str) for key in ("name", "classname", "time"))
    if not (passed and texts) or "failures" in test or "skipped" in test or "assets" in test or len(labels) > 10:
        return None
    if any(group < 0 or not key.isascii() or len(key) > limits.LABEL_NAME // 2 for key, group in labels):
        return None
    return groups, labels


class GoogleTestJsonParser(JsonFormat):
    """Reads the JSON."""

    SHAPE: ClassVar[Shape] = {"": {"testsuites": "suite"}, "suite": {"testsuite": "test"}}

    def __init__(self) -> None:
        super().__init__()
        self._held = ""
        """The beginning of what may be ``_NO_COMMA``."""
        self._open = False
        self._title = ""
        """Of the suite that is open."""
        self._promised: dict[str, dict[str, Any]] = {"": {}, "suite": {}}
        self._found = {"": [0, 0], "suite": [0, 0]}
        """Tests and failed tests, of all and of the suite that is open."""
        self._labels: list[Label] = []
        self._moment: Any = None
        """The last date: most suites have the same."""
        self.reader.skimmers["test"] = _TestSkimmer(_RULES, lambda: self._open, _plan, self._take)

    def feed(self, text: str) -> list[Event]:
        """See ``base.Parser``."""
        text = (self._held + text).replace(_NO_COMMA, _COMMA)
        held = next((size for size in range(len(_NO_COMMA) - 1, 0, -1) if text.endswith(_NO_COMMA[:size])), 0)
        self._held = text[len(text) - held :]
        return super().feed(text[: len(text) - held])

    def close(self) -> list[Event]:
        """See ``base.Parser``."""
        self.reader.feed(self._held)
        return super().close()

    def begin(self, name: str) -> None:
        """See ``JsonHandler``."""
        if name == "suite":
            self._open, self._title, self._labels = True, "", []
            self.recorder.open_unnamed(self.line)
        self._promised[name] = {}
        self._found[name] = [0, 0]

    def member(self, name: str, key: str, value: Any) -> None:
        """See ``JsonHandler``."""
        if key in _COUNTS:
            self._promised[name][key] = value
        elif key == "timestamp":
            if value != self._moment:
                self._moment = value
                self.date(value)
        elif key == "name":
            if name == "suite":
                self._title = _mended(text_of(value))
                self.recorder.name(self._title, "testsuite")
        elif name == "suite" and key != "time" and len(self._labels) < limits.LABELS:
            self._labels.append((_mended(key)[: limits.LABEL_NAME], _mended(text_of(value))[: limits.LABEL_VALUE]))
        elif not name and isinstance(value, dict | list):  # others are RecordProperty's of an environment
            self.recorder.note("unknown_element", f"{key[:100]}: {text_of(value)[:100]}", *self.reader.position())

    def item(self, name: str, value: Any) -> None:
        """See ``JsonHandler``."""
        if name == "test" and isinstance(value, dict):
            self._test(value)
        else:
            self.recorder.note("unknown_element", f"{name or 'document'}: {text_of(value)[:100]}", self.line)

    def end(self, name: str) -> None:
        """See ``JsonHandler``."""
        self._check(name)
        if name == "suite":
            self._found[""][0] += self._found["suite"][0]
            self._found[""][1] += self._found["suite"][1]
            self._close()

    def finish(self) -> None:
        """See ``JsonFormat``."""
        self._close()

    def _close(self) -> None:
        if self._open:
            self._open = False
            self.recorder.close("", self._labels)

    def _check(self, name: str) -> None:
        for key, found in zip(("tests", "failures"), self._found[name], strict=True):
            promised = number_of(self._promised[name].get(key))
            if promised is not None and promised != found:
                place = "a test suite" if name else "all"
                self.recorder.note(
                    "suite_count_differs", f"{key} of {place}: {int(promised)}, but there are {found}", self.line
                )

    def _test(self, test: dict[str, Any]) -> None:
        if not test.get("name"):
            # What failed outside of tests: it has the name of its suite here, and the counts leave it out.
            test = {**test, "name": self._title}
            self._promised["suite"] = {}
        else:
            self._found["suite"][0] += 1
        duration = self._seconds(test.get("time"))
        line = self.line
        if self._plain(test, duration, line):
            return
        draft = Draft(_mended(text_of(test.get("name"))), _mended(text_of(test.get("classname"))), PASSED, line)
        draft.duration = duration
        draft.status = self._status(test)
        for failure in list_of(test.get("failures")):
            text = _mended(text_of(dict_of(failure).get("failure")) if isinstance(failure, dict) else text_of(failure))
            place, _, message = text.partition("\n")
            draft.fail(FAILED, text_of(dict_of(failure).get("type")), message or place, place if message else "")
        for reason in dicts_of(test.get("skipped")):
            draft.message(_mended(text_of(reason.get("message"))))
        if draft.status == FAILED and self._promised["suite"]:
            self._found["suite"][1] += 1
        for key, value in test.items():
            if key not in _OF_TEST:
                draft.label(_mended(key), _mended(text_of(value)))
        draft.record(self.recorder)

    def _take(self, run: Run[_Plan]) -> None:
        columns, (groups, labels) = run.columns(), run.plan
        self.recorder.columns(
            columns[groups["name"]],
            columns[groups["classname"]],
            [time[:-1] for time in columns[groups["time"]]],
            run.line,
            run.step,
            [key for key, _ in labels],
            [columns[group] for _, group in labels],
        )
        self._found["suite"][0] += run.size

    def _plain(self, test: dict[str, Any], duration: float | None, line: int) -> bool:
        """Whether it is a test that passed with nothing to tell but short labels; it is recorded then."""
        title, kind = test.get("name"), test.get("classname", "")
        if test.get("result") != "COMPLETED" or test.get("status") != "RUN" or "failures" in test or "skipped" in test:
            return False
        labels = []
        for key, value in test.items():
            if key not in _OF_TEST:
                text = value if isinstance(value, str) else str(value) if isinstance(value, int) else text_of(value)
                if len(text) + len(key) > limits.LABEL_NAME or not text.isascii() or not key.isascii():
                    return False
                labels.append((key, text))
        if not (isinstance(title, str) and isinstance(kind, str) and title.isascii() and kind.isascii()):
            return False
        if not title or title.isspace() or len(title) + len(kind) > limits.CLASSIFICATION or len(labels) > 10:
            return False
        details = ("", "", "", "", False, (), labels, ()) if labels else None
        self.recorder.rows.append((title, kind, PASSED, duration, line, details))
        return True

    def _status(self, test: dict[str, Any]) -> int:
        result, status = text_of(test.get("result")), text_of(test.get("status"))
        if status == "NOTRUN":
            return SKIPPED
        if result in _STATUSES:
            return _STATUSES[result]
        if not result and status == "RUN":  # before 1.10
            return PASSED
        told = f"{status} {result}".strip()[:100] or "no status"
        self.recorder.note("unknown_status", told, self.line)
        return UNKNOWN

    def _seconds(self, value: Any) -> float | None:
        text = value if isinstance(value, str) else text_of(value)
        found = seconds(text.removesuffix("s")) if text else None
        if text and found is None:
            self.recorder.note("invalid_duration", text[:100], self.line)
        return found


def _mended(text: str) -> str:
    """Text whose bytes became characters, as the text that it was."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _parser() -> Either:
    return Either(lambda sign: JUnitParser() if sign == "<" else GoogleTestJsonParser())


def recognise(head: Head) -> str | None:
    """The evidence that a file is of this format, or None. Its XML is JUnit's."""
    found = dict_of(head.json[0]) if head.xml_root is None and head.json else {}
    if isinstance(found.get("testsuites"), list) and len(found.keys() & {"failures", "disabled", "errors"}) >= 2:
        return "keys testsuites, " + ", ".join(sorted(found.keys() & _COUNTS))
    return None


def accepts(head: Head) -> str | None:
    """The same when the caller says that it is GoogleTest's: its XML, too."""
    return junit.recognise(head) if head.xml_root is not None else recognise(head)


FORMAT: Final = Format(
    key="googletest",
    origin="googletest_json",
    title="GoogleTest JSON",
    expects="JSON with the keys tests, failures, disabled and testsuites, as GoogleTest 1.8.1 and later writes it with "
    "--gtest_output=json. With this formatter named, its XML too, which is JUnit XML and detected as such.",
    example="""{"tests": 2, "failures": 1, "disabled": 0, "errors": 0, "time": "0.34s", "name": "AllTests",
 "testsuites": [
  {"name": "Login", "tests": 2, "failures": 1, "disabled": 0, "errors": 0, "time": "0.34s", "testsuite": [
   {"name": "SignsIn", "status": "RUN", "result": "COMPLETED", "time": "0.25s", "classname": "Login"},
   {"name": "SignsOut", "status": "RUN", "result": "COMPLETED", "time": "0.09s", "classname": "Login",
    "failures": [{"failure": "login.cc:12\\nValue of: out\\n  Actual: false", "type": ""}]}
  ]}
 ]}
""",
    mapping="Each test suite is a container, each item of its testsuite a result. With failures it is failed; SKIPPED, "
    "SUPPRESSED and NOTRUN are skipped. Parameters, file, line and recorded properties are labels.",
    kinds=(JSON,),
    recognise=recognise,
    parser=_parser,
    accepts=accepts,
    limits="GoogleTest writes no output, does not tell exceptions from failed checks, and writes only the last of "
    "several repetitions (--gtest_repeat). Lists of tests (--gtest_list_tests) are no reports.",
)
