"""An object while it is read: from one connection, or from several when they break."""

from collections.abc import Callable
from typing import Final

import urllib3

from report_stores.errors import Unavailable
from report_stores.translating import BehindTheEnd

Download = Callable[[str, int, int | None], urllib3.BaseHTTPResponse]
"""Opens ``length`` bytes of the object ``key`` from ``offset``; None is all that follow. Raises
``BehindTheEnd`` where the object has none."""


class ObjectReader:
    """An object being read. A connection that breaks is opened again where it broke."""

    def __init__(
        self,
        key: str,
        download: Download,
        offset: int,
        length: int | None,
        retries: int,
    ) -> None:
        self.key: Final = key
        self._download = download
        self._position = offset
        self._left = length
        self._retries = retries
        self._response: urllib3.BaseHTTPResponse | None = None
        self._etag = ""
        self._connect()

    def read(self, size: int, /) -> bytes:
        """The next ``size`` bytes; fewer only at the end of the object, none behind it."""
        wanted = size if self._left is None else min(size, self._left)
        pieces: list[bytes] = []
        while wanted > 0:
            piece = self._read_once(wanted)
            if not piece:
                break
            pieces.append(piece)
            wanted -= len(piece)
            self._position += len(piece)
            if self._left is not None:
                self._left -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        """Let the connection go. What was not read is not fetched."""
        response, self._response = self._response, None
        if response is not None:
            response.close()
            response.release_conn()

    def _read_once(self, size: int) -> bytes:
        while self._response is not None:
            try:
                # Byte for byte: an object with a content encoding stays encoded.
                return self._response.read(size, decode_content=False)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                self.close()
                if self._retries <= 0:
                    raise Unavailable(f"{self.key}: reading broke off at byte {self._position}: {error}") from error
                self._retries -= 1
                self._connect()
        return b""

    def _connect(self) -> None:
        if self._left == 0:
            return
        try:
            self._response = self._download(self.key, self._position, self._left)
        except BehindTheEnd:
            return
        etag = self._response.headers.get("etag", "")
        if self._etag and etag != self._etag:
            self.close()
            raise Unavailable(f"{self.key} was replaced while it was read")
        self._etag = etag
