"""Where the real servers come from, and what happens when one is missing.

A missing server is a skip that names it; with ``REPORT_IMPORT_TEST_REQUIRE=all`` it is a failure.
"""

import os
import shutil
import socket
from pathlib import Path
from typing import NoReturn

import pytest


def cache() -> Path:
    return Path(os.environ.get("REPORT_IMPORT_CACHE") or Path.home() / ".cache" / "report-import")


def binary(name: str, what: str) -> Path:
    """The executable from the cache or the PATH; skips (or fails) the test when there is none."""
    cached = cache() / "bin" / name
    if os.access(cached, os.X_OK):
        return cached
    found = shutil.which(name)
    if not found:
        missing(f"{what} is missing: no {name} in {cached.parent} and none in PATH")
    return Path(found)


def missing(reason: str) -> NoReturn:
    if os.environ.get("REPORT_IMPORT_TEST_REQUIRE") == "all":
        pytest.fail(f"{reason} (REPORT_IMPORT_TEST_REQUIRE=all)", pytrace=False)
    pytest.skip(reason)


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
