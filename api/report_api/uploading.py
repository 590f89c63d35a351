"""The import endpoints: from a request to its 201."""

import logging
import re
from contextlib import AsyncExitStack
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from report_api import compatible
from report_api.accepting import Acceptance, Upload, fingerprint
from report_api.access import Caller
from report_api.answers import UploadAnswer, upload_answer
from report_api.apidocs import IMPORT_DESCRIPTION, import_request_docs, refusals
from report_api.body import Body, BodyTimeout, BodyTooLarge, ClientGone
from report_api.context import Context, Ctx, User
from report_api.endings import to_the_end
from report_api.errors import ApiError, limit_exceeded
from report_api.idempotency import Hold, Idempotency, token_of
from report_api.intake import FileSink, Form, HashSink, Intake, Sink
from report_api.multipart import clean_name, file_name_of, read_parameters
from report_contract import objectkeys
from report_contract.formatters import FORMATTERS
from report_contract.options import ImportOptions, OptionError, read_options
from report_contract.phases import ImportStatus
from report_stores.errors import StoreError

router = APIRouter(tags=["Import"])
_log = logging.getLogger(__name__)

_PROFILE: Final = re.compile(r"^[a-z0-9_-]{1,63}$")
_DEPRECATED: Final = {"deprecation": "@1735689600"}
"""RFC 9745: deprecated since the beginning of 2025, when the asynchronous answer became the rule."""

ProfileId = Annotated[str, Path(description="Id or key of the profile.", examples=["1"])]
FormatterKey = Annotated[str, Path(description="Key of the format, as `GET /api/v2/formatters` lists them.")]
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    201: {
        "model": UploadAnswer,
        "description": "The upload is durable and its import is in the queue.",
        "headers": {
            "Location": {"description": "The same as report_status_url.", "schema": {"type": "string"}},
            "Idempotent-Replayed": {
                "description": "true when this Idempotency-Key was used before and nothing new was made.",
                "schema": {"type": "string"},
            },
        },
    },
    **refusals(400, 401, 403, 404, 408, 409, 413, 422, 503),
}


@router.post(
    "/api/v2/profile/{profile_id}/import/{formatter}",
    status_code=201,
    summary="Import files of a known format",
    description=IMPORT_DESCRIPTION,
    responses=_ANSWERS,
    openapi_extra=import_request_docs(),
)
async def import_with_formatter(
    request: Request, context: Ctx, caller: User, profile_id: ProfileId, formatter: FormatterKey
) -> Response:
    """Import with the format named in the path."""
    return await import_upload(request, context, caller, profile_id, formatter)


@router.post(
    "/api/v2/profile/{profile_id}/import",
    status_code=201,
    summary="Import files and detect their format",
    description=IMPORT_DESCRIPTION,
    responses=_ANSWERS,
    openapi_extra=import_request_docs(),
)
async def import_and_detect(request: Request, context: Ctx, caller: User, profile_id: ProfileId) -> Response:
    """Import with the format named in an option, or detected."""
    return await import_upload(request, context, caller, profile_id, "")


router.add_api_route(
    "/api/v2/profile/{profile_id}/report/import/{formatter}",
    import_with_formatter,
    methods=["POST"],
    include_in_schema=False,
)
router.add_api_route(
    "/api/v2/profile/{profile_id}/report/import", import_and_detect, methods=["POST"], include_in_schema=False
)


