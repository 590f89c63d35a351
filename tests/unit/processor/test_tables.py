"""The Parquet files: as the contract describes them, failures first, readable by everybody."""

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from report_contract.report import CONTAINER_COLUMNS, TEST_COLUMNS, ResultStatus
from report_processor.collect import Collector
from report_processor.events import STATUSES, Recorder
from report_processor.footers import join
from report_processor.parquet import TwoPartFile, _footer
from report_processor.tables import CONTAINERS, TESTS, Tables


def test_the_statuses_are_those_of_the_contract():
    assert list(STATUSES) == [status.value for status in ResultStatus]


@pytest.mark.parametrize(("schema", "columns"), [(TESTS, TEST_COLUMNS), (CONTAINERS, CONTAINER_COLUMNS)])
def test_the_columns_are_those_of_the_contract(schema, columns):
    assert schema.names == list(columns)
    for field in schema:
        told = columns[field.name]
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        assert told.startswith("list<struct<" if pa.types.is_list(kind) else str(kind))
        assert field.nullable == ("nullable" in told)


def write(folder, events):
    tables = Tables(folder)
    collector = Collector(tables, folder)
    collector.begin_file("r.xml", "junit", "")
    collector.feed(events)
    collector.end_file("parsed")
    summary = collector.finish()
    return summary, pq.read_table(tables.tests), pq.read_table(tables.containers_path)


def rows(recorder, number, status, details=None, start=0):
    for index in range(start, start + number):
        recorder.rows.append((f"t{index}", "c", status, index / 10, index + 1, details))


DETAILS = ("d", "E", "m", "trace", True, [(1, 1.5, "E", "m", "t"), (0, None, "", "", "")], [("k", "v")], ["a.png"])


def test_failures_come_first_and_everything_is_there(tmp_path):
    recorder = Recorder()
    recorder.open("outer", "testsuite", 1)
    recorder.open("inner", "testsuite", 2)
    rows(recorder, 40_000, 0)
    rows(recorder, 3, 1, DETAILS, 40_000)
    rows(recorder, 40_000, 3, None, 40_003)
    rows(recorder, 2, 2, None, 80_003)
    recorder.close("output", [("p", "q")])
    recorder.close()
    summary, tests, containers = write(tmp_path, recorder.take())
    assert summary["counts"]["total"] == tests.num_rows == 80_005
    statuses = tests["status"].to_pylist()
    assert sorted(statuses[:5]) == ["broken"] * 2 + ["failed"] * 3
    assert set(statuses[5:]) == {"passed", "skipped"}
    assert sorted(tests["id"].to_pylist()) == list(range(1, 80_006))
    first = next(row for row in tests.slice(0, 5).to_pylist() if row["status"] == "failed")
    assert first["container_path"] == "outer > inner"
    assert first["attempts"][0] == {
        "status": "failed",
        "duration": 1.5,
        "exception_name": "E",
        "exception_description": "m",
        "exception_backtrace": "t",
    }
    assert first["labels"] == [{"name": "k", "value": "v"}]
    assert first["assets"] == [{"name": "a.png", "key": ""}]
    assert first["flaky"]
    assert len(set(tests["history_hash"].to_pylist())) == 80_005
    assert containers.sort_by("id").to_pylist()[1]["labels"] == [{"name": "p", "value": "q"}]
    assert [row["total"] for row in containers.to_pylist()] == [80_005, 80_005]


