"""Golden tests: what real tools wrote, against what a person expects who wrote the tests."""

import io
import json
import random
import zipfile
from pathlib import Path

import pytest
from support.reading import Read, read

from report_contract.phases import Phase

FIXTURES = Path(__file__).parents[2] / "fixtures"
CASES = sorted(path.relative_to(FIXTURES) for path in FIXTURES.glob("*/*/*.expected.json"))
VERDICTS = {
    "succeeded": Phase.SUCCEEDED,
    "partially_succeeded": Phase.PARTIALLY_SUCCEEDED,
    "failed": Phase.FAILED,
}
STATUSES = ("passed", "failed", "broken", "skipped", "unknown", "informational")


@pytest.fixture(params=CASES, ids=str)
def case(request):
    expectation = FIXTURES / request.param
    report = _report(expectation)
    return json.loads(expectation.read_text(encoding="utf-8")), read((report.name, report.read_bytes()))


def _report(expectation):
    name = expectation.name.removesuffix(".expected.json")
    (report,) = (path for path in expectation.parent.glob(f"{name}.*") if path != expectation)
    return report


def _without_place(file):
    """What an import says of a file, but for its path and what depends on other files: equal names, containers."""
    of_all = {"duplicate_names", "files_moved"}
    codes = sorted(message["code"] for message in file["messages"] if message["code"] not in of_all)
    return {**file, "path": "", "containers": 0, "messages": codes}


def test_there_are_fixtures():
    assert len(CASES) > 10


def test_all_of_them_in_one_archive_without_their_names_are_recognised_and_counted_as_alone():
    reports = [_report(FIXTURES / case).read_bytes() for case in CASES]
    order = random.Random(1).sample(range(len(reports)), len(reports))
    together = io.BytesIO()
    with zipfile.ZipFile(together, "w") as archive:
        for number in order:
            archive.writestr(str(number), reports[number])
    found = read(("all", together.getvalue()))
    for number, (case, report) in enumerate(zip(CASES, reports, strict=True)):
        if case.parts[0] == "allure":
            continue  # its fixtures tell of the same tests, which makes them attempts of each other
        name = f"all!{number}"
        mine = [file for file in found.files if file["path"] == name or file["path"].startswith(f"{name}!")]
        assert [_without_place(file) for file in mine] == [_without_place(file) for file in read(report).files], case
    assert sum(file["counts"]["total"] for file in found.files) == found.counts["total"] == len(found.results)


def test_verdict_and_counts_are_those_that_a_person_expects(case):
    expected, found = case
    accepted = [
        _counts(stated["counts"]) for stated in (expected, expected.get("as_written", {})) if "counts" in stated
    ]
    assert not accepted or _found_counts(found) in accepted
    if "verdict" in expected:
        assert found.phase == VERDICTS[expected["verdict"]]


def test_its_format_is_recognised(request, case):
    # An archive may have many reports and files beside them.
    assert {file["format"] for file in case[1].files} - {""} == {request.node.callspec.params["case"].parts[0]}


def test_every_result_is_as_a_person_expects(case):
    expected, found = case
    results = list(found.results)
    as_written = "as_written" in expected and _found_counts(found) != _counts(expected["counts"])
    if not as_written and len(expected["results"]) == expected.get("counts", {}).get("total"):
        titles = [result["title"].strip() for result in expected["results"] if "title" in result]
        assert [_title(result) for result in results] == titles or len(titles) < len(results)
    for wanted in expected["results"]:
        same = [result for result in results if _matches(wanted, result, found)]
        assert same, f"no result {wanted}"
        same.sort(key=lambda result: result["status"] != wanted.get("status"))
        results.remove(same[0])
        _check(wanted, same[0], as_written=as_written)


def test_containers_have_their_output_and_labels(case):
    expected, found = case
    for wanted in expected.get("containers", []):
        paths = [(_container_path(found, container), container) for container in found.containers]
        (container,) = (one for path, one in paths if path == wanted["path"])
        for text in wanted.get("contains", []):
            assert text in container["description"]
        labels = _labels(container)
        for name, values in wanted.get("labels", {}).items():
            assert labels.get(name) == values


def test_the_messages_are_those_that_a_person_expects(case):
    expected, found = case
    if expected.get("messages") is not None:
        assert found.codes == sorted(expected["messages"])


def _found_counts(found):
    return {status: found.counts[status] for status in STATUSES}


def _counts(stated):
    return {status: stated.get(status, 0) for status in STATUSES}


def _title(result):
    return result["title"].strip()


def _matches(wanted, result, found: Read):
    if "title" in wanted and wanted["title"].strip() != _title(result):
        return False
    if "classification" in wanted and wanted["classification"].strip() != result["classification"].strip():
        return False
    return "path" not in wanted or [part.strip() for part in found.path(result)] == wanted["path"]


def _check(wanted, result, *, as_written):
    if not as_written and "status" in wanted:
        assert result["status"] == wanted["status"], wanted
    if not as_written and "attempts" in wanted:
        assert (len(result["attempts"]) or 1) == wanted["attempts"], wanted
    if not as_written and "flaky" in wanted:
        assert result["flaky"] == wanted["flaky"], wanted
    if "exception_name" in wanted:
        assert result["exception_name"] == wanted["exception_name"], wanted
    texts = result["exception_description"] + "\n" + result["exception_backtrace"]
    for text in wanted.get("contains", []):
        assert text in texts, wanted
    for text in wanted.get("lacks", []):
        assert text not in texts, wanted
    if "assets" in wanted:
        assert [name for name, _ in result["assets"]] == wanted["assets"], wanted
    labels = _labels(result)
    for name, values in wanted.get("labels", {}).items():
        assert labels.get(name) == values, wanted


def _labels(owner):
    found = {}
    for name, value in owner["labels"]:
        found.setdefault(name, []).append(value)
    return found


def _container_path(found: Read, container):
    return [*found.path({"container_id": container["parent"]}), container["title"]]
