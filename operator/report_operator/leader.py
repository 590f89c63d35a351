"""Who of several operators works: the holder of one Lease.

One operator is enough. During an update, or by accident, there may be two for a while; both would
be right about each import, but only together would they know how many run. So only the holder of
the Lease acts, and stops acting before another can take over.

The time of the Lease is measured on the clock of the one who waits: it is free when it did not
change for its whole length, whatever the clocks of the nodes say.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from report_stores.leases import Lease, Leases

LEASE: Final = "report-import-operator"


class Lead:
    """One operator's claim on the lead. Methods block; called from one thread at a time."""

    def __init__(
        self, leases: Leases, identity: str, seconds: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``clock`` counts seconds and never goes back."""
        self._leases = leases
        self._identity = identity
        self._seconds = seconds
        self._clock = clock
        self._held_until = float("-inf")
        self._seen: tuple[str, float] = ("", clock())

    def held(self) -> bool:
        """Whether this operator may act now: a third of the time is kept free for what it has begun."""
        return self._clock() < self._held_until

    def take(self) -> bool:
        """Take or renew the lead; whether it is ours. Raises ``Unavailable``."""
        asked = self._clock()
        found = self._leases.get(LEASE)
        if found is None:
            taken = self._leases.create(self._lease(""))
        elif found.holder in {self._identity, ""} or self._ran_out(found):
            taken = self._leases.replace(replace(self._lease(found.version), labels=found.labels))
        else:
            taken = False
        self._held_until = asked + self._seconds * 2 / 3 if taken else float("-inf")
        return taken

    def release(self) -> None:
        """Let another operator take over at once."""
        self._held_until = float("-inf")
        found = self._leases.get(LEASE)
        if found is not None and found.holder == self._identity:
            self._leases.replace(replace(found, holder=""))

    def _ran_out(self, found: Lease) -> bool:
        version, since = self._seen
        if version != found.version:
            self._seen = (found.version, self._clock())
            return False
        return self._clock() >= since + max(self._seconds, found.seconds)

    def _lease(self, version: str) -> Lease:
        seconds = max(1, round(self._seconds))
        return Lease(LEASE, self._identity, datetime.now(UTC), seconds, version=version)
