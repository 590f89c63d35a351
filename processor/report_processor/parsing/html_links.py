"""The files that a message written in HTML links to or shows: screenshots in the logs of Robot Framework and TestNG."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from html import unescape
from typing import Final
from urllib.parse import unquote

from report_processor import limits
from report_processor.events import Recorder
from report_processor.parsing.draft import Draft

_LINK: Final = re.compile(
    r"""<(?:a|img|video|audio|source|iframe|embed|object)\b[^<>]{0,2000}?\s(?:href|src|data)\s*=\s*(?:"([^"]*)"|'([^']*)')""",
    re.IGNORECASE,
)
_ELSEWHERE: Final = re.compile(r"#|//|(?!file:)[a-z][a-z0-9+.-]+:", re.IGNORECASE)
"""Addresses that are no file beside the report. A single letter before the colon is a drive."""
_DATA: Final = re.compile(r"data:([a-z]+)/([a-z0-9]+)[^,]*;base64,", re.IGNORECASE)
_BREAK: Final = re.compile(r"<(?:br|/p|/tr|/div|/li)\b[^<>]*>\n?", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")


def links(text: str) -> list[str]:
    """Addresses in the order of the text, each once: paths, decoded, and whole ``data:`` addresses."""
    found = []
    for match in _LINK.finditer(text):
        address = unescape(match[1] or match[2] or "").strip()
        if _DATA.match(address):
            found.append(address)
        elif address and not _ELSEWHERE.match(address):
            path = address.partition("?")[0].partition("#")[0]
            if not path.endswith("/"):
                found.append(unquote(path.removeprefix("file://")))
    return list(dict.fromkeys(found))


def plain(text: str) -> str:
    """The text as it is read: without tags, with line breaks, embedded files left out."""
    return unescape(_TAG.sub("", _BREAK.sub("\n", text))).strip()


class Embeds:
    """Hands over embedded files under names that are unique in the report."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder: Final = recorder

    def attach(self, draft: Draft, text: str) -> bool:
        """All files in a message become assets of the result; tells whether there were any."""
        found = links(text)
        for address in found:
            name = self._stored(address) if address[:5].lower() == "data:" else address
            if name:
                draft.asset(name)
        return bool(found)

    def _stored(self, address: str) -> str:
        found = _DATA.match(address)
        if found is None:
            return ""
        try:
            data = b64decode(address[found.end() :])
        except (Base64Error, ValueError):
            self._recorder.note("field_cut", f"an embedded file of {len(address)} characters cannot be decoded")
            return ""
        kind = "jpg" if found[2].lower() == "jpeg" else found[2].lower()
        return self._recorder.embed(data, f".{kind[:20]}")


HTML: Final = limits.VALUE
"""Characters of a message in HTML that are looked at: an embedded screenshot is one long address."""
