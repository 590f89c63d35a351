"""JSON as Fink, the link checker, writes it with ``--output``: an object for each page that it visited.

The facts are from Fink's own source. It writes one object on each line, in the order in which the answers came;
an array of them is read, too. Only the status 200 is a success for it. A page is a leaf of a tree of the host and
the segments of its path, which the collector merges, as pages come in no order.
"""

from typing import Any, Final

from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, UNKNOWN
from report_processor.formats.base import JSON, Format
from report_processor.formats.draft import Draft
from report_processor.formats.json_format import JsonFormat, dict_of, list_of, number_of, text_of
from report_processor.formats.nest import Nest

_KEYS: Final = frozenset({"url", "status", "distance", "referrer"})
_MICROSECOND: Final = 1e-6
_SUCCESS: Final = 200
_READ: Final = frozenset({"url", "status", "exception", "request_time", "request-time", "timestamp"})
_DEEPEST: Final = 20
"""Segments of a path that are containers; those below stay together in the title."""


class FinkParser(JsonFormat):
    """See ``base.Parser``."""

    def __init__(self) -> None:
        super().__init__()
        self._nest: Final = Nest(self.recorder)

    def item(self, name: str, value: Any) -> None:  # noqa: ARG002  # there is no name but that of the document
        """A page."""
        if not isinstance(value, dict) or "url" not in value:
            self.recorder.note("unknown_element", f"no page: {text_of(value)[:100]}", self.line)
            return
        url = text_of(value["url"])
        place, title = place_of(url)
        self._nest.enter(place, self.line)
        self.date(value.get("timestamp"))
        draft = Draft(title or url, "", PASSED, self.line)
        time = value.get("request_time", value.get("request-time"))
        draft.duration = self.seconds(time, _MICROSECOND)
        self._outcome(draft, value)
        draft.describe(url)
        for key, one in value.items():
            if key not in _READ and (text := text_of(one)):
                draft.label(key, text)
        draft.record(self.recorder)

    def finish(self) -> None:
        """See ``JsonFormat``."""
        self._nest.leave()

    def _outcome(self, draft: Draft, page: dict[str, Any]) -> None:
        status, exception = page.get("status"), text_of(page.get("exception"))
        if number_of(status) == _SUCCESS:
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
    ends = [at for at in map(rest.find, "/?#") if at >= 0]
    end = min(ends, default=len(rest))
    host, rest = rest[:end], rest[end:]
    ends = [at for at in map(rest.find, "?#") if at >= 0]
    end = min(ends, default=len(rest))
    segments = rest[:end].split("/")[1:]
    path = [segment or "/" for segment in segments[:-1]][:_DEEPEST]
    title = "/".join(segments[len(path) :])
    return [(f"{scheme}://{host}", "host"), *((one, "path") for one in path)], (title or "/") + rest[end:]


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
    "title and XPath and the distance are labels, the whole URL is the description.",
    kinds=(JSON,),
    recognise=recognise,
    parser=FinkParser,
    merges=True,
)
