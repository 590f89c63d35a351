"""Watching a report: one task looks at it, however many people watch.

Each report that is watched has a ``Feed``: its latest status and a version number. Listeners wait
for a version that they have not seen, so a slow one skips what it missed and holds up nobody.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from report_api.answers import StatusAnswer
from report_api.errors import busy
from report_api.settings import ApiSettings
from report_stores.errors import StoreError

StatusOf = Callable[[int], Awaitable[StatusAnswer | None]]

_log = logging.getLogger(__name__)
_HEARTBEAT: Final = b": heartbeat\n\n"


@dataclass
class Feed:
    """What is known of one report that is watched."""

    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    latest: StatusAnswer | None = None
    version: int = 0
    closed: bool = False
    listeners: int = 0
    task: "asyncio.Task[None] | None" = None


class Watching:
    """All reports that are watched in this process."""

    def __init__(self, settings: ApiSettings, status_of: StatusOf) -> None:
        self._settings = settings
        self._status_of = status_of
        self._feeds: dict[int, Feed] = {}
        self._closing = False
        self.listeners = 0
        """Everybody who watches anything."""

    async def changes(self, report_id: int) -> AsyncGenerator[StatusAnswer | None, None]:
        """The status now and at each change, up to the final one; None when nothing changed for
        ``heartbeat_seconds``. Ends early when the report is deleted or the server stops.
        """
        async with self._listening(report_id) as feed:
            seen = 0
            while True:
                try:
                    async with asyncio.timeout(self._settings.heartbeat_seconds), feed.changed:
                        while feed.version == seen and not feed.closed:
                            await feed.changed.wait()
                except TimeoutError:
                    yield None
                    continue
                if feed.version == seen or feed.latest is None:
                    return
                seen, latest = feed.version, feed.latest
                yield latest
                if latest.finished:
                    return

    def require_room(self) -> None:
        """Raise 503 when there is no room for another listener."""
        if self._closing or self.listeners >= self._settings.max_listeners:
            raise busy(f"This server has no room for another listener (max_listeners: {self._settings.max_listeners}).")

    async def final(self, report_id: int, seconds: float) -> StatusAnswer | None:
        """The final status, or None when it does not come within so many seconds."""
        try:
            async with asyncio.timeout(seconds), aclosing(self.changes(report_id)) as changes:
                async for status in changes:
                    if status is not None and status.finished:
                        return status
        except TimeoutError:
            pass
        return None

    async def close(self) -> None:
        """End all streams: the server stops."""
        self._closing = True
        for feed in list(self._feeds.values()):
            await _close(feed)

    @asynccontextmanager
    async def _listening(self, report_id: int) -> AsyncIterator[Feed]:
        self.require_room()
        feed = self._feeds.get(report_id)
        if feed is None or feed.closed:
            feed = self._feeds[report_id] = Feed()
            feed.task = asyncio.create_task(self._look(report_id, feed), name=f"watch-{report_id}")
        feed.listeners += 1
        self.listeners += 1
        try:
            yield feed
        finally:
            feed.listeners -= 1
            self.listeners -= 1
            if feed.listeners == 0 and feed.task is not None:
                feed.task.cancel()
                if self._feeds.get(report_id) is feed:
                    del self._feeds[report_id]

    async def _look(self, report_id: int, feed: Feed) -> None:
        try:
            while True:
                try:
                    status = await self._status_of(report_id)
                except StoreError as error:  # it may be back at the next look
                    _log.warning("report %d cannot be looked at: %s", report_id, error)
                else:
                    if status is None:
                        return
                    if status != feed.latest:
                        async with feed.changed:
                            feed.latest = status
                            feed.version += 1
                            feed.changed.notify_all()
                    if status.finished:
                        return
                await asyncio.sleep(self._settings.poll_seconds)
        finally:
            await _close(feed)


async def _close(feed: Feed) -> None:
    async with feed.changed:
        feed.closed = True
        feed.changed.notify_all()


async def event_stream(changes: AsyncGenerator[StatusAnswer | None, None], seconds: float) -> AsyncIterator[bytes]:
    """Server-sent events: ``status`` with the status as JSON, and comments to keep proxies awake.

    Ends after ``seconds``, at an event or a heartbeat; clients reconnect by themselves.
    """
    end = time.monotonic() + seconds
    async with aclosing(changes):
        yield b"retry: 2000\n\n"
        async for status in changes:
            yield _HEARTBEAT if status is None else f"event: status\ndata: {status.model_dump_json()}\n\n".encode()
            if time.monotonic() > end:
                return
