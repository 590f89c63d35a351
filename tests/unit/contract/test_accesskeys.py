import pytest

from report_contract.accesskeys import KeyFile, Role, find_key, new_key


def test_a_new_key_is_found_by_what_was_shown():
    key, record = new_key("ci", Role.USER)
    assert find_key(KeyFile(keys=[record]), key) == record


def test_a_key_file_does_not_hold_the_secret():
    key, record = new_key("ci", Role.USER)
    secret = key.split("_", 2)[2]
    assert secret not in KeyFile(keys=[record]).model_dump_json()


@pytest.mark.parametrize(
    "spoil", [lambda k: k + "x", lambda k: k[:-1], lambda k: "", lambda k: "ri_", lambda k: k.upper()]
)
def test_a_key_that_differs_anywhere_is_not_found(spoil):
    key, record = new_key("ci", Role.USER)
    assert find_key(KeyFile(keys=[record]), spoil(key)) is None


def test_each_role_may_do_all_that_the_ones_before_it_may():
    roles = list(Role)
    for index, role in enumerate(roles):
        assert [role.allows(other) for other in roles] == [True] * (index + 1) + [False] * (len(roles) - index - 1)


def test_a_key_sees_its_own_profiles_only():
    _, record = new_key("ci", Role.USER, ["1", "web"])
    assert (record.sees("1"), record.sees("web"), record.sees("2")) == (True, True, False)


def test_a_key_without_profiles_sees_all():
    _, record = new_key("ops", Role.ADMINISTRATOR)
    assert record.sees("anything")
