"""The file of API keys, ``keys.json``, and other files that only their owner may read."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from report_contract.accesskeys import KeyFile, Role, new_key


def read_keys(path: Path) -> KeyFile:
    """The keys in a file; none when there is no file yet. Raises ``OSError`` with the file's name."""
    try:
        return KeyFile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return KeyFile()
    except ValidationError as error:
        raise OSError(0, f"not a file of API keys ({error.error_count()} errors)", str(path)) from error


def write_keys(path: Path, keys: KeyFile) -> None:
    """Replace the file of keys."""
    write_private(path, keys.model_dump_json(indent=2) + "\n")


def add_key(path: Path, name: str, role: Role, profiles: list[str] | None = None) -> str:
    """Make a key, keep its salted hash in the file, and return the key itself, which is kept nowhere."""
    keys = read_keys(path)
    key, record = new_key(name, role, profiles)
    stamped = record.model_copy(update={"created_at": datetime.now(UTC)})
    write_keys(path, KeyFile(keys=[*keys.keys, stamped]))
    return key


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, durable when this returns, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
