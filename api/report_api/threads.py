"""The threads in which blocking calls run. Uploads have their own, so that many of
them cannot keep a status page from being answered.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_QUICK: Final = 32
_UPLOADS: Final = 64
"""Parts and small files that are being sent. Each call ends by itself, so that none waits for long."""


class Threads:
    """Two pools."""

    def __init__(self) -> None:
        self._quick = ThreadPoolExecutor(_QUICK, thread_name_prefix="store")
        self.uploads = ThreadPoolExecutor(_UPLOADS, thread_name_prefix="upload")

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of a call that blocks for a short time."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, partial(call, *args, **kwargs))

    def close(self) -> None:
        """Let running calls end and take no more."""
        self._quick.shutdown(wait=False)
        self.uploads.shutdown(wait=False)
