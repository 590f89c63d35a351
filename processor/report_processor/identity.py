"""What makes a container or a result the same in two reports, and a report's outcome the same as another's.

``history_hash`` of a result is SHA-1 over its container's digest, the length of its
classification, a colon, its classification and its title; a container's digest is made of its
parent's in the same way, and twenty zero bytes stand above the top. So it depends on the titles and
classifications from the top down, and on nothing else: not on outcome, order, file or machine; what of
a path a CI system adds (``checkout``) is left out.
The length makes the parts unambiguous. ``status_hash`` of the report is SHA-1 over the sums of the
history hashes by status, so that the order of the tests does not matter to it either.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from report_processor.checkout import title_of_path
from report_processor.events import Column

REPORT: Final = bytes(20)
"""The digest of the report itself, which the containers at the top are in."""

_sha1 = hashlib.sha1


def of_container(parent: bytes, title: str, classification: str) -> bytes:
    """The digest of a container in one of that digest."""
    return of_result(parent, title_of_path(title), classification)


def of_result(parent: bytes, title: str, classification: str) -> bytes:
    """The digest of a result in a container of that digest."""
    if "/" in classification or "\\" in classification:
        classification = title_of_path(classification)
    return _sha1(parent + f"{len(classification)}:{classification}{title}".encode()).digest()


def of_results(parent: bytes, titles: Sequence[str], classifications: Column) -> list[bytes]:
    """The digests of many results in it."""
    if isinstance(classifications, str):
        kind = title_of_path(classifications)
        prefix = parent + f"{len(kind)}:{kind}".encode()
        return [_sha1(prefix + title.encode()).digest() for title in titles]
    return [
        _sha1(parent + f"{len(kind)}:{kind}{title}".encode()).digest()
        for title, kind in zip(titles, map(title_of_path, classifications), strict=True)
    ]


def of_outcomes(counts: Sequence[int], sums: Sequence[int]) -> str:
    """``status_hash``. ``sums``: by status, of the identities of the results, as numbers."""
    lines = "\n".join(f"{count} {total % (1 << 160):040x}" for count, total in zip(counts, sums, strict=True))
    return _sha1(lines.encode()).hexdigest()
