"""The API key that the standalone mode makes for its owner, so that there is one to begin with."""

import os
from datetime import UTC, datetime
from pathlib import Path

from report_contract.accesskeys import KeyFile, Role, find_key, new_key


def first_key(data: Path) -> str:
    """The key in ``api-key`` of the data folder, made when there is none or when it was revoked.

    Both files are readable by their owner only.
    """
    keys_path, key_path = data / "keys.json", data / "api-key"
    keys = KeyFile.model_validate_json(keys_path.read_bytes()) if keys_path.exists() else KeyFile()
    if key_path.exists():
        key = key_path.read_text().strip()
        if find_key(keys, key):
            return key
    key, record = new_key("first key of this installation", Role.ADMINISTRATOR)
    stamped = record.model_copy(update={"created_at": datetime.now(UTC)})
    _write(keys_path, KeyFile(keys=[*keys.keys, stamped]).model_dump_json(indent=2))
    _write(key_path, key)
    return key


def _write(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
