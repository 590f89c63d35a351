"""One import as the Job runs it, with object storage in a folder: ``import_once.py FOLDER FILE...``.

Prints one JSON line: seconds of processor time, and the peak memory of both processes in bytes.
"""

import hashlib
import json
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from support.folder_objects import FolderObjects

from report_contract import objectkeys
from report_contract.requests import ImportRequest
from report_contract.resource import SourceFile
from report_processor.run import run_import
from report_processor.settings import ProcessorSettings
from report_processor.tell import NoSink, Teller

REPORT = 1


def main() -> int:
    folder = Path(sys.argv[1])
    objects = FolderObjects(folder)
    if not (folder / objectkeys.request(REPORT)).exists():
        files = [_upload(folder, number, Path(name)) for number, name in enumerate(sys.argv[2:], 1)]
        request = ImportRequest(report_id=REPORT, profile="benchmark", files=files, requested_at=datetime.now(UTC))
        objects.put_bytes(objectkeys.request(REPORT), request.model_dump_json(by_alias=True).encode())
        return 0
    teller = Teller(NoSink())
    teller.start()
    code = run_import(ProcessorSettings(report_id=REPORT), objects, teller)
    own, writer = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    seconds = own.ru_utime + own.ru_stime + writer.ru_utime + writer.ru_stime
    peaks = [own.ru_maxrss * 1024, writer.ru_maxrss * 1024]
    print(json.dumps({"code": code, "cpu_seconds": round(seconds, 3), "peak_bytes": peaks}))
    return 0


def _upload(folder: Path, number: int, source: Path) -> SourceFile:
    """The upload is a link to the file: what is measured is the import."""
    key = objectkeys.upload(REPORT, number, source.name)
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(source.resolve())
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return SourceFile(key=key, name=source.name, size=source.stat().st_size, sha256=digest)


if __name__ == "__main__":
    sys.exit(main())
