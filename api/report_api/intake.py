"""One upload while it runs: from the body of the request to objects in storage.

The body is read only as fast as storage takes it, so an upload holds a few parts of 8 MiB whatever
its size. Small files are finished in the background, a few at a time, so that a hundred of them do
not wait for a hundred round trips.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from report_api.body import Body
from report_api.buffers import Buffers
from report_api.errors import ApiError, limit_exceeded
from report_api.multipart import FormReader, PartBegin, PartData, PartEnd, text_of
from report_api.settings import HARD_MAX_FILES, ApiSettings
from report_api.storing import Storing
from report_contract.resource import SourceFile
from report_stores.objects import ObjectStore

FILE_FIELDS: Final = frozenset({"file[]", "file", "files[]", "files"})
ATTACHMENT_FIELDS: Final = frozenset({"attachment[]", "attachment", "attachments[]", "attachments"})

_IN_BACKGROUND: Final = 4
"""Small files of one upload that are being finished while the next ones arrive."""


class Sink(Protocol):
    """Where the files of one upload go."""

    async def begin(self, kind: str, name: str) -> None:
        """The next file begins; ``kind`` is file or attachment."""
        ...

    async def data(self, chunk: bytes) -> None:
        """Bytes of the current file."""
        ...

    async def end(self) -> None:
        """The current file is complete."""
        ...

    async def finish(self) -> "Files":
        """Everything is in its place."""
        ...

    async def abort(self) -> None:
        """Stop everything; returns when nothing is written any more."""
        ...


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one upload, in its order."""

    files: list[SourceFile]
    attachments: list[SourceFile]


