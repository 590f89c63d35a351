"""The end of an upload: ``request.json``, then the resource. From there on nothing is lost."""

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from report_api.intake import Files
from report_api.threads import Threads
from report_contract import objectkeys
from report_contract.options import ImportOptions
from report_contract.requests import ImportRequest, resource_of
from report_contract.resource import SourceFile
from report_stores.errors import ImportExists
from report_stores.imports import ImportStore
from report_stores.objects import ObjectStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A complete upload."""

    report_id: int
    profile: str
    formatter: str
    options: ImportOptions
    files: Files
    requested_by: str


class Acceptance:
    """Turns complete uploads into imports, and removes broken ones."""

    def __init__(self, objects: ObjectStore, imports: ImportStore, threads: Threads) -> None:
        self._objects = objects
        self._imports = imports
        self._threads = threads
        self._creating: int | None = None

    async def accept(self, upload: Upload) -> None:
        """Make the upload an import. When this returns, the import will end one way or another."""
        request = ImportRequest(
            report_id=upload.report_id,
            profile=upload.profile,
            formatter=upload.formatter,
            options=upload.options,
            files=upload.files.files,
            attachments=upload.files.attachments,
            requested_by=upload.requested_by,
            requested_at=datetime.now(UTC),
        )
        await self._threads.run(self._write, request)

    async def discard(self, report_id: int) -> None:
        """Remove what a broken upload left behind. The resource goes first: when it cannot be told
        whether that was made (this raises ``Unavailable``), its files must stay.
        """
        if self._creating == report_id:
            await self._threads.run(self._imports.delete, report_id)
        await self._threads.run(self._objects.delete, objectkeys.import_prefix(report_id))

    def _write(self, request: ImportRequest) -> None:
        key = objectkeys.request(request.report_id)
        self._objects.put_bytes(key, request.model_dump_json(by_alias=True).encode(), "application/json")
        self._creating = request.report_id
        try:
            self._imports.create(resource_of(request, self._objects.bucket))
        except ImportExists:  # by this very upload: the name holds an id that is given once
            _log.info("the resource of report %d existed already", request.report_id)


def fingerprint(formatter: str, options: ImportOptions, files: list[SourceFile], attachments: list[SourceFile]) -> str:
    """What an upload is, for comparison: SHA-256 over formatter, options, and the files' names and hashes."""
    parts = [
        formatter,
        options.model_dump(mode="json"),
        [[file.name, file.size, file.sha256] for file in files],
        [[file.name, file.size, file.sha256] for file in attachments],
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