async def import_upload(request: Request, context: Context, caller: Caller, profile: str, formatter: str) -> Response:
    """Check what can be checked before the first byte, then take the upload in."""
    if not _PROFILE.match(profile):
        raise ApiError(404, "profile_not_found", f"There is no profile {profile!r}.")
    caller.require_profile(profile)
    asked = Asked(context, request, formatter)
    key = request.headers.get("idempotency-key")
    token = token_of(profile, key) if key is not None else None
    with context.metrics.upload() as measured:
        try:
            async with AsyncExitStack() as stack:
                hold = await stack.enter_async_context(_idempotency(context).hold(token)) if token else None
                await stack.enter_async_context(context.turns.turn())
                taking = _Taking(context, request, caller=caller, profile=profile, asked=asked, hold=hold)
                report_id, options, replayed = await (taking.compare() if hold and hold.done else taking.take())
                measured.bytes = taking.body.received
        except ClientGone:
            measured.outcome = "broken_off"
            return Response(status_code=400)  # nobody reads it
        except BodyTimeout as error:
            raise ApiError(408, "upload_timeout", str(error), headers={"connection": "close"}) from error
        except BodyTooLarge as error:
            raise limit_exceeded(
                "request_too_large",
                f"The request is larger than {context.settings.max_request_bytes} bytes (max_request_bytes).",
            ) from error
        measured.outcome = "replayed" if replayed else "accepted"
    request.state.report_id = report_id
    return await _answer(context, report_id, options, replayed=replayed)


class Asked:
    """What the address, the query and later the form ask for."""

    def __init__(self, context: Context, request: Request, formatter: str) -> None:
        pairs = request.query_params.multi_items()
        if len(pairs) > context.settings.max_fields:
            raise limit_exceeded(
                "too_many_fields", f"The query has more than {context.settings.max_fields} parameters (max_fields)."
            )
        self._from_query = [(name, value) for name, value in pairs if name not in {"formatter", "filename"}]
        self._formatter = known_formatter(formatter)
        for name, value in pairs:
            if name == "formatter":
                self._name_formatter(value)
        self.options = _options(self._from_query)

    def read(self, form: Form) -> tuple[str, ImportOptions]:
        """Formatter and options once the form is complete. An option in the form beats one in the query."""
        rest = []
        for name, value in form.fields:
            if name == "formatter":
                self._name_formatter(value)
            else:
                rest.append((name, value))
        return self._formatter, _options([*self._from_query, *rest])

    @property
    def formatter(self) -> str:
        """The formatter as far as it is known."""
        return self._formatter

    def _name_formatter(self, value: str) -> None:
        named = known_formatter(value.strip())
        if named and self._formatter and named != self._formatter:
            raise ApiError(
                400, "invalid_formatter", f"The request names two formatters: {self._formatter!r} and {named!r}."
            )
        self._formatter = named or self._formatter


