"""One import, from ``request.json`` to ``status.json``.

Everything before the last put may be redone: every object has a fixed name, and what an attempt
that died left behind is overwritten. Once ``status.json`` is there, an attempt has nothing to do but
to tell it.
"""

import logging
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from pydantic import ValidationError

from report_contract import objectkeys
from report_contract.formatters import FORMATTERS
from report_contract.phases import ExitCode, Phase, Reason
from report_contract.requests import FinalRecord, ImportRequest
from report_contract.resource import Counts, ReportImport, ReportImportStatus, SourceFile
from report_processor import outcome
from report_processor.importing import Importing
from report_processor.remote import RemoteCollector, Writer, WriterDied
from report_processor.settings import ProcessorSettings
from report_processor.sources import Ahead, Source
from report_processor.streams import Readable
from report_processor.tell import Nobody, Teller
from report_stores.errors import ObjectMissing, StoreError

_MAX_JSON: Final = 64 << 20
_PARQUET: Final = "application/vnd.apache.parquet"
_JSON: Final = "application/json"

log = logging.getLogger(__name__)


class Objects(Protocol):
    """What the processor needs of ``report_stores.objects.ObjectStore``."""

    def put(self, key: str, stream: Readable, content_type: str = ..., /) -> Any: ...  # noqa: D102
    def put_bytes(self, key: str, data: bytes, content_type: str = ..., /) -> Any: ...  # noqa: D102
    def open(self, key: str, /) -> AbstractContextManager[Readable]: ...  # noqa: D102
    def read_bytes(self, key: str, limit: int, /) -> bytes: ...  # noqa: D102


class Unusable(Exception):  # noqa: N818
    """The request cannot be worked on, and another attempt would not change that."""


def run_import(
    settings: ProcessorSettings,
    objects: Objects,
    teller: Teller,
    *,
    writer: Writer | None = None,
    resource: Callable[[], ReportImport | None] = lambda: None,
    log_file: Path | None = None,
) -> int:
    """Work on the import; returns the exit code.

    ``writer`` is used up; without one it is started here. ``resource`` reads the import's resource,
    for those that a person made by hand. Raises ``Nobody`` when the import is gone, and
    ``StoreError`` or ``WriterDied`` when another attempt may succeed.
    """
    writer = writer or Writer()
    try:
        return _Run(settings, objects, teller, resource, log_file).work(writer)
    finally:
        writer.close()


