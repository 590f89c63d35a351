"""API keys from a file, such as one mounted from a Secret, that may change at any time."""

import logging
import threading
import time
from pathlib import Path
from typing import Final, Protocol

from pydantic import ValidationError

from report_contract.accesskeys import KeyFile, KeyRecord, find_key

_log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
"""How often the file is looked at, at most."""


class KeySource(Protocol):
    """Where keys are looked up."""

    def find(self, presented: str) -> KeyRecord | None:
        """The record of a key that a caller presented, or None when it is not valid."""
        ...


class FixedKeys:
    """Keys that do not change."""

    def __init__(self, keys: KeyFile) -> None:
        self._keys = keys

    def find(self, presented: str) -> KeyRecord | None:
        """The record of a key, or None."""
        return find_key(self._keys, presented)


class FileKeys:
    """The keys of a JSON file, read again when the file changes.

    A file that cannot be read keeps the keys that were read last: a half-written Secret must not
    lock everybody out. A file that is gone means that there are no keys.
    """

    def __init__(self, path: Path, look_seconds: float = LOOK_SECONDS) -> None:
        self._path = path
        self._look_seconds = look_seconds
        self._lock = threading.Lock()
        self._keys = KeyFile()
        self._mark: tuple[int, int, int] | None = None
        self._looked = float("-inf")

    def find(self, presented: str) -> KeyRecord | None:
        """The record of a key, or None."""
        with self._lock:
            if time.monotonic() - self._looked >= self._look_seconds:
                self._looked = time.monotonic()
                self._refresh()
            keys = self._keys
        return find_key(keys, presented)

    def _refresh(self) -> None:
        try:
            state = self._path.stat()
            mark = (state.st_mtime_ns, state.st_ino, state.st_size)
            if mark == self._mark:
                return
            self._keys = KeyFile.model_validate_json(self._path.read_bytes())
            self._mark = mark
        except FileNotFoundError:
            self._keys, self._mark = KeyFile(), None
        except (OSError, ValidationError) as error:
            # Not the error's text: it may quote the file.
            _log.warning("keys in %s cannot be read (%s); the last ones stay valid", self._path, type(error).__name__)
