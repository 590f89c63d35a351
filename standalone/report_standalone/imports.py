"""The imports of the standalone mode: in memory while they live, found again in storage after a restart.

The data folder is the truth. An import with a ``request.json`` and no ``status.json`` was accepted and
is not finished: it is queued again. One with a ``status.json`` is finished, and the API answers for it
from there. The last report id is kept in a file of its own, so that the id of a deleted report is never
given again.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from report_contract import objectkeys
from report_contract.requests import ImportRequest, resource_of
from report_contract.resource import ReportImport
from report_stores.imports_memory import MemoryImports
from report_stores.keyfile import write_private
from report_stores.objects import ObjectStore

MAX_REQUEST_BYTES: Final = 64 << 20
"""A request names up to 10,000 files, each with a name of up to 1,024 characters."""


class StandaloneImports(MemoryImports):
    """Imports in memory whose report ids outlive the process."""

    def __init__(self, ids: Path, objects: ObjectStore) -> None:
        super().__init__(highest_known=lambda: max(_read(ids), _highest(objects)))
        self._ids: Final = ids

    def next_report_id(self) -> int:
        """See ``ImportStore``. The id is on disk before it is given."""
        with self._lock:
            report_id = super().next_report_id()
            write_private(self._ids, f"{report_id}\n")
            return report_id


def unfinished(objects: ObjectStore, bucket: str) -> Iterator[ReportImport]:
    """A resource for every import that was accepted and has not ended, in the order of their ids."""
    report_ids = [objectkeys.report_id_of_key(folder) for folder in objects.folders(objectkeys.IMPORTS)]
    for report_id in sorted(each for each in report_ids if each is not None):
        if objects.stat(objectkeys.status(report_id)) or not objects.stat(objectkeys.request(report_id)):
            continue
        text = objects.read_bytes(objectkeys.request(report_id), MAX_REQUEST_BYTES)
        yield resource_of(ImportRequest.model_validate_json(text), bucket)


def _read(ids: Path) -> int:
    try:
        return int(ids.read_text())
    except FileNotFoundError:
        return 0


def _highest(objects: ObjectStore) -> int:
    folders = objects.folders(objectkeys.IMPORTS)
    return max((objectkeys.report_id_of_key(folder) or 0 for folder in folders), default=0)
