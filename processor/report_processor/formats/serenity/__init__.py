"""JSON as Serenity BDD writes it: one file for each scenario, with its steps and the steps in them.

The facts are from Serenity 5 itself. What says which story the scenario belongs to stands behind the steps. The
scenario's ``title`` is its container; its ``name`` differs between a test that runs and the same one disabled, and
for a test with parameters it is the name of the first of them.
"""

from typing import Any, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED
from report_processor.formats.serenity.skim import OF_SCENARIO, RULES, Plan, plan, take
from report_processor.formats.serenity.step import StepReader, status_of, zoned
from report_processor.parsing.base import JSON, Format
from report_processor.parsing.json_format import JsonFormat, dict_of, dicts_of, text_of
from report_processor.parsing.json_skim import JsonSkimmer
from report_processor.parsing.shapes import Run
from report_processor.parsing.texts import LongText

_IDENTITY: Final = frozenset({"scenarioId", "testCaseName", "methodName", "testSource", "annotatedResult"})
_READ: Final = frozenset(
    {"name", "title", "description", "userStory", "tags", "dataTable", "result", "annotatedResult", "manual"}
    | {"startTime", "duration", "driver", "testFailureCause", "testFailureClassname", "testFailureMessage"}
)


class SerenityParser(JsonFormat):
    """See ``base.Parser``."""

    SHAPE = {"": {"testSteps": "step"}}

    def __init__(self) -> None:
        super().__init__()
        self._open = False
        self._scenario: dict[str, Any] = {}
        self._steps: Final = StepReader(self.recorder, self.seconds)
        skimmer = self.reader.skimmers[""] = JsonSkimmer(RULES, lambda: not self._open, plan, self._take)
        skimmer.unlike = '"exception"'

    def begin(self, name: str) -> None:
        """A scenario begins: the story and the scenario are named at its end."""
        if not name:
            self._open = True
            self._scenario = {}
            self._steps.reset()
            self.recorder.open_unnamed(self.line)
            self.recorder.open_unnamed(self.line)

    def member(self, name: str, key: str, value: Any) -> None:
        """What the file says of the scenario."""
        if not name and (key in _READ or key in OF_SCENARIO):
            self._scenario[key] = value

    def item(self, name: str, value: Any) -> None:
        """A step with those in it."""
        if name == "step" and isinstance(value, dict) and self._open:
            self._steps.read(value, self.line)
        elif value is not None:
            self.recorder.note("unknown_element", f"no {name or 'scenario'}: {text_of(value)[:100]}", self.line)

    def end(self, name: str) -> None:
        """The scenario ends."""
        if not name:
            self._tell()

    def finish(self) -> None:
        """See ``JsonFormat``."""
        if self._open:
            self._tell()

    def _take(self, run: Run[Plan]) -> None:
        self.date(take(self.recorder, run))

    def _tell(self) -> None:
        self._open = False
        scenario = self._scenario
        story = dict_of(scenario.get("userStory"))
        self.date(zoned(scenario.get("startTime")))
        self.recorder.system(os=text_of(scenario.get("driver")))
        title = text_of(scenario.get("title")) or text_of(scenario.get("name")) or "scenario"
        self._own_result(title)
        kind = text_of(story.get("type"))
        description = text_of(scenario.get("description")) or text_of(story.get("narrative"))
        self.recorder.name(title, kind, description[: limits.DESCRIPTION])
        self.recorder.close(self._table(), self._labels())
        name = text_of(story.get("displayName")) or text_of(story.get("storyName")) or text_of(story.get("id"))
        self.recorder.name(name, kind)
        self.recorder.close()

    def _own_result(self, title: str) -> None:
        """A result for the scenario itself, when no step says what it says."""
        word = self._scenario.get("result", self._scenario.get("annotatedResult"))
        seen = self._steps.seen
        if word is None and seen:
            return
        status = status_of(self.recorder, word, self.line)
        bad = status in {FAILED, BROKEN}
        if not seen or (status != PASSED and status not in seen and not (bad and seen & {FAILED, BROKEN})):
            cause = self._scenario.get("testFailureCause") or {
                "errorType": self._scenario.get("testFailureClassname"),
                "message": self._scenario.get("testFailureMessage"),
            }
            draft = self._steps.draft(title, status, cause, self.line)
            draft.duration = self.seconds(self._scenario.get("duration"), 0.001) if not seen else None
            draft.record(self.recorder)

    def _table(self) -> str:
        """The examples, a line for each."""
        table = dict_of(self._scenario.get("dataTable"))
        if not table:
            return ""
        text = LongText(limits.DESCRIPTION)
        rows = [table.get("headers"), *(row.get("values") for row in dicts_of(table.get("rows")))]
        for row in rows:
            if isinstance(row, list):
                text.add(f"| {' | '.join(map(text_of, row))} |\n")
        return text.text().rstrip("\n")

    def _labels(self) -> list[tuple[str, str]]:
        scenario = self._scenario
        labels = [
            (text_of(tag.get("type"))[: limits.LABEL_NAME] or "tag", text_of(tag.get("name"))[: limits.LABEL_VALUE])
            for tag in dicts_of(scenario.get("tags"))[: limits.LABELS]
            if tag.get("name")
        ]
        labels += [(key, text[: limits.LABEL_VALUE]) for key in OF_SCENARIO if (text := text_of(scenario.get(key)))]
        if scenario.get("manual") is True:
            labels.append(("manual", "true"))
        return labels


def recognise(head: Head) -> str | None:
    """A scenario with its steps or story, and how Serenity names it."""
    for value in head.json[:1]:
        found = dict_of(value[0] if isinstance(value, list) and value else value)
        has = sorted(found.keys() & {"testSteps", "userStory"})
        if has and found.keys() & _IDENTITY and ("name" in found or "title" in found):
            return f"keys {', '.join([*has, *sorted(found.keys() & _IDENTITY)][:3])}"
    return None


FORMAT: Final = Format(
    key="serenity",
    origin="serenity_json",
    title="Serenity BDD JSON",
    expects="JSON as Serenity BDD writes it into target/site/serenity for JUnit and Cucumber, in versions 2 to 5: a "
    "file for each scenario, with name, title, testSteps, userStory and result. Send all files of the folder together.",
    example="""{"name": "pays()", "title": "Pays", "testCaseName": "example.CheckoutTest", "methodName": "pays",
 "testSteps": [
  {"number": 1, "description": "Fills the basket", "duration": 40, "result": "SUCCESS"},
  {"number": 2, "description": "Pays with a card", "duration": 7, "result": "FAILURE",
   "exception": {"errorType": "org.opentest4j.AssertionFailedError", "message": "expected: <paid> but was: <open>"}}
 ],
 "userStory": {"id": "example.CheckoutTest", "storyName": "Checkout", "type": "feature"},
 "startTime": "2026-11-24T15:14:11.804287818Z[Etc/UTC]", "duration": 47, "result": "FAILURE"}
""",
    mapping="The story is a container, the scenario one in it, named by its title or else its name, both with the "
    "type of the story as classification; its description is that of the scenario or else the narrative. A step "
    "with steps in it is a container, one without a result. success is passed, failure and error failed, "
    "compromised broken, skipped, ignored and aborted skipped, pending and undefined unknown. A scenario without "
    "steps, or whose outcome none of its steps tells, has a result of its own. Screenshots are assets, the driver is "
    "the operating system, tags are labels.",
    kinds=(JSON,),
    recognise=recognise,
    parser=SerenityParser,
    merges=True,
)
