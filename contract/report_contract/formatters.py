"""The formats that can be imported. ``GET /api/v2/formatters`` and the check of the formatter in
an upload read this table; the parsers themselves are the processor's, and ``make generate`` makes
``formatter_rows`` from what they say of themselves.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

from report_contract.formatter_rows import ROWS


@dataclass(frozen=True, slots=True)
class Formatter:
    """One format."""

    key: str
    """What the caller writes in the path or in ``formatter``."""
    origin: str
    """What the report shows as its origin: tool and kind of file."""
    title: str
    """Name for people."""
    expects: str
    """What a file of this format looks like."""
    mapping: str
    """How its words become the report's."""
    example: str
    """The shortest file that makes sense."""
    limits: str
    """What is not read of it; may be empty."""
    kinds: tuple[str, ...]
    """What its files are made of: ``xml``, ``json``, ``lines``."""
    roots: tuple[str, ...]
    """Of XML: the root elements, without prefix."""
    merges: bool
    """Whether ``merge_containers`` is on when the caller does not say."""

    def plain(self) -> dict[str, Any]:
        """As ``GET /api/v2/formatters`` gives it."""
        return {**asdict(self), "kinds": list(self.kinds), "roots": list(self.roots)}


FORMATTERS: Final[dict[str, Formatter]] = {row["key"]: Formatter(**row) for row in ROWS}
"""By key."""
