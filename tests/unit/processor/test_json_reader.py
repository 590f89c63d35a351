"""The reader of JSON: where a file is cut into pieces makes no difference."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report_processor.parsing.json_reader import JsonReader

SHAPE = {"": {"inner": "inner"}, "inner": {"inner": "inner", "whole": "whole"}}
values = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
documents = st.recursive(
    st.dictionaries(st.sampled_from(["a", "whole"]), values | st.lists(values, max_size=3), max_size=3),
    lambda inside: st.dictionaries(
        st.sampled_from(["inner", "a", "b"]), values | inside | st.lists(inside), max_size=4
    ),
    max_leaves=6,
)


class Calls(list):
    """A handler that keeps what it is told."""

    def begin(self, name):
        self.append(("begin", name))

    def end(self, name):
        self.append(("end", name))

    def member(self, name, key, value):
        self.append((name, key, value))

    def item(self, name, value):
        self.append((name, value))


def calls(*pieces):
    found = Calls()
    reader = JsonReader(found, SHAPE, lambda *_: None)
    for piece in pieces:
        reader.feed(piece)
    reader.close()
    return found


@pytest.mark.parametrize("number", ["0.25", "-0.5", "12.5e3", "1e5", "1E-7", "2e+10", "12345", "true", "null"])
def test_a_number_may_be_torn_anywhere(number):
    document = f'{{"inner": [{{"a": {number}, "b": [{number}], "whole": [{number}]}}, {number}]}}'
    whole = calls(document)
    assert ("inner", "a", json.loads(number)) in whole
    for cut in range(1, len(document)):
        assert calls(document[:cut], document[cut:]) == whole, document[:cut]
    assert calls(*document) == whole


@given(documents, st.integers(0, 500), st.integers(1, 5))
@settings(deadline=None, max_examples=200)
def test_any_document_may_be_torn_anywhere(document, cut, size):
    text = json.dumps(document, indent=size - 1 or None, ensure_ascii=size % 2 == 0)
    whole = calls(text)
    assert calls(text[:cut], text[cut:]) == whole
    assert calls(*(text[at : at + size] for at in range(0, len(text), size))) == whole
