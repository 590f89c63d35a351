"""A deadline for the head of a request, which uvicorn has not.

Without one, a client holds a connection for ever by sending nothing, or a header line that does not
end; a few thousand of them, and there is room for nobody else (``max_connections``). The body of an
upload has its own deadlines (``body``).
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class HeadDeadline(HttpToolsProtocol):
    """Closes a connection on which a request is awaited, or has begun, and its head does not become whole.

    Between two requests it is uvicorn's ``timeout_keep_alive`` that counts; it stops at any byte, and
    from there on this does.
    """

    head_seconds: float = 30.0
    """From the connection, or from the first byte after the last request, to the end of the head."""
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own type
        """A client connected."""
        super().connection_made(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        """Bytes of any part of a request arrived."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._start()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._stop()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._stop()
        super().connection_lost(exc)

    def _start(self) -> None:
        if self._timer is None and not self.transport.is_closing():
            self._timer = self.loop.call_later(self.head_seconds, self.transport.close)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
