"""``report-import keys``: make, list and revoke API keys in a file of salted hashes.

The file is the one the API reads: ``keys.json`` of the Secret in a cluster, or of the data folder of
the standalone mode. A key is printed once, when it is made; the file does not hold it.
"""

import argparse
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from report_contract.accesskeys import ALL_PROFILES, KeyFile, Role, new_key


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this module's commands to the parser."""
    keys = commands.add_parser("keys", help="make, list and revoke API keys", description=__doc__)
    actions = keys.add_subparsers(title="actions", metavar="ACTION", required=True)

    add = actions.add_parser("add", help="make a key and print it, once")
    add.add_argument("name", help="what the key is for")
    add.add_argument("--role", type=Role, choices=list(Role), default=Role.USER, help="default: %(default)s")
    add.add_argument("--profile", action="append", help="profile that the key can see; repeatable (default: all)")
    add.set_defaults(run=_add)

    listing = actions.add_parser("list", help="list the keys by id, role, profiles and name")
    listing.set_defaults(run=_list)

    revoke = actions.add_parser("revoke", help="take a key away")
    revoke.add_argument("id", help="id of the key, as the list shows it")
    revoke.set_defaults(run=_revoke)

    for action in (add, listing, revoke):
        action.add_argument(
            "--file", type=Path, default=Path("keys.json"), help="file of the keys (default: %(default)s)"
        )


def read(path: Path) -> KeyFile:
    """The keys in a file; none when there is no file yet. Raises ``OSError`` with the file's name."""
    try:
        return KeyFile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return KeyFile()
    except ValidationError as error:
        raise OSError(0, f"not a file of API keys ({error.error_count()} errors)", str(path)) from error


def write(path: Path, keys: KeyFile) -> None:
    """Replace the file in one step, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        file.write(keys.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)


def _add(chosen: argparse.Namespace) -> int:
    keys = read(chosen.file)
    key, record = new_key(chosen.name, chosen.role, chosen.profile)
    stamped = record.model_copy(update={"created_at": datetime.now(UTC)})
    write(chosen.file, KeyFile(keys=[*keys.keys, stamped]))
    print(key)
    print(f"Key {record.id} is in {chosen.file}. It is shown this once; keep it in a secret store.", file=sys.stderr)
    return 0


def _list(chosen: argparse.Namespace) -> int:
    for record in read(chosen.file).keys:
        profiles = "all profiles" if ALL_PROFILES in record.profiles else ",".join(record.profiles)
        made = record.created_at.date().isoformat() if record.created_at else "-"
        print(f"{record.id}  {record.role:<13}  {made:<10}  {profiles}  {record.name}")
    return 0


def _revoke(chosen: argparse.Namespace) -> int:
    keys = read(chosen.file)
    left = [record for record in keys.keys if record.id != chosen.id]
    if len(left) == len(keys.keys):
        print(f"report-import: no key {chosen.id} in {chosen.file}.", file=sys.stderr)
        return 2
    write(chosen.file, KeyFile(keys=left))
    return 0
