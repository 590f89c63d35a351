"""Allure: a folder of files, and which of them are attempts of one result."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reading import read

from report_contract.phases import Phase
from report_processor.detect import Head
from report_processor.formats.allure import FORMAT, AllureJsonParser
from report_processor.formats.allure.result import Gathered
from report_processor.parsing.shapes import Shapes

UUID = "0f6e1c62-6a0b-4f1e-8f8e-0d1b6b0c5a11"


def result(name="signs in", status="passed", **more):
    return {"uuid": UUID, "name": name, "status": status, "stage": "finished", "labels": [], **more}


def labels(**values):
    return [{"name": name, "value": value} for name, value in values.items()]


def read_json(*values, **options):
    return read(*((f"{number}.json", json.dumps(value)) for number, value in enumerate(values)), **options)


def one(*values):
    (found,) = read_json(*values).results
    return found


def test_its_example_is_recognised_and_has_a_result():
    assert FORMAT.recognise(Head(FORMAT.example))
    assert one(json.loads(FORMAT.example))["status"] == "failed"


def test_a_result_needs_no_more_than_the_fields_that_all_have():
    assert one({"uuid": UUID, "name": "signs in", "status": "passed", "start": 1, "stop": 2})["title"] == "signs in"


def test_a_test_of_a_generated_report_is_read_like_a_result():
    step = {"name": "opens", "status": "failed", "statusMessage": "no door", "statusTrace": "door:1", "steps": []}
    stage = {"steps": [{"name": "goes in", "status": "failed", "steps": [step]}], "attachments": [{"source": "a.png"}]}
    test = {
        "uid": "cdd7d3c1f2a5b6e8",
        "name": "enters",
        "fullName": "house.Door#enters",
        "time": {"start": 1767260700000, "stop": 1767260700250, "duration": 250},
        "status": "failed",
        "statusMessage": "still outside",
        "statusTrace": "AssertionError: still outside",
        "flaky": True,
        "beforeStages": [{"name": "buys a key", "status": "passed"}],
        "testStage": stage,
        "labels": [{"name": "suite", "value": "house"}],
    }
    earlier = {**test, "time": {"start": 1767260600000, "stop": 1767260600100}, "hidden": True, "retry": True}
    found = read_json(test, earlier)
    (row,) = found.results
    assert found.path(row) == ["house"]
    assert (row["duration"], len(row["attempts"])) == (0.25, 2)
    assert (row["exception_name"], row["exception_description"]) == ("AssertionError", "still outside")
    assert row["exception_backtrace"] == "AssertionError: still outside\nopens: door:1"
    assert row["description"].split("\n") == ["PASSED buys a key", "FAILED goes in", "  FAILED opens", "    no door"]
    assert ("flaky", "true") in row["labels"]


@pytest.mark.parametrize(
    "value",
    [
        {"uuid": UUID, "children": [], "befores": [], "afters": []},
        {"uuid": UUID, "befores": [{"name": "a", "status": "passed"}]},
        {"uuid": UUID, "start": 1, "stop": 2},
        {"errors": [], "attachments": [{"name": "log", "source": "a.txt", "timestamp": 1}]},
        [{"name": "Away", "messageRegex": ".*away.*"}],
        {"name": "Jenkins", "type": "jenkins", "buildName": "#13", "buildUrl": "https://ci.example/13"},
    ],
    ids=["container", "python container", "bare container", "globals", "categories", "executor"],
)
def test_files_beside_the_results_are_known_and_need_no_test(value):
    found = read_json(result(), value)
    assert [file["format"] for file in found.files] == ["allure", "allure"]
    assert [file["verdict"] for file in found.files] == ["parsed", "parsed"]
    assert [message["code"] for file in found.files for message in file["messages"]] == []
    assert found.counts["total"] == 1


@pytest.mark.parametrize(
    "value",
    [
        {"name": "a", "status": "passed"},
        {"uuid": UUID, "title": "x"},
        {"errors": [{"message": "not found"}]},
        {"errors": [], "suites": [], "config": {}},
        {"errors": []},
        {"name": "a", "type": "module"},
        [{"name": "a"}],
        [],
        {},
        [[]],
    ],
)
def test_other_json_is_not_taken_for_it(value):
    assert FORMAT.recognise(Head(json.dumps(value))) is None


def test_a_folder_with_containers_only_is_an_empty_report():
    found = read_json({"uuid": UUID, "children": []})
    assert found.phase == Phase.SUCCEEDED
    assert found.counts["total"] == 0


def test_runs_with_one_history_id_are_attempts_in_the_order_of_their_starts():
    runs = [
        result(status="passed", historyId="h", start=3000, stop=3500),
        result(status="failed", historyId="h", start=1000, stop=1250, statusDetails={"message": "first"}),
        result(status="broken", historyId="h", start=2000, stop=2000, statusDetails={"message": "second"}),
    ]
    found = one(*runs)
    assert [(attempt[0], attempt[1], attempt[3]) for attempt in found["attempts"]] == [
        (1, 0.25, "first"),
        (2, 0.0, "second"),
        (0, 0.5, ""),
    ]
    assert (found["status"], found["flaky"], found["duration"]) == ("passed", True, 0.5)


def test_without_a_history_id_the_full_name_and_the_parameters_tell():
    def run(value, **more):
        parameters = [{"name": "n", "value": value}, {"name": "t", "value": more.pop("t", "0"), "excluded": True}]
        return result(fullName="a.b", uuid=f"{UUID}{value}{more}", parameters=parameters, **more)

    found = read_json(run("1", start=1), run("1", t="1", start=2), run("2", start=3))
    assert [(row["title"], len(row["attempts"])) for row in found.results] == [
        ("signs in [n=1]", 2),
        ("signs in [n=2]", 0),
    ]


def test_without_any_of_these_each_uuid_is_a_result():
    found = read_json(result(), result(uuid=UUID[::-1]))
    assert found.counts["total"] == 2


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"labels": labels(feature="f", suite="s", parentSuite="p", subSuite="x > y")}, ["p", "s", "x", "y"]),
        ({"labels": labels(suite="a > b")}, ["a > b"]),
        (
            {"labels": labels(package="org.shop", testClass="org.shop.Basket"), "titlePath": ["t"]},
            ["org.shop"] * 1 + ["org.shop.Basket"],
        ),
        ({"labels": labels(package="org.shop", testClass="org.shop")}, ["org.shop"]),
        ({"titlePath": ["a.py", "A", 7, ""], "labels": labels(feature="f")}, ["a.py", "A", "7"]),
        ({"labels": labels(story="s", feature="f", epic="e")}, ["e", "f", "s"]),
        ({"labels": labels(suite=" ", tag="x")}, []),
    ],
)
def test_containers_come_from_labels_or_the_title_path(more, path):
    found = read_json(result(**more))
    assert found.path(found.results[0]) == path


def test_files_in_any_order_make_one_tree():
    values = [result(name, uuid=f"{UUID}{name}", labels=labels(suite=suite)) for name, suite in ("ax", "by", "cx")]
    found = read_json(*values)
    assert [container["title"] for container in found.containers] == ["x", "y"]
    assert [row["title"] for row in found.results] == ["a", "c", "b"]


@pytest.mark.parametrize(
    ("more", "status", "codes"),
    [
        ({"status": "unknown"}, "unknown", []),
        ({"status": None, "stage": "scheduled"}, "unknown", []),
        ({"status": "", "stage": "finished"}, "unknown", []),
        ({"status": "FAILED"}, "failed", []),
        ({"status": "excellent"}, "unknown", ["unknown_status"]),
        ({"status": 5}, "unknown", ["unknown_status"]),
    ],
)
def test_a_status_that_is_missing_or_not_known_is_unknown(more, status, codes):
    found = read_json(result(**more))
    assert found.results[0]["status"] == status
    assert found.codes == codes


def test_marks_are_labels():
    details = {"flaky": True, "known": True, "muted": False}
    found = one(result(statusDetails=details, muted=True))
    assert sorted(found["labels"]) == [("flaky", "true"), ("known", "true"), ("muted", "true")]
    assert not found["flaky"]


def test_parameters_that_stand_in_the_title_are_not_repeated():
    values = {"test[chrome-1]": "test[chrome-1]", "test chromed": "test chromed [browser='chrome']"}
    for name, title in values.items():
        assert one(result(name, parameters=[{"name": "browser", "value": "'chrome'"}]))["title"] == title


def test_hidden_parameters_are_not_shown_and_masked_ones_not_told():
    parameters = [
        {"name": "token", "value": "s3cret", "mode": "hidden"},
        {"name": "password", "value": "hunter2", "mode": "masked"},
        {"name": "at", "value": "12:30", "excluded": True},
    ]
    steps = [{"name": "types", "status": "passed", "parameters": parameters}]
    found = one(result(parameters=parameters, steps=steps))
    assert found["title"] == "signs in [password=******]"
    assert found["labels"] == [("password", "******"), ("at", "12:30")]
    assert found["description"] == "PASSED types [password=******, at=12:30]"
    assert "s3cret" not in str(found)
    assert "hunter2" not in str(found)


def test_steps_are_indented_lines_with_what_went_wrong_in_them():
    steps = [
        {
            "name": "outer",
            "status": "failed",
            "steps": [
                {"name": "inner", "status": "failed", "statusDetails": {"message": "off by one", "trace": "t.py:1"}}
            ],
            "attachments": [{"name": "shot", "source": "a.png"}],
        },
        {"name": "again", "status": "failed", "statusDetails": {"message": "the end"}},
        {"name": "only a name"},
    ]
    found = one(result(status="failed", description="About it.", steps=steps, statusDetails={"message": "at the end"}))
    assert found["description"].split("\n") == [
        "About it.",
        "FAILED outer",
        "  attachment shot",
        "  FAILED inner",
        "    off by one",
        "FAILED again",
        "only a name",
    ]
    assert found["exception_backtrace"] == "inner: t.py:1"
    assert [name for name, _ in found["assets"]] == ["a.png"]


def test_attachments_are_found_wherever_they_are_in_the_upload():
    found = read(
        ("r.json", json.dumps(result(attachments=[{"name": "log", "source": "5-attachment.txt"}]))),
        attachments={"5-attachment.txt": "k"},
    )
    assert found.results[0]["assets"] == [("5-attachment.txt", "k")]


def test_fixtures_that_passed_are_no_results():
    fixtures = {
        "befores": [{"name": "a", "status": "passed"}],
        "afters": [{"name": "b"}, {"name": "c", "status": "broken"}],
    }
    found = read_json({"uuid": UUID, "name": "suite", "children": [], **fixtures})
    assert [(found.path(row), row["title"], row["classification"], row["status"]) for row in found.results] == [
        (["Broken fixtures", "suite"], "c", "after", "broken")
    ]


def test_an_executor_tells_the_build():
    executor = {"name": "Jenkins", "type": "jenkins", "buildOrder": 13, "buildUrl": "https://ci.example/13"}
    assert read_json(result(), executor).summary["system"] == {"build": "#13"}


def test_the_earliest_start_is_the_date():
    found = read_json(result(start=1767260700000), result(uuid="u", start=1767260600000), result(uuid="v", start=0))
    assert found.summary["date"] == 1767260600.0


@pytest.mark.parametrize(
    "value",
    [
        result(name=None, labels={"suite": "s"}, steps="x", attachments=[1, None], parameters=[[]], links=[{}]),
        result(start="soon", stop=[], statusDetails="it failed", titlePath={"a": 1}, description={"a": 1}),
        result(start=5, stop=1),
        {"uuid": UUID, "befores": [None, {"status": "broken"}], "afters": {"status": "broken"}},
        {"errors": [{"timestamp": "x", "message": None}], "attachments": [{"timestamp": 1}]},
    ],
)
def test_values_of_any_type_are_read(value):
    found = read(json.dumps(value), formatter="allure")
    assert found.phase == Phase.SUCCEEDED


def test_white_space_before_the_file_changes_nothing():
    whole = "\n \n" + json.dumps(result())
    parser = FORMAT.parser()
    events = [event for sign in whole for event in parser.feed(sign)] + parser.close()
    again = FORMAT.parser()
    assert [*again.feed(whole), *again.close()] == events


ALLURE_1 = """<ns:test-suite xmlns:ns="urn:model.allure.qatools.yandex.ru" start="1767260600000" stop="1767260601000">
<test-cases><test-case start="10" stop="260" status="{status}" severity="minor"><steps>
<step start="1" stop="2" status="passed"><steps><step status="failed"><title>inner</title>
<attachments><attachment title="shot" source="a.png" type="image/png"/></attachments></step></steps><name>outer</name>
</step></steps><labels><label name="testClass" value="Login"/></labels><title>Signs in</title><name>signsIn</name>
<description type="text">About it.</description>
<parameters><parameter kind="argument" name="a" value="1"/><parameter kind="argument" name="b" value="2"/></parameters>
</test-case></test-cases><labels><label name="host" value="h"/></labels><name>login</name>
<description>A suite.</description></ns:test-suite>"""


def test_allure_1_may_write_names_behind_the_content():
    found = read(ALLURE_1.format(status="canceled"))
    (row,) = found.results
    (container,) = found.containers
    assert (found.path(row), row["title"], row["classification"]) == (["login"], "Signs in [a=1, b=2]", "Login")
    assert (row["status"], row["duration"]) == ("skipped", 0.25)
    assert row["description"].split("\n") == ["PASSED", "  FAILED inner", "    attachment shot", "About it."]
    assert row["labels"] == [("severity", "minor"), ("testClass", "Login"), ("a", "1"), ("b", "2")]
    assert (container["description"], container["labels"]) == ("A suite.", [("host", "h")])
    assert found.summary["date"] == 1767260600.0


def test_a_status_that_allure_1_does_not_define_is_unknown():
    found = read(ALLURE_1.format(status="great"))
    assert found.results[0]["status"] == "unknown"
    assert "unknown_status" in found.codes


def test_allure_1_that_is_cut_off_keeps_what_was_read():
    whole = ALLURE_1.format(status="failed")
    for size in range(60, len(whole), 7):
        found = read(whole[:size], formatter="allure")
        assert found.phase in {Phase.FAILED, Phase.PARTIALLY_SUCCEEDED}


def test_the_sample_of_the_benchmark_is_read_as_meant():
    import importlib.util  # noqa: PLC0415

    path = Path(__file__).parents[4] / "benchmarks" / "samples" / "allure.py"
    spec = importlib.util.spec_from_file_location("allure_sample", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = read("".join(module.pieces(100)))
    assert (found.counts["passed"], found.counts["failed"]) == (98, 2)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda word: word.strip() == word and word != "" and "[" not in word
)
runs = st.lists(
    st.tuples(st.sampled_from(["passed", "failed", "broken", "skipped", "unknown"]), st.integers(0, 10**7), words),
    min_size=1,
    max_size=4,
)
tests = st.dictionaries(st.tuples(words, words), runs, min_size=1, max_size=6)


@given(tests, st.randoms(use_true_random=False))
def test_results_written_as_files_in_any_order_are_read_back(model, random):
    files = []
    for number, ((suite, name), attempts) in enumerate(model.items()):
        for order, (status, milliseconds, message) in enumerate(attempts):
            start = 1767260600000 + order
            value = result(
                name,
                status,
                uuid=f"{number}-{order}",
                historyId=str(number),
                start=start,
                stop=start + milliseconds,
                statusDetails={"message": message},
                labels=labels(suite=suite),
            )
            files.append((f"{number}-{order}-result.json", json.dumps(value)))
    random.shuffle(files)
    found = read(*files)

    back = {}
    for row in found.results:
        last = (row["status"], row["duration"], row["exception_description"])
        names = ("passed", "failed", "broken", "skipped", "unknown")
        back[found.path(row)[0], row["title"]] = [
            (names[attempt[0]], attempt[1], attempt[3]) for attempt in row["attempts"]
        ] or [last]
    assert back == {
        place: [(status, milliseconds / 1000, message) for status, milliseconds, message in attempts]
        for place, attempts in model.items()
    }


def plain(number=1, **more):
    return {
        "name": f"case {number}",
        "status": "passed",
        "steps": [{"name": f"opens {number}", "status": "passed", "start": 1, "stop": 2}],
        "start": 1767260700000 + number,
        "stop": 1767260700100 + number,
        "uuid": f"u{number}",
        "historyId": f"h{number}",
        "fullName": f"t#{number}",
        "labels": labels(suite="x", host="machine"),
        "titlePath": ["tests"],
        **more,
    }


def events(*values):
    parser = AllureJsonParser()
    return [*parser.feed("\n".join(map(json.dumps, values))), *parser.close()]


def made_without_skimming(monkeypatch, values):
    with monkeypatch.context() as patch:
        patch.setattr(Shapes, "wants", lambda *_: False)
        return events(*values)


def comparable(events):
    """Without the dates, of which the earliest counts; arrays may be tuples."""
    late = [json.loads(json.dumps(event)) for event in events if len(event) != 2]
    return late, min(event[1] for event in events if len(event) == 2)


def test_usual_results_in_one_file_are_skimmed(monkeypatch):
    slow = []
    keep = Gathered.row
    monkeypatch.setattr(Gathered, "row", lambda self, *more: slow.append(self.line) or keep(self, *more))
    assert len(events(*map(plain, range(50)))) > 50
    assert slow == [1]


@pytest.mark.parametrize(
    "more",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "n" * 8_001},
        {"name": "n" * 1_001},
        {"name": 5},
        {"name": None},
        {"name": 'a "quoted" one'},
        {"status": "PASSED"},
        {"status": None},
        {"start": None},
        {"start": "1767260700000"},
        {"start": True},
        {"start": 1767260700000.5},
        {"stop": 1},
        {"stop": 9767260700000},
        {"historyId": ""},
        {"historyId": 7},
        {"fullName": None},
        {"uuid": 5},
        {"statusDetails": {"message": "flaked"}},
        {"statusDetails": {"flaky": True}},
        {"statusDetails": {}},
        {"flaky": True},
        {"description": False},
        {"description": "tells"},
        {"parameters": [{"name": "a", "value": "1"}]},
        {"links": [{"url": "http://x"}]},
        {"attachments": [{"name": "a", "source": "a.png"}]},
        {"labels": [{"name": "", "value": "x"}]},
        {"labels": [{"value": "x"}]},
        {"labels": labels(suite=1)},
        {"labels": labels(parentSuite=" ", subSuite="a > b")},
        {"labels": labels(package="p", testClass="p.C")},
        {"labels": labels(epic="e", story="s")},
        {"labels": labels(host="h" * 17_000)},
        {"labels": {"suite": "x"}},
        {"labels": [], "titlePath": ["a", ""]},
        {"labels": [], "titlePath": "a"},
        {"steps": [{"name": " ", "status": "passed"}]},
        {"steps": [{"name": "", "status": ""}]},
        {"steps": [{"status": "passed"}]},
        {"steps": [{"name": "a ", "status": "failed", "statusDetails": {"message": "m", "trace": "t"}}]},
        {"steps": [{"steps": [{"name": "b", "status": "passed"}], "name": "a", "status": "passed"}]},
        {"steps": [{"name": "a", "status": "passed", "steps": [{"name": "b", "status": "passed"}]}]},
        {"steps": [{"name": "a", "status": "passed", "attachments": [{"name": "x", "source": "y"}]}]},
        {"steps": [{"name": "a", "status": "passed", "parameters": [{"name": "x", "value": "y"}]}]},
        {"steps": [7]},
    ],
)
def test_odd_results_among_usual_ones_are_read_as_they_would_be_alone(more, monkeypatch):
    """Each kind several times, because a shape may be learnt of it, and once among the others."""
    values = [plain(1), plain(2), plain(3, **more), plain(4), *(plain(n, **more) for n in range(5, 12))]
    assert comparable(events(*values)) == comparable(made_without_skimming(monkeypatch, values))
