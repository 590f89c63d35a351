"""The server around the app: uvicorn with everything that matters set explicitly."""

import asyncio
import socket
from typing import cast

import uvicorn
from fastapi import FastAPI

from report_api.context import Context
from report_api.headdeadline import HeadDeadline


class Server(uvicorn.Server):
    """Ends the event streams first when it is told to stop: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, context: Context) -> None:
        super().__init__(config)
        self._context = context

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: streams end, running uploads may finish, nothing new begins."""
        await self._context.watching.close()
        await super().shutdown(sockets)


def make_server(app: FastAPI, *, host: str = "", port: int | None = None, reuse_loop: bool = False) -> Server:
    """A server for the app at the address of its settings, or at another one."""
    context = cast("Context", app.state.context)
    settings = context.settings
    config = uvicorn.Config(
        app,
        host=host or settings.host,
        port=settings.port if port is None else port,
        loop="none" if reuse_loop else "auto",
        http=HeadDeadline,
        ws="none",
        lifespan="on",
        # Our own access log has no query strings; logging is set up by whoever starts the process.
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        # Addresses come from settings; a forwarded header may only name the client in the log.
        proxy_headers=False,
        limit_concurrency=settings.max_connections,
        backlog=512,
        timeout_keep_alive=75,  # longer than the usual 60 of load balancers, so that they close first
        timeout_graceful_shutdown=int(settings.shutdown_seconds),
    )
    return Server(config, context)


def run(app: FastAPI) -> None:
    """Serve until told to stop."""
    asyncio.run(make_server(app).serve())
