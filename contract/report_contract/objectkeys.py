"""Where things lie in object storage. One folder an import; the profile index beside it."""

import re
from typing import Final

IMPORTS: Final = "imports/"
PROFILES: Final = "profiles/"

_MAX_NAME_BYTES: Final = 200
_SEPARATORS: Final = re.compile(r"[\\/]+")
DIRECTIONS: Final = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""For a class of a regular expression: characters that change the direction of text. With them a name
can be shown as another one: what ends in ``fdp.exe`` as what ends in ``exe.pdf``."""
_ENTRY: Final = re.compile(rf"{PROFILES}[^/]+/imports/[0-9]{{12}}-([0-9]{{1,18}})\.json")
_UNSAFE: Final = re.compile(rf"[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff%{DIRECTIONS}]")


def import_prefix(report_id: int) -> str:
    """The folder of one import; everything about it lies under this prefix."""
    return f"{IMPORTS}{report_id}/"


def report_id_of_key(key: str) -> int | None:
    """The report that an object belongs to, or None for objects outside ``imports/``."""
    if not key.startswith(IMPORTS):
        return None
    digits = key[len(IMPORTS) :].split("/", 1)[0]
    return int(digits) if digits.isascii() and digits.isdigit() else None


def request(report_id: int) -> str:
    """``request.json``: profile, options, files, who, when. Written after the last upload."""
    return f"{import_prefix(report_id)}request.json"


def upload(report_id: int, number: int, file_name: str) -> str:
    """One original, byte for byte. ``number`` counts from 1 in the order of the upload."""
    return f"{import_prefix(report_id)}upload/{number}/{safe_name(file_name)}"


def attachment(report_id: int, number: int, file_name: str) -> str:
    """One extra file. ``number`` counts from 1 in the order of the upload."""
    return f"{import_prefix(report_id)}attachments/{number}/{safe_name(file_name)}"


def tests(report_id: int) -> str:
    """``tests.parquet``: one row for each result."""
    return f"{import_prefix(report_id)}results/tests.parquet"


def containers(report_id: int) -> str:
    """``containers.parquet``: one row for each container."""
    return f"{import_prefix(report_id)}results/containers.parquet"


def report(report_id: int) -> str:
    """``report.json``: all that the first view of the report page needs."""
    return f"{import_prefix(report_id)}results/report.json"


def log(report_id: int) -> str:
    """``log.txt``: what the processor logged."""
    return f"{import_prefix(report_id)}log.txt"


def status(report_id: int) -> str:
    """``status.json``: the final status, written last and in one put. The commit point."""
    return f"{import_prefix(report_id)}status.json"


def profile_entry(profile: str, report_id: int) -> str:
    """The entry of one import in its profile's index, newest first when listed by key."""
    return f"{PROFILES}{profile}/imports/{10**12 - report_id:012d}-{report_id}.json"


def report_id_of_entry(key: str) -> int | None:
    """The report whose entry in its profile's index an object is, or None for other objects."""
    match = _ENTRY.fullmatch(key)
    return int(match[1]) if match else None


def safe_name(file_name: str) -> str:
    """The last part of a client's file name, fit to be part of an object key.

    Clients send full Windows paths and ``./dir/x.json``; folders are cut off here (the name as
    given stays in ``request.json``), control characters and those that change the direction of text
    become ``_``, and so does ``%``, which not every service tells from an escape in an address. A name
    longer than 200 bytes of UTF-8 keeps its end, because the extension is there.
    """
    name = _UNSAFE.sub("_", _SEPARATORS.split(file_name)[-1]).strip()
    if name in {"", ".", ".."}:
        return "file"
    encoded = name.encode()
    if len(encoded) > _MAX_NAME_BYTES:
        name = encoded[-_MAX_NAME_BYTES:].decode(errors="ignore")
    return name
