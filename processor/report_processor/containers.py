"""The containers that are open while a report is collected."""

from typing import Final

from report_processor import identity
from report_processor.retries import Held, Names

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
        "line",
        "names",
        "parent",
        "path",
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
        self.names = Names()
        if parent is None:
            self.digest = identity.REPORT
            self.path = ""
        else:
            self.digest = identity.of_container(parent.digest, title, classification)
            path = f"{parent.path}{_SEPARATOR}{title}" if parent.path else title
            self.path = path if len(path) <= _MAX_PATH else path[:_MAX_PATH]
