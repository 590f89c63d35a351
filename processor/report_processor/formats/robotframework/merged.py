"""The outcomes of a test that ran again, as ``rebot --merge`` tells them in its message.

Until version 2.9 that is plain text, with ``-  -  -`` for a line; later it is HTML. Version 3.0 puts the whole message
of an earlier merge into the next one, so that a ``New status`` that is not the first repeats the ``Old status`` before.
Later versions list one new and any number of old outcomes.
"""

import re
from typing import Final

from report_processor.events import FAILED, PASSED, SKIPPED, UNKNOWN
from report_processor.parsing.html_links import plain

_MERGED: Final = re.compile(
    r"""\s*(?:<span class="merge">)?(?:Re-executed (?:test|task) has been merged|(?:Test|Task) has been re-executed)"""
)
_OUTCOME: Final = re.compile(
    r"""(?:<hr>|\n-  -  -\n)\s*(?:<span class="(?:new|old)-status">)?(New|Old) status:(?:</span>)?\s*"""
    r"""(?:<span class="\w{1,20}">)?(PASS|FAIL|SKIP|NOT RUN)\b(?:</span>)?"""
)
_MESSAGE: Final = re.compile(
    r"""\s*(?:<br>)?(?:<span class="(?:new|old)-message">)?(?:(?:New|Old) message:)?(?:</span>)?\s*"""
)
STATUS: Final = {"PASS": PASSED, "FAIL": FAILED, "SKIP": SKIPPED, "NOT RUN": SKIPPED}

Outcome = tuple[int, str]
"""Status and message."""


def outcomes(html: str) -> list[Outcome]:
    """All outcomes in the order of the runs; none when the message is not that of a merge."""
    if _MERGED.match(html) is None:
        return []
    told = _OUTCOME.split(html)
    found: list[Outcome] = []
    for which, word, rest in zip(told[1::3], told[2::3], told[3::3], strict=True):
        if which == "New" and found:
            found.pop()
        begin = _MESSAGE.match(rest)
        found.append((STATUS.get(word, UNKNOWN), plain(rest[begin.end() :] if begin else rest)))
    return found[::-1]
