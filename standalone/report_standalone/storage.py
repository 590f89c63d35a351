"""An S3 server inside this process, on loopback, with its objects as plain files in the data folder.

``nanio`` writes each object to a temporary file, syncs it and renames it, so a killed process never
leaves half an object. It listens on a port that the system chooses, with credentials that live as
long as this process: nothing outside is meant to reach it.
"""

import secrets
import socket
import threading
from pathlib import Path
from typing import Final, Self

import uvicorn
from nanio.app import build_app
from nanio.auth.credentials import StaticCredentialResolver
from nanio.config import Settings

from report_stores.settings import StorageSettings

_LOOPBACK: Final = "127.0.0.1"
_START_SECONDS: Final = 10.0


class StorageServer:
    """Runs from ``with`` to its end, in a thread of its own."""

    def __init__(self, folder: Path, *, bucket: str = "report-import") -> None:
        access_key, secret_key = secrets.token_hex(8), secrets.token_urlsafe(32)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind((_LOOPBACK, 0))
        port = self._socket.getsockname()[1]
        self.settings = StorageSettings(
            endpoint=f"{_LOOPBACK}:{port}",
            secure=False,
            bucket=bucket,
            access_key=access_key,
            secret_key=secret_key,
            # The server is in this process: a request that fails will not get better soon.
            retries=1,
        )
        """How to reach the server, for this process and for the processors that it starts."""
        app = build_app(
            Settings(
                data_dir=folder.resolve(),
                host=_LOOPBACK,
                port=port,
                credentials=StaticCredentialResolver({access_key: secret_key}),
            )
        )
        config = uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False, http="httptools")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="storage", daemon=True)
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        self._socket.listen(128)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=_START_SECONDS)
        self._socket.close()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])
