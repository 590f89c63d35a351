"""One import from ``request.json`` to ``status.json``, and again after a death between any two writes."""

import hashlib
import json
import logging
from datetime import UTC, datetime

import pytest
from pyarrow import parquet as pq
from support.folder_objects import FolderObjects

from report_contract import objectkeys
from report_contract.phases import ExitCode, Phase
from report_contract.report import Report
from report_contract.requests import FinalRecord, ImportRequest
from report_contract.resource import ReportImport, ReportImportSpec, Source, SourceFile
from report_processor.run import run_import
from report_processor.settings import ProcessorSettings
from report_processor.tell import Nobody, Teller
from report_stores.errors import ImportMissing, PhaseIsFinal, Unavailable

REPORT = 41
SETTINGS = ProcessorSettings(report_id=REPORT)
GOOD = b'<testsuite name="s"><testcase name="a"/><testcase name="b"><failure message="m"/></testcase></testsuite>'


class Told:
    """A sink that keeps what it was told, and may raise."""

    def __init__(self, error=None):
        self.statuses = []
        self.error = error

    def send(self, status):
        if self.error is not None:
            raise self.error
        self.statuses.append(status)


@pytest.fixture
def objects(tmp_path):
    return FolderObjects(tmp_path / "bucket")


def upload(objects, *contents, sha256=None, **request):
    files = []
    for number, content in enumerate(contents, 1):
        key = objectkeys.upload(REPORT, number, f"{number}.xml")
        if content is not None:
            objects.put_bytes(key, content)
        digest = sha256 or hashlib.sha256(content or b"").hexdigest()
        files.append(SourceFile(key=key, name=f"{number}.xml", size=len(content or b""), sha256=digest))
    asked = ImportRequest(report_id=REPORT, profile="p", files=files, requested_at=datetime.now(UTC), **request)
    objects.put_bytes(objectkeys.request(REPORT), asked.model_dump_json(by_alias=True).encode())


def run(objects, sink=None, **options):
    teller = Teller(sink or Told(), progress_seconds=0.01, heartbeat_seconds=0.05)
    teller.start()
    try:
        return run_import(SETTINGS, objects, teller, **options)
    finally:
        teller.stop()


def final(objects):
    return FinalRecord.model_validate_json(objects.read_bytes(objectkeys.status(REPORT), 1 << 20))


def report(objects):
    return Report.model_validate_json(objects.read_bytes(objectkeys.report(REPORT), 1 << 20))


def test_an_import_leaves_report_tables_and_final_status(objects, tmp_path):
    upload(objects, GOOD)
    sink = Told()
    assert run(objects, sink) == ExitCode.DONE
    status = final(objects).status
    assert status.phase == Phase.SUCCEEDED
    assert (status.counts.total, status.counts.failed) == (2, 1)
    assert status.message == "Imported 2 tests, 1 failed."
    assert (status.progress.percent, status.progress.tests, status.progress.failed) == (100, 2, 1)
    seen = report(objects)
    assert seen.origin == "junit_xml"
    assert seen.history_hash == hashlib.sha1(b"p").hexdigest()
    assert [failure.title for failure in seen.failures] == ["b"]
    assert seen.date_source == "import"
    tests = pq.read_table(tmp_path / "bucket" / objectkeys.tests(REPORT))
    assert tests["status"].to_pylist() == ["failed", "passed"]
    told = sink.statuses[-1]
    assert told["phase"] == "Succeeded"
    conditions = {condition["type"]: condition["status"] for condition in told["conditions"]}
    assert conditions == {"Processing": "False", "Complete": "True", "Ready": "True", "Stalled": "False"}
    assert "startedAt" not in told


def test_progress_is_told_at_once_and_never_with_a_phase(objects):
    upload(objects, GOOD)
    sink = Told()
    run(objects, sink)
    assert sink.statuses[0]["progress"]["tests"] == 0
    assert all("phase" not in status for status in sink.statuses[:-1])


def test_an_import_without_a_usable_file_is_bad_input(objects):
    upload(objects, b"rubbish")
    assert run(objects) == ExitCode.BAD_INPUT
    status = final(objects).status
    assert status.phase == Phase.FAILED
    assert status.reason == "NoUsableFile"
    assert "zero_files_matched_formatters" in {message.code for message in status.messages}
    assert {condition.type: condition.status for condition in status.conditions}["Stalled"] == "True"


def test_a_missing_object_is_a_rejected_file(objects):
    upload(objects, GOOD, None)
    assert run(objects) == ExitCode.DONE
    assert final(objects).status.phase == Phase.PARTIALLY_SUCCEEDED
    assert report(objects).files[1].messages[0].code == "missing_object"


def test_a_file_that_is_not_the_uploaded_one_is_told(objects):
    upload(objects, GOOD, sha256="0" * 64)
    run(objects)
    assert "checksum_mismatch" in {message.code for message in final(objects).status.messages}


def test_a_file_without_a_known_checksum_is_not_checked(objects):
    upload(objects, GOOD, sha256="")
    assert run(objects) == ExitCode.DONE


def test_the_date_of_the_call_beats_that_of_the_files(objects):
    old = b'<testsuite name="s" timestamp="2001-01-01T00:00:00"><testcase name="t"/></testsuite>'
    upload(objects, old, options={"date": "2002-02-02"})
    run(objects)
    seen = report(objects)
    assert (seen.date.year, seen.date_source) == (2002, "option")
    assert "old_report_date" in {message.code for message in seen.messages}


