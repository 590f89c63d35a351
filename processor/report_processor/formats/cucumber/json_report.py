"""Cucumber JSON: an array of features with ``elements`` (scenarios and backgrounds) that have ``steps``.

https://cucumber.io/docs/cucumber/reporting and the tools' own formatters. The dialects differ: hooks
are steps with ``hidden`` (JavaScript) or stand in ``before`` and ``after`` of an element or a step (Java, Ruby);
the background is repeated before each scenario (Java, Ruby), written once (older ones), part of each
scenario (JavaScript, pytest-bdd) or both, without results (behave). behave counts seconds, all others nanoseconds.
Of a scenario that is run again, Ruby, behave and pytest-bdd write each run, one behind the other.
"""

import hashlib
import json
from typing import Any, ClassVar, Final, NamedTuple

from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Label
from report_processor.formats.cucumber.messages import KINDS, Messages
from report_processor.formats.cucumber.names import Repeats
from report_processor.formats.cucumber.scenario import (
    STATUS,
    TOLD,
    Embedder,
    Scenario,
    decoded,
    dedented,
    labels_of_tags,
    step_title,
)
from report_processor.parsing.draft import Draft
from report_processor.parsing.error_text import problem
from report_processor.parsing.json_format import JsonFormat, dict_of, dicts_of, lines_of, list_of, text_of
from report_processor.parsing.json_reader import Shape

_EXTRA: Final = frozenset(
    {"embeddings", "output", "rows", "doc_string", "docString", "text", "table", "before", "after", "hidden"}
)
"""Members of a step for which a plain row has no room."""
_PLACE: Final = ("name", "line", "location")
"""Members that tell where a scenario stands; of an outline, each row has a line of its own."""
_HEAD: Final = (*_PLACE, "keyword", "description", "tags")
_OF_STEP: Final = ("keyword", "name", "line", "location", "rows", "doc_string", "table", "text", "arguments")
_GONE_WRONG: Final = frozenset({"failed", "error", "hook_error", "cleanup_error"})
_RUNS: Final = 20
"""Runs of a scenario that are told as attempts of one."""
_NANO: Final = 1e-9
_LATEST: Final = 10**18


class Run(NamedTuple):
    """A scenario that was run."""

    head: dict[str, Any]
    """What its element says before its steps. The element itself, with files that are embedded, is not kept."""
    steps: bytes
    """A digest of them, for comparing."""
    scenario: Scenario
    line: int

    def repeats(self, other: "Run") -> bool:
        """Whether it is the same scenario once more: from the same line of the feature file, with the same steps."""
        place = [self.head.get(key) for key in _PLACE]
        same = place == [other.head.get(key) for key in _PLACE]
        return same and any(place[1:]) and self.steps == other.steps


def _digest_of_steps(element: dict[str, Any]) -> bytes:
    steps = [[step.get(key) for key in _OF_STEP] for step in dicts_of(element.get("steps")) if not step.get("hidden")]
    return hashlib.sha1(json.dumps(steps, sort_keys=True).encode(), usedforsecurity=False).digest()


