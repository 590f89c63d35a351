"""An object store in memory for tests of what stands on it. ``tests/contract`` proves the real one."""

import hashlib
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
        self.unfinished: set[str] = set()
        self.fail: Callable[[str, str], None] = lambda method, key: None

    def check(self) -> None:
        self.fail("check", "")

    def put(self, key: str, stream: Readable, content_type: str = DEFAULT_CONTENT_TYPE) -> StoredObject:
        parts = []
        while part := stream.read(PART):
            self.fail("put", key)
            parts.append(part)
        self.fail("put", key)
        return self.put_bytes(key, b"".join(parts), content_type)

    def begin(self, key: str, content_type: str = DEFAULT_CONTENT_TYPE) -> "MemoryMultipart":
        return MemoryMultipart(self, key)

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


class MemoryMultipart:
    """The methods of ``MultipartUpload``."""

    def __init__(self, objects: MemoryObjects, key: str) -> None:
        self.key = key
        self._objects = objects
        self._parts: dict[int, bytes] = {}

    def part(self, number: int, data: bytes | bytearray | memoryview) -> None:
        self._objects.fail("part", self.key)
        self._parts[number] = bytes(data)
        self._objects.unfinished.add(self.key)

    def whole(self, data: bytes | bytearray | memoryview) -> None:
        self._objects.fail("whole", self.key)
        self._objects.kept[self.key] = bytes(data)

    def complete(self) -> None:
        self._objects.fail("complete", self.key)
        self._objects.kept[self.key] = b"".join(self._parts[number] for number in sorted(self._parts))
        self._objects.unfinished.discard(self.key)

    def abort(self) -> None:
        self._objects.fail("abort", self.key)
        self._objects.unfinished.discard(self.key)
