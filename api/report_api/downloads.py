"""Originals and results, streamed. Originals are never shown by a browser as what they claim to be:
they come from whoever may import, so they are attachments of no particular type.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from report_api import examples
from report_api.answers import Answer
from report_api.apidocs import refusals, streamed
from report_api.context import Context, Ctx, Reader, context_of
from report_api.errors import ApiError
from report_api.reading import ReportId
from report_api.requestline import is_head
from report_api.settings import KIB
from report_contract import objectkeys
from report_contract.resource import SourceFile
from report_stores.errors import ObjectMissing

router = APIRouter(tags=["Report"], responses=refusals(401, 404, 503))

_CHUNK: Final = 256 * KIB
_RANGE: Final = re.compile(r"^bytes=([0-9]{0,18})-([0-9]{0,18})$")
_BINARY: Final = "application/octet-stream"
_PARQUET: Final = "application/vnd.apache.parquet"
_PARTIAL: Final = {206: {"description": "The range that was asked for."}, **refusals(416)}


class FileAnswer(Answer):
    """One uploaded file."""

    number: int
    """From 1, in the order of the upload."""
    name: str
    """Name as uploaded."""
    size: int
    """Bytes."""
    sha256: str
    """SHA-256 of the bytes."""
    url: str
    """Where to get it."""


class FilesAnswer(Answer):
    """All files of an upload."""

    files: list[FileAnswer]
    """Result files."""
    attachments: list[FileAnswer]
    """Extra files."""


@router.get(
    "/api/v2/reports/{report_id}/files",
    summary="List the originals",
    response_description="The files.",
)
async def files(context: Ctx, caller: Reader, report_id: ReportId) -> FilesAnswer:
    """Every file of the upload with its size and SHA-256."""
    await context.lookup.visible(caller, report_id)
    request = await context.lookup.request(report_id)
    return FilesAnswer(
        files=_listed(context, report_id, "files", request.files),
        attachments=_listed(context, report_id, "attachments", request.attachments),
    )


@router.get(
    "/api/v2/reports/{report_id}/files/{number}",
    summary="Get an original",
    response_class=Response,
    responses={**streamed(_BINARY, "The file.", examples.ORIGINAL), **_PARTIAL},
)
async def file(request: Request, context: Ctx, caller: Reader, report_id: ReportId, number: int) -> Response:
    """The file as it was uploaded, byte for byte. Takes a `Range` header with one range."""
    await context.lookup.visible(caller, report_id)
    return await _original(request, (await context.lookup.request(report_id)).files, number)


@router.get(
    "/api/v2/reports/{report_id}/attachments/{number}",
    summary="Get an attachment",
    response_class=Response,
    responses={**streamed(_BINARY, "The file.", examples.ORIGINAL), **_PARTIAL},
)
async def attachment(request: Request, context: Ctx, caller: Reader, report_id: ReportId, number: int) -> Response:
    """An extra file as it was uploaded, byte for byte. Takes a `Range` header with one range."""
    await context.lookup.visible(caller, report_id)
    return await _original(request, (await context.lookup.request(report_id)).attachments, number)


@router.get(
    "/api/v2/reports/{report_id}/tests.parquet",
    summary="All results as a table",
    response_class=Response,
    responses={**streamed(_PARQUET, "The table.", examples.PARQUET), **_PARTIAL},
)
async def tests(request: Request, caller: Reader, report_id: ReportId) -> Response:
    """Apache Parquet, one row for each result; failures come first. pandas, DuckDB and Spark read it."""
    return await _result(request, caller, report_id, objectkeys.tests(report_id))


@router.get(
    "/api/v2/reports/{report_id}/containers.parquet",
    summary="All containers as a table",
    response_class=Response,
    responses={**streamed(_PARQUET, "The table.", examples.PARQUET), **_PARTIAL},
)
async def containers(request: Request, caller: Reader, report_id: ReportId) -> Response:
    """Apache Parquet, one row for each container with its counts."""
    return await _result(request, caller, report_id, objectkeys.containers(report_id))


@router.get(
    "/api/v2/reports/{report_id}/report.json",
    summary="The head of a report",
    response_class=Response,
    responses=streamed("application/json", "The head of the report.", examples.STORED_REPORT),
)
async def report_json(request: Request, caller: Reader, report_id: ReportId) -> Response:
    """Header, counts, verdict of each file, messages, the first containers and the first failures."""
    return await _result(request, caller, report_id, objectkeys.report(report_id))


@router.get(
    "/api/v2/reports/{report_id}/log.txt",
    summary="The log of an import",
    response_class=Response,
    responses=streamed("text/plain", "The log.", examples.LOG),
)
async def log(request: Request, caller: Reader, report_id: ReportId) -> Response:
    """What the processor logged."""
    return await _result(request, caller, report_id, objectkeys.log(report_id))


def disposition(name: str, kind: str = "attachment") -> str:
    """A Content-Disposition header that is safe for any name: ASCII for old clients, UTF-8 for the rest."""
    base = objectkeys.safe_name(name)
    ascii_name = re.sub(r"[^A-Za-z0-9._ -]", "_", base)
    return f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(base, safe='')}"


_TYPES: Final = {
    "tests.parquet": (_PARQUET, "attachment"),
    "containers.parquet": (_PARQUET, "attachment"),
    "report.json": ("application/json", "inline"),
    "log.txt": ("text/plain; charset=utf-8", "inline"),
}


async def _result(request: Request, caller: Reader, report_id: int, key: str) -> Response:
    context = context_of(request)
    await context.lookup.visible(caller, report_id)
    name = key.rsplit("/", 1)[-1]
    info = await context.threads.run(context.objects.stat, key)
    if info is None:
        raise ApiError(404, "not_found", f"Report {report_id} has no {name} (yet).")
    content_type, kind = _TYPES[name]
    return await _stream(request, key, info.size, content_type, disposition(f"report-{report_id}-{name}", kind))


async def _original(request: Request, listed: list[SourceFile], number: int) -> Response:
    if not 1 <= number <= len(listed):
        raise ApiError(404, "not_found", f"There is no file {number}: the upload has {len(listed)}.")
    chosen = listed[number - 1]
    return await _stream(request, chosen.key, chosen.size, _BINARY, disposition(chosen.name))


async def _stream(request: Request, key: str, size: int, content_type: str, shown_as: str) -> Response:
    context = context_of(request)
    # A range has a meaning for GET only (RFC 9110, 14.2).
    start, end = (0, size) if is_head(request) else _range(request.headers.get("range"), size)
    partial = (start, end) != (0, size)
    headers = {
        "accept-ranges": "bytes",
        "content-length": str(end - start),
        "content-disposition": shown_as,
        "cache-control": "private, no-cache",
    }
    if partial:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    if is_head(request):
        if await context.threads.run(context.objects.stat, key) is None:
            raise _lost()
        return Response(headers=headers, media_type=content_type)
    stack = ExitStack()
    try:
        # Opened before the answer begins, so that a missing object is still a 404.
        reader = await context.threads.run(stack.enter_context, context.objects.open(key, start, end - start))
    except ObjectMissing:
        raise _lost() from None

    async def chunks() -> AsyncIterator[bytes]:
        try:
            while chunk := await context.threads.run(reader.read, _CHUNK):
                yield chunk
        finally:
            await asyncio.shield(context.threads.run(stack.close))

    return StreamingResponse(chunks(), 206 if partial else 200, headers, media_type=content_type)


def _lost() -> ApiError:
    return ApiError(404, "not_found", "This file is not in storage any more.")


def _range(header: str | None, size: int) -> tuple[int, int]:
    """Start and end of the bytes that are asked for. Several ranges, or none that is one: all bytes."""
    match = _RANGE.match(header or "")
    if match is None or match[0] == "bytes=-":
        return 0, size
    first, last = match[1], match[2]
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= size or end <= start:
        raise ApiError(
            416, "range_not_satisfiable", f"The file has {size} bytes.", headers={"content-range": f"bytes */{size}"}
        )
    return start, end


def _listed(context: Context, report_id: int, kind: str, listed: list[SourceFile]) -> list[FileAnswer]:
    return [
        FileAnswer(
            number=number,
            name=each.name,
            size=each.size,
            sha256=each.sha256,
            url=context.links.api(report_id, f"/{kind}/{number}"),
        )
        for number, each in enumerate(listed, 1)
    ]