class CucumberJson(JsonFormat):
    """The parser."""

    SHAPE: ClassVar[Shape] = {"": {"elements": "element"}}

    def __init__(self) -> None:
        super().__init__()
        self._embedder: Final = Embedder(self.recorder)
        self._messages: Messages | None = None
        self._repeats: Final = Repeats(self.recorder)
        self._background: list[dict[str, Any]] = []
        self._after_background = False
        self._used = True
        """Whether the background was part of a scenario."""
        self._feature: dict[str, Any] = {}
        self._begun = False
        """Whether the container of the feature is open."""
        self._unnamed = False
        self._inside = False
        self._runs: list[Run] = []
        """Of the last scenario, while it goes wrong: it may be run again."""

    # Features

    def begin(self, name: str) -> None:  # noqa: ARG002  # there is one kind of object
        """See ``JsonHandler``."""
        self._inside = True
        self._feature = {}
        self._repeats.clear()

    def member(self, name: str, key: str, value: Any) -> None:  # noqa: ARG002
        """See ``JsonHandler``."""
        if key in KINDS and isinstance(value, dict):
            # Messages in an array, as reports in HTML hold them.
            if self._messages is None:
                self._messages = Messages(self.recorder)
            self._messages.take(key, value, self.line)
        elif key in {"name", "keyword", "description", "uri", "location", "id"}:
            self._feature[key] = lines_of(value)
        elif key in {"tags", "status", "language"}:
            self._feature[key] = value
        elif key == "metadata":
            # Added for multiple-cucumber-html-reporter.
            told = dict_of(value)
            self.recorder.system(os=_version(told.get("platform")), platform=_version(told.get("browser")))

    def end(self, name: str) -> None:  # noqa: ARG002
        """See ``JsonHandler``."""
        self._inside = False
        feature = self._feature
        if not self._begun and not feature.keys() & {"name", "keyword", "uri", "elements"}:
            return
        self._begin_feature()
        self._leave_background()
        self._record()
        if text_of(feature.get("status")) == "hook_error":
            self._hook("Feature hook", "hook_error").record(self.recorder)
        self._end_feature()

    def finish(self) -> None:
        """See ``JsonFormat``."""
        if self._begun:
            self._leave_background()
            self._record()
            self._end_feature()
        if self._messages is not None:
            self._messages.finish()

    def _begin_feature(self) -> None:
        if self._begun:
            return
        self._begun = True
        feature = self._feature
        self._unnamed = not feature.get("name")
        if self._unnamed:
            self.recorder.open_unnamed(self.line)
        else:
            description = dedented(feature.pop("description", ""))
            self.recorder.open(feature["name"], feature.get("keyword", "").strip(), self.line, description)

    def _end_feature(self) -> None:
        feature = self._feature
        description = dedented(feature.get("description", ""))
        place = feature.get("uri") or feature.get("location", "").rpartition(":")[0]
        if self._unnamed:
            title = feature.get("name") or place or feature.get("id") or "Feature"
            self.recorder.name(title, feature.get("keyword", "").strip(), description)
            description = ""
        labels: list[Label] = [("uri", place)] if place else []
        labels += labels_of_tags(list_of(feature.get("tags")))
        self.recorder.close(description, labels)
        self._begun = self._unnamed = False
        self._background, self._after_background, self._used = [], False, True

    # Elements

    def item(self, name: str, value: Any) -> None:
        """See ``JsonHandler``."""
        if not isinstance(value, dict) or name != "element" or not self._inside:
            if value is not None:
                self.recorder.note("unknown_element", f"no feature or scenario: {text_of(value)[:100]}", self.line)
            return
        self._begin_feature()
        kind = value.get("type")
        if kind == "background" or (kind is None and value.get("keyword") == "Background"):
            self._keep_background(value)
        else:
            self._scenario(value)

    def _keep_background(self, element: dict[str, Any]) -> None:
        """Its steps are part of all scenarios up to the next background."""
        if not self._after_background:
            self._leave_background()
            self._background = []
        self._background.append(element)
        self._after_background, self._used = True, False

    def _leave_background(self) -> None:
        """A background with results that was never part of a scenario is not lost."""
        if not self._used and any(
            step.get("result") for one in self._background for step in dicts_of(one.get("steps"))
        ):
            self._scenario({"keyword": "Background"})
        self._used = True

    def _scenario(self, element: dict[str, Any]) -> None:
        recorder, line = self.recorder, self.line
        if (start := element.get("start_timestamp")) is not None:
            self.date(start)
        scenario = Scenario(recorder, line)
        self._hooks(scenario, element.get("before"), "Before hook")
        for background in self._background:
            self._hooks(scenario, background.get("before"), "Before hook")
            self._steps(scenario, [one for one in dicts_of(background.get("steps")) if one.get("result")], background)
            self._hooks(scenario, background.get("after"), "After hook")
        self._steps(scenario, dicts_of(element.get("steps")), element)
        self._hooks(scenario, element.get("after"), "After hook")
        status = text_of(element.get("status"))
        if status in _GONE_WRONG and not scenario.bad and (not scenario.unknown or status == "hook_error"):
            self._hook("Hook", status, scenario)
        if self._background and (self._after_background or not self._used):
            # Hooks and files belong to the first scenario only.
            self._background = [_without_hooks(one) for one in self._background]
        self._after_background, self._used = False, True
        wrong = scenario.bad or scenario.unknown
        head = {key: element.get(key) for key in _HEAD}
        run = Run(head, _digest_of_steps(element) if wrong or self._runs else b"", scenario, line)
        if self._runs and not run.repeats(self._runs[-1]):
            self._record()
        self._runs.append(run)
        if not wrong or len(self._runs) >= _RUNS:
            self._record()

    def _record(self) -> None:
        """The scenario with all its runs."""
        if not self._runs:
            return
        *earlier, (head, _, scenario, line) = self._runs
        self._runs = []
        keyword = lines_of(head["keyword"]).strip()
        title = self._repeats.title(lines_of(head["name"]).strip() or keyword or "Scenario", line)
        self.recorder.open(title, keyword, line, dedented(lines_of(head["description"])))
        scenario.follow([run.scenario for run in earlier])
        scenario.record()
        self.recorder.close("", labels_of_tags(list_of(head["tags"])))

    def _hook(self, title: str, status: str, scenario: Scenario | None = None) -> Draft:
        """A hook of behave, which tells no more than that."""
        draft = scenario.result(title, BROKEN) if scenario else Draft(title, "", BROKEN, self.line)
        draft.message(f"{status}: the report does not say more")
        return draft

    # Steps

    def _steps(self, scenario: Scenario, steps: list[dict[str, Any]], element: dict[str, Any]) -> None:
        extra = _EXTRA.isdisjoint
        for step in steps:
            result = step.get("result")
            keyword, name = step.get("keyword"), step.get("name")
            if not isinstance(keyword, str) or not isinstance(name, str):
                keyword, name = lines_of(keyword), lines_of(name)
            if isinstance(result, dict) and result.get("status") == "passed":
                duration = self._duration(result.get("duration"), step)
                if extra(step) and not step.get("arguments"):
                    scenario.passed(step_title(keyword, name), duration)
                    continue
            if step.get("hidden"):
                self._hooks(scenario, [step], f"{keyword.strip() or 'Hook'} hook")
                continue
            self._step(scenario, step, step_title(keyword, name), element)

    def _step(self, scenario: Scenario, step: dict[str, Any], title: str, element: dict[str, Any]) -> None:
        self._hooks(scenario, step.get("before"), "BeforeStep hook")
        result = dict_of(step.get("result"))
        word = text_of(result.get("status")).lower()
        error = lines_of(result.get("error_message"))
        status = STATUS.get(word, UNKNOWN)
        if not word and _of_behave(step):
            # behave: nothing came of it, because of the steps before or because nothing was run.
            status = UNKNOWN if element.get("status") in {"untested", None} and not scenario.bad else SKIPPED
        elif not word and "status" not in result and "duration" in result:
            # pytest-bdd: of a run that failed and was repeated, only steps that passed have a status.
            status = SKIPPED if scenario.bad else FAILED
        elif word not in STATUS:
            self.recorder.note("unknown_status", f'status="{word[:100]}"', self.line)
        elif status == FAILED and not error and scenario.bad and "error_message" in result:
            # pytest-bdd: a step that was not run any more.
            status = SKIPPED
        draft = scenario.result(title, status)
        draft.duration = self._duration(result.get("duration"), step)
        if status == BROKEN and word == "ambiguous" and not error:
            draft.message("more than one step definition matches")
        _tell(draft, error)
        _describe(draft, step)
        assets, output = self._embeddings(step)
        for asset in assets:
            draft.asset(asset)
        for text in output:
            draft.output(text)
        self._hooks(scenario, step.get("after"), "AfterStep hook")

    def _hooks(self, scenario: Scenario, hooks: Any, title: str) -> None:
        """Hooks that went wrong are results; what they attached is never lost."""
        for hook in dicts_of(hooks):
            result = dict_of(hook.get("result"))
            word = text_of(result.get("status")).lower()
            status = STATUS.get(word, UNKNOWN)
            assets, output = self._embeddings(hook)
            if status in {PASSED, SKIPPED} or not word:
                scenario.aside(assets, output)
                continue
            draft = scenario.result(title, BROKEN if status == FAILED else status)
            draft.duration = self._duration(result.get("duration"), hook)
            draft.describe(lines_of(hook.get("name")))
            _tell(draft, lines_of(result.get("error_message")))
            for asset in assets:
                draft.asset(asset)
            for text in output:
                draft.output(text)

    def _embeddings(self, owner: dict[str, Any]) -> tuple[list[str], list[str]]:
        """Names of the files and texts that a step or hook attached."""
        told = owner.get("output")
        assets, output = [], [lines_of(text) for text in (told if isinstance(told, list) else [told]) if text]
        for embedding in dicts_of(owner.get("embeddings")):
            kind = text_of(embedding.get("mime_type") or embedding.get("media_type") or embedding.get("media"))
            data = lines_of(embedding.get("data"))
            if kind in TOLD:
                output.append(decoded(data).decode(errors="replace"))
            else:
                assets.append(self._embedder.embed(decoded(data), kind, text_of(embedding.get("name"))))
        return assets, output

    def _duration(self, value: Any, step: dict[str, Any]) -> float | None:
        if _of_behave(step):
            return self.seconds(value)
        if type(value) is int and 0 <= value < _LATEST:
            return round(value * _NANO, 9)
        return self.seconds(value, _NANO)


