"""``report-import parse``: the same stages without any server."""

import argparse
import io
import json
import os
import subprocess
import sys
import zipfile

import pytest

from report_processor import parse_command

TWO = """<testsuite name="s" tests="3">
<testcase name="a" time="1.5"/><testcase name="b"><failure message="m">t</failure></testcase></testsuite>"""


@pytest.fixture
def parse(capsys):
    def run(*arguments):
        parser = argparse.ArgumentParser()
        parse_command.add_arguments(parser)
        code = parse_command.run(parser.parse_args([str(argument) for argument in arguments]))
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "r.xml"
    path.write_text(TWO)
    return path


def test_one_json_object_says_what_was_understood(parse, report):
    code, output = parse(report)
    found = json.loads(output)
    assert code == 0
    assert found["verdict"] == "succeeded"
    counts = {"total": 2, "passed": 1, "failed": 1, "broken": 0, "skipped": 0, "unknown": 0, "informational": 0}
    totals = {name: found[name] for name in ("tests", "counts", "containers", "attempts", "duration")}
    assert totals == {"tests": 2, "counts": counts, "containers": 1, "attempts": 2, "duration": 1.5}
    (file,) = found["files"]
    message = file.pop("messages")[0]
    assert file == {
        "path": str(report),
        "format": "junit",
        "evidence": "root element <testsuite>",
        "verdict": "parsed",
        "tests": 2,
        "counts": counts,
        "containers": 1,
        "attempts": 2,
        "duration": 1.5,
    }
    assert (message["code"], message["level"], message["line"], message["column"]) == (
        "suite_count_differs",
        "warning",
        1,
        1,
    )


def test_one_line_for_each_result_in_the_order_of_the_file(parse, report):
    code, output = parse("--tests", report)
    lines = [json.loads(line) for line in output.splitlines()]
    assert code == 0
    assert [(line["id"], line["title"], line["status"], line["line"]) for line in lines] == [
        (1, "a", "passed", 2),
        (2, "b", "failed", 2),
    ]
    assert lines[1]["exception_description"] == "m"


def test_files_without_a_report_fail(parse, tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("hello")
    code, output = parse(path)
    found = json.loads(output)
    assert code == 1
    assert found["verdict"] == "failed"
    assert found["files"][0]["verdict"] == "attachment"
    assert found["messages"][0]["code"] == "zero_files_matched_formatters"


def test_a_partly_good_import_says_so(parse, report, tmp_path):
    bad = tmp_path / "bad.xml"
    bad.write_text("<testsuites><<")
    code, output = parse(report, bad)
    assert code == 0
    assert json.loads(output)["verdict"] == "partially_succeeded"


def test_all_files_of_a_folder_are_read_in_the_order_of_their_names(parse, tmp_path):
    for name in ("b/z.xml", "b/a.xml", "a.xml", "b/shot.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\x89PNG" if name.endswith("png") else TWO.encode())
    code, output = parse(tmp_path)
    found = json.loads(output)
    assert code == 0
    assert [file["path"] for file in found["files"]] == [
        str(tmp_path / name) for name in ("a.xml", "b/a.xml", "b/shot.png", "b/z.xml")
    ]
    assert found["counts"]["total"] == 6


def test_standard_input_is_a_file_named_by_a_hyphen(parse, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TWO.encode())))
    code, output = parse("-")
    assert code == 0
    assert [(file["path"], file["counts"]["total"]) for file in json.loads(output)["files"]] == [("-", 2)]


def test_when_nobody_reads_the_output_any_more_it_ends_without_a_word(parse, report, monkeypatch, caplog):
    class Gone(io.StringIO):
        def write(self, _text):
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Gone())
    with pytest.raises(BrokenPipeError):
        parse("--tests", *[report] * 2_000)
    assert not caplog.records


def test_the_output_is_utf8_whatever_the_terminal_takes(tmp_path):
    name = tmp_path / os.fsdecode(b"\xff.xml")
    name.write_text(TWO.replace('"a"', '"\u00e4"'))
    command = [sys.executable, "-m", "report_processor.parse_command", str(name)]
    for more in ([], ["--tests"]):
        done = subprocess.run([*command, *more], env={**os.environ, "PYTHONIOENCODING": "ascii"}, stdout=-1, check=True)
        assert json.loads(done.stdout.splitlines()[0] if more else done.stdout)


