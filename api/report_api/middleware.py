"""What surrounds every request: security headers, the access log, the metrics. Plain ASGI: nothing
here may buffer a body.
"""

import logging
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from report_api.errors import body_of
from report_api.metrics import Clock, Metrics

_log = logging.getLogger("report_api.access_log")
_PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})

_errors = logging.getLogger(__name__)

_FAILURE: Final = body_of("internal_error", "The server failed. Its log says why.")
_CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class Surroundings:
    """Wraps the whole app."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, secure: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._headers = {
            "content-security-policy": _CSP,
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
        }
        if secure:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        clock, status = Clock(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            # The last line of defence: whatever went wrong, the client has an answer and the log the reason.
            _errors.exception("unhandled error in %s %s", scope["method"], scope["path"])
            if status:
                raise  # the answer has begun: the server closes the connection, so that it is not taken for whole
            await JSONResponse(_FAILURE, 500, {"connection": "close"})(scope, receive, sending)
        finally:
            route = _route(scope)
            self._metrics.request(route, scope["method"], status, clock.seconds)
            self._record(scope, status, clock.seconds)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        # The path without its query, and the public id of the key: neither can hold a secret.
        state: dict[str, Any] = scope.get("state", {})
        # Probes come every few seconds, and say something only when they fail.
        level = logging.DEBUG if scope["path"] in _PROBES and status < 400 else logging.INFO
        _log.log(
            level,
            "%s %s %d %.3fs client=%s key=%s%s",
            scope["method"],
            scope["path"].encode("unicode_escape").decode(),
            status,
            seconds,
            (scope.get("client") or ("-",))[0],
            state.get("caller") or "-",
            f" report={state['report_id']}" if "report_id" in state else "",
        )


def _route(scope: Scope) -> str:
    route = scope.get("route")
    path = getattr(route, "path", None)
    return path if isinstance(path, str) else "other"
