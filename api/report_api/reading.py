"""Status, report, cancel, delete, and what a caller can ask about profiles and formats."""

import asyncio
import time
from contextlib import suppress
from typing import Annotated, Final

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from report_api import compatible, examples
from report_api.answers import Answer, StatusAnswer, status_answer
from report_api.answers import profile_id as shown_profile
from report_api.apidocs import refusals, streamed
from report_api.context import Context, Ctx, Moderator, Reader, User
from report_api.errors import ApiError
from report_api.events import event_stream
from report_api.lookup import Found
from report_api.requestline import is_head
from report_contract import objectkeys
from report_contract.accesskeys import Role
from report_contract.formatters import FORMATTERS
from report_contract.phases import Phase
from report_stores.errors import ImportMissing

router = APIRouter()

_EVENT_STREAM: Final = "text/event-stream"

ReportId = Annotated[int, Path(description="Number of the report.", examples=[41])]


class ProfileAnswer(Answer):
    """A profile that the API key can use."""

    profile_id: int | str
    """Id or key of the profile."""
    role: Role
    """What the API key may do in it."""


class FormatterAnswer(Answer):
    """A format that can be imported."""

    key: str
    """What to write in the path or in the option formatter."""
    origin: str
    """What a report of this format shows as its origin."""
    title: str
    """Name for people."""
    expects: str
    """What a file of this format looks like, and which tools write it."""
    mapping: str
    """What becomes a container, what a result, and which outcome which status."""
    example: str
    """The shortest file that makes sense."""
    limits: str
    """What is not read of it; empty when everything is."""
    kinds: list[str]
    """What its files are made of: `xml`, `json`, `lines`."""
    roots: list[str]
    """Of XML: the root elements that it is recognised by."""
    merges: bool
    """Whether merge_containers is on when the caller does not say."""


class FormattersAnswer(Answer):
    """All formats."""

    formatters: list[FormatterAnswer]
    """All formats that can be imported."""


@router.get(
    "/api/v2/profile/{profile_id}",
    tags=["Import"],
    summary="Check a profile",
    response_description="The API key may see the profile.",
    response_model=ProfileAnswer,
    responses=refusals(401, 404),
)
async def profile(caller: Reader, profile_id: str) -> ProfileAnswer:
    """200 when the API key may see the profile. Clients ask this before they run their tests."""
    caller.require_profile(profile_id)
    return ProfileAnswer(profile_id=shown_profile(profile_id), role=caller.role)


@router.get(
    "/api/v2/formatters",
    tags=["Import"],
    summary="List the formats",
    response_description="The formats.",
    responses=refusals(401),
)
async def formatters(_caller: Reader) -> FormattersAnswer:
    """The formats that can be imported, and what a file of each looks like."""
    return FormattersAnswer(formatters=[FormatterAnswer.model_validate(each.plain()) for each in FORMATTERS.values()])


@router.get(
    "/api/v2/reports/{report_id}/status",
    tags=["Status"],
    summary="Where an import is",
    response_description="The status.",
    responses=refusals(401, 404, 503),
)
async def status(context: Ctx, caller: Reader, report_id: ReportId) -> StatusAnswer:
    """The same fields while the import waits, while it runs, and for ever after."""
    return await answer_for(context, await context.lookup.visible(caller, report_id))


@router.get(
    "/api/v2/reports/{report_id}/events",
    tags=["Status"],
    summary="Follow an import",
    response_class=StreamingResponse,
    responses={**streamed(_EVENT_STREAM, "A stream of events.", examples.EVENTS), **refusals(401, 404, 503)},
)
async def events(request: Request, context: Ctx, caller: Reader, report_id: ReportId) -> Response:
    """Server-sent events. Each event `status` carries the JSON of the status, at each change; the stream ends after
    the final one. Comments are sent in between so that proxies keep the stream open.
    """
    await context.lookup.visible(caller, report_id)
    context.watching.require_room()
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    if is_head(request):
        head = Response(headers=headers, media_type=_EVENT_STREAM)
        del head.headers["content-length"]  # a stream has none
        return head
    stream = event_stream(context.watching.changes(report_id), context.settings.listener_seconds)
    return StreamingResponse(stream, media_type=_EVENT_STREAM, headers=headers)


@router.get(
    "/api/v2/reports/{report_id}",
    tags=["Report"],
    summary="A report in the older shape",
    response_description="The report, or where its import stands.",
    responses=refusals(401, 404, 503),
)
async def report(context: Ctx, caller: Reader, report_id: ReportId) -> compatible.ReportAnswer:
    """What `process_async=false` answers: header and counts of the report. `report` is null until there is one."""
    found = await context.lookup.visible(caller, report_id)
    return await compatible.answer_of(context.links, context.lookup, report_id, found)


@router.post(
    "/api/v2/reports/{report_id}/cancel",
    tags=["Status"],
    summary="Stop an import",
    response_description="The status, after the request to stop.",
    responses=refusals(401, 403, 404, 503),
)
async def cancel(context: Ctx, caller: User, report_id: ReportId) -> StatusAnswer:
    """Asks for the import to be stopped and answers with its status, which becomes `cancelled` shortly after. An
    import that has ended stays as it is.
    """
    found = await context.lookup.visible(caller, report_id)
    if found.live and not found.phase.terminal:
        with suppress(ImportMissing):  # it has ended meanwhile
            await context.threads.run(context.imports.request_cancel, report_id)
        found = await context.lookup.visible(caller, report_id)
    return await answer_for(context, found)


@router.delete(
    "/api/v2/reports/{report_id}",
    tags=["Report"],
    summary="Delete a report",
    response_description="The report is gone.",
    status_code=204,
    responses=refusals(401, 403, 404, 409, 503),
)
async def delete(context: Ctx, caller: Moderator, report_id: ReportId) -> Response:
    """Removes the report, its results and its originals. A running import is stopped first."""
    found = await context.lookup.visible(caller, report_id)
    if found.live and not found.phase.terminal:
        await _stop(context, report_id)
    await context.threads.run(_delete, context, found)
    return Response(status_code=204)


async def answer_for(context: Context, found: Found) -> StatusAnswer:
    """The status, with the place in the queue while it waits."""
    place = await context.queue.place(found.report_id) if found.phase is Phase.QUEUED else None
    return status_answer(context.links, found, place)


async def _stop(context: Context, report_id: int) -> None:
    """Cancel, and wait until nothing works on the report: what is deleted must not come back."""
    end = time.monotonic() + context.settings.delete_wait_seconds
    try:
        await context.threads.run(context.imports.request_cancel, report_id)
    except ImportMissing:
        return
    while time.monotonic() < end:
        found = await context.lookup.find(report_id)
        if found is None or found.phase.terminal:
            return
        await asyncio.sleep(min(0.25, context.settings.poll_seconds))
    raise ApiError(
        409,
        "report_busy",
        f"Report {report_id} is being imported. It was asked to stop, and can be deleted when it has.",
        headers={"retry-after": "5"},
    )


def _delete(context: Context, found: Found) -> None:
    # The resource first: while it is there, a crash leaves a report that can be deleted again.
    context.imports.delete(found.report_id)
    context.objects.remove(objectkeys.profile_entry(found.profile, found.report_id))
    context.objects.delete(objectkeys.import_prefix(found.report_id))
