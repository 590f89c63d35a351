"""The API on a loopback port, with a real server around it: what a client sees is what is tested."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from report_api.app import create_app
from report_api.keysource import FixedKeys
from report_api.serving import Server
from report_api.settings import ApiSettings
from report_contract.accesskeys import KeyFile, Role, new_key
from report_stores.imports import ImportStore
from report_stores.imports_memory import MemoryImports
from support.objects import MemoryObjects
from support.servers import OF_THE_SERVER, servers

BASE_URL = "https://reports.example"
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loading certificates would take longer than most tests, and nothing here speaks TLS."""
XML = b'<testsuite name="s"><testcase name="t"/></testsuite>'


def keys_of_all_roles() -> tuple[dict[Role, str], KeyFile]:
    """A key for each role, all of which see every profile."""
    made = {role: new_key(role.value, role) for role in Role}
    return {role: key for role, (key, _) in made.items()}, KeyFile(keys=[record for _, record in made.values()])


@dataclass
class RunningApi:
    """One API and ways to talk to it."""

    port: int
    objects: Any
    imports: ImportStore
    keys: dict[Role, str]
    app: FastAPI
    server: Server
    client: httpx.Client = field(init=False)
    _clients: dict[str, httpx.Client] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = self.as_role(Role.MODERATOR)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def as_role(self, role: Role | str) -> httpx.Client:
        """A client with the key of a role."""
        return self.client_with(**{"x-api-key": self.keys[Role(role)]})

    def client_with(self, **headers: str) -> httpx.Client:
        """A client that sends these headers; closed with the API."""
        key = repr(sorted(headers.items()))
        if key not in self._clients:
            self._clients[key] = httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=_NO_TLS)
        return self._clients[key]

    def close(self) -> None:
        """Close all clients."""
        for client in self._clients.values():
            client.close()

    def upload(self, *files: Any, path: str = "/api/v2/profile/1/import/junit", **arguments: Any) -> httpx.Response:
        parts = [("file[]", file if isinstance(file, tuple) else ("r.xml", file)) for file in files or (XML,)]
        return self.client.post(path, files=parts, **arguments)

    def connect(self) -> socket.socket:
        """A bare connection, for clients that misbehave."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def head(self, path: str, role: Role = Role.USER, **headers: str) -> bytes:
        """The head of a POST request."""
        lines = [f"POST {path} HTTP/1.1", "Host: x", f"x-api-key: {self.keys[role]}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@contextmanager
def running_api(
    objects: Any = None, imports: ImportStore | None = None, keys: KeyFile | None = None, **settings: Any
) -> Iterator[RunningApi]:
    """Serve the API on a free port until the block ends."""
    made, records = keys_of_all_roles()
    objects = MemoryObjects() if objects is None else objects
    imports = MemoryImports() if imports is None else imports
    chosen = ApiSettings(**{"base_url": BASE_URL, "poll_seconds": 0.05, "shutdown_seconds": 5, **settings})
    app = create_app(chosen, objects, imports, FixedKeys(keys or records))
    with servers.serve(app, own=not OF_THE_SERVER.isdisjoint(settings)) as (port, server):
        api = RunningApi(port, objects, imports, made, app, server)
        try:
            yield api
        finally:
            api.close()


def answer_of(connection: socket.socket) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer on a bare connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536) or _gone(data)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536) or _gone(data)
    return int(head.split(b" ")[1]), json.loads(body[:length])


def _gone(data: bytes) -> bytes:
    raise AssertionError(f"the connection was closed after {data!r}")
