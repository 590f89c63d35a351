"""One report: from its resource while that lives, from object storage afterwards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from report_api.access import Caller
from report_api.errors import ApiError, no_report
from report_api.threads import Threads
from report_contract import objectkeys
from report_contract.phases import Phase
from report_contract.report import Report
from report_contract.requests import FinalRecord, ImportRequest
from report_contract.resource import ReportImportStatus
from report_stores.errors import ObjectMissing, StoreError
from report_stores.imports import ImportStore
from report_stores.objects import ObjectStore

M = TypeVar("M", bound=BaseModel)

MAX_ID: Final = 2**53
"""Largest report id that JavaScript reads exactly."""
_MAX_STATUS_BYTES: Final = 1 << 20
_MAX_REQUEST_BYTES: Final = 64 << 20
_MAX_REPORT_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A report's import as it stands now."""

    report_id: int
    profile: str
    status: ReportImportStatus
    created_at: datetime | None
    """When the upload was accepted."""
    priority: int
    live: bool
    """Whether the resource is there; else it is told from storage."""

    @property
    def phase(self) -> Phase:
        """The phase; a resource that nobody has looked at yet is queued."""
        return self.status.phase or Phase.QUEUED


class Lookup:
    """Finds reports."""

    def __init__(self, imports: ImportStore, objects: ObjectStore, threads: Threads) -> None:
        self._imports = imports
        self._objects = objects
        self._threads = threads

    async def find(self, report_id: int) -> Found | None:
        """The import, or None when there is no trace of it."""
        if not 0 < report_id < MAX_ID:
            return None
        return await self._threads.run(self._find, report_id)

    async def visible(self, caller: Caller, report_id: int) -> Found:
        """The import. Raises the same 404 for one that is not there and one that the caller may not see."""
        found = await self.find(report_id)
        if found is None or not caller.sees(found.profile):
            raise no_report(report_id)
        return found

    async def request(self, report_id: int) -> ImportRequest:
        """``request.json``. Raises 404 when it is gone."""
        return await self._threads.run(self._request, report_id)

    async def report(self, report_id: int) -> Report | None:
        """``report.json``, or None when the import made no report."""
        return await self._threads.run(self._report, report_id)

    async def is_newest(self, profile: str, report_id: int) -> bool:
        """Whether the profile has no finished report with a higher number."""
        return await self._threads.run(self._is_newest, profile, report_id)

    def _find(self, report_id: int) -> Found | None:
        resource = self._imports.get(report_id)
        if resource is not None:
            created = resource.metadata.get("creationTimestamp")
            return Found(
                report_id=report_id,
                profile=resource.spec.profile,
                status=resource.status,
                created_at=resource.status.queued_at or _moment(created),
                priority=resource.spec.priority,
                live=True,
            )
        try:
            data = self._objects.read_bytes(objectkeys.status(report_id), _MAX_STATUS_BYTES)
        except ObjectMissing:
            return None
        record = _parse(FinalRecord, data, objectkeys.status(report_id))
        return Found(report_id, record.profile, record.status, record.requested_at, 0, live=False)

    def _request(self, report_id: int) -> ImportRequest:
        key = objectkeys.request(report_id)
        try:
            return _parse(ImportRequest, self._objects.read_bytes(key, _MAX_REQUEST_BYTES), key)
        except ObjectMissing:
            raise ApiError(404, "not_found", "The upload of this report is not in storage.") from None

    def _report(self, report_id: int) -> Report | None:
        key = objectkeys.report(report_id)
        try:
            return _parse(Report, self._objects.read_bytes(key, _MAX_REPORT_BYTES), key)
        except ObjectMissing:
            return None

    def _is_newest(self, profile: str, report_id: int) -> bool:
        # The index lists the newest first: what stands before this report's entry is newer.
        first = next(iter(self._objects.list(index_of(profile))), None)
        return first is None or first.key >= objectkeys.profile_entry(profile, report_id)


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _parse(model: type[M], data: bytes, key: str) -> M:
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        raise StoreError(f"{key} is not what it should be: {error.error_count()} errors") from error


def index_of(profile: str) -> str:
    """The folder of a profile's index, whose keys list the newest report first."""
    return objectkeys.profile_entry(profile, 1).rpartition("/")[0] + "/"
