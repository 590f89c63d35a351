"""Objects in a folder: the processor's view of object storage, for tests and benchmarks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from report_stores.errors import ObjectMissing, ObjectTooLarge


class FolderObjects:
    """Keeps each object in a file. An object appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, stream: Any, content_type: str = "") -> None:
        part = self._path(f"{key}.part")
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            while data := stream.read(1 << 20):
                file.write(data)
        part.rename(self._path(key))

    def put_bytes(self, key: str, data: bytes, content_type: str = "") -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(data)
        part.rename(path)

    @contextmanager
    def open(self, key: str) -> Iterator[IO[bytes]]:
        try:
            file = self._path(key).open("rb")
        except FileNotFoundError:
            raise ObjectMissing(f"{key} does not exist") from None
        with file:
            yield file

    def read_bytes(self, key: str, limit: int) -> bytes:
        with self.open(key) as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise ObjectTooLarge(f"{key} is larger than the limit of {limit} bytes")
        return data

    def keys(self) -> set[str]:
        return {str(path.relative_to(self._folder)) for path in self._folder.rglob("*") if path.is_file()}

    def _path(self, key: str) -> Path:
        return self._folder / key
