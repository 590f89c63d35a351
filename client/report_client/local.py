"""The commands that need no server: ``parse`` shows how files are read, ``standalone`` is a server."""

import argparse
import sys
from importlib.resources import as_file, files
from pathlib import Path

import report_processor.parse_command as parsing
from report_client.server import Server, ServerError

SAMPLE_PROFILE = "1"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this module's commands to the parser."""
    parse = commands.add_parser(
        "parse",
        help="read files as an import would, and print what was understood as JSON",
        description="Read files through the same stages as an import, without any server. Prints one JSON object.",
    )
    parsing.add_arguments(parse)
    parse.set_defaults(run=parsing.run)

    standalone = commands.add_parser(
        "standalone",
        help="run the whole system on this machine, without Kubernetes",
        description="API, operator, processor and object storage in one place: for trying things and for small teams.",
    )
    standalone.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    standalone.add_argument("--port", type=int, default=8080, help="port to listen on (default: %(default)s)")
    standalone.add_argument(
        "--data", type=Path, default=Path(".data"), help="folder that everything is kept in (default: %(default)s)"
    )
    standalone.add_argument("--base-url", default="", help="address that people reach this server at")
    standalone.add_argument("--sample", action="store_true", help="import a sample report and say how to import more")
    standalone.set_defaults(run=_standalone)


def _standalone(chosen: argparse.Namespace) -> int:
    # Imported here: the web framework and the storage server would slow every other command down.
    from report_standalone.main import serve  # noqa: PLC0415

    def on_ready(address: str, key: str) -> None:
        _say(address, key, chosen.data, sample=chosen.sample)

    serve(host=chosen.host, port=chosen.port, data=chosen.data, base_url=chosen.base_url, on_ready=on_ready)
    return 0


def _say(address: str, key: str, data: Path, *, sample: bool) -> None:
    print("Report Import on one machine: for trying things and for small teams. On Kubernetes, use the Helm chart.")
    print(f"  address  {address}")
    print(f"  data     {data.resolve()}")
    print(f"  API key  {key}")
    if sample:
        try:
            print(f"  sample   {_import_sample(address, key, data / 'sample-report')}")
        except ServerError as error:
            print(f"  sample   was not imported: {error}", file=sys.stderr)
    print("Import a report of your own:")
    print(f"  curl -H 'x-api-key: {key}' -F 'file[]=@results.xml' {address}/api/v2/profile/{SAMPLE_PROFILE}/import")
    print("Ctrl-C ends it; everything is kept in the data folder.", flush=True)


def _import_sample(address: str, key: str, remembered: Path) -> str:
    """Import the sample through the API and wait for it; once a data folder, unless it was deleted."""
    server = Server(address, key)
    try:
        report_id = _known(server, remembered)
        if report_id is None:
            with as_file(files("report_standalone") / "sample" / "shop.xml") as sample:
                answer = server.upload(
                    SAMPLE_PROFILE, [sample], formatter="junit", options=[("tag[]", "sample"), ("date", "now")]
                )
            report_id = int(answer["report_id"])
            remembered.write_text(f"{report_id}\n")
        *_, last = server.follow(report_id)
        return f"{last['report_url']}  {last['import_progress']}"
    finally:
        server.close()


def _known(server: Server, remembered: Path) -> int | None:
    if not remembered.exists():
        return None
    report_id = int(remembered.read_text())
    try:
        server.status(report_id)
    except ServerError as error:
        if error.status == 404:
            return None
        raise
    return report_id
