"""An object that is written part by part, by a caller who has the parts in memory of its own.

``ObjectStore.put`` reads a stream and sends one part after the other. This is for the one place where
that is too slow: the upload of a client, who waits for the answer. Parts can be sent by several
threads at once, from buffers that are used again and again.

Parts go to presigned addresses, whose payload is not part of the signature: hashing each part again
(twice, as the service does it too) would cost more than all the rest of the upload. The caller has
a SHA-256 of the whole object, which its reader checks.
"""

import threading
from datetime import timedelta
from typing import Any, Final

import urllib3
from minio import Minio
from minio.datatypes import Part
from minio.error import InvalidResponseError, MinioException, S3Error

from report_stores.errors import StoreError
from report_stores.translating import translated


class MultipartUpload:
    """One object in the making. It appears when ``complete`` returns; ``abort`` leaves nothing of it."""

    def __init__(self, client: Minio, http: urllib3.PoolManager, bucket: str, key: str, content_type: str) -> None:
        self.key: Final = key
        self._client = client
        self._http = http
        self._bucket = bucket
        self._content_type = content_type
        self._lock = threading.Lock()
        self._upload_id: str | None = None
        self._etags: dict[int, str] = {}

    def part(self, number: int, data: bytes | bytearray | memoryview) -> None:
        """Send a part; ``number`` counts from 1. All but the last have at least 5 MiB. May run in several threads."""
        etag = self._send(data, {"partNumber": str(number), "uploadId": self._begin()})
        if not etag:
            raise StoreError(f"{self.key}: part {number} was taken without an etag")
        with self._lock:
            self._etags[number] = etag

    def whole(self, data: bytes | bytearray | memoryview) -> None:
        """Write the object in one request instead of in parts."""
        self._send(data, {})

    def complete(self) -> None:
        """Make the object of its parts. Call it when all calls of ``part`` have returned."""
        upload_id = self._begin()
        parts = [Part(number, self._etags[number]) for number in sorted(self._etags)]
        with translated(self.key):
            self._client._complete_multipart_upload(self._bucket, self.key, upload_id, parts)  # noqa: SLF001

    def abort(self) -> None:
        """Give it up and remove its parts. Call it when no call of ``part`` runs any more."""
        if self._upload_id is not None:
            with translated(self.key):
                self._client._abort_multipart_upload(self._bucket, self.key, self._upload_id)  # noqa: SLF001
            self._upload_id = None

    def _send(self, data: bytes | bytearray | memoryview, query: dict[str, str]) -> str:
        with translated(self.key):
            address = self._client.get_presigned_url(
                "PUT", self._bucket, self.key, expires=timedelta(minutes=15), extra_query_params=dict(query)
            )
            response = self._http.urlopen("PUT", address, body=data, headers={"content-type": self._content_type})
            if response.status != 200:
                raise _error_of(response)
        return response.headers.get("etag", "").strip('"')

    def _begin(self) -> str:
        with self._lock:
            if self._upload_id is None:
                headers: Any = {"Content-Type": self._content_type}
                with translated(self.key):
                    begun = self._client._create_multipart_upload(self._bucket, self.key, headers)  # noqa: SLF001
                self._upload_id = begun
            return self._upload_id


def _error_of(response: urllib3.BaseHTTPResponse) -> MinioException:
    content_type = response.headers.get("content-type", "")
    if "application/xml" in content_type and response.data:
        return S3Error.fromxml(response)
    return InvalidResponseError(response.status, content_type, response.data.decode(errors="replace")[:500])
