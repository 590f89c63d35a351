"""The reports of one profile, newest first, from the index that the operator keeps in storage."""

import logging
from datetime import datetime
from itertools import islice
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import ValidationError

from report_api.answers import Answer, CountsAnswer
from report_api.apidocs import refusals
from report_api.context import Context, Ctx, Reader
from report_api.lookup import index_of
from report_contract import objectkeys
from report_contract.phases import ImportStatus, import_status
from report_contract.requests import ProfileEntry
from report_stores.errors import ObjectMissing, ObjectTooLarge

router = APIRouter(tags=["Report"])

_log = logging.getLogger(__name__)

MAX_LISTED: Final = 100
_MAX_ENTRY_BYTES: Final = 64 * 1024


class ReportItem(Answer):
    """One report that has ended."""

    report_id: int
    """Number of the report."""
    report_url: str
    """Page of the report."""
    import_status: ImportStatus
    """How its import ended."""
    counts: CountsAnswer
    """Results by status."""
    created_at: datetime | None
    """When the upload was complete."""
    completed_at: datetime | None
    """When the import ended."""


class ReportList(Answer):
    """Some reports of a profile, newest first."""

    reports: list[ReportItem]
    """The reports."""
    next_before: int | None
    """Send it as `before` to get the ones that follow; null at the end."""


@router.get(
    "/api/v2/reports",
    summary="List the reports of a profile",
    response_description="The reports.",
    responses=refusals(400, 401, 404, 503),
)
async def reports(
    context: Ctx,
    caller: Reader,
    profile: Annotated[str, Query(description="Id or key of the profile.", pattern=r"^[a-z0-9_-]{1,63}$")],
    before: Annotated[int | None, Query(description="Only reports with a lower number.", ge=1, lt=10**12)] = None,
    limit: Annotated[int, Query(description="How many at most.", ge=1, le=MAX_LISTED)] = 20,
) -> ReportList:
    """The reports of a profile whose import has ended, newest first."""
    caller.require_profile(profile)
    return await context.threads.run(_page, context, profile, before, limit)


def _page(context: Context, profile: str, before: int | None, limit: int) -> ReportList:
    start = objectkeys.profile_entry(profile, before) if before is not None else ""
    found = (each.key for each in context.objects.list(index_of(profile), start_after=start))
    keys = list(islice((key for key in found if objectkeys.report_id_of_entry(key) is not None), limit))
    items = [item for key in keys if (item := _item(context, key))]
    # By the last key, not the last item: a page may be shorter than asked for, and the list goes on.
    last = objectkeys.report_id_of_entry(keys[-1]) if len(keys) == limit else None
    return ReportList(reports=items, next_before=last)


def _item(context: Context, key: str) -> ReportItem | None:
    try:
        entry = ProfileEntry.model_validate_json(context.objects.read_bytes(key, _MAX_ENTRY_BYTES))
    except ObjectMissing:  # deleted between the listing and now
        return None
    except (ValidationError, ObjectTooLarge) as error:
        # One that somebody else wrote, or a damaged one, must not hide all others.
        _log.error("%s is no entry of a profile's index and is left out: %s", key, type(error).__name__)
        return None
    return ReportItem(
        report_id=entry.report_id,
        report_url=context.links.page(entry.report_id),
        import_status=import_status(entry.phase),
        counts=CountsAnswer(**entry.counts.model_dump(by_alias=False)),
        created_at=entry.requested_at,
        completed_at=entry.completed_at,
    )
