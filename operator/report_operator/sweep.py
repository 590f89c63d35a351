"""Removes what broken uploads and deletions leave behind.

An upload that breaks off leaves files without an import; an API that dies leaves parts of a file and
a claim on an idempotency key. None of them is ever looked at again, so they go when they are old. A
report that is deleted in the moment in which its import ends leaves its entry in the index of its
profile: the operator wrote it last.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from report_contract import objectkeys
from report_stores.errors import StoreError
from report_stores.imports import ImportStore
from report_stores.objects import ObjectStore

log = logging.getLogger(__name__)

_MAX_BITMAP_BYTES: Final = 4 * 2**20
"""33 million reports. Those beyond are asked for each time."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What is known of one import's folder in object storage."""

    report_id: int
    newest: datetime
    """When its newest object was written."""
    archived: bool
    """Whether it has a ``status.json``."""
    wanted: bool
    """Whether a resource stands for it."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed."""

    uploads: int
    """Folders of imports that never were."""
    parts: int
    """Unfinished multipart uploads."""
    claims: int
    """Claims on idempotency keys."""
    entries: int
    """Entries of reports that are deleted, in the index of a profile."""


async def sweep_again_and_again(sweeper: "Sweeper", seconds: float) -> None:
    """Sweep now and every so many seconds, until cancelled. What fails is repeated the next time."""
    while True:
        try:
            swept = await asyncio.to_thread(sweeper.sweep)
            log.info(
                "swept: %s uploads, %s parts, %s claims, %s entries",
                swept.uploads,
                swept.parts,
                swept.claims,
                swept.entries,
            )
        except StoreError as error:
            log.warning("the sweep broke off and is repeated: %s", error)
        await asyncio.sleep(seconds)


def is_remains(folder: Folder, now: datetime, max_age: timedelta) -> bool:
    """Whether a folder belongs to no import, and has not been written to for so long that none will come."""
    return not folder.archived and not folder.wanted and folder.newest <= now - max_age


class Sweeper:
    """Sweeps one installation. Blocking; runs in a thread of its own."""

    def __init__(
        self,
        imports: ImportStore,
        objects: ObjectStore,
        *,
        upload_max_age: timedelta,
        claim_max_age: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._imports = imports
        self._objects = objects
        self._upload_max_age = upload_max_age
        self._claim_max_age = claim_max_age
        self._clock = clock
        self._archived = _Ids()
        """Reports that have a ``status.json``: it will not be asked for again."""

    def sweep(self) -> Swept:
        """Remove what is old and belongs to nobody. Raises the errors of the stores."""
        now = self._clock()
        uploads = 0
        present = _Ids()
        for prefix in self._objects.folders(objectkeys.IMPORTS):
            report_id = objectkeys.report_id_of_key(prefix)
            if report_id is None:
                continue
            present.add(report_id)
            if report_id in self._archived:
                continue
            folder = self._look(report_id)
            if folder.archived:
                self._archived.add(report_id)
            elif is_remains(folder, now, self._upload_max_age):
                count = self._objects.delete(prefix)
                uploads += 1
                log.info("%s belonged to no import: %s objects removed", prefix, count)
        return Swept(
            uploads,
            self._objects.abort_incomplete(objectkeys.IMPORTS, now - self._upload_max_age),
            self._imports.forget_claims(older_than_seconds=self._claim_max_age.total_seconds()),
            self._entries(present),
        )

    def _entries(self, present: "_Ids") -> int:
        """Remove the entries of reports that are deleted: those without a folder, unless it was made meanwhile."""
        count = 0
        for found in self._objects.list(objectkeys.PROFILES):
            report_id = objectkeys.report_id_of_entry(found.key)
            if report_id is None or report_id in present:
                continue
            folder = self._look(report_id)
            if not folder.archived and not folder.wanted:
                self._objects.remove(found.key)
                count += 1
                log.info("%s stood for a report that is deleted: removed", found.key)
        return count

    def _look(self, report_id: int) -> Folder:
        """The resource is looked for last: one that is found now was there while the rest was looked at."""
        archived = self._objects.stat(objectkeys.status(report_id)) is not None
        newest = datetime.fromtimestamp(0, UTC)
        if not archived:
            listed = self._objects.list(objectkeys.import_prefix(report_id))
            newest = max((found.modified for found in listed), default=newest)
        wanted = not archived and self._imports.get(report_id) is not None
        return Folder(report_id, newest, archived, wanted)


class _Ids:
    """Report ids, a bit for each: they begin at 1 and have few gaps. Those that do not fit are never in it."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def __contains__(self, report_id: int) -> bool:
        byte, bit = divmod(report_id, 8)
        return byte < len(self._bits) and bool(self._bits[byte] & 1 << bit)

    def add(self, report_id: int) -> None:
        """Put an id in."""
        byte, bit = divmod(report_id, 8)
        if byte < _MAX_BITMAP_BYTES:
            self._bits.extend(bytes(max(0, byte + 1 - len(self._bits))))
            self._bits[byte] |= 1 << bit