class _Run:
    """The state of one attempt."""

    def __init__(
        self,
        settings: ProcessorSettings,
        objects: Objects,
        teller: Teller,
        resource: Callable[[], ReportImport | None],
        log_file: Path | None,
    ) -> None:
        self._settings: Final = settings
        self._id: Final = settings.report_id
        self._objects: Final = objects
        self._teller: Final = teller
        self._resource: Final = resource
        self._log_file: Final = log_file
        self._started: Final = settings.so_far.started_at or datetime.now(UTC)

    def work(self, writer: Writer) -> int:
        if (record := self._finished()) is not None:
            log.info("The import has ended before as %s; nothing is left but to tell it.", record.status.phase)
            return self._tell(record.status)
        with tempfile.TemporaryDirectory(prefix=f"report-{self._id}-") as folder:
            collector = RemoteCollector(writer, Path(folder), self._teller.counted)
            return self._import(Path(folder), collector)

    def _finished(self) -> FinalRecord | None:
        try:
            data = self._objects.read_bytes(objectkeys.status(self._id), _MAX_JSON)
        except ObjectMissing:
            return None
        return FinalRecord.model_validate_json(data)

    def _import(self, folder: Path, collector: RemoteCollector) -> int:
        try:
            request = self._request()
        except Unusable as unusable:
            return self._refuse(str(unusable))
        verdicts = self._read_files(request, folder, collector)
        summary = collector.finish()
        counts = summary["counts"]
        self._teller.counted(counts["total"], counts["failed"] + counts["broken"])
        self._teller.check()
        now = datetime.now(UTC)
        self._check_date(request, summary, now)
        summary = outcome.in_words(summary)
        phase, reason = outcome.judge(verdicts, summary["counts"], request.options)
        self._write(request, folder, summary, now)
        status = outcome.final_status(phase, reason, summary, self._teller.progress(), self._started, now)
        log.info("%s (%s): %s", phase, reason, status.message)
        return self._commit(request, status)

    def _read_files(self, request: ImportRequest, folder: Path, collector: RemoteCollector) -> dict[str, int]:
        teller = self._teller
        teller.files_total = len(request.files)
        teller.bytes_total = sum(file.size for file in request.files)
        for file in (*request.attachments, *request.files):
            collector.attachment(file.name, file.key)
        keeper = _Keeper(self._objects, self._id, len(request.attachments), collector)
        importing = Importing(
            collector,
            folder,
            formatter=request.formatter,
            options=request.options,
            unpack=self._settings.unpack_limits(lifted=request.options.ignore_max_files_limit),
            keep=keeper.keep,
            tick=teller.check,
            ends=(Nobody, StoreError, WriterDied),
        )
        done = 0
        for file in request.files:
            log.info("Reading %s (%d bytes).", file.name, file.size)
            self._read_file(file, importing)
            done += file.size
            teller.bytes_done = done
            teller.files_done += 1
            teller.check()
        importing.finish()
        return importing.verdicts

    def _read_file(self, file: SourceFile, importing: Importing) -> None:
        try:
            with self._objects.open(file.key) as stream, Ahead(Source(stream, file.sha256, self._teller.read)) as ahead:
                importing.file(file.name, ahead)
        except ObjectMissing:
            importing.missing(file.name, f"there is no object {file.key}")

    def _request(self) -> ImportRequest:
        try:
            data = self._objects.read_bytes(objectkeys.request(self._id), _MAX_JSON)
        except ObjectMissing:
            request = self._request_of_resource()
        else:
            try:
                request = ImportRequest.model_validate_json(data)
            except ValidationError as error:
                raise Unusable(f"request.json cannot be read: {error}") from error
        if request.formatter and request.formatter not in FORMATTERS:
            raise Unusable(f"There is no formatter {request.formatter!r}.")
        return request

    def _request_of_resource(self) -> ImportRequest:
        """The request in a resource that a person made by hand, kept as ``request.json`` from now on."""
        found = self._resource()
        if found is None:
            raise Unusable("There is neither request.json nor a resource.")
        spec = found.spec
        request = ImportRequest(
            report_id=self._id,
            profile=spec.profile,
            formatter=spec.formatter,
            options=spec.options,
            priority=spec.priority,
            files=spec.source.files,
            requested_at=self._started,
        )
        self._objects.put_bytes(objectkeys.request(self._id), _json(request), _JSON)
        return request

    def _check_date(self, request: ImportRequest, summary: dict[str, Any], now: datetime) -> None:
        note = outcome.date_note(request.options, summary["date"], now)
        if note is not None and summary["counts"]["total"]:
            summary["messages"].append(note)
            summary["message_count"] += 1

    def _write(self, request: ImportRequest, folder: Path, summary: dict[str, Any], now: datetime) -> None:
        objects, number = self._objects, self._id
        report = outcome.report(request, summary, now)
        for name, key in (("tests", objectkeys.tests(number)), ("containers", objectkeys.containers(number))):
            with (folder / f"{name}.parquet").open("rb") as file:
                objects.put(key, file, _PARQUET)
        objects.put_bytes(objectkeys.report(number), _json(report), _JSON)

    def _commit(self, request: ImportRequest, status: ReportImportStatus) -> int:
        """The commit point: whatever was written before counts from here on."""
        self._teller.check()
        self._put_log()
        if (earlier := self._finished()) is not None:
            # On a node that was cut off, this attempt may have been given up; what ended the import stands.
            log.warning("The import has ended meanwhile as %s.", earlier.status.phase)
            return self._tell(earlier.status)
        record = FinalRecord(
            report_id=self._id,
            profile=request.profile,
            status=self._with_all_that_is_known(status),
            requested_at=request.requested_at,
        )
        self._objects.put_bytes(objectkeys.status(self._id), _json(record), _JSON)
        return self._tell(status)

    def _refuse(self, text: str) -> int:
        """End an import whose request is unusable. Without a profile there is no record, only a status."""
        log.error("%s", text)
        now = datetime.now(UTC)
        status = ReportImportStatus(
            phase=Phase.FAILED,
            reason=Reason.INVALID_REQUEST,
            message=text[:1024],
            progress=self._teller.progress(),
            counts=Counts(),
            completed_at=now,
            duration=outcome.duration_text((now - self._started).total_seconds()),
            conditions=outcome.conditions(Phase.FAILED, Reason.INVALID_REQUEST, text, now),
        )
        found = self._resource()
        if found is not None:
            record = FinalRecord(
                report_id=self._id, profile=found.spec.profile, status=self._with_all_that_is_known(status)
            )
            self._objects.put_bytes(objectkeys.status(self._id), _json(record), _JSON)
        return self._tell(status)

    def _with_all_that_is_known(self, status: ReportImportStatus) -> ReportImportStatus:
        known = self._settings.so_far.model_fields_set
        return status.model_copy(update={name: getattr(self._settings.so_far, name) for name in known})

    def _put_log(self) -> None:
        if self._log_file is not None and self._log_file.exists():
            with self._log_file.open("rb") as file:
                self._objects.put(objectkeys.log(self._id), file, "text/plain; charset=utf-8")

    def _tell(self, status: ReportImportStatus) -> int:
        self._teller.finish(outcome.owned_by_processor(status))
        return ExitCode.BAD_INPUT if status.phase == Phase.FAILED else ExitCode.DONE


class _Keeper:
    """Stores members of archives that are no reports as attachments, and tells where they are."""

    def __init__(self, objects: Objects, report_id: int, number: int, collector: RemoteCollector) -> None:
        self._objects: Final = objects
        self._id: Final = report_id
        self._number = number
        self._collector: Final = collector

    def keep(self, path: str, stream: Readable) -> None:
        self._number += 1
        key = objectkeys.attachment(self._id, self._number, path.rpartition("!")[2])
        self._objects.put(key, stream, "application/octet-stream")
        self._collector.attachment(path, key)


def _json(model: Any) -> bytes:
    text: str = model.model_dump_json(by_alias=True, exclude_none=True)
    return text.encode()
