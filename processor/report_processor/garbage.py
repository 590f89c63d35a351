"""Python's search for unreachable cycles, which an import hardly has."""

import gc
from typing import Final

_OBJECTS: Final = 20_000
"""New objects between two searches, instead of 700: some megabytes."""


def search_seldom() -> None:
    """Look for cycles less often, and not at all among what was imported.

    A result is a few tuples, and each search looks at those of the whole piece of the file. That took up to a fifth
    of the time of a parser.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS, 20, 50)
