import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report_contract import names, objectkeys


@given(st.integers(min_value=1, max_value=10**11), st.integers(min_value=1, max_value=99))
def test_a_resource_name_leads_back_to_its_report_and_fits_kubernetes(report_id, attempt):
    name = names.resource_name(report_id)
    assert names.report_id_of(name) == report_id
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", names.job_name(report_id, attempt))
    assert len(names.job_name(report_id, attempt)) < 63 - len("-abcde")


@pytest.mark.parametrize("name", ["", "report-", "report-x", "report-4²", "41", "other-41"])
def test_a_foreign_name_has_no_report(name):
    assert names.report_id_of(name) is None


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("result.xml", "result.xml"),
        ("C:\\build\\out\\result.xml", "result.xml"),
        ("./dir/x.json", "x.json"),
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b\nc.xml", "a_b_c.xml"),
        ("Prüfung ✓.xml", "Prüfung ✓.xml"),
    ],
)
def test_a_file_name_becomes_a_safe_last_part_of_a_key(given_name, kept):
    assert objectkeys.safe_name(given_name) == kept


@pytest.mark.parametrize("character", "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_no_file_name_changes_the_direction_of_text(character):
    assert objectkeys.safe_name(f"report{character}fdp.exe") == "report_fdp.exe"


@given(st.text())
def test_any_file_name_gives_a_key_inside_its_import(file_name):
    key = objectkeys.upload(41, 1, file_name)
    assert key.startswith("imports/41/upload/1/")
    assert len(key.split("/")) == 5
    assert len(key.encode()) <= 1024
    assert objectkeys.report_id_of_key(key) == 41


def test_a_profile_lists_its_newest_import_first():
    entries = [objectkeys.profile_entry("web", report_id) for report_id in (9, 10, 123456)]
    assert sorted(entries) == entries[::-1]


def test_an_entry_of_an_index_knows_its_report_and_other_keys_are_none():
    assert objectkeys.report_id_of_entry(objectkeys.profile_entry("web", 41)) == 41
    for key in ("imports/41/status.json", "profiles/web/imports/x-41.json", "profiles/web/notes.txt", "profiles/"):
        assert objectkeys.report_id_of_entry(key) is None
