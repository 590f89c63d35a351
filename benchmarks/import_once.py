"""One import as the Job runs it, with object storage in a folder: ``import_once.py FOLDER [FILE...]``.

With files it makes the request for them; without, it runs the import and prints one JSON line: seconds
of processor time, and the peak memory of both processes in bytes.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from report_processor.remote import Writer

REPORT = 1


def main() -> int:
    if len(sys.argv) > 2:
        return prepare()
    writer = Writer()  # first of all, as report_processor.main does
    import json  # noqa: PLC0415
    import re  # noqa: PLC0415
    import resource  # noqa: PLC0415

    from support.folder_objects import FolderObjects  # noqa: PLC0415

    from report_processor.garbage import search_seldom  # noqa: PLC0415
    from report_processor.run import run_import  # noqa: PLC0415
    from report_processor.settings import ProcessorSettings  # noqa: PLC0415
    from report_processor.tell import NoSink, Teller  # noqa: PLC0415

    search_seldom()
    teller = Teller(NoSink())
    teller.start()
    objects = FolderObjects(Path(sys.argv[1]))
    code = run_import(ProcessorSettings(report_id=REPORT), objects, teller, writer=writer)
    own, of_writer = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    seconds = [round(usage.ru_utime + usage.ru_stime, 3) for usage in (own, of_writer)]
    # Not own.ru_maxrss: it begins with that of the process that started this one.
    peaks = [int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]), of_writer.ru_maxrss]
    peaks = [peak * 1024 for peak in peaks]
    print(json.dumps({"code": code, "tests": teller.tests, "cpu_seconds": seconds, "peak_bytes": peaks}))
    return 0


def prepare() -> int:
    """Store the request. The uploads are links to the files: what is measured is the import."""
    import hashlib  # noqa: PLC0415
    from datetime import UTC, datetime  # noqa: PLC0415

    from report_contract import objectkeys  # noqa: PLC0415
    from report_contract.requests import ImportRequest  # noqa: PLC0415
    from report_contract.resource import SourceFile  # noqa: PLC0415

    folder = Path(sys.argv[1])
    files = []
    for number, source in enumerate(map(Path, sys.argv[2:]), 1):
        key = objectkeys.upload(REPORT, number, source.name)
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).symlink_to(source.resolve())
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        files.append(SourceFile(key=key, name=source.name, size=source.stat().st_size, sha256=digest))
    request = ImportRequest(report_id=REPORT, profile="benchmark", files=files, requested_at=datetime.now(UTC))
    (folder / objectkeys.request(REPORT)).write_text(request.model_dump_json(by_alias=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
