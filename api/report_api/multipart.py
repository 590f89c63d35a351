"""A multipart form as it arrives: bytes in, events out, no I/O.

``feed`` returns what a chunk of the body meant: a part began, bytes of it, it ended. Whoever calls
it decides where the bytes go, so that a file can be stored while it arrives. Limits that are about
the form itself are kept here; each names itself in the error.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MAX_BOUNDARY_LENGTH, MultipartParser

from report_api.errors import ApiError, limit_exceeded
from report_contract.objectkeys import DIRECTIONS

logging.getLogger("python_multipart").setLevel(logging.ERROR)  # a bad form is the client's to know, and is told

_UNLIMITED: Final = 2**40
"""For the limits of the underlying parser that are kept here instead, with better errors."""
_MAX_PREAMBLE: Final = 64 * 1024
"""Bytes before the first boundary (RFC 2046 allows them, and they mean nothing)."""
_AS_IT_IS: Final = frozenset({b"", b"binary", b"8bit", b"7bit"})
"""Values of Content-Transfer-Encoding that leave the bytes alone."""
_PARAMETER: Final = re.compile(r';[ \t]*([^\s=;"]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))', re.DOTALL)
_CONTROL: Final = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029{DIRECTIONS}]")
_MAX_NAME: Final = 1024
"""Characters of a file name that are kept, counted from its end."""


@dataclass(frozen=True, slots=True)
class PartBegin:
    """The headers of a part are complete."""

    field: str
    """Name of the form field."""
    filename: str | None
    """File name as the client sent it, or None: a part that is no file, or claims not to be."""


@dataclass(frozen=True, slots=True)
class PartData:
    """Bytes of the current part."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The current part is complete."""


Event = PartBegin | PartData | PartEnd


class FormReader:
    """Reads one form. ``boundary`` may be empty: then the body itself must begin with it."""

    def __init__(self, boundary: str, *, max_part_header_bytes: int) -> None:
        self._boundary = boundary.encode("latin-1", "replace")
        self._max_header = max_part_header_bytes
        self._parser: MultipartParser | None = None
        self._head = b""
        self._events: list[Event] = []
        self._header_bytes = 0
        self._name = bytearray()
        self._value = bytearray()
        self._disposition: bytes | None = None
        self._in_part = False
        self._ended = False

    def feed(self, chunk: bytes) -> list[Event]:
        """The events of the next bytes of the body. Raises ``ApiError`` for a form that is none."""
        if self._parser is None:
            self._head += chunk
            boundary = self._boundary or self._sniff()
            if boundary is None:
                return []
            if len(boundary) > MAX_BOUNDARY_LENGTH:
                raise ApiError(400, "wrong_boundary", f"The boundary has more than {MAX_BOUNDARY_LENGTH} characters.")
            if not self._begins(b"--" + boundary):
                return []
            self._parser = self._make_parser(boundary)
            chunk, self._head = self._head, b""
        if self._ended:
            return []  # an epilogue means nothing
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise self._malformed(error) from error
        events, self._events = self._events, []
        return events

    def finish(self) -> None:
        """The body has ended. Raises ``ApiError`` unless the form had ended before it."""
        if self._parser is None and self._head:
            delimiter = b"--" + self._boundary
            if not self._boundary:
                raise _no_boundary()
            if not delimiter.startswith(self._head.lstrip(b"\r\n")) and delimiter not in self._head:
                raise _wrong_boundary()
        if self._head or (self._parser is not None and not self._ended):
            where = "in the middle of a part" if self._in_part else "before its last boundary"
            raise ApiError(
                400,
                "truncated_body",
                f"The multipart body ends {where}: the last boundary, followed by two hyphens, is missing.",
            )

    def _sniff(self) -> bytes | None:
        """The boundary that the body begins with; None while its first line is not complete."""
        start = self._head.lstrip(b"\r\n")
        line, end, _ = start.partition(b"\r\n")
        if line.startswith(b"--") and b"\n" in line[: MAX_BOUNDARY_LENGTH + 2]:
            raise _wrong_line_ends()
        if (start and not b"--".startswith(start[:2])) or len(line) > MAX_BOUNDARY_LENGTH + 2:
            raise _no_boundary()
        if not end:
            return None
        if len(line) <= 2:
            raise _no_boundary()
        return line[2:]

    def _begins(self, delimiter: bytes) -> bool:
        """Whether the first boundary is there; what stands before it is dropped."""
        start = 0 if self._head.startswith(delimiter) else self._head.find(b"\n" + delimiter) + 1
        if start == 0 and not self._head.startswith(delimiter):
            if len(self._head) > _MAX_PREAMBLE:
                raise _wrong_boundary()
            return False
        after = self._head[start + len(delimiter) :][:1]
        if after == b"\n":
            raise _wrong_line_ends()
        self._head = self._head[start:]
        return bool(after)

    def _make_parser(self, boundary: bytes) -> MultipartParser:
        callbacks: dict[str, Callable[..., Any]] = {
            "on_part_begin": self._on_part_begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }
        return MultipartParser(
            boundary, cast("Any", callbacks), max_header_count=_UNLIMITED, max_header_size=_UNLIMITED
        )

    def _malformed(self, error: FormParserError) -> ApiError:
        if not self._in_part and self._header_bytes == 0:
            return _wrong_boundary()
        return ApiError(400, "malformed_body", f"The multipart body breaks the rules of its format: {error}.")

    def _on_part_begin(self) -> None:
        self._in_part = True
        self._header_bytes = 0
        self._disposition = None
        self._name.clear()
        self._value.clear()

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > self._max_header:
            raise limit_exceeded(
                "part_header_too_large",
                f"The header of a part is larger than {self._max_header} bytes (max_part_header_bytes).",
            )

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        name, value = bytes(self._name).lower(), bytes(self._value)
        if name == b"content-disposition":
            self._disposition = value
        if name == b"content-transfer-encoding" and value.strip().lower() not in _AS_IT_IS:
            raise ApiError(
                400,
                "unsupported_encoding",
                f"A part has the header Content-Transfer-Encoding: {text_of(value.strip())[:40]}. "
                "Send the bytes of a file as they are, without this header.",
            )
        self._name.clear()
        self._value.clear()

    def _on_headers_finished(self) -> None:
        if self._disposition is None:
            raise ApiError(400, "malformed_body", "A part has no Content-Disposition header.")
        parameters = read_parameters(text_of(self._disposition))
        field = parameters.get("name")
        if field is None:
            raise ApiError(400, "malformed_body", "A part's Content-Disposition header has no name.")
        self._events.append(PartBegin(field, file_name_of(parameters)))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(PartData(data[start:end]))

    def _on_part_end(self) -> None:
        self._in_part = False
        self._events.append(PartEnd())

    def _on_end(self) -> None:
        self._ended = True


