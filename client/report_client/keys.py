"""``report-import keys``: make, list and revoke API keys in a file of salted hashes.

The file is the one the API reads: ``keys.json`` of the Secret in a cluster, or of the data folder of
the standalone mode. A key is printed once, when it is made; the file does not hold it.
"""

import argparse
import sys
from pathlib import Path

from report_contract.accesskeys import ALL_PROFILES, KeyFile, Role
from report_stores.keyfile import add_key, read_keys, write_keys


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


def _add(chosen: argparse.Namespace) -> int:
    key = add_key(chosen.file, chosen.name, chosen.role, chosen.profile)
    print(key)
    print(
        f"Key {key.split('_')[1]} is in {chosen.file}. It is shown this once; keep it in a secret store.",
        file=sys.stderr,
    )
    return 0


def _list(chosen: argparse.Namespace) -> int:
    for record in read_keys(chosen.file).keys:
        profiles = "all profiles" if ALL_PROFILES in record.profiles else ",".join(record.profiles)
        made = record.created_at.date().isoformat() if record.created_at else "-"
        print(f"{record.id}  {record.role:<13}  {made:<10}  {profiles}  {record.name}")
    return 0


def _revoke(chosen: argparse.Namespace) -> int:
    keys = read_keys(chosen.file)
    left = [record for record in keys.keys if record.id != chosen.id]
    if len(left) == len(keys.keys):
        print(f"report-import: no key {chosen.id} in {chosen.file}.", file=sys.stderr)
        return 2
    write_keys(chosen.file, KeyFile(keys=left))
    return 0