def _version(value: Any) -> str:
    told = dict_of(value)
    return f"{text_of(told.get('name'))} {text_of(told.get('version'))}".strip()


def _of_behave(step: dict[str, Any]) -> bool:
    """Whether behave's own formatter wrote it. One that follows Cucumber has lines and nanoseconds."""
    return "step_type" in step and "line" not in step


def _tell(draft: Draft, error: str) -> None:
    if error:
        draft.exception, message, trace = problem(error)
        draft.message(message)
        draft.trace(trace)


def _describe(draft: Draft, step: dict[str, Any]) -> None:
    """The table or text below a step, as the dialects write it."""
    tables = [step.get("rows"), dict_of(step.get("table"))]
    texts = [step.get("doc_string"), step.get("docString"), step.get("text")]
    for argument in list_of(step.get("arguments")):
        tables.append(dict_of(argument).get("rows"))
        texts.append(argument)
    for table in tables:
        if isinstance(table, dict):
            rows = [list_of(table.get("headings")), *map(list_of, list_of(table.get("rows")))]
        else:
            rows = [list_of(row.get("cells")) for row in dicts_of(table)]
        for row in rows:
            if row:
                draft.describe(f"| {' | '.join(map(text_of, row))} |")
    for text in texts:
        if isinstance(text, dict):
            text = text.get("content", text.get("value"))  # noqa: PLW2901  # the dialects nest it or not
        draft.describe(lines_of(text))


def _without_hooks(background: dict[str, Any]) -> dict[str, Any]:
    gone = {"before", "after", "embeddings", "output"}
    steps = [
        {key: value for key, value in step.items() if key not in gone} for step in dicts_of(background.get("steps"))
    ]
    return {"steps": steps}
