"""The results of one scenario, from any of Cucumber's formats, until they are recorded.

A step that passed and has nothing to tell stays a plain row. What hooks attach goes to the result that
went wrong, else to the last one, which is known only at the end.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Final

from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Label, Recorder, Row
from report_processor.parsing.draft import Draft

STATUS: Final = {
    "passed": PASSED,
    "failed": FAILED,
    "skipped": SKIPPED,
    "pending": UNKNOWN,
    "undefined": UNKNOWN,
    "unknown": UNKNOWN,
    "unused": UNKNOWN,
    "ambiguous": BROKEN,
    # Only behave's:
    "error": BROKEN,
    "hook_error": BROKEN,
    "cleanup_error": BROKEN,
    "untested": UNKNOWN,
    "untested_pending": UNKNOWN,
    "untested_undefined": UNKNOWN,
    "executing": UNKNOWN,
    "pending_warn": UNKNOWN,
    "xfailed": PASSED,
    "xpassed": FAILED,
}
"""What each word means. Two step definitions for one step is a fault of the tests, so ``ambiguous`` is broken."""

TOLD: Final = frozenset({"text/x.cucumber.log+plain", "text/uri-list"})
"""Types of attachments that are lines of text to show, and no files."""

_BAD: Final = frozenset({FAILED, BROKEN})
_ENDINGS: Final = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/svg+xml": ".svg",
    "image/webp": ".webp",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/xml": ".xml",
    "text/csv": ".csv",
    "application/json": ".json",
    "application/xml": ".xml",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_CUT: Final = 100_000
"""Characters of a text that is surely no short word."""
_ODD: Final = re.compile(r"[^\w .()+-]+")


def step_title(keyword: str, name: str) -> str:
    """Keyword and text as in the feature file. Some tools leave out the blank between them, radish says it twice."""
    if not keyword or not name:
        return keyword + name
    if name.startswith(keyword) and name[len(keyword) : len(keyword) + 1] == " ":
        return name
    last = keyword[-1]
    # Of languages that write no blank there (Chinese, Japanese, Thai) the letters are all further on.
    return f"{keyword} {name}" if last == "*" or (last.isalnum() and last < "\u0e00") else keyword + name


def dedented(text: str) -> str:
    """A description without the blanks at the ends of its lines."""
    return "\n".join(line.strip() for line in text.split("\n")).strip() if text else ""


class Embedder:
    """Puts files that stand inside a report beside it, under names that are unique in it."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder: Final = recorder

    def embed(self, data: bytes, media_type: str, name: str) -> str:
        """Store a file; returns the name of the asset."""
        asset = ""
        ending = _ENDINGS.get(media_type.partition(";")[0].strip().lower(), "")
        base = _ODD.sub("_", name.replace("\\", "/").rpartition("/")[2])[:100].strip(" .")
        if base:
            asset = f"-{base}"
        if not asset.lower().endswith(ending):
            asset += ending
        return self._recorder.embed(data, asset)


def decoded(data: str) -> bytes:
    """The bytes of an embedding: base64, or with older tools the text itself."""
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        pass
    joined = "".join(data.split())
    if _BASE64.fullmatch(joined) and ("\n" in data or len(joined) > _CUT):
        # Lines of base64, or base64 whose end was cut.
        return base64.b64decode(joined[: len(joined) // 4 * 4])
    return data.encode(errors="replace")


class Scenario:
    """Results in order."""

    __slots__ = ("_assets", "_line", "_output", "_recorder", "_results", "_titles", "bad", "unknown")

    def __init__(self, recorder: Recorder, line: int) -> None:
        self._recorder: Final = recorder
        self._line: Final = line
        self._results: list[Row | Draft] = []
        self._titles: dict[str, int] = {}
        self._assets: list[str] = []
        self._output: list[str] = []
        self.bad = False
        """Whether a result is failed or broken."""
        self.unknown = False
        """Whether the outcome of a step is not known."""

    def title(self, title: str) -> str:
        """A title that no other result of this scenario has: a step may be repeated."""
        seen = self._titles.get(title, 0) + 1
        self._titles[title] = seen
        return title if seen == 1 else f"{title} (#{seen})"

    def passed(self, title: str, duration: float | None) -> None:
        """A step that passed and has nothing to tell."""
        self._results.append((self.title(title), "", PASSED, duration, self._line, None))

    def result(self, title: str, status: int) -> Draft:
        """Any other result; to be filled by the caller."""
        draft = Draft(self.title(title), "", status, self._line)
        self._results.append(draft)
        self.bad = self.bad or status in _BAD
        self.unknown = self.unknown or status == UNKNOWN
        return draft

    def aside(self, assets: Sequence[str], output: Sequence[str] = ()) -> None:
        """What a hook attached and wrote."""
        self._assets += assets
        self._output += output

    def follow(self, earlier: Sequence["Scenario"]) -> None:
        """It is the last of several runs: each step was run in all of them. A hook may have gone wrong in one only."""
        if not earlier:
            return
        results = self.drafts()
        runs = [run.drafts() for run in earlier]
        for run in runs:
            for title in run:
                if title not in results:
                    results[title] = Draft(title, "", PASSED, self._line)
        for title, draft in results.items():
            for one in [*(run.get(title) for run in runs), draft]:
                draft.attempt(*(one.as_attempt() if one is not None else (PASSED,)))
        self._results = [*results.values()]
        for scenario in earlier:
            self.aside(*scenario.loose())

    def loose(self) -> tuple[list[str], list[str]]:
        """What hooks attached and wrote."""
        return self._assets, self._output

    def drafts(self) -> dict[str, Draft]:
        """The results by their titles."""
        drafts = [_draft(one) if isinstance(one, tuple) else one for one in self._results]
        return {draft.title: draft for draft in drafts}

    def record(self) -> None:
        """All of it, into the container that is open."""
        if self._assets or self._output:
            self._give()
        rows = self._recorder.rows
        for one in self._results:
            if isinstance(one, Draft):
                one.record(self._recorder)
            elif one[0] and not one[0].isspace() and len(one[0]) <= _PLAIN:
                rows.append(one)
            else:
                _draft(one).record(self._recorder)
            rows = self._recorder.rows

    def _give(self) -> None:
        """What hooks attached goes to the last result that went wrong, else to the last one."""
        if not self._results:
            self._results.append(Draft(self.title("Hooks"), "", UNKNOWN, self._line))
        at = len(self._results) - 1
        for number, one in enumerate(self._results):
            if isinstance(one, Draft) and one.status in _BAD:
                at = number
        one = self._results[at]
        draft = self._results[at] = _draft(one) if isinstance(one, tuple) else one
        for asset in self._assets:
            draft.asset(asset)
        for text in self._output:
            draft.output(text)


_PLAIN: Final = 4_000
"""Characters of a title that is surely within the limits."""


def _draft(row: Row) -> Draft:
    draft = Draft(row[0], row[1], row[2], row[4])
    draft.duration = row[3]
    return draft


def labels_of_tags(tags: Sequence[object]) -> list[Label]:
    """Tags as labels: texts, or objects with a name."""
    names = [tag.get("name") if isinstance(tag, dict) else tag for tag in tags]
    return [("tag", name) for name in names if isinstance(name, str) and name]
