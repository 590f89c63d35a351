import stat

import pytest

from report_client.main import main
from report_contract.accesskeys import Role, find_key
from report_stores.keyfile import read_keys


@pytest.fixture
def file(tmp_path):
    return tmp_path / "keys.json"


def make(file, capsys, *more):
    assert main(["keys", "add", "ci", "--file", str(file), *more]) == 0
    return capsys.readouterr().out.strip()


def test_a_made_key_opens_what_its_record_says(file, capsys):
    key = make(file, capsys, "--role", "moderator", "--profile", "web")
    record = find_key(read_keys(file), key)
    assert (record.role, record.profiles, record.name) == (Role.MODERATOR, ["web"], "ci")


def test_the_file_does_not_hold_the_key_and_is_its_owners_only(file, capsys):
    key = make(file, capsys)
    assert key.split("_", 2)[2] not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_list_shows_every_key_and_no_secret(file, capsys):
    made = [make(file, capsys), make(file, capsys, "--role", "read_only")]
    assert main(["keys", "list", "--file", str(file)]) == 0
    listed = capsys.readouterr().out
    assert len(listed.splitlines()) == 2
    assert all(key.split("_")[1] in listed and key.split("_", 2)[2] not in listed for key in made)


def test_a_revoked_key_opens_nothing(file, capsys):
    key = make(file, capsys)
    assert main(["keys", "revoke", key.split("_")[1], "--file", str(file)]) == 0
    assert find_key(read_keys(file), key) is None


def test_revoking_an_unknown_key_says_so(file, capsys):
    make(file, capsys)
    assert main(["keys", "revoke", "nothere0", "--file", str(file)]) == 2
    assert "no key nothere0" in capsys.readouterr().err


def test_a_file_of_something_else_is_named_and_kept(file, capsys):
    file.write_text("[]")
    assert main(["keys", "add", "ci", "--file", str(file)]) == 2
    assert str(file) in capsys.readouterr().err
    assert file.read_text() == "[]"
