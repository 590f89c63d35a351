"""Imports in the memory of one process, with the semantics of the Kubernetes store.

For the standalone mode and for tests. ``tests/contract`` runs the same rules against both stores.
"""

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from report_contract.base import utc_text
from report_contract.names import resource_name
from report_contract.resource import ReportImport, ReportImportStatus
from report_stores.applied import AppliedStatus
from report_stores.errors import ImportExists, ImportMissing, InvalidResource, PhaseIsFinal
from report_stores.imports import Claim, ClaimState


@dataclass(frozen=True, slots=True)
class _Kept:
    """A resource without its status, and the status with its owners."""

    resource: ReportImport
    status: AppliedStatus

    def whole(self) -> ReportImport:
        return self.resource.model_copy(update={"status": ReportImportStatus.model_validate(self.status.as_dict())})


@dataclass(frozen=True, slots=True)
class _KeptClaim:
    report_id: int
    holder: str
    touched_at: datetime
    lease: timedelta
    finished: bool = False
    fingerprint: str = ""


class MemoryImports:
    """An ``ImportStore`` without a server. Everything is gone when the process ends."""

    def __init__(
        self,
        *,
        highest_known: Callable[[], int] = lambda: 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``highest_known`` is the highest report id ever given, asked once; ``clock`` is for tests."""
        self._lock = threading.RLock()
        self._clock = clock
        self._highest_known = highest_known
        self._last_id: int | None = None
        self._version = 0
        self._kept: dict[int, _Kept] = {}
        self._claims: dict[str, _KeptClaim] = {}
        self._listeners: list[Callable[[int, ReportImport | None], None]] = []

    def subscribe(self, listener: Callable[[int, ReportImport | None], None]) -> None:
        """Call ``listener(report_id, resource)`` after every change; the resource is None after a deletion.

        It is called in the thread that made the change, under the lock: it must be quick.
        """
        with self._lock:
            self._listeners.append(listener)

    def next_report_id(self) -> int:
        """See ``ImportStore``."""
        with self._lock:
            if self._last_id is None:
                self._last_id = max([self._highest_known(), *self._kept])
            self._last_id += 1
            return self._last_id

    def create(self, resource: ReportImport) -> ReportImport:
        """See ``ImportStore``."""
        report_id = resource.report_id
        name = resource_name(report_id)
        if resource.metadata.get("name") != name:
            raise InvalidResource(f"metadata.name must be report-<spec.reportId>, such as {name}")
        with self._lock:
            if report_id in self._kept:
                raise ImportExists(f"{name} exists already")
            metadata = {
                **resource.metadata,
                "uid": str(uuid.uuid4()),
                "generation": 1,
                "creationTimestamp": utc_text(self._clock()),
            }
            kept = _Kept(resource.model_copy(update={"metadata": metadata}), AppliedStatus())
            return self._keep(report_id, kept)

    def get(self, report_id: int) -> ReportImport | None:
        """See ``ImportStore``."""
        with self._lock:
            kept = self._kept.get(report_id)
            return kept.whole() if kept else None

    def list(self) -> Iterator[ReportImport]:
        """See ``ImportStore``."""
        with self._lock:
            everything = [kept.whole() for kept in self._kept.values()]
        yield from everything

    def request_cancel(self, report_id: int) -> None:
        """See ``ImportStore``."""
        with self._lock:
            kept = self._require(report_id)
            if kept.resource.spec.cancel:
                return
            metadata = {**kept.resource.metadata, "generation": kept.resource.metadata["generation"] + 1}
            spec = kept.resource.spec.model_copy(update={"cancel": True})
            changed = kept.resource.model_copy(update={"metadata": metadata, "spec": spec})
            self._keep(report_id, replace(kept, resource=changed))

    def apply_status(self, report_id: int, status: dict[str, Any], *, manager: str) -> None:
        """See ``ImportStore``."""
        with self._lock:
            kept = self._require(report_id)
            try:
                # Round trip through the model: refuses what the schema refuses, and gives times one form.
                given = ReportImportStatus.model_validate(status)
            except ValidationError as error:
                raise InvalidResource(f"status: {error}") from error
            unknown = set(status) - set(given.model_dump(by_alias=True))
            if unknown:
                raise InvalidResource(f"status: unknown fields {sorted(unknown)}")
            before = kept.whole().status.phase
            applied = kept.status.apply(given.model_dump(mode="json", by_alias=True, exclude_unset=True), manager)
            after = applied.as_dict().get("phase")
            if before is not None and before.terminal and after != before:
                raise PhaseIsFinal(f"{resource_name(report_id)} has ended as {before}: a terminal phase is final")
            self._keep(report_id, replace(kept, status=applied))

    def delete(self, report_id: int) -> None:
        """See ``ImportStore``."""
        with self._lock:
            if self._kept.pop(report_id, None) is not None:
                self._tell(report_id, None)

    def claim(self, token: str, *, holder: str, lease_seconds: float) -> Claim:
        """See ``ImportStore``."""
        with self._lock:
            now = self._clock()
            kept = self._claims.get(token)
            if kept is not None and kept.finished:
                return Claim(token, ClaimState.DONE, kept.report_id, kept.fingerprint)
            if kept is not None and kept.holder != holder and now < kept.touched_at + kept.lease:
                return Claim(token, ClaimState.HELD, kept.report_id)
            report_id = kept.report_id if kept is not None else self.next_report_id()
            self._claims[token] = _KeptClaim(report_id, holder, now, timedelta(seconds=lease_seconds))
            return Claim(token, ClaimState.MINE, report_id)

    def renew(self, token: str, *, holder: str) -> bool:
        """See ``ImportStore``."""
        with self._lock:
            kept = self._held(token, holder)
            if kept is None:
                return False
            self._claims[token] = replace(kept, touched_at=self._clock())
            return True

    def finish(self, token: str, *, holder: str, fingerprint: str) -> bool:
        """See ``ImportStore``."""
        with self._lock:
            kept = self._held(token, holder)
            if kept is None:
                return False
            self._claims[token] = replace(kept, touched_at=self._clock(), finished=True, fingerprint=fingerprint)
            return True

    def release(self, token: str, *, holder: str) -> None:
        """See ``ImportStore``."""
        with self._lock:
            kept = self._held(token, holder)
            if kept is not None and not kept.finished:
                del self._claims[token]

    def forget_claims(self, *, older_than_seconds: float) -> int:
        """See ``ImportStore``."""
        with self._lock:
            limit = self._clock() - timedelta(seconds=older_than_seconds)
            old = [token for token, kept in self._claims.items() if kept.touched_at < limit]
            for token in old:
                del self._claims[token]
            return len(old)

    def _held(self, token: str, holder: str) -> _KeptClaim | None:
        kept = self._claims.get(token)
        return kept if kept is not None and kept.holder == holder else None

    def _require(self, report_id: int) -> _Kept:
        kept = self._kept.get(report_id)
        if kept is None:
            raise ImportMissing(f"{resource_name(report_id)} does not exist")
        return kept

    def _keep(self, report_id: int, kept: _Kept) -> ReportImport:
        self._version += 1
        metadata = {**kept.resource.metadata, "resourceVersion": str(self._version)}
        kept = replace(kept, resource=kept.resource.model_copy(update={"metadata": metadata}))
        self._kept[report_id] = kept
        resource = kept.whole()
        self._tell(report_id, resource)
        return resource

    def _tell(self, report_id: int, resource: ReportImport | None) -> None:
        for listener in self._listeners:
            listener(report_id, resource)
