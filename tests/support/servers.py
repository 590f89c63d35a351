"""The HTTP servers around the API in tests.

Starting and stopping one takes longer than most tests. So tests of one process may borrow: a server
goes on with the app of the next test. What a server itself is set to, such as how many connections
it takes, needs one of its own.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter, FastAPI

from report_api.serving import Server, make_server
from support.processes import wait_until

OF_THE_SERVER = frozenset({"max_connections", "shutdown_seconds"})
"""Settings that a server has from its start."""


class Serving:
    """A server on a free port, in a thread. Its app can be changed while it runs."""

    def __init__(self, app: FastAPI, *, lent: bool) -> None:
        self.app = app
        self.server = make_server(app, port=0)
        if lent:
            self.server.config.app = self._current
            self.server.config.interface = "asgi3"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        wait_until(lambda: self.server.started or not self._thread.is_alive(), what="the API listens")
        self.port = self.server.servers[0].sockets[0].getsockname()[1]

    def change(self, app: FastAPI) -> None:
        """Go on with another app. Event streams of the last one end."""
        asyncio.run_coroutine_threadsafe(self._leave(self.app), self._loop).result(20)
        self.app, self.server._context = app, app.state.context

    def stop(self) -> None:
        self.server.should_exit = True

    def join(self) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive(), "an API did not stop"

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self.server.serve())
        self._loop.close()

    async def _current(self, scope, receive, send) -> None:
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        for _ in ("startup", "shutdown"):
            message = await receive()
            await send({"type": f"{message['type']}.complete"})

    async def _leave(self, app: FastAPI) -> None:
        await app.state.context.watching.close()
        app.state.context.threads.close()


class Servers:
    """All servers of the tests of one process."""

    def __init__(self) -> None:
        self._sharing = False
        self._router: APIRouter | None = None
        self._idle: list[Serving] = []
        self._ending: list[Serving] = []

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Servers are lent within the block, and all have stopped at its end."""
        self._sharing = True
        try:
            yield
        finally:
            self._sharing = False
            for serving in self._idle:
                self._end(serving)
            self._idle.clear()
            self._join(0)

    @contextmanager
    def serve(self, app: FastAPI, *, own: bool) -> Iterator[tuple[int, Server]]:
        """Port and server with this app."""
        lent = self._sharing and not own
        serving = self._borrow(app) if lent else Serving(app, lent=False)
        try:
            yield serving.port, serving.server
        finally:
            if lent:
                assert not serving.server.should_exit, "a test that stops a server needs one of its own"
                self._idle.append(serving)
            else:
                self._end(serving)
                self._join(8 if self._sharing else 0)

    def _borrow(self, app: FastAPI) -> Serving:
        # The routes of all apps are the same, and the framework prepares them at their first request: 30 ms.
        app.router = self._router = self._router or app.router
        if not self._idle:
            return Serving(app, lent=True)
        serving = self._idle.pop()
        serving.change(app)
        return serving

    def _end(self, serving: Serving) -> None:
        serving.stop()
        self._ending.append(serving)

    def _join(self, left: int) -> None:
        """Wait for servers that were told to stop. It takes uvicorn 0.2 seconds, which need not be spent waiting."""
        while len(self._ending) > left:
            self._ending.pop(0).join()


servers = Servers()
