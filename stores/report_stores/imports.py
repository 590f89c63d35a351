"""Where imports are kept while they live: what the API, the operator and the processor may do.

Two stores implement this: ``imports_kubernetes`` (the ``ReportImport`` resources of one namespace)
and ``imports_memory`` (one process, for the standalone mode). ``tests/contract`` holds the rules
that both must keep, and runs them against both. All methods block and are safe to call from
several threads; callers in an event loop use ``asyncio.to_thread``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from report_contract.resource import ReportImport


class ClaimState(StrEnum):
    """What became of a claim on an idempotency key."""

    MINE = "mine"
    """The caller holds the key now, and must renew, finish or release it."""
    HELD = "held"
    """Another upload with this key is under way."""
    DONE = "done"
    """An upload with this key is finished; its report is the answer."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The state of one idempotency key."""

    token: str
    """Digest of profile and key; safe as part of a Kubernetes name (lower-case hexadecimal)."""
    state: ClaimState
    report_id: int
    """The report that every upload with this key belongs to."""
    fingerprint: str = ""
    """What the finished upload was; the same key with another upload is the caller's mistake."""


class ImportStore(Protocol):
    """The imports that live."""

    def next_report_id(self) -> int:
        """A report id that was never given before: increasing, also over restarts and replicas."""
        ...

    def create(self, resource: ReportImport) -> ReportImport:
        """Make the resource and return it as stored.

        Raises ``ImportExists`` when the name is taken and ``InvalidResource`` when it is refused.
        """
        ...

    def get(self, report_id: int) -> ReportImport | None:
        """The resource of a report, or None."""
        ...

    def list(self) -> Iterator[ReportImport]:
        """All resources, page by page, in no particular order."""
        ...

    def request_cancel(self, report_id: int) -> None:
        """Set ``spec.cancel``. Raises ``ImportMissing``. Cancelling twice is one cancel."""
        ...

    def apply_status(self, report_id: int, status: dict[str, Any], *, manager: str) -> None:
        """Server-side apply of status fields, in camelCase, under the manager's name.

        A field that this manager applied before and leaves out now is removed, unless another
        manager took it over meanwhile. Conflicts are won by the caller. Raises ``ImportMissing``
        and, when the phase is terminal and would change, ``PhaseIsFinal``.
        """
        ...

    def delete(self, report_id: int) -> None:
        """Delete the resource (and with it its Jobs). Deleting what is gone is success."""
        ...

    def claim(self, token: str, *, holder: str, lease_seconds: float) -> Claim:
        """Claim an idempotency key for an upload, or learn who has it.

        The first claim takes a fresh report id. A claim that its holder neither renewed for
        ``lease_seconds`` nor finished is taken over, with the report id that it had.
        """
        ...

    def renew(self, token: str, *, holder: str) -> bool:
        """Keep a claim alive during a long upload; False when it was lost to another holder."""
        ...

    def finish(self, token: str, *, holder: str, fingerprint: str) -> bool:
        """Mark the claim's upload as accepted, for ever after; False when the claim was lost."""
        ...

    def release(self, token: str, *, holder: str) -> None:
        """Give a claim up after a failed upload, so that the next attempt starts afresh."""
        ...

    def forget_claims(self, *, older_than_seconds: float) -> int:
        """Remove claims that were last touched longer ago than this; returns how many."""
        ...
