"""The formats that can be imported. ``GET /api/v2/formatters`` and the check of the formatter in
an upload read this table; the parsers themselves are the processor's, and ``make generate`` makes
``formatter_rows`` and ``formatter_texts`` from what they say of themselves.
"""

from collections.abc import Iterable
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
    kinds: tuple[str, ...]
    """What its files are made of: ``xml``, ``json``, ``lines``."""
    roots: tuple[str, ...]
    """Of XML: the root elements, without prefix."""
    merges: bool
    """Whether ``merge_containers`` is on when the caller does not say."""

    @property
    def mapping(self) -> str:
        """How its words become the report's."""
        return self._texts["mapping"]

    @property
    def example(self) -> str:
        """The shortest file that makes sense."""
        return self._texts["example"]

    @property
    def limits(self) -> str:
        """What is not read of it; may be empty."""
        return self._texts["limits"]

    def plain(self) -> dict[str, Any]:
        """As ``GET /api/v2/formatters`` gives it."""
        return {**asdict(self), **self._texts, "kinds": list(self.kinds), "roots": list(self.roots)}

    @property
    def _texts(self) -> dict[str, str]:
        from report_contract.formatter_texts import TEXTS  # noqa: PLC0415  # 1 MB that an import does without

        return TEXTS[self.key]


FORMATTERS: Final[dict[str, Formatter]] = {row["key"]: Formatter(**row) for row in ROWS}
"""By key."""


def origin_of(keys: Iterable[str]) -> str:
    """``origin`` of a report with files of these formats: ``mixed`` of several ones; empty when there are none."""
    origins = {FORMATTERS[key].origin for key in keys if key in FORMATTERS}
    return origins.pop() if len(origins) == 1 else "mixed" if origins else ""
