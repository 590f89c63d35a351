"""What every endpoint needs, made once by ``create_app``."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import Request

from report_api.access import Access, Caller
from report_api.buffers import Buffers
from report_api.events import Watching
from report_api.links import Links
from report_api.lookup import Lookup
from report_api.metrics import Metrics
from report_api.queueing import QueueView
from report_api.settings import ApiSettings
from report_api.threads import Threads
from report_api.turns import Turns
from report_contract.accesskeys import Role
from report_stores.imports import ImportStore
from report_stores.objects import ObjectStore


@dataclass(frozen=True)
class Context:
    """The parts of one running API."""

    settings: ApiSettings
    objects: ObjectStore
    imports: ImportStore
    access: Access
    threads: Threads
    links: Links
    lookup: Lookup
    queue: QueueView
    watching: Watching
    turns: Turns
    buffers: Buffers
    metrics: Metrics


def context_of(request: Request) -> Context:
    """The context of the app that serves a request."""
    return cast("Context", request.app.state.context)


async def _reader(request: Request) -> Caller:
    return await context_of(request).access.caller(request, Role.READ_ONLY)


async def _user(request: Request) -> Caller:
    return await context_of(request).access.caller(request, Role.USER)


async def _moderator(request: Request) -> Caller:
    return await context_of(request).access.caller(request, Role.MODERATOR)


Ctx = Annotated[Context, Depends(context_of)]
Reader = Annotated[Caller, Depends(_reader)]
User = Annotated[Caller, Depends(_user)]
Moderator = Annotated[Caller, Depends(_moderator)]
