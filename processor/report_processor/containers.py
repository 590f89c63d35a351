"""The containers that are open while a report is collected."""

import hashlib
from typing import Final

from report_processor.checkout import title_of_path
from report_processor.retries import Held

_ROOT_DIGEST: Final = bytes(20)
_MAX_PATH: Final = 4_000
"""Characters of ``container_path``. The titles themselves are whole in ``containers.parquet``."""
_SEPARATOR: Final = " > "


class Container:
    """A container that is open."""

    __slots__ = (
        "classification",
        "counts",
        "description",
        "digest",
        "duration",
        "held",
        "id",
        "latest",
        "line",
        "parent",
        "path",
        "shares",
        "timed",
        "title",
    )

    def __init__(
        self,
        number: int,
        parent: "Container | None",
        title: str = "",
        classification: str = "",
        *,
        line: int = 0,
        description: str = "",
    ) -> None:
        """``parent`` is None for the report itself, whose number is 0."""
        self.id: Final = number
        self.parent: Final = parent
        self.title: Final = title
        self.classification: Final = classification
        self.line: Final = line
        self.description: Final = description
        self.counts = [0] * 6
        self.duration = 0.0
        self.timed = 0
        """Results with a duration."""
        self.held: Held | None = None
        """Failures that another run may join."""
        self.latest = b""
        """Identity of its latest result, if that passed."""
        self.shares = False
        """Two results in it passed under one name, one right after the other."""
        if parent is None:
            self.digest = _ROOT_DIGEST
            self.path = ""
        else:
            self.digest = identity(parent.digest, title, classification)
            path = f"{parent.path}{_SEPARATOR}{title}" if parent.path else title
            self.path = path if len(path) <= _MAX_PATH else path[:_MAX_PATH]


def identity(parent: bytes, title: str, classification: str) -> bytes:
    """The digest of a container or result in a container of that digest.

    Folders into which CI systems check out are left out of names that are paths (``checkout``): a history
    goes on when the same project is tested on another machine.
    """
    title, classification = title_of_path(title), title_of_path(classification)
    return hashlib.sha1(
        parent + f"{len(classification)}:{classification}{title}".encode(), usedforsecurity=False
    ).digest()