def test_row_groups_stay_small_and_follow_each_other_without_a_gap(tmp_path):
    recorder = Recorder()
    tables = Tables(tmp_path)
    collector = Collector(tables, tmp_path)
    for start in range(0, 50_000, 1000):
        rows(recorder, 1000, start % 2000 // 1000, None, start)
        collector.feed(recorder.take())
    collector.finish()
    file = pq.ParquetFile(tmp_path / "tests.parquet")
    groups = [file.metadata.row_group(index) for index in range(file.num_row_groups)]
    assert len(groups) >= 4
    assert all(group.num_rows < 20_000 for group in groups)
    chunks = [group.column(index) for group in groups for index in range(group.num_columns)]
    places = sorted((chunk.dictionary_page_offset or chunk.data_page_offset, chunk) for chunk in chunks)
    ends = [4, *(start + chunk.total_compressed_size for start, chunk in places)]
    assert [start for start, _ in places] == ends[:-1]
    assert [group.column(8).statistics.min for group in groups] == sorted(
        (group.column(8).statistics.min for group in groups), key=["failed", "passed"].index
    )


def test_an_empty_report_has_empty_tables(tmp_path):
    _, tests, containers = write(tmp_path, [])
    assert tests.num_rows == containers.num_rows == 0
    assert tests.column_names == list(TEST_COLUMNS)


def test_plain_runs_and_single_results_give_the_same_table(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    runs, single = Recorder(), Recorder()
    titles = [f"t{index}" for index in range(100)]
    runs.columns(titles, "c", [0.5] * 100, 7, 2, ["k", "l"], ["same", titles])
    for index, title in enumerate(titles):
        labels = [("k", "same"), ("l", title)]
        single.rows.append((title, "c", 0, 0.5, 7 + 2 * index, ("", "", "", "", False, (), labels, [])))
    one, other = write(tmp_path / "a", runs.take()), write(tmp_path / "b", single.take())
    assert one[1].equals(other[1])
    assert one[0]["status_hash"] == other[0]["status_hash"]


def test_a_line_that_is_not_known_is_null(tmp_path):
    recorder = Recorder()
    recorder.rows.append(("t", "c", 0, None, 0, None))
    _, tests, _ = write(tmp_path, recorder.take())
    assert tests["line"].to_pylist() == [None]


def test_duplicates_are_found_among_many_with_an_example(tmp_path):
    recorder = Recorder()
    rows(recorder, 100_000, 0)
    rows(recorder, 1, 0, None, 77)
    summary, _, _ = write(tmp_path, recorder.take())
    (note,) = summary["files"][0]["messages"]
    assert note["code"] == "duplicate_names"
    assert note["count"] == 2
    assert "t77" in note["texts"][0]


def test_any_number_of_row_groups_in_any_order_makes_one_file(tmp_path):
    schema = pa.schema([("n", pa.int64())])
    file = TwoPartFile(tmp_path / "two.parquet", schema, dictionary=[], rows=1, size=1)
    for number in range(200):
        part = file.first if number % 3 == 0 else file.second
        part.add(pa.RecordBatch.from_arrays([pa.array([number, number + 1000])], schema=schema))
    file.close()
    expected = [number for number in range(200) if number % 3 == 0] + [number for number in range(200) if number % 3]
    assert pq.read_table(tmp_path / "two.parquet")["n"].to_pylist()[::2] == expected
    assert pq.ParquetFile(tmp_path / "two.parquet").num_row_groups == 200


def test_joined_footers_say_what_arrow_says_of_them(tmp_path):
    parts = []
    for number in range(20):
        file = tmp_path / f"{number}.parquet"
        pq.write_table(pa.table({"n": [number] * 3, "s": [["x"]] * 3, "b": [True, None, False]}), file)
        parts.append(pq.read_metadata(file))
    footers = [_footer(part) for part in parts]
    whole = parts[0]
    for part in parts[1:]:
        whole.append_row_groups(part)
    joined = b"".join(join(footers))
    data = b"PAR1" + joined + len(joined).to_bytes(4, "little") + b"PAR1"
    assert pq.read_metadata(pa.BufferReader(data)).to_dict() == {
        **whole.to_dict(),
        "serialized_size": len(joined),
    }
    assert joined == _footer(whole)


def test_footers_of_different_writers_are_not_joined(tmp_path):
    footers = []
    for number, columns in enumerate(({"n": [1]}, {"n": [1], "m": [2]})):
        pq.write_table(pa.table(columns), tmp_path / f"{number}.parquet")
        footers.append(_footer(pq.read_metadata(tmp_path / f"{number}.parquet")))
    with pytest.raises(ValueError, match="one writer"):
        list(join(footers))


def test_what_is_no_footer_is_refused():
    with pytest.raises(ValueError, match="type 11"):
        list(join([bytes([0x1B, 0])]))
