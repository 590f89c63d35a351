"""An object store in memory for tests of what stands on it. ``tests/contract`` proves the real one."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO

from report_stores.errors import ObjectMissing, ObjectTooLarge
from report_stores.objects import DEFAULT_CONTENT_TYPE, ObjectInfo, Readable, StoredObject

PART = 64 * 1024


class MemoryObjects:
    """The methods of ``ObjectStore``. ``fail`` is called before each, and may raise."""

    bucket = "memory"

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.writing = 0
        self.fail: Callable[[str, str], None] = lambda method, key: None
        self._lock = threading.Lock()

    def check(self) -> None:
        self.fail("check", "")

    def put(self, key: str, stream: Readable, content_type: str = DEFAULT_CONTENT_TYPE) -> StoredObject:
        with self._lock:
            self.writing += 1
        try:
            parts = []
            while part := stream.read(PART):
                self.fail("put", key)
                parts.append(part)
            self.fail("put", key)
        finally:
            with self._lock:
                self.writing -= 1
        return self.put_bytes(key, b"".join(parts), content_type)

    def put_bytes(self, key: str, data: bytes, content_type: str = DEFAULT_CONTENT_TYPE) -> StoredObject:
        self.fail("put_bytes", key)
        self.kept[key] = data
        return StoredObject(key, len(data), hashlib.md5(data).hexdigest())

    @contextmanager
    def open(self, key: str, offset: int = 0, length: int | None = None) -> Iterator[BytesIO]:
        self.fail("open", key)
        if key not in self.kept:
            raise ObjectMissing(key)
        data = self.kept[key][offset:]
        yield BytesIO(data if length is None else data[:length])

    def read_bytes(self, key: str, limit: int) -> bytes:
        with self.open(key) as stream:
            data = stream.read()
        if len(data) > limit:
            raise ObjectTooLarge(key)
        return data

    def stat(self, key: str) -> ObjectInfo | None:
        self.fail("stat", key)
        if key not in self.kept:
            return None
        return ObjectInfo(key, len(self.kept[key]), datetime.now(UTC), "")

    def list(self, prefix: str, recursive: bool = True, start_after: str = "") -> Iterator[ObjectInfo]:
        self.fail("list", prefix)
        for key in sorted(self.kept):
            if key.startswith(prefix) and key > start_after:
                yield ObjectInfo(key, len(self.kept[key]), datetime.now(UTC), "")

    def remove(self, key: str) -> None:
        self.fail("remove", key)
        self.kept.pop(key, None)

    def delete(self, prefix: str) -> int:
        self.fail("delete", prefix)
        keys = [key for key in self.kept if key.startswith(prefix)]
        for key in keys:
            del self.kept[key]
        return len(keys)