@dataclass
class Form:
    """What an upload carried besides its files."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    """Form fields that are no files, in order."""


class HashSink:
    """Keeps nothing of an upload but names, sizes and hashes: enough to compare it with an earlier one."""

    def __init__(self) -> None:
        self._seen: dict[str, list[SourceFile]] = {"file": [], "attachment": []}
        self._kind = "file"
        self._name = ""
        self._size = 0
        self._hash = hashlib.sha256()

    async def begin(self, kind: str, name: str) -> None:
        """The next file begins."""
        self._kind, self._name, self._size, self._hash = kind, name, 0, hashlib.sha256()

    async def data(self, chunk: bytes) -> None:
        """Count and hash."""
        self._size += len(chunk)
        self._hash.update(chunk)

    async def end(self) -> None:
        """The current file is complete."""
        file = SourceFile(key="-", name=self._name, size=self._size, sha256=self._hash.hexdigest())
        self._seen[self._kind].append(file)

    async def finish(self) -> "Files":
        """Files and attachments, in the order of the upload. Their keys mean nothing."""
        return Files(self._seen["file"], self._seen["attachment"])

    async def abort(self) -> None:
        """There is nothing to stop."""


class FileSink:
    """Stores the files of one upload under keys that ``key_of(kind, number, name)`` makes."""

    def __init__(
        self, objects: ObjectStore, threads: Executor, buffers: Buffers, key_of: Callable[[str, int, str], str]
    ) -> None:
        self._make = partial(Storing, objects, threads, buffers)
        self._key_of = key_of
        self._stored: dict[str, list[SourceFile]] = {"file": [], "attachment": []}
        self._numbers = {"file": 0, "attachment": 0}
        self._current: tuple[str, Storing] | None = None
        self._background: list[tuple[str, Storing]] = []

    async def begin(self, kind: str, name: str) -> None:
        """Start to store the next file."""
        self._numbers[kind] += 1
        self._current = (kind, self._make(self._key_of(kind, self._numbers[kind], name), name))

    async def data(self, chunk: bytes) -> None:
        """Hand bytes on; waits while storage is behind."""
        assert self._current is not None  # noqa: S101  # begin() comes first
        await self._current[1].write(chunk)

    async def end(self) -> None:
        """Finish the current file, or leave that to the background when it is small."""
        assert self._current is not None  # noqa: S101
        kind, storing = self._current
        await storing.finish()
        self._current = None
        self._background.append((kind, storing))
        await self._settle(_IN_BACKGROUND if storing.small else 0)

    async def finish(self) -> Files:
        """All files are durable."""
        await self._settle(0)
        return Files(self._stored["file"], self._stored["attachment"])

    async def abort(self) -> None:
        """Stop everything; returns when no thread writes any more. What is stored stays for the caller to delete."""
        storings = [*self._background, *([self._current] if self._current else [])]
        self._background, self._current = [], None
        for _, storing in storings:
            await storing.abort()

    async def _settle(self, allowed: int) -> None:
        while len(self._background) > allowed:
            kind, storing = self._background[0]
            self._stored[kind].append(await storing.stored())
            del self._background[0]


class Intake:
    """Reads one body into a sink, within the limits of the settings."""

    def __init__(self, settings: ApiSettings, sink: Sink, *, lift_max_files: bool) -> None:
        self._settings = settings
        self._sink = sink
        self._max_files = HARD_MAX_FILES if lift_max_files else settings.max_files
        self._form = Form()
        self._files = 0
        self._file_bytes = 0
        self._kind = "file"
        self._reports = 0
        self._report_bytes = 0
        self._field: str | None = None
        self._value = bytearray()

    async def form(self, body: Body, boundary: str) -> Form:
        """Read a multipart body. Raises ``ApiError`` for what breaks a rule or a limit."""
        reader = FormReader(boundary, max_part_header_bytes=self._settings.max_part_header_bytes)
        async for chunk in body.chunks():
            for event in reader.feed(chunk):
                match event:
                    case PartData(data):
                        await self._data(data)
                    case PartBegin(name, file_name):
                        await self._begin(name, file_name)
                    case PartEnd():
                        await self._end()
        reader.finish()
        self._check()
        return self._form

    async def raw(self, body: Body, file_name: str) -> Form:
        """Read a body that is one file."""
        self._reports = 1
        await self._open("file", file_name)
        async for chunk in body.chunks():
            await self._data(chunk)
        if body.received == 0:
            raise ApiError(
                400,
                "empty_body",
                "The request body is empty. Send a multipart form with the result files in the field file[], "
                "or the file itself as the body.",
            )
        await self._sink.end()
        return self._form

    async def _begin(self, name: str, file_name: str | None) -> None:
        if name in FILE_FIELDS:
            self._reports += 1
            await self._open("file", file_name or "file")
        elif name in ATTACHMENT_FIELDS:
            await self._open("attachment", file_name or "file")
        elif file_name is not None:
            raise ApiError(
                400,
                "unknown_file_field",
                f"The form field {name[:100]!r} is not expected to be a file. "
                "Send result files as file[] and extra files as attachment[].",
            )
        else:
            if len(self._form.fields) >= self._settings.max_fields:
                raise limit_exceeded(
                    "too_many_fields",
                    f"The form has more than {self._settings.max_fields} fields (max_fields).",
                )
            self._field = name
            self._value.clear()

    async def _open(self, kind: str, name: str) -> None:
        if self._files >= self._max_files:
            lift = (
                ""
                if self._max_files == HARD_MAX_FILES
                else " Send ignore_max_files_limit=true in the query to lift it."
            )
            raise limit_exceeded(
                "too_many_files", f"The upload has more than {self._max_files} files (max_files).{lift}"
            )
        self._files += 1
        self._file_bytes = 0
        self._kind = kind
        await self._sink.begin(kind, name)

    async def _data(self, data: bytes) -> None:
        if self._field is None:
            self._file_bytes += len(data)
            if self._kind == "file":
                self._report_bytes += len(data)
            if self._file_bytes > self._settings.max_file_bytes:
                raise limit_exceeded(
                    "file_too_large",
                    f"A file is larger than {self._settings.max_file_bytes} bytes (max_file_bytes).",
                )
            await self._sink.data(data)
            return
        self._value += data
        if len(self._value) > self._settings.max_field_bytes:
            raise limit_exceeded(
                "field_too_large",
                f"The form field {self._field[:100]!r} is larger than {self._settings.max_field_bytes} bytes "
                "(max_field_bytes).",
            )

    async def _end(self) -> None:
        if self._field is None:
            await self._sink.end()
        else:
            self._form.fields.append((self._field, text_of(bytes(self._value))))
            self._field = None

    def _check(self) -> None:
        if self._reports == 0:
            raise ApiError(
                400,
                "no_file",
                "The form has no result file. Send the files in the field file[] (repeated for several), "
                "or one in the field file.",
            )
        if self._report_bytes == 0:
            raise ApiError(400, "empty_file", "All files of the form field file[] are empty.")
