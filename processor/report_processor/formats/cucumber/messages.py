"""Cucumber Messages: what happens in a run, one message after the other, usually one on each line.

https://github.com/cucumber/messages. A ``testCase`` names its pickle and its steps; ``testCaseStarted`` to
``testCaseFinished`` is one attempt. A scenario is recorded when its last attempt has finished.
"""

from collections.abc import Callable
from typing import Any, Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, UNKNOWN, Recorder
from report_processor.formats.cucumber.cases import Feature, Outcome, Run, record
from report_processor.formats.cucumber.pickles import Pickles
from report_processor.formats.cucumber.scenario import STATUS, TOLD, Embedder, decoded
from report_processor.parsing import json_format
from report_processor.parsing.draft import Draft
from report_processor.parsing.error_text import problem
from report_processor.parsing.json_format import dict_of, number_of, text_of

KINDS: Final = frozenset(
    {
        "attachment",
        "externalAttachment",
        "gherkinDocument",
        "hook",
        "meta",
        "parameterType",
        "parseError",
        "pickle",
        "source",
        "stepDefinition",
        "suggestion",
        "testCase",
        "testCaseFinished",
        "testCaseStarted",
        "testRunFinished",
        "testRunHookFinished",
        "testRunHookStarted",
        "testRunStarted",
        "testStepFinished",
        "testStepStarted",
        "undefinedParameterType",
    }
)
"""All messages of protocol 1 to 32."""

_RUNS: Final = 1_000
"""Attempts that may be under way at the same time."""
_HOOKS: Final = 10_000
_RUN_HOOKS: Final = {"BEFORE_TEST_RUN": "BeforeAll hook", "AFTER_TEST_RUN": "AfterAll hook"}