def test_a_file_that_is_not_there_is_told_and_leaves_the_others_alone(parse, report, tmp_path):
    code, output = parse(tmp_path / "none.xml", report)
    assert code == 2
    assert json.loads(output)["counts"]["total"] == 2


def test_a_format_that_is_not_known_is_refused(parse, report):
    with pytest.raises(SystemExit):
        parse("--formatter", "klingon", report)


def test_how_many_files_there_were_is_always_said(parse, report):
    assert json.loads(parse(report)[1])["file_count"] == 1


def test_every_file_is_shown_however_many_there_are(parse, report):
    code, output = parse(*[report] * 1003)
    found = json.loads(output)
    assert code == 0
    assert found["file_count"] == len(found["files"]) == 1003


def test_files_that_are_not_shown_are_counted_and_told(parse, report, monkeypatch):
    monkeypatch.setattr(parse_command, "_MAX_FILES", 2)
    found = json.loads(parse(*[report] * 5)[1])
    assert (found["file_count"], len(found["files"]), found["counts"]["total"]) == (5, 2, 10)
    message = next(message for message in found["messages"] if message["code"] == "files_not_shown")
    assert "3 of 5" in message["message"]


def test_a_report_as_calliope_json_is_read_back_as_the_same_report(parse, report, tmp_path):
    code, output = parse("--calliope", report)
    again = tmp_path / "again.json"
    again.write_text(output)
    _, lines = parse("--tests", again)
    rows = [json.loads(line) for line in lines.splitlines()]
    assert code == 0
    assert json.loads(output)["origin"] == "junit_xml"
    assert [(row["container_path"], row["title"], row["status"]) for row in rows] == [
        ("s", "a", "passed"),
        ("s", "b", "failed"),
    ]


def test_files_without_a_report_are_an_empty_calliope_report(parse, tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("hello")
    code, output = parse("--calliope", path)
    written = json.loads(output)
    assert code == 1
    assert (written["import_status"], written["count_total"], written["containers"]) == (1, 0, [])


def test_one_thing_is_printed_at_a_time(parse, report):
    with pytest.raises(SystemExit):
        parse("--calliope", "--tests", report)


def test_files_that_results_name_are_found_in_an_archive_and_beside_the_report(parse, tmp_path):
    report_of = (
        '<testsuite><testcase name="{0}"><system-out>[[ATTACHMENT|shots/{0}.png]]</system-out></testcase></testsuite>'
    )
    archive, report, shot = tmp_path / "results.zip", tmp_path / "b.xml", tmp_path / "b.png"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.xml", report_of.format("a"))
        file.writestr("shots/a.png", b"\x89PNG")
    report.write_text(report_of.format("b"))
    shot.write_bytes(b"\x89PNG")
    _, output = parse("--tests", archive, report, shot)
    found = {row["title"]: row["assets"] for row in map(json.loads, output.splitlines())}
    assert found == {
        "a": [{"name": "shots/a.png", "key": f"{archive}!shots/a.png"}],
        "b": [{"name": "shots/b.png", "key": str(shot)}],
    }
    _, output = parse(archive, report, shot)
    assert "attachment_not_found" not in output


def test_a_file_of_that_name_beside_the_report_or_in_it_is_meant_wherever_it_stands_in_the_archive(parse, tmp_path):
    with_shot = '<testsuite><testcase name="{}"><system-out>[[ATTACHMENT|shot.png]]</system-out></testcase></testsuite>'
    step = {"keyword": "Given ", "name": "x", "result": {"status": "passed"}}
    step["embeddings"] = [{"mime_type": "text/plain", "data": "eA=="}]
    feature = {"keyword": "Feature", "uri": "f", "elements": [{"type": "scenario", "name": "s", "steps": [step]}]}
    archive = tmp_path / "r.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for folder in ("a", "b"):
            file.writestr(f"{folder}/r.xml", with_shot.format(folder))
            file.writestr(f"{folder}/shot.png", b"\x89PNG")
            file.writestr(f"{folder}/cucumber.json", json.dumps([{**feature, "name": folder}]))
    _, lines = parse("--tests", archive)
    found = {row["file"]: row["assets"][0]["key"] for row in map(json.loads, lines.splitlines())}
    assert found == {
        f"{archive}!{folder}/{report}": f"{archive}!{folder}/{asset}"
        for folder in ("a", "b")
        for report, asset in (("r.xml", "shot.png"), ("cucumber.json", "cucumber.json!embedding-1.txt"))
    }
