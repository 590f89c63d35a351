"""Calls to the HTTP API. Every failure becomes a ``ServerError`` whose text a person can act on."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

import httpx

ENDED: Final = frozenset({"success", "partial", "failed", "cancelled"})
"""Values of ``import_status`` after which nothing changes any more."""

_REOPEN_SECONDS: Final = 0.5
"""Pause before a broken stream of events is opened again."""
_TIMEOUT: Final = httpx.Timeout(60.0, read=120.0, write=120.0)


class ServerError(Exception):
    """The server could not be reached, or refused the call. ``status`` is its HTTP code, if any."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Server:
    """One server, with the key to use there."""

    def __init__(self, address: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=address.rstrip("/"), headers={"x-api-key": key, "accept": "application/json"}, timeout=_TIMEOUT
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def upload(
        self,
        profile: str,
        files: Sequence[Path],
        *,
        formatter: str = "",
        attachments: Sequence[Path] = (),
        options: Sequence[tuple[str, str]] = (),
        idempotency_key: str = "",
    ) -> dict[str, Any]:
        """Send files as one import and return the server's answer. The files are streamed."""
        path = f"/api/v2/profile/{profile}/import" + (f"/{formatter}" if formatter else "")
        with ExitStack() as stack:
            parts = [
                (field, (file.name, stack.enter_context(file.open("rb")), "application/octet-stream"))
                for field, group in (("file[]", files), ("attachment[]", attachments))
                for file in group
            ]
            headers = {"idempotency-key": idempotency_key} if idempotency_key else {}
            return self._call("POST", path, files=parts, params=httpx.QueryParams(list(options)), headers=headers)

    def status(self, report_id: int) -> dict[str, Any]:
        """The status of an import."""
        return self._call("GET", f"/api/v2/reports/{report_id}/status")

    def cancel(self, report_id: int) -> dict[str, Any]:
        """Ask for an import to be stopped."""
        return self._call("POST", f"/api/v2/reports/{report_id}/cancel")

    def follow(self, report_id: int) -> Iterator[dict[str, Any]]:
        """Each status of an import as it changes, until it has ended.

        Uses the server-sent events. When the stream breaks, the state is read again and the
        stream reopened; only a server that stays away ends this with a ``ServerError``.
        """
        while True:
            current = self.status(report_id)
            yield current
            if current.get("import_status") in ENDED:
                return
            with suppress(httpx.HTTPError):  # the status call above says whether the server is still there
                yield from self._events(report_id)
            time.sleep(_REOPEN_SECONDS)

    def _events(self, report_id: int) -> Iterator[dict[str, Any]]:
        with self._http.stream("GET", f"/api/v2/reports/{report_id}/events") as answer:
            if answer.is_error:
                answer.read()
                raise _refused(answer)
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    event = json.loads(line.removeprefix("data:"))
                    if isinstance(event, dict) and event.get("import_status") not in ENDED:
                        yield event

    def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, **arguments)
        except httpx.HTTPError as error:
            raise ServerError(f"{self._http.base_url} did not answer: {error}") from error
        if answer.is_error:
            raise _refused(answer)
        body = answer.json()
        if not isinstance(body, dict):
            raise ServerError(f"{answer.url} answered with something that is no JSON object.", answer.status_code)
        return body


def _refused(answer: httpx.Response) -> ServerError:
    try:
        message = answer.json()["message"]
    except (ValueError, KeyError, TypeError):
        message = f"{answer.request.method} {answer.url} was answered with {answer.status_code}."
    return ServerError(str(message), answer.status_code)