class _Taking:
    """One upload being taken in."""

    def __init__(
        self, context: Context, request: Request, *, caller: Caller, profile: str, asked: Asked, hold: Hold | None
    ) -> None:
        settings = context.settings
        self._context = context
        self._caller = caller
        self._request = request
        self._profile = profile
        self._asked = asked
        self._hold = hold
        self.body = Body(
            request,
            limit=settings.max_request_bytes,
            idle_seconds=settings.upload_idle_seconds,
            total_seconds=settings.upload_total_seconds,
        )

    async def take(self) -> tuple[int, ImportOptions, bool]:
        """Store the upload and make the import: report id, options, and False for a new one."""
        context, hold = self._context, self._hold
        if hold is not None and await context.lookup.find(hold.report_id) is not None:
            return await self._adopt(hold)
        report_id = hold.report_id if hold else await context.threads.run(context.imports.next_report_id)
        acceptance = Acceptance(context.objects, context.imports, context.threads)
        sink = FileSink(
            context.objects,
            context.threads.uploads,
            context.buffers,
            lambda kind, number, name: (objectkeys.upload if kind == "file" else objectkeys.attachment)(
                report_id, number, name
            ),
        )
        try:
            form = await self._read(sink)
            formatter, options = self._asked.read(form)
            files = await sink.finish()
            if hold is not None:
                await hold.require()
            upload = Upload(report_id, self._profile, formatter, options, files, self._caller.id)
            await acceptance.accept(upload)
        except BaseException:
            await to_the_end(self._undo(sink, acceptance, report_id))
            raise
        if hold is not None:
            await hold.finish(fingerprint(formatter, options, files.files, files.attachments))
        return report_id, options, False

    async def compare(self) -> tuple[int, ImportOptions, bool]:
        """The key was used before: the same upload has the same answer, another one is refused."""
        assert self._hold is not None  # noqa: S101
        mark, options = await self._fingerprint()
        self._require_same(mark, self._hold.claim.fingerprint)
        return self._hold.report_id, options, True

    async def _adopt(self, hold: Hold) -> tuple[int, ImportOptions, bool]:
        """The process that held the key died after its import was made, and before it said so."""
        mark, options = await self._fingerprint()
        earlier = await self._context.lookup.request(hold.report_id)
        stored = fingerprint(earlier.formatter, earlier.options, earlier.files, earlier.attachments)
        self._require_same(mark, stored)
        await hold.finish(stored)
        return hold.report_id, options, True

    async def _fingerprint(self) -> tuple[str, ImportOptions]:
        sink = HashSink()
        formatter, options = self._asked.read(await self._read(sink))
        files = await sink.finish()
        return fingerprint(formatter, options, files.files, files.attachments), options

    def _require_same(self, mark: str, earlier: str) -> None:
        if mark != earlier:
            raise ApiError(
                422,
                "idempotency_key_reused",
                "This Idempotency-Key belongs to an earlier upload with other files or options. Use a new key.",
            )

    async def _read(self, sink: Sink) -> Form:
        intake = Intake(self._context.settings, sink, lift_max_files=self._asked.options.ignore_max_files_limit)
        content_type = self._request.headers.get("content-type", "")
        if content_type.lower().lstrip().startswith("multipart/"):
            return await intake.form(self.body, read_parameters(content_type).get("boundary", ""))
        return await intake.raw(self.body, self._file_name())

    def _file_name(self) -> str:
        named = self._request.query_params.get("filename")
        if named is None:
            named = file_name_of(read_parameters(self._request.headers.get("content-disposition", "")))
        return clean_name(named) if named else (self._asked.formatter or "file")

    async def _undo(self, sink: Sink, acceptance: Acceptance, report_id: int) -> None:
        await sink.abort()
        try:
            if self._hold is None or not self._hold.lost:
                await acceptance.discard(report_id)
            if self._hold is not None:
                await self._hold.release()
        except StoreError as error:  # the sweep of the operator removes it
            _log.warning("the broken upload of report %d was not removed: %s", report_id, error)


async def _answer(context: Context, report_id: int, options: ImportOptions, *, replayed: bool) -> Response:
    headers = {"location": context.links.status(report_id)}
    if replayed:
        headers["idempotent-replayed"] = "true"
    if not options.process_async:
        headers |= _DEPRECATED
        final = await context.watching.final(report_id, context.settings.sync_wait_seconds)
        if final is not None:
            return await _older_answer(context, report_id, headers)
    return JSONResponse(upload_answer(context.links, report_id).model_dump(mode="json"), 201, headers)


async def _older_answer(context: Context, report_id: int, headers: dict[str, str]) -> Response:
    answer = await compatible.answer_of(context.links, context.lookup, report_id)
    if answer.import_status in {ImportStatus.FAILED, ImportStatus.CANCELLED}:
        error = {"code": f"import_{answer.import_status.value}", "message": answer.message}
        return JSONResponse({**answer.model_dump(mode="json"), "errors": [error]}, 422, headers)
    return JSONResponse(answer.model_dump(mode="json"), 201, headers)


def known_formatter(key: str) -> str:
    """The key, when it is one of ours. Raises 422 with the keys that are."""
    if key and key not in FORMATTERS:
        raise ApiError(
            422, "invalid_formatter", f"formatter: {key[:100]!r} is not known. Formatters: {', '.join(FORMATTERS)}."
        )
    return key


def _options(pairs: list[tuple[str, str]]) -> ImportOptions:
    try:
        return read_options(pairs)
    except OptionError as error:
        known = "is not an import option" not in error.message
        raise ApiError(422, "invalid_option" if known else "unknown_option", error.message) from error


def _idempotency(context: Context) -> Idempotency:
    return Idempotency(context.settings, context.imports, context.threads)
