"""Objects in S3-compatible storage, over the minio client.

Everything streams: an upload holds a few parts of 8 MiB, a download what the caller asks for, a
listing one page of a thousand keys. All methods block, raise the errors of ``errors``, and are safe
to call from several threads; callers in an event loop use ``asyncio.to_thread``.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final, Protocol, cast

import urllib3
from minio import Minio
from minio.datatypes import Upload
from minio.deleteobjects import DeleteObject
from minio.error import S3Error

from report_stores.errors import ObjectMissing, ObjectTooLarge, StoreError, Unavailable
from report_stores.multipart import MultipartUpload
from report_stores.reading import ObjectReader
from report_stores.settings import StorageSettings
from report_stores.translating import MISSING, BehindTheEnd, translated

DEFAULT_CONTENT_TYPE: Final = "application/octet-stream"


class Readable(Protocol):
    """Where an upload comes from."""

    def read(self, size: int, /) -> bytes:
        """The next ``size`` bytes; fewer only when the data ends there, none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object that was just written."""

    key: str
    size: int
    """Bytes."""
    etag: str
    """The service's mark of this content. Not a hash of it: multipart uploads have their own form."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object as a listing or a HEAD request shows it."""

    key: str
    size: int
    """Bytes."""
    modified: datetime
    """When it was written."""
    etag: str
    content_type: str = ""
    """Only known from ``stat``."""


