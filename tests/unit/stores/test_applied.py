"""Server-side apply in memory. The rules themselves are in ``tests/contract``; these are its corners."""

from hypothesis import given
from hypothesis import strategies as st

from report_stores.applied import AppliedStatus


def test_nested_maps_are_merged_leaf_by_leaf():
    status = AppliedStatus().apply({"progress": {"percent": 1, "tests": 2}}, "a").apply({"progress": {"tests": 3}}, "b")
    assert status.as_dict() == {"progress": {"percent": 1, "tests": 3}}
    assert status.apply({"phase": "Queued"}, "a").as_dict() == {"progress": {"tests": 3}, "phase": "Queued"}


def test_applying_makes_a_new_status_and_leaves_the_old_one():
    before = AppliedStatus().apply({"phase": "Queued"}, "a")
    before.apply({"phase": "Running"}, "a")
    assert before.as_dict() == {"phase": "Queued"}


def test_nothing_is_not_a_value():
    assert AppliedStatus().apply({"phase": "Queued", "counts": None}, "a").as_dict() == {"phase": "Queued"}


def test_an_empty_list_is_a_value():
    assert AppliedStatus().apply({"messages": []}, "a").as_dict() == {"messages": []}


def test_a_condition_is_known_by_its_type():
    status = AppliedStatus().apply(
        {"conditions": [{"type": "A", "status": "True"}, {"type": "B", "status": "True"}]}, "a"
    )
    status = status.apply({"conditions": [{"type": "B", "status": "False"}]}, "b")
    assert status.as_dict() == {"conditions": [{"type": "A", "status": "True"}, {"type": "B", "status": "False"}]}
    assert status.apply({}, "a").as_dict() == {"conditions": [{"type": "B", "status": "False"}]}


flat = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2))


@given(st.lists(st.tuples(st.sampled_from(["m", "n"]), flat), max_size=8))
def test_every_field_is_somebody_s_last_word(applies):
    status, said = AppliedStatus(), {"m": {}, "n": {}}
    for manager, given_fields in applies:
        status = status.apply(given_fields, manager)
        other = "n" if manager == "m" else "m"
        said[manager] = given_fields
        said[other] = {name: value for name, value in said[other].items() if given_fields.get(name, value) == value}
    assert status.as_dict() == {**said["m"], **said["n"]}
