"""The formats that can be read: one module or package each, with a ``FORMAT``. See ``parsing.base`` for what that is.

A format is added by writing its module, out of the parts in ``parsing``; ``make generate`` then puts it into the
list that the other parts of the system read (``report_contract.formatters``) and into ``docs/formats.md``. A module
is imported only when a file may be of its format: forty parsers would be memory for nothing.
"""

import importlib
from collections.abc import Iterable, Iterator
from typing import Final

from report_contract.formatters import FORMATTERS
from report_processor.detect import Head, is_binary_report, keys_of
from report_processor.parsing.base import BINARY, JSON, LINES, XML, Format


def load(key: str) -> Format:
    """The format with this key, one of ``FORMATTERS``."""
    found: Format = importlib.import_module(f"report_processor.formats.{key.replace('-', '_')}").FORMAT
    return found


_LIKE_ROOT: Final = 0.75


def matches(head: Head, named: str = "") -> list[tuple[Format, str]]:
    """The formats that a file with this beginning is of, and the evidence for each; ``named``: only that key."""
    if named and (accepts := load(named).accepts) is not None:
        evidence = accepts(head)
        return [(load(named), evidence)] if evidence else []
    candidates = _candidates(head, (named,) if named else FORMATTERS)
    return [(found, evidence) for found in candidates if (evidence := found.recognise(head))]


def nearest(head: Head) -> str:
    """Key of the format that a file, which is of none, looks most like; empty when it looks like none.

    XML is compared by the name of its root element, JSON by the keys of its first object.
    """
    if head.xml_root is not None:
        from difflib import get_close_matches  # noqa: PLC0415  # hardly ever needed

        roots = {root: key for key, formatter in FORMATTERS.items() for root in formatter.roots}
        found = get_close_matches(head.xml_root.name, roots, n=1, cutoff=_LIKE_ROOT)
        return roots[found[0]] if found else ""
    keys = set(keys_of(head))
    best, shared = "", 1
    for key, formatter in FORMATTERS.items():
        own = set(keys_of(Head(formatter.example))) if JSON in formatter.kinds else set()
        if len(keys & own) > max(shared, len(own) // 3):
            best, shared = key, len(keys & own)
    return best


def _candidates(head: Head, keys: Iterable[str]) -> Iterator[Format]:
    if is_binary_report(head.data):
        yield from (load(key) for key in keys if BINARY in FORMATTERS[key].kinds)
        return
    root = head.xml_root
    kind = XML if root is not None else JSON if head.looks_like_json else LINES
    for key in keys:
        formatter = FORMATTERS[key]
        if kind in formatter.kinds and (root is None or not formatter.roots or root.name in formatter.roots):
            yield load(key)