class ObjectStore:
    """The bucket."""

    def __init__(self, settings: StorageSettings) -> None:
        self.bucket: Final = settings.bucket
        self._settings = settings
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=settings.connect_timeout, read=settings.read_timeout),
            maxsize=settings.connections,
            retries=urllib3.Retry(
                total=settings.retries,
                backoff_factor=0.2,
                status_forcelist=(500, 502, 503, 504),
                raise_on_status=False,  # the service's own error says more than "too many errors"
            ),
        )
        self._client = Minio(
            settings.endpoint,
            access_key=settings.access_key.get_secret_value(),
            secret_key=settings.secret_key.get_secret_value(),
            secure=settings.secure,
            region=settings.region,
            http_client=self._http,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.clear()

    def ensure_bucket(self) -> None:
        """Make the bucket unless it is there."""
        with translated(self.bucket):
            if self._client.bucket_exists(self.bucket):
                return
            try:
                self._client.make_bucket(self.bucket, self._settings.region)
            except S3Error as error:
                if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                    raise

    def check(self) -> None:
        """Raise ``Unavailable`` unless the service answers and the bucket is there."""
        with translated(self.bucket):
            exists = self._client.bucket_exists(self.bucket)
        if not exists:
            raise Unavailable(f"bucket {self.bucket} does not exist")

    def put(self, key: str, stream: Readable, content_type: str = DEFAULT_CONTENT_TYPE) -> StoredObject:
        """Write an object of unknown length, part by part while it arrives.

        The object appears whole or not at all: when the stream raises, the upload is aborted, its
        parts are gone, and that error is raised.
        """
        source = _Source(stream)
        try:
            with translated(key):
                # A known length would be buffered whole by the client, and more than one upload at
                # a time multiplies the parts in memory; a part is sent while the next one is read.
                written = self._client.put_object(
                    self.bucket,
                    key,
                    cast("BinaryIO", source),
                    length=-1,
                    part_size=self._settings.part_size,
                    num_parallel_uploads=1,
                    content_type=content_type,
                )
        except StoreError:
            if source.error is not None:
                raise source.error from None
            raise
        return StoredObject(key, source.size, written.etag or "")

    def begin(self, key: str, content_type: str = DEFAULT_CONTENT_TYPE) -> MultipartUpload:
        """An object that the caller writes part by part, several at once. Nothing is sent before the first part."""
        return MultipartUpload(self._client, self._http, self.bucket, key, content_type)

    def put_bytes(self, key: str, data: bytes, content_type: str = DEFAULT_CONTENT_TYPE) -> StoredObject:
        """Write a small object in one request."""
        with translated(key):
            written = self._client.put_object(
                self.bucket, key, io.BytesIO(data), len(data), content_type=content_type, num_parallel_uploads=1
            )
        return StoredObject(key, len(data), written.etag or "")

    @contextmanager
    def open(self, key: str, offset: int = 0, length: int | None = None) -> Iterator[ObjectReader]:
        """Read an object, or ``length`` bytes of it from ``offset``. Raises ``ObjectMissing``."""
        reader = ObjectReader(key, self._download, offset, length, self._settings.retries)
        try:
            yield reader
        finally:
            reader.close()

    def read_bytes(self, key: str, limit: int) -> bytes:
        """The whole of a small object. Raises ``ObjectMissing``, and ``ObjectTooLarge`` past ``limit`` bytes."""
        with self.open(key) as reader:
            data = reader.read(limit + 1)
        if len(data) > limit:
            raise ObjectTooLarge(f"{key} is larger than the limit of {limit} bytes")
        return data

    def stat(self, key: str) -> ObjectInfo | None:
        """What is known about an object, or None when there is none."""
        try:
            with translated(key):
                found = self._client.stat_object(self.bucket, key)
        except ObjectMissing:
            return None
        return _info(found)

    def list(self, prefix: str, recursive: bool = True, start_after: str = "") -> Iterator[ObjectInfo]:
        """All objects under a prefix, in the order of their keys, page by page.

        Not recursive: only those whose key has no further ``/``. ``start_after`` leaves out the
        keys up to and including that one.
        """
        with translated(prefix):
            for found in self._client.list_objects(
                self.bucket, prefix, recursive=recursive, start_after=start_after or None
            ):
                if not found.is_dir:
                    yield _info(found)

    def folders(self, prefix: str) -> Iterator[str]:
        """The common prefixes one level below ``prefix``, each with its final ``/``."""
        with translated(prefix):
            for found in self._client.list_objects(self.bucket, prefix):
                if found.is_dir:
                    yield str(found.object_name)

    def remove(self, key: str) -> None:
        """Delete one object. Deleting what is gone is success."""
        try:
            with translated(key):
                self._client.remove_object(self.bucket, key)
        except ObjectMissing:
            return

    def delete(self, prefix: str) -> int:
        """Delete everything under a folder, a thousand objects a request; returns how many there were."""
        if not prefix.endswith("/"):
            raise ValueError(f"{prefix!r} is no folder: imports/4 would also delete imports/41")
        count = 0

        def keys() -> Iterator[DeleteObject]:
            nonlocal count
            for found in self.list(prefix):
                count += 1
                yield DeleteObject(found.key)

        with translated(prefix):
            for error in self._client.remove_objects(self.bucket, keys()):
                if error.code not in MISSING:
                    raise StoreError(f"{error.name} was not deleted: {error.code}: {error.message}")
        return count

    def abort_incomplete(self, prefix: str, older_than: datetime) -> int:
        """Abort multipart uploads under a prefix that were started before a moment; returns how many.

        A writer that dies leaves one behind. MinIO shows them only for a whole key and removes them
        by itself after a day; other services keep them (and their cost) until someone does this.
        """
        count = 0
        for upload in self._incomplete(prefix):
            started, key, upload_id = upload.initiated_time, upload.object_name, upload.upload_id
            if key and upload_id and started is not None and _utc(started) < older_than:
                with translated(key):
                    self._client._abort_multipart_upload(self.bucket, key, upload_id)  # noqa: SLF001
                count += 1
        return count

    def _incomplete(self, prefix: str) -> Iterator[Upload]:
        # The client has listing and aborting only for its own use.
        key_marker: str | None = None
        id_marker: str | None = None
        while True:
            with translated(prefix):
                page = self._client._list_multipart_uploads(  # noqa: SLF001
                    self.bucket, prefix=prefix, key_marker=key_marker, upload_id_marker=id_marker
                )
            yield from page.uploads
            if not page.is_truncated:
                return
            key_marker, id_marker = page.next_key_marker, page.next_upload_id_marker

    def _download(self, key: str, offset: int, length: int | None) -> urllib3.BaseHTTPResponse:
        try:
            with translated(key):
                return self._client.get_object(self.bucket, key, offset=offset, length=length or 0)
        except (BehindTheEnd, ObjectMissing, Unavailable):
            raise
        except StoreError:
            # S3 cuts a range off at the end of the object; not every service does, some refuse it.
            found = self.stat(key) if offset or length else None
            left = found.size - offset if found else 0
            if found and left <= 0:
                raise BehindTheEnd(f"{key} has only {found.size} bytes") from None
            if length is None or length <= left:
                raise
            return self._download(key, offset, left)


class _Source:
    """The stream of an upload: counts its bytes, and remembers its error to tell it from the service's."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.size = 0
        self.error: Exception | None = None

    def read(self, size: int) -> bytes:
        try:
            data = self._stream.read(size)
        except Exception as error:
            self.error = error
            raise _SourceFailed(str(error)) from error
        self.size += len(data)
        return data


class _SourceFailed(StoreError):  # noqa: N818
    """The stream of an upload raised."""


def _info(found: Any) -> ObjectInfo:
    return ObjectInfo(
        key=str(found.object_name),
        size=int(found.size or 0),
        modified=_utc(found.last_modified) if found.last_modified else datetime.fromtimestamp(0, UTC),
        etag=found.etag or "",
        content_type=found.content_type or "",
    )


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
