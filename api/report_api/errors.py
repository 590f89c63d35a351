"""Refusals. Everything that a request can do wrong is an ``ApiError``, and all are answered alike::

{"status": "failed", "message": "...", "errors": [{"code": "...", "message": "..."}]}
"""

import http
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from report_api.body import LingeringResponse
from report_stores.errors import ImportMissing, InvalidResource, StoreError, Unavailable

RETRY_AFTER: Final = "5"
"""Seconds, as text of the ``Retry-After`` header."""

_SHOWN: Final = 60
"""Characters of a wrong value that are shown."""
_log = logging.getLogger(__name__)


class ApiError(Exception):
    """A refusal: HTTP status, a stable code, and a sentence that says what to do."""

    def __init__(self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


def limit_exceeded(code: str, message: str) -> ApiError:
    """Something is larger than a limit that the message names."""
    return ApiError(413, code, message)


def busy(message: str) -> ApiError:
    """The server cannot do this now; the same request may succeed later."""
    return ApiError(503, "unavailable", message, headers={"retry-after": RETRY_AFTER})


def from_store(error: StoreError) -> ApiError:
    """What a failure of a store means to the caller. The store's own text stays in the log."""
    match error:
        case Unavailable():
            return busy("The server's storage or cluster does not answer at the moment. Please repeat the request.")
        case ImportMissing():
            return ApiError(404, "report_not_found", "There is no such report.")
        case InvalidResource():
            return ApiError(422, "invalid_import", f"The import was refused: {error}")
    return ApiError(500, "internal_error", "The server failed. Its log says why.")


def no_report(report_id: int | str) -> ApiError:
    """There is no such report, or the caller may not know of it."""
    return ApiError(404, "report_not_found", f"There is no report {report_id} that you can see.")


def unreadable(problem: Mapping[str, Any]) -> ApiError:
    """The refusal for a part of the address that is not what it should be, as the framework describes it."""
    place, given, limits = problem["loc"], problem.get("input"), problem.get("ctx", {})
    name = str(place[-1])
    shown = repr(given[:_SHOWN] if isinstance(given, str) else given)
    if place[0] == "path":
        return no_report(shown) if name == "report_id" else ApiError(404, "not_found", f"There is no {name} {shown}.")
    match problem["type"]:
        case "missing":
            text = f"The query has no parameter {name}."
        case "int_parsing" | "int_parsing_size":
            text = f"{name}: {shown} is not a whole number."
        case "greater_than_equal":
            text = f"{name}: must be at least {limits['ge']}, not {shown}."
        case "less_than_equal":
            text = f"{name}: must be at most {limits['le']}, not {shown}."
        case "less_than":
            text = f"{name}: must be less than {limits['lt']}, not {shown}."
        case _:
            text = f"{name}: {shown} cannot be."
    return ApiError(400, "invalid_parameter", text)


def body_of(code: str, message: str) -> dict[str, object]:
    """The JSON of a refusal."""
    return {"status": "failed", "message": message, "errors": [{"code": code, "message": message}]}


Page = Callable[[Request, ApiError], Response]
"""Makes a page of a refusal."""


def wants_page(request: Request) -> bool:
    """Whether a person in a browser asks for a page."""
    return (
        request.method in {"GET", "HEAD"}
        and not request.url.path.startswith("/api/")
        and "text/html" in request.headers.get("accept", "")
    )


def json_response(request: Request, error: ApiError) -> Response:
    """The answer to a refused request. A body that is still arriving is read off first, for a while:
    a connection that is closed under a sending client would lose the answer.
    """
    answer = LingeringResponse if request.method in {"POST", "PUT", "PATCH"} else JSONResponse
    return answer(body_of(error.code, error.message), status_code=error.status, headers=error.headers)


def install(app: FastAPI, page: Page) -> None:
    """Answer every failure in our shape, and as a page to browsers."""

    def respond(request: Request, error: ApiError) -> Response:
        return page(request, error) if wants_page(request) else json_response(request, error)

    async def api_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)  # noqa: S101  # registered for this type
        return respond(request, error)

    async def store_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, StoreError)  # noqa: S101
        answer = from_store(error)
        _log.log(logging.WARNING if answer.status == 503 else logging.ERROR, "%s: %s", type(error).__name__, error)
        return respond(request, answer)

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        phrase = http.HTTPStatus(error.status_code).phrase
        return respond(
            request,
            ApiError(error.status_code, phrase.lower().replace(" ", "_"), f"{phrase}.", headers=error.headers),
        )

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return respond(request, unreadable(error.errors()[0]))

    app.add_exception_handler(ApiError, api_error)
    app.add_exception_handler(StoreError, store_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid)
