"""The ASGI app, put together from its parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any, Final

from fastapi import FastAPI, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from report_api import apidocs, docs_page, downloads, errors, health, listing, pages, reading, signin, uploading
from report_api.access import Access
from report_api.answers import StatusAnswer
from report_api.buffers import Buffers
from report_api.context import Context
from report_api.events import Watching
from report_api.examples import finished
from report_api.keysource import KeySource
from report_api.links import Links
from report_api.lookup import Lookup
from report_api.metrics import Metrics
from report_api.middleware import Surroundings
from report_api.queueing import QueueView
from report_api.requestline import RequestLine
from report_api.settings import PART_BYTES, ApiSettings
from report_api.threads import Threads
from report_api.turns import Turns
from report_stores.imports import ImportStore
from report_stores.objects import ObjectStore

LAST_SECONDS: Final = 15.0
"""For uploads that were cancelled because the server stops: time to remove what they stored."""


def create_app(settings: ApiSettings, objects: ObjectStore, imports: ImportStore, keys: KeySource) -> FastAPI:
    """The API over these stores. ``app.state.context.watching.close()`` ends the event streams when the
    server stops (``serving`` does it).
    """
    context = make_context(settings, objects, imports, keys)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await context.watching.close()
        await context.turns.idle(LAST_SECONDS)
        context.threads.close()

    app = _Api(
        title=apidocs.TITLE,
        description=apidocs.DESCRIPTION,
        version=version("report-import"),
        openapi_tags=apidocs.TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.context = context
    app.state.readiness = health.Readiness(context)
    app.state.pages = pages.Pages(settings.base_url)
    errors.install(app, page=app.state.pages.error)
    for module in (uploading, reading, listing, downloads, health, signin, docs_page, pages):
        app.include_router(module.router)
    app.add_api_route("/open", _open, include_in_schema=False)
    app.mount("/static", _Static(directory=pages.HERE / "static"))
    app.add_middleware(RequestLine)
    _prepare_routes(app)
    app.add_middleware(Surroundings, metrics=context.metrics, secure=settings.secure)
    return app


def _prepare_routes(app: FastAPI) -> None:
    """The framework builds the models of its routes when they are first matched. Now is better: the first
    request is as fast as the others, and two apps in two threads do not build the same models at once.
    """
    for route in app.routes:
        route.matches({"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": []})


def make_context(settings: ApiSettings, objects: ObjectStore, imports: ImportStore, keys: KeySource) -> Context:
    """All parts of one API."""
    threads = Threads()
    lookup = Lookup(imports, objects, threads)

    async def status_of(report_id: int) -> StatusAnswer | None:
        found = await lookup.find(report_id)
        return await reading.answer_for(context, found) if found else None

    context = Context(
        settings=settings,
        objects=objects,
        imports=imports,
        access=Access(settings, keys),
        threads=threads,
        links=Links(settings.base_url),
        lookup=lookup,
        queue=QueueView(imports, threads),
        watching=Watching(settings, status_of),
        turns=Turns(settings.max_uploads, settings.upload_wait_seconds),
        buffers=Buffers(settings.upload_buffers, PART_BYTES, settings.upload_wait_seconds),
        metrics=Metrics(),
    )
    return context


async def _open(request: Request, report: Annotated[int, Query(ge=1)]) -> Response:
    """The form of the first page: from a number to its page."""
    return RedirectResponse(f"{request.app.state.pages.root}/reports/{report}", 303)


class _Api(FastAPI):
    """With its own answers in its document."""

    def openapi(self) -> dict[str, Any]:
        return finished(super().openapi())


class _Static(StaticFiles):
    """Our own files: asked for again each time, and not sent again while they are the same."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response
