"""The pages: plain HTML from templates, complete without JavaScript, live with it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from report_api.access import Caller
from report_api.answers import StatusAnswer
from report_api.context import Context, Ctx
from report_api.errors import ApiError
from report_api.reading import ReportId, answer_for
from report_api.treeview import STATUSES, bar, originals, tree
from report_contract.accesskeys import Role
from report_contract.report import Report
from report_contract.requests import ImportRequest

router = APIRouter(include_in_schema=False)

HERE: Final = Path(__file__).parent
SHOWN_FILES: Final = 200
SHOWN_MESSAGES: Final = 200


class Pages:
    """Renders templates."""

    def __init__(self, base_url: str) -> None:
        self.root = urlsplit(base_url).path
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(seconds=seconds_text, number=number_text, size=size_text, moment=moment_text)
        self._environment.globals.update(root=self.root, base_url=base_url, statuses=STATUSES)

    def render(self, request: Request, template: str, code: int = 200, /, **values: Any) -> Response:
        """A page."""
        caller: Caller | None = getattr(request.state, "reader", None)
        html = self._environment.get_template(template).render(
            signed_in=bool(caller and caller.key),
            signed_in_as=caller.key.name if caller and caller.key else "",
            **values,
        )
        return HTMLResponse(html, code, {"cache-control": "no-store"})

    def error(self, request: Request, error: ApiError) -> Response:
        """The page of a refusal."""
        title = {404: "Not found", 403: "Not allowed", 503: "Not available"}.get(error.status, "Something went wrong")
        answer = self.render(request, "message.html", error.status, title=title, message=error.message)
        answer.headers.update(error.headers)
        return answer


def pages_of(request: Request) -> Pages:
    """The pages of the app that serves a request."""
    return cast("Pages", request.app.state.pages)


@router.get("/")
async def home(request: Request, context: Ctx) -> Response:
    """The first page."""
    reader = await context.access.reader(request)
    request.state.reader = reader
    return pages_of(request).render(request, "home.html", may_read=reader is not None)


@router.get("/reports/{report_id}")
async def report(request: Request, context: Ctx, report_id: ReportId) -> Response:
    """The report's page: live during the import, results afterwards."""
    reader = await context.access.reader(request)
    if reader is None:
        return RedirectResponse(f"{pages_of(request).root}/sign-in?next={request.url.path}", 303)
    request.state.reader = reader
    request.state.caller = reader.id
    found = await context.lookup.visible(reader, report_id)
    status = await answer_for(context, found)
    if not status.finished:
        return pages_of(request).render(
            request, "progress.html", status=status, may_cancel=reader.may(Role.USER), elapsed=_elapsed(status)
        )
    stored = await context.lookup.report(report_id)
    upload = await _upload(context, report_id)
    return pages_of(request).render(request, "report.html", status=status, **_view(stored, upload))


async def _upload(context: Context, report_id: int) -> ImportRequest | None:
    try:
        return await context.lookup.request(report_id)
    except ApiError:  # an import made by hand has none
        return None


def _view(report: Report | None, upload: ImportRequest | None) -> dict[str, Any]:
    return {
        "report": report,
        "upload": upload,
        "bar": bar(report.counts) if report else [],
        "tree": tree(report.containers) if report else [],
        "files": originals(report, upload, SHOWN_FILES),
        "options": _parameters(upload),
        "shown_files": SHOWN_FILES,
        "shown_messages": SHOWN_MESSAGES,
    }


def _parameters(upload: ImportRequest | None) -> list[tuple[str, str]]:
    if upload is None:
        return []
    rows = [("formatter", upload.formatter or "detected")]
    for name, value in upload.options.model_dump(mode="json", by_alias=False, exclude_defaults=True).items():
        text = ", ".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else value
        rows.append(("tag[]" if name == "tags" else name, str(text)))
    return rows


def _elapsed(status: StatusAnswer) -> float | None:
    since = status.started_at or status.queued_at or status.created_at
    return max(0.0, (datetime.now(UTC) - since).total_seconds()) if since else None


def seconds_text(seconds: float | None) -> str:
    """A duration for people: ``0.53 s``, ``4 min 20.7 s``, ``1 h 2 min``."""
    if seconds is None:
        return "\N{EN DASH}"
    if seconds < 60:
        return f"{seconds:.3g} s" if seconds < 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes:.0f} min {rest:.0f} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:.0f} h {minutes:.0f} min"


def number_text(number: int) -> str:
    """A number with a comma at each thousand."""
    return f"{number:,}"


def size_text(size: int) -> str:
    """A size for people, in powers of 1024."""
    amount = float(size)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    raise AssertionError("unreachable")


def moment_text(moment: datetime) -> str:
    """A moment for people, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
