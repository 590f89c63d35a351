"""Claims on idempotency keys, kept as Leases, so that two API replicas agree on one report.

The Lease of a key carries the report id that every upload with this key belongs to. It is renewed
while an upload runs, marked when the upload is accepted, and deleted when it failed.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from report_contract.names import GROUP
from report_stores.errors import Unavailable
from report_stores.imports import Claim, ClaimState
from report_stores.leases import Lease, Leases

_PREFIX: Final = "report-import-claim-"
_LABEL: Final = f"{GROUP}/claim"
_REPORT_ID: Final = f"{GROUP}/report-id"
_FINISHED: Final = f"{GROUP}/finished"
_FINGERPRINT: Final = f"{GROUP}/fingerprint"
_TRIES: Final = 20
"""Rounds of a race for one key before it is given up; each round someone else has won."""


class Claims:
    """The claims of the namespace."""

    def __init__(self, leases: Leases, next_report_id: Callable[[], int], clock: Callable[[], datetime]) -> None:
        self._leases = leases
        self._next_report_id = next_report_id
        self._clock = clock

    def claim(self, token: str, *, holder: str, lease_seconds: float) -> Claim:
        """See ``ImportStore.claim``."""
        for _ in range(_TRIES):
            now = self._clock()
            found = self._leases.get(_PREFIX + token)
            if found is None:
                fresh = _new(token, holder, now, lease_seconds, self._next_report_id())
                if self._leases.create(fresh):
                    return Claim(token, ClaimState.MINE, _report_id(fresh))
                continue
            if _FINISHED in found.annotations:
                fingerprint = found.annotations.get(_FINGERPRINT, "")
                return Claim(token, ClaimState.DONE, _report_id(found), fingerprint)
            if found.holder != holder and not found.expired(now):
                return Claim(token, ClaimState.HELD, _report_id(found))
            if self._leases.replace(
                replace(found, holder=holder, renewed_at=now, seconds=max(1, math.ceil(lease_seconds)))
            ):
                return Claim(token, ClaimState.MINE, _report_id(found))
        raise Unavailable(f"the claim on key {token} changed hands {_TRIES} times meanwhile")

    def renew(self, token: str, *, holder: str) -> bool:
        """See ``ImportStore.renew``."""
        return self._change(token, holder, lambda lease: replace(lease, renewed_at=self._clock()))

    def finish(self, token: str, *, holder: str, fingerprint: str) -> bool:
        """See ``ImportStore.finish``."""
        return self._change(
            token,
            holder,
            lambda lease: replace(
                lease,
                renewed_at=self._clock(),
                annotations={**lease.annotations, _FINISHED: "true", _FINGERPRINT: fingerprint},
            ),
        )

    def release(self, token: str, *, holder: str) -> None:
        """See ``ImportStore.release``."""
        found = self._leases.get(_PREFIX + token)
        if found is not None and found.holder == holder and _FINISHED not in found.annotations:
            self._leases.delete(found)

    def forget(self, *, older_than_seconds: float) -> int:
        """See ``ImportStore.forget_claims``."""
        limit = self._clock() - timedelta(seconds=older_than_seconds)
        old = (lease for lease in self._leases.list(_LABEL) if lease.renewed_at < limit)
        return sum(self._leases.delete(lease) for lease in old)

    def _change(self, token: str, holder: str, change: Callable[[Lease], Lease]) -> bool:
        for _ in range(_TRIES):
            found = self._leases.get(_PREFIX + token)
            if found is None or found.holder != holder:
                return False
            if self._leases.replace(change(found)):
                return True
        return False


def _new(token: str, holder: str, now: datetime, lease_seconds: float, report_id: int) -> Lease:
    return Lease(
        name=_PREFIX + token,
        holder=holder,
        renewed_at=now,
        seconds=max(1, math.ceil(lease_seconds)),
        annotations={_REPORT_ID: str(report_id)},
        labels={_LABEL: "true"},
    )


def _report_id(lease: Lease) -> int:
    return int(lease.annotations[_REPORT_ID])
