"""The import options of the compatible API, and how they are read from query and form text."""

from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import Field

from report_contract.base import Model
from report_contract.dates import written_date

MAX_TAGS: Final = 100
MAX_TEXT: Final = 1000
"""Characters of one tag or metadata value."""

Text = Annotated[str, Field(max_length=MAX_TEXT)]


class ImportOptions(Model):
    """Everything a caller may ask of one import. Absent options have the documented defaults."""

    tags: Annotated[list[Text], Field(max_length=MAX_TAGS)] = []
    """Free labels of the report, such as `env:test`. Sent as `tag[]`, repeated."""
    date: Text | None = None
    """When the tests ran: `now`, or a date and time (ISO 8601). Absent: detected in the files."""
    os: Text | None = None
    """Deprecated in favour of tags: the operating system that was tested."""
    platform: Text | None = None
    """Deprecated in favour of tags: the platform that was tested."""
    build: Text | None = None
    """Deprecated in favour of tags: the build that was tested."""
    smart: bool = True
    """Restructure into groups where the format has a smart mode."""
    process_async: bool = True
    """Answer at once. False (deprecated) waits for the result and answers in the old shape."""
    merge_containers: bool | None = None
    """Merge sibling containers with equal title, classification and description. Absent: the
    formatter's own default, which is false unless its description says otherwise."""
    suppress_files_moved: bool = False
    """Leave out the message that files which are no reports became attachments."""
    suppress_notifications: bool = False
    """Accepted for compatibility: this server sends no e-mail."""
    ignore_unspecified_formatter: bool = False
    """Leave out the message that the formatter was detected."""
    ignore_empty_report: bool = False
    """A report without any test is not worth a warning."""
    ignore_empty_import: bool = False
    """An import without any usable file succeeds with an empty report."""
    ignore_max_files_limit: bool = False
    """Lift the limit on the number of files, up to the server's hard limit."""
    ignore_old_report_date: bool = False
    """Leave out the message that the tests ran long ago."""
    envelope: bool | None = None
    """Accepted for compatibility and not used: some clients send it."""


class OptionError(ValueError):
    """An option that cannot be read. ``option`` is its name as the caller wrote it."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option
        self.message = message


_LISTS: Final = {"tag[]": "tags", "tag": "tags", "tags[]": "tags", "tags": "tags"}
_TRUE: Final = frozenset({"true", "1", "yes", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "off", ""})
_TEXTS: Final = frozenset({"date", "os", "platform", "build"})
_FLAGS: Final = frozenset(
    name for name, field in ImportOptions.model_fields.items() if field.annotation in (bool, bool | None)
)
OPTION_NAMES: Final = frozenset({*_LISTS, *_TEXTS, *_FLAGS})
"""Every name under which an option may be sent."""


def read_options(pairs: Iterable[tuple[str, str]]) -> ImportOptions:
    """Read options from ``(name, text)`` pairs, in the order sent; the last value of a name wins.

    Tags add up; surrounding white space of a value is dropped (a client is known to end tags
    with a newline). Raises ``OptionError`` for a name or value that is not understood, with a
    message that names the option and what it takes.
    """
    values: dict[str, object] = {}
    tags: list[str] = []
    for name, raw in pairs:
        text = raw.strip()
        if name in _LISTS:
            if len(text) > MAX_TEXT:
                raise OptionError(name, f"{name}: a tag has at most {MAX_TEXT} characters, this one has {len(text)}.")
            if text:
                tags.append(text)
        elif name in _FLAGS:
            values[name] = _flag(name, text)
        elif name in _TEXTS:
            if len(text) > MAX_TEXT:
                raise OptionError(name, f"{name}: at most {MAX_TEXT} characters, this value has {len(text)}.")
            values[name] = text or None
        else:
            raise OptionError(name, f"{name!r} is not an import option. Options: {', '.join(sorted(OPTION_NAMES))}.")
    if len(tags) > MAX_TAGS:
        raise OptionError("tag[]", f"tag[]: at most {MAX_TAGS} tags, this import has {len(tags)}.")
    date = values.get("date")
    if isinstance(date, str) and date != "now" and written_date(date) is None:
        raise OptionError("date", f"date: {date!r} is neither 'now' nor a date and time such as 2026-01-31T12:00:00Z.")
    return ImportOptions(tags=tags, **values)


def _flag(name: str, text: str) -> bool:
    word = text.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise OptionError(name, f"{name}: {text!r} is neither true nor false.")
