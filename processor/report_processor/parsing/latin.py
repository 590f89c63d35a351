"""Classes of characters that are matched faster.

``[^"<&]`` is looked up as "not (one of these)", which takes nearly twice as long as ``[ !#-%'-;=-ÿ]``, for which one
bit is looked up. Nearly all of the time of an expression goes into such classes, so expressions that are learnt from a
text of Latin-1 are written in the second way. Other text is then matched by an expression that was learnt from such.
"""

import re
from functools import lru_cache
from typing import Final

_LATIN: Final = [chr(code) for code in range(0x100)]
_NEGATED: Final = re.compile(r"\[\^(?:[^\\\]]|\\.){2,}\]")
"""``[^<]`` is the fastest of all."""


def of_latin(expression: str, example: str) -> str:
    """The expression for what is written like the example, by ranges up to U+00FF if that has no other characters."""
    if max(example, default="") > _LATIN[-1]:
        return expression
    return _NEGATED.sub(lambda found: _ranges(found[0]), expression)


@lru_cache(maxsize=200)
def _ranges(negated: str) -> str:
    """The characters of Latin-1 in a class."""
    matches = re.compile(negated).match
    ranges: list[list[int]] = []
    for code in (ord(one) for one in _LATIN if matches(one)):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[{}]".format("".join(rf"\x{first:02x}-\x{last:02x}" for first, last in ranges))
