"""Cucumber: JSON reports of all its relatives, and the stream of Cucumber Messages."""

from typing import Any, Final

from report_processor.damage import Damage
from report_processor.detect import Head
from report_processor.formats.cucumber.json_report import CucumberJson
from report_processor.formats.cucumber.messages import KINDS, Messages
from report_processor.parsing.base import JSON, Format
from report_processor.parsing.either import Either
from report_processor.parsing.json_format import dict_of
from report_processor.parsing.line_format import JsonLineFormat

_QUIET: Final = tuple(
    f'{{"{kind}"' for kind in ("testStepStarted", "stepDefinition", "source", "parameterType", "suggestion")
)
"""Beginnings of lines that say nothing a report needs."""
_TELLING: Final = frozenset(
    {"gherkinDocument", "pickle", "stepDefinition", "testCase", "testCaseStarted", "testRunStarted"}
)
_OF_ELEMENT: Final = frozenset({"keyword", "name", "steps", "type", "line", "location", "id"})


class CucumberMessages(JsonLineFormat):
    """Parser of messages, one on each line."""

    def __init__(self) -> None:
        super().__init__()
        self._messages: Final = Messages(self.recorder)
        self._unfinished = False

    def read(self, line: str) -> None:
        """See ``LineFormat``."""
        if not line.startswith(_QUIET) or not line.rstrip().endswith("}"):
            self._unfinished = False
            super().read(line)

    def value(self, value: Any) -> None:
        """See ``JsonLineFormat``."""
        if isinstance(value, dict) and value:
            for kind, message in value.items():
                self._messages.take(kind, message, self.line)
        else:
            self.other(str(value))

    def other(self, line: str) -> None:
        """See ``JsonLineFormat``."""
        self._unfinished = line.lstrip().startswith("{")
        super().other(line)

    def finish(self, *, complete: bool) -> None:
        """See ``LineFormat``."""
        if complete and (self._unfinished or not self._messages.finished):
            raise Damage("truncated_file", "the messages end before the test run does", self.line, 0)
        self._messages.finish()


def _parser() -> Either:
    return Either(lambda sign: CucumberMessages() if sign == "{" else CucumberJson())


def recognise(head: Head) -> str | None:
    """What is looked at: the first feature of an array, or the kinds of the first messages."""
    first = next((value for value in head.json if value != []), None)
    while isinstance(first, list):
        if found := _of_messages(first):
            return found
        first = next(iter(first), None)
        if isinstance(first, dict):
            return _of_feature(first)
    return _of_messages(head.json)


def accepts(head: Head) -> str | None:
    """The same, and what all relatives of Cucumber write when no scenario was run."""
    return recognise(head) or ("empty array" if head.json == [[]] else None)


def _of_feature(feature: dict[str, Any]) -> str | None:
    elements = feature.get("elements")
    if isinstance(elements, list) and elements:
        element = dict_of(elements[0])
        if "steps" in element or len(element.keys() & _OF_ELEMENT) > 1:
            return "array of features with the key elements"
    if (
        isinstance(feature.get("keyword"), str)
        and "name" in feature
        and feature.keys() & {"uri", "location", "elements"}
    ):
        return "array of features with the keys keyword and name"
    return None


def _of_messages(values: list[Any]) -> str | None:
    for value in values[:5]:
        if not isinstance(value, dict) or len(value) != 1:
            return None
        kind, message = next(iter(value.items()))
        if kind not in KINDS or not isinstance(message, dict):
            return None
        if kind in _TELLING or (kind == "meta" and "protocolVersion" in message):
            return f"Cucumber message {kind}"
    return None


FORMAT: Final = Format(
    key="cucumber",
    origin="cucumber_json",
    title="Cucumber JSON and Messages",
    expects="The JSON report (an array of features with elements) of Cucumber.js, Cucumber-JVM, Cucumber for Ruby, "
    "pytest-bdd (--cucumberjson), behave (-f json), radish, Behat and Reqnroll, or Cucumber Messages (--format "
    "message; one JSON value on each line, protocol 4 and later).",
    example="""[
  {
    "uri": "features/login.feature",
    "id": "login",
    "keyword": "Feature",
    "name": "Login",
    "description": "",
    "line": 1,
    "elements": [
      {
        "id": "login;signs-in",
        "keyword": "Scenario",
        "name": "signs in",
        "description": "",
        "line": 3,
        "type": "scenario",
        "steps": [
          {
            "keyword": "Given ",
            "name": "a user",
            "line": 4,
            "match": {"location": "features/steps.js:3"},
            "result": {"status": "passed", "duration": 119353}
          },
          {
            "keyword": "Then ",
            "name": "the user is welcome",
            "line": 5,
            "match": {"location": "features/steps.js:7"},
            "result": {"status": "failed", "duration": 228929, "error_message": "AssertionError: not welcome"}
          }
        ]
      }
    ]
  }
]
""",
    mapping="A feature is a container, a scenario one inside it, each with its keyword as classification; a step is a "
    "result whose title is its keyword and text. Steps of a background are part of each scenario that follows. Names "
    "that repeat get a number: `(example #2)` for scenarios of a feature, `(#2)` for steps of a scenario. A scenario "
    "that went wrong and follows once more, from the same line with the same steps, was run again: each run is an "
    "attempt of each of its steps. A failed "
    "step is failed; pending and undefined are unknown; ambiguous, and behave's error, are broken. A hook that went "
    "wrong is a result of its own, such as `Before hook`, and broken. Tags and the path of the feature file are "
    "labels of the containers. Files that steps or hooks attached are assets, those of hooks of the result that went "
    "wrong, else of the last; lines of a log follow the backtrace. Of messages each attempt of a scenario is an "
    "attempt of each of its steps; a rule stands in the description of its scenarios.",
    kinds=(JSON,),
    recognise=recognise,
    accepts=accepts,
    parser=_parser,
    limits="Scenarios of parallel runs that are mixed in Cucumber Messages give a container for each change of the "
    "feature; merge_containers joins them. Of runs with more than 200,000 steps still to come, Messages lose the names "
    "of those above. JSON does not tell of rules or of hooks outside of scenarios, that of Cucumber.js not of "
    "earlier attempts. An empty array, which is written when no scenario was run, is read when the call names this "
    "format.",
)