class Messages:
    """Takes messages, records results."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder: Final = recorder
        self._embedder: Final = Embedder(recorder)
        self._pickles: Final = Pickles(recorder)
        self._hooks: Final[dict[str, tuple[str, str]]] = {}
        """Of each hook: type and name."""
        self._run_hooks: Final[dict[str, tuple[str, list[str], list[str]]]] = {}
        """Hooks of the whole run that have begun: the hook, files and texts."""
        self._runs: Final[dict[str, Run]] = {}
        self._text = 0
        """Characters of what is under way."""
        self._feature: Feature | None = None
        self._dated = False
        self._line = 0
        self.finished = False
        """Whether the run told its end."""
        self.any = False
        """Whether there was any message."""
        take: dict[str, Callable[[dict[str, Any]], None]] = {
            "meta": self._meta,
            "gherkinDocument": self._pickles.document,
            "pickle": self._pickles.pickle,
            "hook": self._hook,
            "testCase": self._test_case,
            "testRunStarted": self._date,
            "testCaseStarted": self._started,
            "testStepFinished": self._step,
            "testCaseFinished": self._finished,
            "attachment": self._attachment,
            "externalAttachment": self._attachment,
            "testRunHookStarted": self._run_hook_started,
            "testRunHookFinished": self._run_hook_finished,
            "testRunFinished": self._run_finished,
            "parseError": self._parse_error,
        }
        self._take: Final = take

    def take(self, kind: str, message: Any, line: int) -> None:
        """One message: its kind and its content."""
        self.any = True
        handler = self._take.get(kind)
        if handler is not None:
            if isinstance(message, dict):
                self._line = self._pickles.line = line
                handler(message)
            else:
                self._recorder.note("unknown_element", f"no message: {text_of(message)[:100]}", line)
        elif kind not in KINDS:
            self._recorder.note("unknown_element", f"a message of the kind {kind[:100]}", line)

    def finish(self) -> None:
        """The end of the file: what is under way is recorded as far as it went."""
        for run in list(self._runs.values()):
            self._record(run)
        self._runs.clear()
        if self._feature is not None:
            self._recorder.close("", self._feature.labels)
            self._feature = None

    # What the messages are about

    def _meta(self, message: dict[str, Any]) -> None:
        def words(key: str) -> str:
            told = dict_of(message.get(key))
            return f"{text_of(told.get('name'))} {text_of(told.get('version'))}".strip()

        build = text_of(dict_of(message.get("ci")).get("buildNumber"))
        self._recorder.system(os=words("os"), platform=words("runtime"), build=build)

    def _hook(self, message: dict[str, Any]) -> None:
        if len(self._hooks) < _HOOKS:
            kind, name = text_of(message.get("type"))[:100], text_of(message.get("name"))[:1000]
            self._hooks[text_of(message.get("id"))[:200]] = kind, name

    def _test_case(self, message: dict[str, Any]) -> None:
        self._pickles.test_case(message, self._hooks)

    def _date(self, message: dict[str, Any]) -> None:
        stamp = message.get("timestamp")
        if stamp is None:
            return
        self._dated = True
        if isinstance(stamp, dict):
            seconds = number_of(stamp.get("seconds"))
            found = (
                None if seconds is None else json_format.moment(seconds + (number_of(stamp.get("nanos")) or 0) / 1e9)
            )
        else:
            found = json_format.moment(stamp)
        if found is None:
            self._recorder.note("invalid_date", text_of(stamp)[:100], self._line)
        elif found >= json_format.EARLIEST:
            self._recorder.date(found)

    # Attempts

    def _started(self, message: dict[str, Any]) -> None:
        if not self._dated:
            self._date(message)
        case = self._pickles.case(text_of(message.get("testCaseId")))
        if len(self._runs) >= _RUNS or self._text > limits.OPEN_TEXT:
            self._record(self._runs.pop(next(iter(self._runs))))
        self._runs[text_of(message.get("id"))[:200]] = Run(case, self._line)

    def _step(self, message: dict[str, Any]) -> None:
        run = self._runs.get(text_of(message.get("testCaseStartedId")))
        if run is None:
            return
        result = message.get("testStepResult") or message.get("testResult")
        if not isinstance(result, dict):
            result = {}
        if result.get("status") == "PASSED" and "message" not in result:
            outcome: Outcome = (PASSED, self._seconds(result.get("duration")), "", "", "")
        else:
            outcome = self._outcome(result)
            self._text += (size := len(outcome[3]) + len(outcome[4]))
            run.size += size
        run.outcomes[text_of(message.get("testStepId"))] = outcome
        if result.get("willBeRetried") is True:
            run.again = True

    def _outcome(self, result: dict[str, Any]) -> Outcome:
        word = text_of(result.get("status")).lower()
        if word not in STATUS:
            self._recorder.note("unknown_status", f'status="{word[:100]}"', self._line)
        status = STATUS.get(word, UNKNOWN)
        kind, text, trace = problem(text_of(result.get("message"))[: limits.BACKTRACE])
        exception = dict_of(result.get("exception"))
        kind = text_of(exception.get("type")) or kind
        text = text_of(exception.get("message")) or text
        trace = trace or problem(text_of(exception.get("stackTrace"))[: limits.BACKTRACE])[2]
        if word == "ambiguous":
            text = text or "more than one step definition matches"
        return status, self._seconds(result.get("duration")), kind, text[: limits.EXCEPTION_DESCRIPTION], trace

    def _finished(self, message: dict[str, Any]) -> None:
        run = self._runs.pop(text_of(message.get("testCaseStartedId")), None)
        if run is None:
            return
        if message.get("willBeRetried") is True or run.again:
            run.case.earlier.append(run.shortened())
            self._text -= run.size
            if len(run.case.earlier) >= limits.ATTEMPTS:
                del run.case.earlier[limits.ATTEMPTS // 2]
        else:
            self._record(run)

    def _record(self, run: Run) -> None:
        self._text -= run.size
        feature = run.case.feature
        if feature is not self._feature:
            if self._feature is not None:
                self._recorder.close("", self._feature.labels)
            self._recorder.open(feature.title, feature.keyword, run.line, feature.description)
            self._feature = feature
        record(self._recorder, run)
        self._pickles.done(run.case)

    def _seconds(self, duration: Any) -> float | None:
        if isinstance(duration, dict):
            seconds, nanos = duration.get("seconds", 0), duration.get("nanos", 0)
            if type(seconds) is int and type(nanos) is int and nanos >= 0 and 0 <= seconds < 10**7:
                return round(seconds + nanos * 1e-9, 9) if nanos < 10**9 else None
            whole, part = number_of(seconds), number_of(nanos)
            duration = duration if whole is None or part is None else whole + part * 1e-9
        return json_format.seconds_of(self._recorder, duration, 1.0, self._line)

    # Files

    def _attachment(self, message: dict[str, Any]) -> None:
        assets: list[str] = []
        output: list[str] = []
        body, url = message.get("body"), text_of(message.get("url"))
        kind, name = text_of(message.get("mediaType")), text_of(message.get("fileName"))
        if body is None and url:
            (output if url.startswith(("http:", "https:")) else assets).append(url)
        else:
            text = text_of(body)
            plain = text_of(message.get("contentEncoding")).upper() != "BASE64"
            if kind in TOLD:
                output.append(text if plain else decoded(text).decode(errors="replace"))
            else:
                data = text.encode(errors="replace") if plain else decoded(text)
                assets.append(self._embedder.embed(data, kind, name))
        run = self._runs.get(text_of(message.get("testCaseStartedId")))
        if run is not None:
            size = sum(map(len, output)) + sum(map(len, assets))
            run.size += size
            self._text += size
            run.attach(text_of(message.get("testStepId")), assets, output)
            return
        hook = self._run_hooks.get(text_of(message.get("testRunHookStartedId")))
        if hook is not None and len(hook[1]) + len(hook[2]) < limits.ASSETS:
            hook[1].extend(assets)
            hook[2].extend(text[: limits.LABEL_VALUE] for text in output)
            return
        self._recorder.note("unknown_element", f"an attachment that belongs to no scenario: {name[:100]}", self._line)

    # The run as a whole: what breaks outside of all scenarios

    def _run_hook_started(self, message: dict[str, Any]) -> None:
        if len(self._run_hooks) < _RUNS:
            self._run_hooks[text_of(message.get("id"))[:200]] = (text_of(message.get("hookId")), [], [])

    def _run_hook_finished(self, message: dict[str, Any]) -> None:
        unknown: tuple[str, list[str], list[str]] = ("", [], [])
        hook, assets, output = self._run_hooks.pop(text_of(message.get("testRunHookStartedId")), unknown)
        outcome = self._outcome(dict_of(message.get("result")))
        if outcome[0] in {FAILED, BROKEN}:
            kind, name = self._hooks.get(hook, ("", ""))
            draft = self._outside(_RUN_HOOKS.get(kind, "Run hook"))
            draft.describe(name)
            draft.duration = outcome[1]
            draft.fail(BROKEN, *outcome[2:])
            for asset in assets:
                draft.asset(asset)
            for text in output:
                draft.output(text)
            draft.record(self._recorder)

    def _run_finished(self, message: dict[str, Any]) -> None:
        self.finished = True
        told = text_of(message.get("message")) or text_of(dict_of(message.get("exception")).get("message"))
        if told and message.get("success") is not True:
            draft = self._outside("Test run")
            draft.fail(BROKEN, *problem(told))
            draft.record(self._recorder)

    def _parse_error(self, message: dict[str, Any]) -> None:
        draft = self._outside(text_of(dict_of(message.get("source")).get("uri")) or "Feature file")
        draft.fail(BROKEN, "", text_of(message.get("message")))
        draft.record(self._recorder)

    def _outside(self, title: str) -> Draft:
        """A result that stands in no container."""
        if self._feature is not None:
            self._recorder.close("", self._feature.labels)
            self._feature = None
        return Draft(title, "", BROKEN, self._line)
