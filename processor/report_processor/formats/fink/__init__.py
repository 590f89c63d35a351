"""JSON as Fink, the link checker, writes it with ``--output``: an object for each page that it visited.

The facts are from Fink's own source. It writes one object on each line, in the order in which the answers came;
an array of them is read, too. Only the status 200 is a success for it. A page is a leaf of a tree of the host and
the segments of its path, which the collector merges, as pages come in no order.
"""

import re
from functools import partial
from typing import Any, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, UNKNOWN
from report_processor.formats.fink.skim import MICROSECOND, READ, SHORT, SUCCESS, Plan, pages_of, skimmer
from report_processor.parsing.base import JSON, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import JsonFormat, dict_of, list_of, number_of, text_of
from report_processor.parsing.nest import Nest
from report_processor.parsing.shapes import Run

_KEYS: Final = frozenset({"url", "status", "distance", "referrer"})
_QUERY: Final = re.compile("[?#]")
_LEAF: Final = re.compile("[^/?#]+")
_DEEPEST: Final = 20
"""Segments of a path that are containers; those below stay together in the title."""


class FinkParser(JsonFormat):
    """See ``base.Parser``."""

    def __init__(self, *, flat: bool = False) -> None:
        """``flat``: without the tree, each page by its whole URL."""
        super().__init__()
        self._flat: Final = flat
        self._nest: Final = Nest(self.recorder)
        self._stamp: Any = None
        """The last timestamp: pages that are checked at once have the same."""
        self.reader.skimmers[""] = skimmer(self._take)

    def item(self, name: str, value: Any) -> None:  # noqa: ARG002  # there is no name but that of the document
        """A page."""
        if not isinstance(value, dict) or "url" not in value:
            self.recorder.note("unknown_element", f"no page: {text_of(value)[:100]}", self.line)
            return
        url = text_of(value["url"])
        place, title = ([], url) if self._flat else place_of(url)
        if place != self._nest.place:
            self._nest.enter(place, self.line)
        if (stamp := value.get("timestamp")) != self._stamp:
            self._stamp = stamp
            self.date(stamp)
        duration = self.seconds(value.get("request_time", value.get("request-time")), MICROSECOND)
        status = value.get("status")
        if type(status) is int and status == SUCCESS and not value.get("exception") and title and len(url) <= SHORT:
            labels = _short_labels(value)
            if labels is not None:
                details = (url, "", "", "", False, (), labels, ())
                self.recorder.rows.append((title, "", PASSED, duration, self.line, details))
                return
        draft = Draft(title or url, "", PASSED, self.line)
        draft.duration = duration
        self._outcome(draft, value)
        draft.describe(url)
        for key, one in value.items():
            if key not in READ and (text := text_of(one)):
                draft.label(key, text)
        draft.record(self.recorder)

    def _take(self, run: Run[Plan]) -> None:
        add = self.recorder.rows.append
        folder = None  # what the URLs of pages beside the last one have in front of the title
        for line, url, duration, stamp, labels in pages_of(run):
            before, _, title = url.rpartition("/")
            if before != folder or not title or "?" in title or "#" in title:
                place, title = ([], url) if self._flat else place_of(url)
                folder = before if _LEAF.fullmatch(title) and url == f"{before}/{title}" else None
                if place != self._nest.place:
                    self._nest.enter(place, line)
                    add = self.recorder.rows.append
            if stamp != self._stamp:
                self._stamp = stamp
                self.date(stamp)
            add((title, "", PASSED, duration, line, (url, "", "", "", False, (), labels, ())))

    def finish(self) -> None:
        """See ``JsonFormat``."""
        self._nest.leave()

    def _outcome(self, draft: Draft, page: dict[str, Any]) -> None:
        status, exception = page.get("status"), text_of(page.get("exception"))
        if number_of(status) == SUCCESS:
            draft.message(exception)  # a link on the page that is no URL; the page itself is there
        elif status is not None and number_of(status) is not None:
            draft.fail(FAILED, f"HTTP {number_of(status):g}", exception)
        elif exception and status is None:
            draft.fail(BROKEN, "", exception)
        else:
            draft.status = UNKNOWN
            draft.message(exception)
            self.recorder.note("unknown_status", f'"status": {text_of(status)[:100] or "null"}', self.line)


def place_of(url: str) -> tuple[list[tuple[str, str]], str]:
    """Host and segments of the path but the last, and the rest as title: ``/`` for the index of a folder."""
    scheme, sign, rest = url.partition("://")
    if not sign:
        return [], url
    before = _QUERY.split(rest, maxsplit=1)[0]
    host, *segments = before.split("/")
    path = segments[:-1][:_DEEPEST]
    title = "/".join(segments[len(path) :])
    place = [(f"{scheme}://{host}", "host")]
    place += [(segment or "/", "path") for segment in path]
    return place, (title or "/") + rest[len(before) :]


def _short_labels(page: dict[str, Any]) -> list[tuple[str, str]] | None:
    """What else there is of a page, when all of it is short."""
    labels = []
    for key, value in page.items():
        if key in READ or value is None or value == "":
            continue
        text = value if isinstance(value, str) else text_of(value)
        if len(key) > SHORT or len(text) > SHORT:
            return None
        labels.append((key, text))
    return labels if len(labels) <= limits.LABELS else None


def recognise(head: Head) -> str | None:
    """The members of a page."""
    for value in head.json[:1]:
        page = dict_of(value[0] if isinstance(value, list) and list_of(value) else value)
        if page.keys() >= _KEYS and ("request_time" in page or "request-time" in page):
            return "keys url, status, distance, referrer"
    return None


FORMAT: Final = Format(
    key="fink",
    origin="fink_json",
    title="Fink link checker JSON",
    expects="JSON with one page on each line, or an array of pages, as Fink (dantleech/fink) writes it with --output.",
    example="""{"distance":0,"exception":null,"referrer":null,"referrer_title":null,"referrer_xpath":null,\
"request_time":25000,"status":200,"url":"https://example.org/","timestamp":"2026-11-24T15:00:00+00:00"}
{"distance":1,"exception":null,"referrer":"https://example.org/","referrer_title":"Old news",\
"referrer_xpath":"/html/body/a","request_time":9000,"status":404,"url":"https://example.org/news/1999",\
"timestamp":"2026-11-24T15:00:00+00:00"}
""",
    mapping="Each page is a result; its host and the segments of its path but the last are containers inside each "
    "other, and equal ones are merged. The status 200 is passed, any other failed, an exception without a status "
    "broken. The time of the request is the duration, the first timestamp the date of the report. The referrer, its "
    "title and XPath and the distance are labels, the whole URL is the description. With smart=false there is no tree, "
    "and the title is the whole URL.",
    kinds=(JSON,),
    recognise=recognise,
    parser=FinkParser,
    plain=partial(FinkParser, flat=True),
    merges=True,
)
