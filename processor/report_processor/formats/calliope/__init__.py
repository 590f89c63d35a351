"""Calliope JSON: a whole report with its tree of containers, as ``calliope_export`` writes it.

What is publicly known of the format is a report with ``containers``, in which containers nest and hold
``results``, and the names of most fields; ``fields`` has the rest. The tree is walked, so that a
report may be of any size; a result is read at once. Members may come in any order.
"""

from operator import add
from typing import Any, ClassVar, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import PASSED, STATUSES, Label
from report_processor.formats.calliope.fields import COUNTERS, OWN, asset_of, duration_of, labels_of, result_of
from report_processor.parsing.base import JSON, Format
from report_processor.parsing.json_format import JsonFormat, dict_of, dicts_of, list_of, number_of, text_of
from report_processor.parsing.json_reader import SKIP
from report_processor.parsing.json_skim import ANY, DURATION, ID, NAME, TEXT, JsonSkimmer
from report_processor.parsing.shapes import Part, Run, groups_of

_WALKED: Final = {"containers": "container", "children": "container", "results": "result"}
_NAMING: Final = ("title", "classification", "description")
_SKIPPED: Final = dict.fromkeys(OWN - {*_NAMING, "labels", "assets", "json_data"}, SKIP)
_SIGNS: Final = frozenset({"count_total", "cached_total", "import_status", "profile_id", "test_suite_id", "origin"})
"""Members of a report of which one is there at least."""
_PLAIN: Final = frozenset({"id", "title", "classification", "status", "duration", "history_hash"})
_SHORT: Final = min(limits.TITLE, limits.CLASSIFICATION)
_INFORMATIONAL: Final = STATUSES.index("informational")


_RULES: Final = {"id": ID, "history_hash": ANY, "title": NAME, "classification": TEXT, "duration": DURATION}


def _plan(parts: list[Part], results: list[dict[str, Any]]) -> dict[str, int] | None:
    """The groups of a result that passed and says no more."""
    (result,) = results
    plain = result.get("status") == "passed" and result.keys() <= _PLAIN
    texts = isinstance(result.get("title"), str) and isinstance(result.get("classification", ""), str)
    number = not isinstance(result.get("duration"), (str, bool, list, dict))
    return groups_of(parts) if plain and texts and number else None


class _Container:
    """A container that is open, or the report."""

    __slots__ = ("below", "direct", "labels", "line", "named", "seen", "stated", "told")

    def __init__(self, line: int) -> None:
        self.line: Final = line
        self.seen: dict[str, str] = {}
        """Title, classification and description."""
        self.named = False
        self.told = False
        """The description was given with the name."""
        self.labels: list[Label] = []
        self.stated: dict[str, Any] = {}
        """What the file says of the number of results: by member."""
        self.direct = [0] * 6
        self.below: list[int] | None = None
        """By status, results in containers in it."""

    def counts(self) -> list[int]:
        """By status, all results in it."""
        return list(map(add, self.direct, self.below)) if self.below else self.direct

    def holds(self, counts: list[int]) -> None:
        """A container in it ends, which has so many results."""
        self.below = list(map(add, self.below, counts)) if self.below else counts


