"""The API key that the standalone mode makes for its owner, so that there is one to begin with."""

from pathlib import Path

from report_contract.accesskeys import Role, find_key
from report_stores.keyfile import add_key, read_keys, write_private


def first_key(data: Path) -> str:
    """The key in ``api-key`` of the data folder, made when there is none or when it was revoked.

    Both files are readable by their owner only.
    """
    keys_path, key_path = data / "keys.json", data / "api-key"
    if key_path.exists():
        key = key_path.read_text().strip()
        if find_key(read_keys(keys_path), key):
            return key
    key = add_key(keys_path, "first key of this installation", Role.ADMINISTRATOR)
    write_private(key_path, f"{key}\n")
    return key
