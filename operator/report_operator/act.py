"""Performs what ``reconcile`` asks for. Blocking; runs in a worker thread, one import at a time.

Each step is safe to repeat, and each error leaves the rest undone: the import is looked at again.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Final

from pydantic import ValidationError

from report_contract import objectkeys
from report_contract.base import Model
from report_contract.names import FIELD_MANAGER_OPERATOR
from report_contract.requests import FinalRecord
from report_contract.resource import ReportImport
from report_operator.actions import (
    Action,
    Announce,
    ApplyStatus,
    DeleteResource,
    LookIntoStorage,
    StartJob,
    StopJob,
    WakeAt,
    WriteEntry,
    WriteFinal,
    WriteRequest,
)
from report_operator.ports import Announcer, Jobs
from report_operator.requesting import Storage
from report_stores.errors import ObjectMissing, ObjectTooLarge, Unavailable
from report_stores.imports import ImportStore
from report_stores.objects import ObjectStore

log = logging.getLogger(__name__)

_JSON: Final = "application/json"
_MAX_STATUS_BYTES: Final = 2**20
"""``status.json`` has numbers and a few messages: a few KB."""


class Actor:
    """The operator's hands."""

    def __init__(
        self,
        imports: ImportStore,
        objects: ObjectStore,
        jobs: Jobs,
        announcer: Announcer,
        *,
        may_start: Callable[[], bool] = lambda: True,
    ) -> None:
        """``may_start`` is asked right before an attempt is started: whether this operator still leads."""
        self._imports = imports
        self._objects = objects
        self._jobs = jobs
        self._announcer = announcer
        self._may_start = may_start

    def look(self, resource: ReportImport) -> Storage:
        """What object storage has of an import."""
        report_id = resource.report_id
        requested = self._objects.stat(objectkeys.request(report_id)) is not None
        sizes: dict[str, int] = {}
        if not requested and resource.spec.source.bucket == self._objects.bucket:
            for file in resource.spec.source.files:
                found = self._objects.stat(file.key)
                if found is not None:
                    sizes[file.key] = found.size
        return Storage(self._objects.bucket, requested, self._final(report_id), sizes)

    def perform(self, resource: ReportImport, actions: Iterable[Action]) -> None:
        """Perform actions in order. ``LookIntoStorage`` and ``WakeAt`` are the caller's."""
        for action in actions:
            self._perform(resource, action)

    def _perform(self, resource: ReportImport, action: Action) -> None:
        report_id = resource.report_id
        match action:
            case StartJob(plan, so_far):
                if not self._may_start():
                    raise Unavailable("no attempt is started: this operator does not lead any more")
                self._jobs.start(resource, plan, so_far)
            case StopJob(name):
                self._jobs.stop(report_id, name)
            case ApplyStatus(status):
                self._imports.apply_status(report_id, status, manager=FIELD_MANAGER_OPERATOR)
            case WriteRequest() | WriteFinal() | WriteEntry():
                self._write(report_id, action)
            case DeleteResource():
                self._imports.delete(report_id)
            case Announce(reason, message, warning):
                log.info("report-%s: %s: %s", report_id, reason, message)
                self._announcer.announce(resource, reason, message, warning=warning)
            case LookIntoStorage() | WakeAt():
                pass

    def _final(self, report_id: int) -> FinalRecord | None:
        key = objectkeys.status(report_id)
        try:
            return FinalRecord.model_validate_json(self._objects.read_bytes(key, _MAX_STATUS_BYTES))
        except ObjectMissing:
            return None
        except (ValidationError, ObjectTooLarge) as error:
            # Written by hand, or damaged: no commit point. The next one replaces it.
            log.error("%s is no final status and is ignored: %s", key, error)  # noqa: TRY400  # one line is enough
            return None

    def _write(self, report_id: int, action: WriteRequest | WriteFinal | WriteEntry) -> None:
        model: Model
        match action:
            case WriteRequest(model):
                key = objectkeys.request(report_id)
            case WriteFinal(model):
                key = objectkeys.status(report_id)
            case WriteEntry(model):
                key = objectkeys.profile_entry(model.profile, report_id)
        data = model.model_dump_json(by_alias=True, exclude_none=True).encode()
        self._objects.put_bytes(key, data, _JSON)
