"""``Idempotency-Key``: the same key gives the same report, on any number of replicas.

The claim lives in the import store, where making it is atomic. Its holder renews it while the
upload runs; a holder that died is followed by whoever repeats the request. What is stored with a
finished claim is the upload's fingerprint, so that a key that is used again by mistake is told.
"""

import asyncio
import hashlib
import logging
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from report_api.errors import ApiError
from report_api.settings import ApiSettings
from report_api.threads import Threads
from report_stores.errors import StoreError
from report_stores.imports import Claim, ClaimState, ImportStore

MAX_KEY: Final = 255
_LOOK_SECONDS: Final = 0.25

_log = logging.getLogger(__name__)


def token_of(profile: str, key: str) -> str:
    """The claim's name for one key of one profile. Raises ``ApiError`` for a key that is none."""
    if not 0 < len(key) <= MAX_KEY or not key.isprintable():
        raise ApiError(400, "invalid_idempotency_key", f"Idempotency-Key takes 1 to {MAX_KEY} printable characters.")
    return hashlib.sha256(f"{profile}\0{key}".encode()).hexdigest()


class Hold:
    """A claim that this request holds, or the finished one that it found."""

    def __init__(self, claim: Claim, store: ImportStore, threads: Threads, holder: str) -> None:
        self.claim = claim
        self._store = store
        self._threads = threads
        self._holder = holder
        self.lost = False
        """Whether another request took over. Then this one must leave no trace and remove none."""

    @property
    def report_id(self) -> int:
        """The report of this key."""
        return self.claim.report_id

    @property
    def done(self) -> bool:
        """Whether an upload with this key is finished already."""
        return self.claim.state is ClaimState.DONE

    async def renew(self) -> bool:
        """Keep the claim; False when it was lost."""
        if not await self._threads.run(self._store.renew, self.claim.token, holder=self._holder):
            self.lost = True
        return not self.lost

    async def require(self) -> None:
        """Renew the claim. Raises 409 when another request took it over."""
        if not await self.renew():
            raise ApiError(
                409,
                "upload_in_progress",
                "Another upload with this Idempotency-Key took over while this one stood still. Repeat the request.",
                headers={"retry-after": "5"},
            )

    async def finish(self, fingerprint: str) -> None:
        """The upload is accepted."""
        await self._threads.run(self._store.finish, self.claim.token, holder=self._holder, fingerprint=fingerprint)

    async def release(self) -> None:
        """The upload failed."""
        await self._threads.run(self._store.release, self.claim.token, holder=self._holder)


class Idempotency:
    """Claims keys."""

    def __init__(self, settings: ApiSettings, store: ImportStore, threads: Threads) -> None:
        self._settings = settings
        self._store = store
        self._threads = threads

    @asynccontextmanager
    async def hold(self, token: str) -> AsyncIterator[Hold]:
        """Hold the claim and keep it alive inside the block. Raises 409 while another request holds it."""
        holder = uuid.uuid4().hex
        hold = Hold(await self._claim(token, holder), self._store, self._threads, holder)
        if hold.done:
            yield hold
            return
        renewing = asyncio.create_task(self._renew(hold))
        try:
            yield hold
        finally:
            renewing.cancel()

    async def _claim(self, token: str, holder: str) -> Claim:
        end = time.monotonic() + self._settings.idempotency_wait_seconds
        while True:
            claim = await self._threads.run(
                self._store.claim, token, holder=holder, lease_seconds=self._settings.idempotency_lease_seconds
            )
            if claim.state is not ClaimState.HELD:
                return claim
            if time.monotonic() >= end:
                raise ApiError(
                    409,
                    "upload_in_progress",
                    "Another upload with this Idempotency-Key is under way. Repeat the request when it has ended.",
                    headers={"retry-after": "5"},
                )
            await asyncio.sleep(_LOOK_SECONDS)

    async def _renew(self, hold: Hold) -> None:
        while not hold.lost:
            await asyncio.sleep(self._settings.idempotency_lease_seconds / 3)
            try:
                await hold.renew()
            except StoreError as error:  # the lease may outlast it; the next round tells
                _log.warning("a claim was not renewed: %s", error)
