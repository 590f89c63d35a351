"""The boundary around each file: what goes wrong inside it stays there."""

import io
import logging
import tempfile
import zipfile
from pathlib import Path

import pytest
from support.reading import Rows, read

from report_contract.formatters import FORMATTERS
from report_contract.phases import Phase
from report_processor.collect import Collector
from report_processor.formats.junit.parser import JUnitParser
from report_processor.importing import Importing

GOOD = b'<testsuite name="s"><testcase name="t"/></testsuite>'
BAD = b'<testsuite name="s"><testcase name="a"/><testcase name="BAD"/></testsuite>'


@pytest.fixture
def broken(monkeypatch):
    """A parser that fails in a way nobody thought of where it reads BAD, by ``when``."""

    def make(when, error=ValueError):
        feed = JUnitParser.feed

        def fail(self, text):
            if when == "before" and "BAD" in text:
                raise error("a secret")
            events = feed(self, text)
            if when == "after" and "BAD" in text:
                self._recorder._events = events
                raise error("a secret")
            return events

        monkeypatch.setattr(JUnitParser, "feed", fail)

    return make


def test_a_failure_of_the_importer_itself_is_a_verdict_of_the_file_and_spares_the_others(broken, caplog):
    broken("before")
    with caplog.at_level(logging.ERROR):
        found = read(("bad.xml", BAD), ("good.xml", GOOD))
    assert [file["verdict"] for file in found.files] == ["rejected", "parsed"]
    message = found.message("internal_error")
    assert (message["level"], message["file"]) == ("error", "bad.xml")
    assert "ValueError while bad.xml was read" in message["message"]
    assert "secret" not in message["message"]
    assert "Traceback" in caplog.text
    assert found.phase == Phase.PARTIALLY_SUCCEEDED


def test_what_was_read_before_it_is_kept(broken):
    broken("after")
    found = read(("bad.xml", BAD))
    assert found.file["verdict"] == "partly_parsed"
    assert [result["title"] for result in found.results] == ["a", "BAD"]


def test_a_parser_that_cannot_even_say_what_it_has_loses_only_that(broken, monkeypatch):
    broken("after")
    monkeypatch.setattr(JUnitParser, "salvage", lambda _: 1 / 0)
    found = read(("bad.xml", BAD), ("good.xml", GOOD))
    assert [file["verdict"] for file in found.files] == ["rejected", "parsed"]


def test_the_neighbours_in_an_archive_are_read(broken):
    broken("before")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in (("a.xml", GOOD), ("b.xml", BAD), ("c.xml", GOOD)):
            archive.writestr(name, data)
    found = read(("all.zip", packed.getvalue()))
    assert [(file["path"], file["verdict"]) for file in found.files] == [
        ("all.zip!a.xml", "parsed"),
        ("all.zip!b.xml", "rejected"),
        ("all.zip!c.xml", "parsed"),
    ]


class UnreachableError(Exception):
    pass


@pytest.mark.parametrize("error", [MemoryError, UnreachableError])
def test_what_another_attempt_may_mend_ends_the_import(error, tmp_path):
    class Stream:
        def read(self, _size: int, /) -> bytes:
            raise error

    importing = Importing(Collector(Rows(), tmp_path), tmp_path, ends=(UnreachableError,))
    with pytest.raises(error):
        importing.file("a.xml", Stream())


def test_a_file_that_breaks_before_its_first_result_is_rejected():
    found = read(("bad.xml", b'<testsuites><testsuite name="s"><properties/><<'))
    assert found.file["verdict"] == "rejected"
    assert found.phase == Phase.FAILED


def test_a_member_that_cannot_be_kept_is_counted_once():
    def keep(_path, _stream):
        raise KeyError

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.png", b"\x89PNG")
    with tempfile.TemporaryDirectory() as folder:
        collector = Collector(Rows(), Path(folder))
        importing = Importing(collector, Path(folder), keep=keep)
        importing.file("all.zip", io.BytesIO(packed.getvalue()))
        summary = collector.finish()
    assert importing.verdicts["rejected"] == summary["file_count"] == 1


def test_a_file_of_no_format_is_named_with_what_it_is_nearest_to():
    message = read("<test-runs><test-case/></test-runs>").message("zero_files_matched_formatters")["message"]
    assert "XML with the root element <test-runs>" in message
    assert "nearest to NUnit" in message
    assert "JSON with the keys name, price" in read('{"name": 1, "price": 2}').message("files_moved")["message"]


def test_one_archive_may_hold_every_format_and_an_archive_and_a_picture():
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("deep.tap", FORMATTERS["tap"].example)
    with zipfile.ZipFile(outer, "w") as archive:
        for key, formatter in FORMATTERS.items():
            binary = "binary" in formatter.kinds
            archive.writestr(f"{key}.report", formatter.example.encode("latin-1" if binary else "utf-8"))
        archive.writestr("inner.zip", inner.getvalue())
        archive.writestr("shot.png", b"\x89PNG\r\n\x1a\n")
    kept = []
    found = read(("all.zip", outer.getvalue()), keep=lambda path, _: kept.append(path))
    assert kept[-1] == "all.zip!shot.png"
    by_path = {file["path"]: file for file in found.files}
    assert by_path["all.zip!inner.zip!deep.tap"]["format"] == "tap"
    for key in FORMATTERS:
        file = by_path[f"all.zip!{key}.report"]
        assert (file["format"], file["verdict"]) == (key, "parsed")
        assert file["counts"]["total"] >= 1
    assert found.counts["total"] == sum(file["counts"]["total"] for file in found.files)
