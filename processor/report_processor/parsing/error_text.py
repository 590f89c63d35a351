"""Errors as one text, the way most tools write them: type, message and backtrace one after the other."""

import re
from typing import Final

_TRACE: Final = re.compile(r"\n(?=[ \t]+at |[^\s:]{1,500}:\d+:in |Traceback \()")
_TYPE: Final = re.compile(
    r"((?:[\w$]{1,100}(?:\.|::)){0,20}[\w$]{0,100}?(?:Error|Exception|Failure|Failed|Fault|Throwable))"
    r"(?: \[\w{1,50}\])?(?::[ \t]*|[ \t]*(?=\n|$))"
)
_RUBY: Final = re.compile(r" ?\(((?:[A-Z]\w{0,100}::){0,20}[A-Z]\w{0,100})\)\s*\Z")
_PYTEST: Final = re.compile(r"^E {1,7}(\S.*)$", re.MULTILINE)
_PYTEST_END: Final = re.compile(r":\d+: (\w{1,100})\s*\Z")


def problem(text: str) -> tuple[str, str, str]:
    """Type, message and backtrace out of the one text that most tools write for the three."""
    text = text.strip("\r\n")
    if not text:
        return "", "", ""
    found = _TRACE.search(text)
    head, trace = (text[: found.start()], text[found.end() :]) if found else (text, "")
    if kind := _TYPE.match(head):
        return kind[1], head[kind.end() :].strip(), trace
    if kind := _RUBY.search(head[-2500:]):
        return kind[1], head[: len(head) - len(kind[0])].strip(), trace
    if not trace and (lines := _PYTEST.findall(text)):
        end = _PYTEST_END.search(text[-500:])
        return end[1] if end else "", "\n".join(lines), text
    return "", head, trace