def _wrong_boundary() -> ApiError:
    return ApiError(
        400,
        "wrong_boundary",
        "The body does not begin with the boundary that the Content-Type header declares. "
        "Let the HTTP library set this header by itself.",
    )


def _wrong_line_ends() -> ApiError:
    return ApiError(
        400,
        "wrong_line_ends",
        "The lines of the multipart body end with LF alone: after a boundary and in the header of a part, "
        "RFC 2046 asks for CR and LF.",
    )


def _no_boundary() -> ApiError:
    return ApiError(
        400,
        "missing_boundary",
        "The Content-Type header says multipart but names no boundary, and the body does not begin with one. "
        "Let the HTTP library set this header by itself.",
    )


def read_parameters(header: str) -> dict[str, str]:
    """The parameters of a header such as ``form-data; name="file[]"; filename="x.xml"``.

    Only a quote may be escaped: a backslash before anything else is part of the value, because
    clients send Windows paths as they are. The first of two equal names counts.
    """
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(header):
        quoted, bare = match[2], match[3]
        value = quoted.replace('\\"', '"') if quoted is not None else bare.strip()
        found.setdefault(match[1].lower(), value)
    return found


def file_name_of(parameters: dict[str, str]) -> str | None:
    """The file name in the parameters of a Content-Disposition header, without control characters."""
    extended = parameters.get("filename*")
    name = _extended_value(extended) if extended is not None else None
    if name is None:
        name = parameters.get("filename")
    return None if name is None else clean_name(name)


def clean_name(name: str) -> str:
    """A client's file name as it is shown: control characters and those that change the direction of
    text become ``_``, and at most its last 1024 characters are kept. Folders stay; the object key is made without them.
    """
    return _CONTROL.sub("_", name)[-_MAX_NAME:]


def _extended_value(value: str) -> str | None:
    """RFC 8187: ``UTF-8''na%C3%AFve.xml``. None when it is not of that form."""
    charset, _, rest = value.partition("'")
    _, separator, encoded = rest.partition("'")
    if not separator or charset.lower() not in {"utf-8", "iso-8859-1"}:
        return None
    return unquote_to_bytes(encoded).decode(charset, "replace")


def text_of(raw: bytes) -> str:
    """Header or field bytes as text: UTF-8, and Latin-1 for older clients."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
