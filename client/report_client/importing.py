"""The commands that talk to a server: ``upload``, ``status``, ``wait`` and ``cancel``."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from report_client.server import ENDED, Server, ServerError

_GOOD = frozenset({"success", "partial"})


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this module's commands to the parser."""
    upload = commands.add_parser(
        "upload",
        help="send files as one import",
        description="Send result files as one import. Prints the report's address; with --wait, follows it to its end.",
    )
    _server_arguments(upload)
    upload.add_argument("files", nargs="+", type=Path, metavar="FILE", help="result file")
    upload.add_argument("--profile", required=True, help="id or key of the profile the report goes to")
    upload.add_argument("--formatter", default="", help="key of the format; detected when left out")
    upload.add_argument("--attachment", action="append", default=[], type=Path, metavar="FILE", help="extra file")
    upload.add_argument("--tag", action="append", default=[], help="label of the report, such as env:test; repeatable")
    upload.add_argument("--date", help="when the tests ran: now, or a date and time")
    upload.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="any other import option; repeatable"
    )
    upload.add_argument("--idempotency-key", default="", help="the same key always gives the same report")
    upload.add_argument("--wait", action="store_true", help="follow the import to its end")
    upload.add_argument("--strict", action="store_true", help="with --wait: a partial import is a failure too")
    upload.add_argument("--json", action="store_true", help="print the server's last answer as JSON")
    upload.set_defaults(run=_upload)

    wait = commands.add_parser("wait", help="follow an import to its end")
    wait.add_argument("--strict", action="store_true", help="a partial import is a failure too")
    wait.set_defaults(run=_wait)
    status = commands.add_parser("status", help="show the status of an import")
    status.set_defaults(run=_status)
    cancel = commands.add_parser("cancel", help="stop an import")
    cancel.set_defaults(run=_cancel)
    for command in (wait, status, cancel):
        _server_arguments(command)
        command.add_argument("report_id", type=int, metavar="REPORT", help="number of the report")
        command.add_argument("--json", action="store_true", help="print the server's last answer as JSON")


def _server_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--server",
        default=os.environ.get("REPORT_IMPORT_SERVER", "http://127.0.0.1:8080"),
        help="address of the server (default: $REPORT_IMPORT_SERVER, else %(default)s)",
    )
    command.add_argument(
        "--key-file",
        type=Path,
        help="file that holds the API key (default: the key in $REPORT_IMPORT_KEY)",
    )


@contextmanager
def _server(chosen: argparse.Namespace) -> Iterator[Server]:
    # Never an argument: command lines are seen by every user of the machine.
    key = chosen.key_file.read_text().strip() if chosen.key_file else os.environ.get("REPORT_IMPORT_KEY", "")
    if not key:
        raise ServerError("No API key: set REPORT_IMPORT_KEY, or name a file with --key-file.")
    server = Server(chosen.server, key)
    try:
        yield server
    finally:
        server.close()


def _upload(chosen: argparse.Namespace) -> int:
    options = [("tag[]", tag) for tag in chosen.tag]
    if chosen.date:
        options.append(("date", chosen.date))
    for pair in chosen.option:
        name, separator, value = pair.partition("=")
        if not separator:
            print(f"report-import: --option takes NAME=VALUE, not {pair!r}.", file=sys.stderr)
            return 2
        options.append((name, value))
    with _server(chosen) as server:
        answer = server.upload(
            chosen.profile,
            chosen.files,
            formatter=chosen.formatter,
            attachments=chosen.attachment,
            options=options,
            idempotency_key=chosen.idempotency_key,
        )
        if not chosen.wait:
            print(json.dumps(answer) if chosen.json else answer["report_url"])
            return 0
        print(answer["report_url"], file=sys.stderr if chosen.json else sys.stdout)
        return _follow(server, int(answer["report_id"]), chosen)


def _wait(chosen: argparse.Namespace) -> int:
    with _server(chosen) as server:
        return _follow(server, chosen.report_id, chosen)


def _status(chosen: argparse.Namespace) -> int:
    with _server(chosen) as server:
        answer = server.status(chosen.report_id)
    print(json.dumps(answer) if chosen.json else _sentence(answer))
    return 0


def _cancel(chosen: argparse.Namespace) -> int:
    with _server(chosen) as server:
        answer = server.cancel(chosen.report_id)
    print(json.dumps(answer) if chosen.json else _sentence(answer))
    return 0


def _follow(server: Server, report_id: int, chosen: argparse.Namespace) -> int:
    said, last = "", {}
    for last in server.follow(report_id):
        sentence = _sentence(last)
        if sentence != said:
            print(sentence, file=sys.stderr, flush=True)
            said = sentence
    if chosen.json:
        print(json.dumps(last))
    for message in last.get("messages") or []:
        place = ":".join(
            str(part) for part in (message.get("file"), message.get("line"), message.get("column")) if part
        )
        print(f"{message['level']}: {place + ': ' if place else ''}{message['message']}", file=sys.stderr)
    outcome = last.get("import_status")
    if outcome not in ENDED:
        raise ServerError(f"The import of report {report_id} was not followed to its end.")
    return 0 if outcome == "success" or (outcome in _GOOD and not chosen.strict) else 1


def _sentence(answer: dict[str, Any]) -> str:
    sentence = f"{answer['import_status']}: {answer['import_progress']}"
    counts = answer.get("counts")
    if counts and answer["import_status"] in ENDED:
        parts = [f"{counts[name]} {name}" for name in ("passed", "failed", "broken", "skipped") if counts.get(name)]
        sentence += f" ({counts['total']} tests: {', '.join(parts)})" if parts else f" ({counts['total']} tests)"
    return sentence
