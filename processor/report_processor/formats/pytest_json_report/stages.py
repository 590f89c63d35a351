"""One test of pytest-json-report with its stages."""

import re
from typing import Any, Final

from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Recorder
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import LONGEST
from report_processor.parsing.json_format import dict_of, dicts_of, list_of, seconds_of, text_of

_STATUS: Final = {
    "passed": PASSED,
    "failed": FAILED,
    "error": BROKEN,
    "skipped": SKIPPED,
    "xfailed": SKIPPED,
    "xpassed": PASSED,
    "rerun": PASSED,
}
_NUMBERS: Final = frozenset({int, float})
_STAGES: Final = ("setup", "call", "teardown")
_TEST: Final = frozenset(
    {"nodeid", "lineno", "outcome", "keywords", "setup", "call", "teardown", "metadata", "user_properties"}
)
_PLAIN_STAGE: Final = frozenset({"duration", "outcome", "longrepr"})
_BUILT_IN: Final = frozenset({"", "()", "Instance", "Session", "parametrize", "pytestmark", "usefixtures"})
_TYPE: Final = re.compile(r"([A-Za-z_][\w.]{0,200}): ")
_REASON: Final = re.compile(r"""\(.*, \d+, ['"](?:Skipped: )?(.*)['"]\)$""", re.DOTALL)
_WORKER: Final = re.compile(r"\[gw\d+\] \w+ -- Python [\d.]+ [^\n]*\n?")
"""What pytest-xdist puts before each longrepr, also of stages that passed."""


def plain_duration(test: dict[str, Any]) -> float | None:
    """Seconds of a test of which nothing can be said but that it passed; None when there is more to say."""
    if test.get("outcome") != "passed" or test.get("metadata") or test.get("user_properties"):
        return None
    if "setup" not in test or not test.keys() <= _TEST:
        return None
    total = 0.0
    for stage in (test["setup"], test.get("call"), test.get("teardown")):
        if stage is None:
            continue
        if not isinstance(stage, dict) or stage.get("outcome") != "passed":
            return None
        if len(stage) != 2 and (not stage.keys() <= _PLAIN_STAGE or _longrepr(stage)):
            return None
        duration: Any = stage.get("duration")
        if type(duration) not in _NUMBERS or not 0 <= duration < LONGEST:
            return None
        total += duration
    return round(total, 9)


def reason_of(longrepr: str) -> str:
    """Why a test was skipped: the plugin writes a tuple of Python as text."""
    found = _REASON.match(longrepr)
    return found[1] if found else longrepr


class TestReader:
    """Makes results of tests."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder: Final = recorder
        self._folders: frozenset[str] = _BUILT_IN
        self._known: frozenset[str] = _BUILT_IN

    def root(self, path: str) -> None:
        """The folder in which pytest ran; its parts are among the keywords of each test."""
        self._folders = _BUILT_IN | set(path.replace("\\", "/").split("/"))
        self._known = self._folders

    def around(self, titles: list[str]) -> None:
        """The containers around the tests that follow: their names are among the keywords, too."""
        self._known = self._folders.union(titles, *(title.split("/") for title in titles[:1]))

    def marks_of(self, test: dict[str, Any], title: str) -> list[str]:
        """The markers among the keywords: those that are no part of the node's own names."""
        keywords, known = test.get("keywords"), self._known
        if not isinstance(keywords, list):
            return []
        marks = [one for one in keywords if isinstance(one, str) and one not in known and one != title]
        if not marks:
            return marks
        name, _, parameters = title.partition("[")
        return [one for one in marks if one not in {name, parameters[:-1]}]

    def duration_of(self, test: dict[str, Any], line: int) -> float | None:
        """All stages together."""
        known = [
            seconds
            for name in _STAGES
            if (stage := test.get(name))
            and (seconds := seconds_of(self._recorder, dict_of(stage).get("duration"), 1.0, line)) is not None
        ]
        return round(sum(known), 9) if known else None

    def draft_of(self, test: dict[str, Any], title: str, marks: list[str], line: int) -> Draft:
        """The test as a result."""
        word = text_of(test.get("outcome"))
        status = _STATUS.get(word)
        stages = [(name, stage) for name, stage in test.items() if _is_stage(name, stage)]
        if word == "rerun" and any(stage.get("outcome") == "failed" for _, stage in stages):
            status = FAILED
        elif any(stage.get("outcome") == "failed" for name, stage in stages if name not in _STAGES):
            status = BROKEN
        if status is None or (status == PASSED and not stages):
            self._recorder.note("unknown_status", word[:100] if stages else f"{word[:100]}, but no stages", line)
            status = UNKNOWN
        draft = Draft(title, "", status, line)
        for _, stage in stages:
            _texts(draft, stage)
        draft.status = status
        draft.flaky = word == "rerun" and status == PASSED
        _output(draft, stages)
        self._labels(draft, test, marks)
        return draft

    @staticmethod
    def _labels(draft: Draft, test: dict[str, Any], marks: list[str]) -> None:
        for mark in marks:
            draft.label("marker", mark)
        for key, value in dict_of(test.get("metadata")).items():
            draft.label(key, text_of(value))
        for pair in list_of(test.get("user_properties")):
            if isinstance(pair, dict):
                for key, value in pair.items():
                    draft.label(key, text_of(value))
            elif isinstance(pair, list) and len(pair) == 2:
                draft.label(text_of(pair[0]), text_of(pair[1]))
        for key in sorted(test.keys() - _TEST):
            if not _is_stage(key, test[key]) and test[key] not in (None, ""):
                draft.label(key, text_of(test[key]))


def _is_stage(name: str, stage: Any) -> bool:
    """pytest-xdist calls the stage in which a worker died ``???``."""
    return isinstance(stage, dict) and (name in _STAGES or ("outcome" in stage and name not in _TEST))


def _texts(draft: Draft, stage: dict[str, Any]) -> None:
    longrepr = _longrepr(stage)
    crash = text_of(dict_of(stage.get("crash")).get("message"))
    if stage.get("outcome") == "skipped" and not crash:
        draft.message(reason_of(longrepr))
    elif crash:
        kind = _TYPE.match(crash)
        traced = dicts_of(stage.get("traceback"))
        name = kind[1] if kind else "AssertionError" if crash.startswith("assert ") else ""
        draft.fail(BROKEN, name, crash, longrepr or _frames(traced))
    else:
        draft.message(longrepr)


def _longrepr(stage: dict[str, Any]) -> str:
    text = stage.get("longrepr")
    return "" if not text else _WORKER.sub("", text_of(text), count=1)


def _frames(traced: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"{text_of(one.get('path'))}:{text_of(one.get('lineno'))}: {text_of(one.get('message'))}" for one in traced
    )


def _output(draft: Draft, stages: list[tuple[str, dict[str, Any]]]) -> None:
    for _, stage in stages:
        for stream in ("stdout", "stderr"):
            draft.output(text_of(stage.get(stream)))
        for record in dicts_of(stage.get("log")):
            level, logger = text_of(record.get("levelname")), text_of(record.get("name"))
            draft.output(f"{level} {logger}: {text_of(record.get('msg'))}")