class CalliopeParser(JsonFormat):
    """Reads one report."""

    SHAPE: ClassVar = {"": {"report": "report", **_WALKED}, "report": _WALKED, "container": _WALKED | _SKIPPED}

    def __init__(self) -> None:
        super().__init__()
        self._open: list[_Container] = []
        """From the report inwards."""
        skimmer = self.reader.skimmers["result"] = JsonSkimmer(_RULES, lambda: bool(self._open), _plan, self._take)
        skimmer.unlike = '"exception_name"'

    def begin(self, name: str) -> None:
        """See ``JsonHandler``."""
        if name == "container":
            self._name_when_known()
            line = self.line
            self.recorder.open_unnamed(line)
            self._open.append(_Container(line))
        elif not self._open:
            self._open.append(_Container(self.line))

    def member(self, name: str, key: str, value: Any) -> None:
        """See ``JsonHandler``."""
        owner = self._open[-1]
        if key.startswith(COUNTERS):
            owner.stated[key] = value
        elif name == "container":
            self._of_container(owner, key, value)
        elif key == "date":
            self.date(value)
        elif key in {"os", "platform", "build"}:
            self.recorder.system(**{key: text_of(value)})

    def item(self, name: str, value: Any) -> None:
        """See ``JsonHandler``."""
        if name != "result" or not isinstance(value, dict) or not self._open:
            return
        if not self._open[-1].named:
            self._name_when_known()
        recorder, line = self.recorder, self.reader.line
        if value.get("status") == "passed" and len(value) <= len(_PLAIN) and value.keys() <= _PLAIN:
            title, kind = value.get("title"), value.get("classification", "")
            if type(title) is type(kind) is str and max(len(title), len(kind)) <= _SHORT and title.strip():
                recorder.rows.append((title, kind, PASSED, duration_of(recorder, value, line), line, None))
                self._open[-1].direct[PASSED] += 1
                return
        draft = result_of(recorder, value, line)
        self._open[-1].direct[draft.status] += 1
        draft.record(recorder)

    def _take(self, run: Run[dict[str, int]]) -> None:
        owner, columns, groups = self._open[-1], run.columns(), run.plan
        if not owner.named:
            self._name_when_known()
        self.recorder.columns(
            columns[groups["title"]],
            columns[groups["classification"]] if "classification" in groups else "",
            columns[groups["duration"]] if "duration" in groups else [None] * run.size,
            run.line,
            run.step,
        )
        owner.direct[PASSED] += run.size

    def end(self, name: str) -> None:
        """See ``JsonHandler``."""
        if name == "container":
            self._close()
        elif name == "" and self._open:
            report = self._open.pop()
            self._check(report, report.counts())

    def finish(self) -> None:
        """See ``JsonFormat``."""
        while len(self._open) > 1:
            self._close()
        self._open.clear()

    def _of_container(self, owner: _Container, key: str, value: Any) -> None:
        if key in _NAMING:
            owner.seen[key] = self._cut(text_of(value), limits.SUITE_TEXT)
        elif key in {"labels", "json_data"}:
            for label, text in labels_of(value):
                self._label(owner, label, text)
        elif key == "assets":
            for asset in list_of(value):
                self._label(owner, "asset", asset_of(asset))
        elif value not in (None, "", [], {}):
            self._label(owner, key, text_of(value))

    def _label(self, owner: _Container, name: str, value: str) -> None:
        if len(owner.labels) < limits.LABELS:
            owner.labels.append((self._cut(name, limits.LABEL_NAME), self._cut(value, limits.LABEL_VALUE)))
        else:
            self.recorder.note("field_cut", "a label of a container was left out", *self.reader.position())

    def _cut(self, text: str, limit: int) -> str:
        if len(text) > limit:
            self.recorder.note("field_cut", f"{len(text) - limit} characters were cut", *self.reader.position())
        return text[:limit]

    def _name_when_known(self) -> None:
        """Before the content of a container: its name, when all of it stands there already."""
        if (
            len(self._open) > 1
            and not self._open[-1].named
            and self._open[-1].seen.keys() >= {"title", "classification"}
        ):
            self._name(self._open[-1])

    def _name(self, owner: _Container) -> None:
        seen = owner.seen
        owner.named, owner.told = True, "description" in seen
        self.recorder.name(seen.get("title", ""), seen.get("classification", ""), seen.get("description", ""))

    def _close(self) -> None:
        owner = self._open.pop()
        if not owner.named:
            self._name(owner)
        self.recorder.close("" if owner.told else owner.seen.get("description", ""), owner.labels)
        counts = owner.counts()
        self._open[-1].holds(counts)
        self._check(owner, counts)

    def _check(self, owner: _Container, counts: list[int]) -> None:
        """Compare what the file says of the number of results with those that are there."""
        if owner.stated == {"count_total": sum(counts)}:
            return  # which is what nearly all say
        for key, value in owner.stated.items():
            stated, word = number_of(value), key.partition("_")[2]
            if stated is None or word not in {"total", *STATUSES}:
                continue
            found = []
            for some in (counts, owner.direct):
                if word == "total":  # whether informational ones count is not known
                    found += [sum(some), sum(some) - some[_INFORMATIONAL]]
                else:
                    found.append(some[STATUSES.index(word)])
            if stated not in found:
                title = owner.seen.get("title", "")[:100]
                text = f'{key}="{text_of(value)[:20]}", but there are {found[0]}{f" in {title}" if title else ""}'
                self.recorder.note("suite_count_differs", text, owner.line)


def recognise(head: Head) -> str | None:
    """A report with containers: of tests, not of a pod."""
    report = dict_of(head.json[0] if head.json else None)
    report = dict_of(report.get("report")) or report
    if not isinstance(report.get("containers"), list):
        return None
    signs = sorted(_SIGNS & report.keys())
    containers = dicts_of(report["containers"])[:1]
    inside = any("title" in one and any(key in one for key in _WALKED) for one in containers)
    if inside or (signs and (not containers or {"title", *_WALKED} & containers[0].keys())):
        return f"key containers with {', '.join(signs) or 'titles and results'}"
    return None


def accepts(head: Head) -> str | None:
    """The same, and what somebody wrote by hand: a report with nothing but containers or results."""
    report = dict_of(head.json[0] if head.json else None)
    report = dict_of(report.get("report")) or report
    has = [key for key in ("containers", "results") if isinstance(report.get(key), list)]
    return recognise(head) or (f"key {' and '.join(has)}" if has else None)


FORMAT: Final = Format(
    key="calliope",
    origin="calliope_json",
    title="Calliope JSON",
    expects="A JSON object with containers, which nest and hold results; as the command report-import parse --calliope "
    "writes it, and as Calliope.pro exports reports.",
    example="""{
  "origin": "junit_xml",
  "date": "2026-01-01T09:45:00Z",
  "count_total": 2,
  "containers": [
    {
      "title": "login",
      "classification": "",
      "results": [
        {"title": "signs in", "classification": "LoginTest", "status": "passed", "duration": 0.25},
        {"title": "signs out", "classification": "LoginTest", "status": "failed", "duration": 0.01,
         "exception_name": "AssertionError", "exception_description": "still signed in",
         "exception_backtrace": "LoginTest.java:17", "labels": [{"name": "ticket", "value": "ABC-12"}],
         "assets": [{"name": "shot.png"}]}
      ],
      "containers": []
    }
  ]
}
""",
    mapping="Containers and results are what they are: title, classification, description, status, duration in "
    "seconds, exception_name, exception_description, exception_backtrace, flaky, labels, assets, attempts. Members of "
    "json_data, and members that are not known, are labels. Counts are made from the results. date, os, platform and "
    "build are those of the report.",
    limits="Ids, hashes and the fields of the server are not taken over. Files must be sent along.",
    kinds=(JSON,),
    recognise=recognise,
    accepts=accepts,
    parser=CalliopeParser,
)
