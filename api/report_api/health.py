"""Whether the process lives, whether it can work, and how it is doing."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from report_api import examples
from report_api.answers import Answer
from report_api.apidocs import streamed
from report_api.context import Context, Ctx
from report_api.metrics import CONTENT_TYPE
from report_stores.errors import StoreError

router = APIRouter(tags=["Server"])

_FRESH_SECONDS: Final = 1.0
_CHECK_SECONDS: Final = 5.0

_log = logging.getLogger(__name__)


class HealthAnswer(Answer):
    """The process answers."""

    status: str = "ok"
    """Always ok."""


class ReadyAnswer(Answer):
    """Whether the server can work."""

    status: str
    """ok, or unavailable when one of the services is."""
    storage: str
    """Object storage: ok or unavailable."""
    imports: str
    """The store of imports: ok or unavailable."""


@router.get("/healthz", summary="Alive", response_description="Alive.")
async def healthz() -> HealthAnswer:
    """200 while the process answers. Looks at nothing else."""
    return HealthAnswer()


@router.get(
    "/readyz",
    summary="Ready",
    responses={
        200: {"model": ReadyAnswer, "description": "Ready."},
        503: {"model": ReadyAnswer, "description": "Something does not answer."},
    },
)
async def readyz(request: Request) -> Response:
    """200 when storage and the store of imports answer, else 503 with what does not. Checked once a second."""
    states = await cast("Readiness", request.app.state.readiness).states()
    ready = all(state == "ok" for state in states.values())
    answer = ReadyAnswer(status="ok" if ready else "unavailable", **states)
    return JSONResponse(answer.model_dump(), 200 if ready else 503)


@router.get(
    "/metrics",
    summary="Metrics",
    response_class=Response,
    responses=streamed("text/plain", "Counters and gauges.", examples.METRICS),
)
async def metrics(context: Ctx) -> Response:
    """In the Prometheus text format."""
    return Response(context.metrics.exposition(context.watching.listeners), media_type=CONTENT_TYPE)


class Readiness:
    """What the services said last, at most a second ago."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = asyncio.Lock()
        self._checked = float("-inf")
        self._states: dict[str, str] = {}

    async def states(self) -> dict[str, str]:
        """``ok`` or ``unavailable`` for each service."""
        async with self._lock:
            if time.monotonic() - self._checked > _FRESH_SECONDS:
                storage, imports = await asyncio.gather(
                    self._state("storage", self._context.objects.check),
                    self._state("imports", lambda: self._context.imports.get(1)),
                )
                self._states = {"storage": storage, "imports": imports}
                self._checked = time.monotonic()
            return self._states

    async def _state(self, name: str, check: Callable[[], object]) -> str:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await self._context.threads.run(check)
        except (StoreError, TimeoutError) as error:
            _log.warning("not ready: %s: %s", name, error)
            return "unavailable"
        return "ok"