def test_an_old_date_can_be_ignored(objects):
    old = b'<testsuite name="s" timestamp="2001-01-01T00:00:00"><testcase name="t"/></testsuite>'
    upload(objects, old, options={"ignore_old_report_date": True}, formatter="junit")
    run(objects)
    assert (report(objects).date.year, report(objects).date_source) == (2001, "file")
    assert "old_report_date" not in {message.code for message in report(objects).messages}


def test_metadata_is_kept(objects):
    upload(objects, GOOD, options={"tags": ["env:test"], "os": "Debian", "platform": "x", "build": "7"})
    run(objects)
    seen = report(objects)
    assert (seen.tags, seen.os, seen.platform, seen.build) == (["env:test"], "Debian", "x", "7")


class Dies(BaseException):
    """As if the process were killed."""


class Mortal(FolderObjects):
    """Dies before the write of this number, from 1, or right after it."""

    def __init__(self, folder, number, *, after):
        super().__init__(folder)
        self._left = number
        self._after = after

    def put(self, key, stream, content_type=""):
        self._write(lambda: FolderObjects.put(self, key, stream))

    def put_bytes(self, key, data, content_type=""):
        self._write(lambda: FolderObjects.put_bytes(self, key, data))

    def _write(self, write):
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Dies
        write()
        if self._left == 0:
            raise Dies


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_death_between_any_two_writes_loses_nothing_and_repeats_nothing(objects, tmp_path, number, after):
    upload(objects, GOOD)
    with pytest.raises(Dies):
        run(Mortal(tmp_path / "bucket", number, after=after))
    sink = Told()
    assert run(objects, sink) == ExitCode.DONE
    assert final(objects).status.counts.total == 2
    assert report(objects).counts.total == 2
    assert pq.read_table(tmp_path / "bucket" / objectkeys.tests(REPORT)).num_rows == 2
    assert [status["phase"] for status in sink.statuses if "phase" in status] == ["Succeeded"]


def test_what_has_ended_is_told_again_and_not_redone(objects):
    upload(objects, GOOD)
    run(objects)
    before = objects.read_bytes(objectkeys.status(REPORT), 1 << 20)
    sink = Told()
    assert run(objects, sink) == ExitCode.DONE
    assert objects.read_bytes(objectkeys.status(REPORT), 1 << 20) == before
    assert sink.statuses[-1]["phase"] == "Succeeded"


def test_what_has_ended_badly_ends_badly_again(objects):
    upload(objects, b"rubbish")
    run(objects)
    assert run(objects) == ExitCode.BAD_INPUT


@pytest.mark.parametrize("error", [ImportMissing("gone"), PhaseIsFinal("cancelled")])
def test_when_nobody_waits_any_more_nothing_is_committed(objects, error):
    upload(objects, *[GOOD] * 50)
    with pytest.raises(Nobody):
        run(objects, Told(error))
    stored = objects.keys()
    assert objectkeys.status(REPORT) not in stored


def test_a_status_that_cannot_be_told_breaks_nothing(objects, monkeypatch, caplog):
    monkeypatch.setattr("report_processor.tell._FINAL_PATIENCE", 0.3)
    upload(objects, GOOD)
    with caplog.at_level(logging.WARNING, "report_processor.tell"):
        assert run(objects, Told(Unavailable("away"))) == ExitCode.DONE
    assert final(objects).status.phase == Phase.SUCCEEDED
    assert "in status.json" in caplog.text


def resource(**spec):
    files = [SourceFile(key="elsewhere/r.xml", name="r.xml", size=len(GOOD))]
    source = Source(bucket="bucket", prefix="elsewhere/", files=files)
    return ReportImport(spec=ReportImportSpec(report_id=REPORT, profile="p", source=source, **spec))


def test_a_resource_made_by_hand_needs_no_request(objects):
    objects.put_bytes("elsewhere/r.xml", GOOD)
    assert run(objects, resource=resource) == ExitCode.DONE
    assert final(objects).profile == "p"
    assert json.loads(objects.read_bytes(objectkeys.request(REPORT), 1 << 20))["files"][0]["name"] == "r.xml"


def test_a_resource_with_an_unknown_formatter_is_an_invalid_request(objects):
    objects.put_bytes("elsewhere/r.xml", GOOD)
    sink = Told()
    assert run(objects, sink, resource=lambda: resource(formatter="klingon")) == ExitCode.BAD_INPUT
    assert final(objects).status.reason == "InvalidRequest"
    assert "klingon" in sink.statuses[-1]["message"]


def test_an_import_without_request_and_resource_is_told_to_have_failed(objects):
    sink = Told()
    assert run(objects, sink) == ExitCode.BAD_INPUT
    assert sink.statuses[-1]["reason"] == "InvalidRequest"


def test_the_log_is_stored_before_the_commit(objects, tmp_path):
    upload(objects, GOOD)
    (tmp_path / "log.txt").write_text("what happened")
    run(objects, log_file=tmp_path / "log.txt")
    assert objects.read_bytes(objectkeys.log(REPORT), 100) == b"what happened"
