"""The formats that can be imported. ``GET /api/v2/formatters`` and the check of the formatter in
an upload read this table; the parsers themselves are the processor's.
"""

from dataclasses import dataclass
from typing import Final


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


FORMATTERS: Final[dict[str, Formatter]] = {
    formatter.key: formatter
    for formatter in (
        Formatter(
            key="junit",
            origin="junit_xml",
            title="JUnit XML",
            expects="XML with the root element <testsuites> or <testsuite>, as pytest, Maven Surefire, Gradle, "
            "Ant, Jest, Mocha, Playwright, gotestsum, PHPUnit, node:test and many others write it.",
        ),
    )
}
