"""The request line as the routes see it: HEAD is answered as GET is, and a final slash means nothing.

``HEAD`` runs the route of ``GET`` and leaves the body out (RFC 9110, 9.3.2). An endpoint whose body is
costly asks ``is_head`` and does not make it.
"""

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD: Final = "report_api.head"


class RequestLine:
    """Wraps the routes. What surrounds it sees the request as it was sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        # A copy: the server decides by the method that it has read whether a body follows.
        seen = {**scope, "method": "GET" if head else scope["method"], "path": _plain(scope["path"]), _HEAD: head}
        try:
            await self._app(seen, receive, _without_body(send) if head else send)
        finally:
            if "route" in seen:
                scope["route"] = seen["route"]


def is_head(request: Request) -> bool:
    """Whether only the head of the answer is asked for."""
    return bool(request.scope.get(_HEAD))


def _plain(path: str) -> str:
    return path[:-1] if len(path) > 1 and path.endswith("/") else path


def _without_body(send: Send) -> Send:
    async def sending(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return sending
