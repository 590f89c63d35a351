"""A request body as it arrives: bounded in bytes, in idle time and in total time."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

LINGER_SECONDS: Final = 30.0
"""How long the rest of a refused body is read and thrown away."""
LINGER_IDLE_SECONDS: Final = 5.0

_FINISHED: Final = "report_api.body_finished"


class ClientGone(Exception):  # noqa: N818
    """The client broke off. There is nobody to answer."""


class BodyTimeout(Exception):  # noqa: N818
    """The body took too long; the text says which limit it reached."""


class BodyTooLarge(Exception):  # noqa: N818
    """The body is larger than its limit."""


class Body:
    """The chunks of one request body. Nothing is kept: what is not consumed is not received."""

    def __init__(self, request: Request, *, limit: int, idle_seconds: float, total_seconds: float) -> None:
        self._request = request
        self._limit = limit
        self._idle = idle_seconds
        self._total = total_seconds
        self._deadline = time.monotonic() + total_seconds
        self.received = 0
        """Bytes so far."""

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes as they come. Raises ``ClientGone``, ``BodyTimeout`` and ``BodyTooLarge``."""
        loop = asyncio.get_running_loop()
        more = True
        while more:
            left = self._deadline - time.monotonic()
            try:
                async with asyncio.timeout_at(loop.time() + max(0.0, min(left, self._idle))):
                    message = await self._request.receive()
            except TimeoutError:
                raise BodyTimeout(self._reason(left)) from None
            if message["type"] == "http.disconnect":
                raise ClientGone
            more = bool(message.get("more_body", False))
            if not more:
                self._request.scope[_FINISHED] = True
            chunk = message.get("body", b"")
            if chunk:
                self.received += len(chunk)
                if self.received > self._limit:
                    raise BodyTooLarge
                yield chunk

    def _reason(self, left: float) -> str:
        if left <= self._idle:
            return f"The upload took longer than the limit of {self._total:g} seconds (upload_total_seconds)."
        return (
            f"No byte of the upload arrived for {self._idle:g} seconds (upload_idle_seconds); "
            f"{self.received} bytes were received, and the body has no end yet."
        )


class LingeringResponse(Response):
    """A JSON answer that may be given before the request body was read.

    Closing the connection then would reset it under the client, which would lose the answer; not
    closing it would let the client send for ever. So the answer goes out whole, the rest of the
    body is read off for a limited time, and then the connection is closed.
    """

    media_type = "application/json"

    def __init__(
        self, content: object, status_code: int = 200, headers: Mapping[str, str] | None = None, **_: Any
    ) -> None:
        super().__init__(json.dumps(content, ensure_ascii=False).encode(), status_code, dict(headers or {}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, read off, close."""
        finished = bool(scope.get(_FINISHED)) or not _has_body(scope)
        if not finished:
            self.headers["connection"] = "close"
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": bytes(self.body), "more_body": not finished})
        if not finished:
            await _read_off(receive)
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _has_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


async def _read_off(receive: Receive) -> None:
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while True:
                async with asyncio.timeout(LINGER_IDLE_SECONDS):
                    message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return
