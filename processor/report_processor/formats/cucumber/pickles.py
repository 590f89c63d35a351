"""What Cucumber Messages tell beforehand: features, scenarios, and which test case is which of them.

Tools tell all of it before the first test, so of each step only a title is kept, until its
scenario is recorded; titles that are the same are one text.
"""

from collections import OrderedDict
from typing import Any, Final

from report_processor.events import Label, Recorder
from report_processor.formats.cucumber.cases import Case, Feature, Pickle
from report_processor.formats.cucumber.names import Repeats
from report_processor.formats.cucumber.scenario import dedented, labels_of_tags, step_title
from report_processor.parsing.json_format import dict_of, dicts_of, list_of, text_of

STEPS: Final = 200_000
"""Steps of scenarios that are still to be run and are known by name: some 50 MB."""
_TEXT: Final = 16_000_000
"""Characters of all different titles and texts."""
_FEATURES: Final = 20_000
_DOCUMENTS: Final = 50
"""Feature files whose keywords are known: pickles follow their document soon."""
_BELOW: Final = 2_000
"""Characters of the table or text below a step that are kept."""


class Pickles:
    """Test cases by id."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder: Final = recorder
        self._repeats: Final = Repeats(recorder)
        self._features: Final[dict[str, Feature]] = {}
        self._keywords: Final[OrderedDict[str, dict[str, tuple[str, str]]]] = OrderedDict()
        """Of each file, by id of its nodes: keyword and description."""
        self._pickles: Final[dict[str, Pickle]] = {}
        self._cases: Final[dict[str, Case]] = {}
        self._texts: Final[dict[str, str]] = {}
        self.line = 0
        """Line of the message at hand."""
        self._steps = 0
        self._text = 0
        self._told = False

    def document(self, message: dict[str, Any]) -> None:
        """A feature file."""
        uri = text_of(message.get("uri"))
        feature = dict_of(message.get("feature"))
        if not feature:
            return
        labels: list[Label] = [("uri", uri)] if uri else []
        labels += labels_of_tags(list_of(feature.get("tags")))
        if len(self._features) < _FEATURES:
            title = text_of(feature.get("name")).strip() or uri or "Feature"
            description = dedented(text_of(feature.get("description")))[:_BELOW]
            self._features[uri] = Feature(title, text_of(feature.get("keyword")).strip(), description, labels[:100])
        self._keywords[uri] = _keywords(feature, self._same)
        if len(self._keywords) > _DOCUMENTS:
            self._keywords.popitem(last=False)

    def pickle(self, message: dict[str, Any]) -> None:
        """A scenario, or one row of an outline."""
        uri = text_of(message.get("uri"))
        keywords = self._keywords.get(uri, {})
        nodes = [text_of(node) for node in list_of(message.get("astNodeIds"))]
        keyword, description = next((keywords[node] for node in nodes if node in keywords), ("", ""))
        title = text_of(message.get("name")).strip() or keyword or "Scenario"
        feature = self._features.get(uri) or Feature(uri or "Feature")
        if len(self._features) < _FEATURES:
            self._features.setdefault(uri, feature)
        steps = dicts_of(message.get("steps"))
        title = self._repeats.title(title, self.line, uri)
        labels = labels_of_tags(list_of(message.get("tags")))[:100]
        found = Pickle(feature, title, keyword, description, labels)
        number = text_of(message.get("id"))
        if not self._room(len(steps) + 1):
            return
        self._pickles[number] = found
        for step in steps:
            nodes = [text_of(node) for node in list_of(step.get("astNodeIds"))]
            word = next((keywords[node][0] for node in nodes if node in keywords), "")
            text = self._same(step_title(word, text_of(step.get("text"))))
            found.steps[text_of(step.get("id"))] = text, self._same(_below(dict_of(step.get("argument"))))

    def test_case(self, message: dict[str, Any], hooks: dict[str, tuple[str, str]]) -> None:
        """A scenario as it will be run, with hooks."""
        pickle = self._pickles.pop(text_of(message.get("pickleId")), None)
        if pickle is None:
            return
        case = Case(text_of(message.get("id")), pickle)
        kept, pickle.steps = pickle.steps, {}
        steps = dicts_of(message.get("testSteps"))
        of_pickle = [at for at, step in enumerate(steps) if text_of(step.get("pickleStepId")) in kept]
        for at, step in enumerate(steps):
            number = text_of(step.get("id"))
            if (told := kept.get(text_of(step.get("pickleStepId")))) is not None:
                case.steps[number] = (*told, False)
            elif step.get("hookId"):
                kind, name = hooks.get(text_of(step["hookId"]), ("", ""))
                case.steps[number] = (_HOOKS.get(kind) or _by_place(at, of_pickle), name, True)
            else:
                case.steps[number] = ("step", "", False)
        self._steps += len(case.steps) - len(kept)
        self._cases[case.id] = case

    def case(self, number: str) -> Case:
        """The test case with this id; one without names when it is not known."""
        found = self._cases.get(number)
        if found is None:
            found = Case(number, Pickle(Feature("Feature"), "Scenario", "", "", ()))
            if not self._told:
                self._recorder.note("missing_name", "a scenario that no message describes", self.line)
        return found

    def done(self, case: Case) -> None:
        """It was recorded."""
        if self._cases.pop(case.id, None) is not None:
            self._steps -= len(case.steps) + 1

    def _room(self, steps: int) -> bool:
        self._steps += steps
        if self._steps <= STEPS and self._text <= _TEXT:
            return True
        self._steps -= steps
        if not self._told:
            text = f"names of more than {STEPS} steps that are still to be run are not kept"
            self._recorder.note("field_cut", text, self.line)
            self._told = True
        return False

    def _same(self, text: str) -> str:
        """The same text, as one object."""
        found = self._texts.get(text)
        if found is None:
            text = text[:8_000]
            self._text += len(text)
            if self._text > _TEXT:
                return text[:100]
            found = self._texts[text] = text
        return found


_HOOKS: Final = {
    "BEFORE_TEST_CASE": "Before hook",
    "AFTER_TEST_CASE": "After hook",
    "BEFORE_TEST_STEP": "BeforeStep hook",
    "AFTER_TEST_STEP": "AfterStep hook",
}


def _by_place(at: int, steps: list[int]) -> str:
    """What a hook is, when the tool does not tell (before protocol 25): steps of the scenario are at these places."""
    if not steps or at < steps[0]:
        return "Before hook"
    return "AfterStep hook" if at < steps[-1] else "After hook"


def _keywords(feature: dict[str, Any], same: Any) -> dict[str, tuple[str, str]]:
    """Keyword and description of each node of a feature that pickles refer to."""
    found: dict[str, tuple[str, str]] = {}
    waiting: list[tuple[dict[str, Any], str]] = [(child, "") for child in dicts_of(feature.get("children"))]
    while waiting:
        child, rule = waiting.pop()
        if inner := dict_of(child.get("rule")):
            name = f"{text_of(inner.get('keyword')) or 'Rule'}: {text_of(inner.get('name'))}"
            waiting += [(one, name) for one in dicts_of(inner.get("children"))]
        for kind in ("background", "scenario"):
            node = dict_of(child.get(kind))
            if not node:
                continue
            description = dedented(text_of(node.get("description")))
            told = same("\n".join(filter(None, [rule, description]))[:_BELOW])
            found[text_of(node.get("id"))] = (same(text_of(node.get("keyword")).strip()), told)
            for step in dicts_of(node.get("steps")):
                found[text_of(step.get("id"))] = (same(text_of(step.get("keyword"))), "")
    return found


def _below(argument: dict[str, Any]) -> str:
    """The table or text below a step."""
    if not argument:
        return ""
    rows = dicts_of(dict_of(argument.get("dataTable")).get("rows"))
    lines = [
        f"| {' | '.join(text_of(cell.get('value')) for cell in dicts_of(row.get('cells')))} |" for row in rows[:100]
    ]
    lines += [text_of(dict_of(argument.get("docString")).get("content"))]
    return "\n".join(filter(None, lines))[:_BELOW]
