"""Shapes: what is learnt from one record is read from the next ones, and nothing else is."""

import json
import re

import pytest

from report_processor import limits
from report_processor.parsing import xml_skim
from report_processor.parsing.json_skim import ANY, DURATION, NAME, TEXT, JsonSkimmer
from report_processor.parsing.shapes import Rule, groups_of
from report_processor.parsing.xml_skim import ESCAPED, LINES, SECONDS, VALUE, XmlSkimmer

COMMA = re.compile(r"\s*,\s*")


class Records:
    """What a skimmer took."""

    def __init__(self):
        self.rows, self.lines = [], []

    def __call__(self, run):
        names = sorted(run.plan, key=run.plan.get)
        self.rows += [dict(zip(names, row, strict=True)) for row in run.rows]
        self.lines += [line for _, line in zip(run.rows, run.lines(), strict=False)]


def of_json(first, text, rules, plan=lambda parts, _: groups_of(parts), **options):
    """The records that are taken from the text after the first one was learnt."""
    taken = Records()
    skimmer = JsonSkimmer(rules, lambda: True, plan, taken, **options)
    skimmer.learn(f"{first}, {{", 0, COMMA)
    end = skimmer.skim(text, 0, 1)
    return taken, text[end:]


def of_xml(first, text, rules, elements="test", **options):
    """The same for elements."""
    taken = Records()
    skimmer = XmlSkimmer(elements, rules, lambda: True, groups_of, taken, **options)
    skimmer.learn(first, 0, len(first))
    end = skimmer.skim(text, 0, 1)
    return taken, text[end:]


RULES = {"name": NAME, "ms": DURATION, "id": ANY, "in.text": TEXT}
FIRST = '{"name": "a", "ms": 1.5, "id": 7, "ok": true, "in": {"text": "x"}}'


def test_objects_are_read_by_the_first_one():
    text = FIRST.replace('"a"', '"b"') + ", " + FIRST.replace("1.5", "1e-3").replace("7", "-1.25E+2") + "]"
    taken, rest = of_json(FIRST, text, RULES)
    assert taken.rows == [{"name": "b", "ms": "1.5", "in.text": "x"}, {"name": "a", "ms": "1e-3", "in.text": "x"}]
    assert rest == "]"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("true", "false"),
        ('"a"', '""'),
        ('"a"', '"  "'),
        ('"a"', r'"\n"'),
        ('"a"', '"\x01"'),
        ('"a"', f'"{"a" * (limits.TITLE + 1)}"'),
        ('"a"', "1"),
        ('"a"', "null"),
        ("1.5", '"1.5"'),
        ("1.5", "01"),
        ("1.5", "-1"),
        ("1.5", "123456789"),
        ("7", "007"),
        ("7", '"7"'),
        ('"ok"', '"OK"'),
        ('"x"', '"x", "more": 1'),
        (": ", ":"),
    ],
)
def test_an_object_that_differs_in_more_than_its_values_is_left_to_the_parser(old, new):
    taken, rest = of_json(FIRST, FIRST.replace(old, new), RULES)
    assert not taken.rows
    assert rest == FIRST.replace(old, new)


@pytest.mark.parametrize(
    "first",
    ['{"a": 1, "a": 1}', '{"in.text": "x"}', '{"a": 1,}', '{"a" 1}', '{"a": 01}', '{"a": nul}', '{"a": "\n"}', "[1]"],
)
def test_what_is_no_plain_object_is_not_learnt(first):
    taken, _ = of_json(first, first, RULES)
    assert not taken.rows


def test_a_format_can_refuse_a_record_by_what_is_in_it():
    seen = []

    def plan(parts, objects):
        seen.append(([(part.key, part.value, part.group) for part in parts], objects))

    text = '{"tags": [], "steps": [{"name": "s"}, {"name": "t"}], "name": "n"}'
    taken, rest = of_json(text, text, RULES, plan)
    parts = [("tags", "[]", -1), ("steps[].name", "s", -1), ("steps[].name", "t", -1), ("name", "n", 0)]
    assert seen == [(parts, [json.loads(text)])]
    assert (taken.rows, rest) == ([], text)


def test_several_objects_can_be_one_record():
    class Same(JsonSkimmer):
        def rule(self, key, parts):
            return Rule(r"\1", captured=False) if key == "+name" else super().rule(key, parts)

    taken = Records()
    skimmer = Same({"name": TEXT}, lambda: True, lambda parts, _: groups_of(parts), taken, objects=2)
    pair = '{"name": "a"}\n{"name": "a", "ok": 1}\n'
    skimmer.learn(pair + "{", 0, re.compile("\n"))
    text = pair.replace('"a"', '"b"') + '{"name": "c"}\n{"name": "d", "ok": 1}\n'
    end = skimmer.skim(text, 0, 1)
    assert taken.rows == [{"name": "b"}]
    assert text[end:].startswith('\n{"name": "c"}')


def test_lines_are_counted():
    text = '{\n"name": "a"},\n\n{\n"name": "b"},\n\n{\n"name": "c"}'
    taken = Records()
    skimmer = JsonSkimmer(RULES, lambda: True, lambda parts, _: groups_of(parts), taken)
    skimmer.learn(text, 0, COMMA)
    skimmer.skim(text, 0, 10)
    assert taken.lines == [10, 13, 16]


@pytest.mark.parametrize("text", ["plain", r"with \"quotes\" and \\ and \n", r"\/\b\f\r\t"])
def test_simple_escapes_may_be_in_texts_that_are_not_wanted(text):
    first = '{"name": "x", "id": "7"}'
    assert of_json(first, first.replace("7", text), RULES)[0].rows == [{"name": "x"}]
    assert of_json(first, first.replace("7", r"\u0041"), RULES)[0].rows == []


def test_shapes_are_only_learnt_as_long_as_it_is_worth_while():
    taken = Records()
    skimmer = JsonSkimmer(RULES, lambda: True, lambda *_: None, taken)
    looked = []
    skimmer.rule = lambda key, parts: looked.append(key)
    for number in range(1_000):
        skimmer.learn(f'{{"x{number}": 1}}, {{', 0, COMMA)
    assert 10 < len(looked) < 50


CASE = '<test name="a" id="1"><time>0.5</time><out>o</out></test>'
XML = {"name": VALUE, "time#": SECONDS, "out#": LINES}


def test_elements_are_read_by_the_first_one():
    text = CASE.replace('"a"', '"b"') + CASE.replace(">o<", ">1\n2 &lt;3&gt;<") + CASE
    taken, rest = of_xml(CASE, text, XML, inside=("time", "out"))
    assert [row["name"] for row in taken.rows] == ["b", "a", "a"]
    assert xml_skim.plain(taken.rows[1]["out#"]) == "1\n2 <3>"
    assert taken.lines == [1, 1, 2]
    assert not rest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"1"', '"2"'),
        ("0.5", "0,5"),
        (">o<", "><b/><"),
        (">o<", "><![CDATA[o]]><"),
        (">o<", ">]]><"),
        (">o<", ">&nbsp;<"),
        (">o<", ">&#0;<"),
        (">o<", ">\x01<"),
        ('"a"', '"&lt;"'),
        ('"a"', '"\t"'),
        ("</time>", "</time>text"),
        ("</time>", "</time><skipped/>"),
        ('id="1"', 'id="1" more="x"'),
    ],
)
def test_an_element_that_differs_in_more_than_its_values_is_left_to_the_parser(old, new):
    text = CASE.replace(old, new)
    taken, rest = of_xml(CASE, text, XML, inside=("time", "out"))
    assert (taken.rows, rest) == ([], text)


@pytest.mark.parametrize(
    "first",
    [
        '<test name="a"><skipped/></test>',
        '<test name="a">text<time>1</time></test>',
        "<test name='a'/>",
        '<test name="a" name="b"/>',
        '<tests name="a"/>',
        '<test name="a"><time>1</test></time>',
        '<test name="a">',
        '<test name="a"><!-- c --></test>',
    ],
)
def test_an_element_with_anything_unexpected_is_not_learnt(first):
    taken, _ = of_xml(first, first, XML, inside=("time",))
    assert not taken.rows


def test_comments_and_white_space_may_stand_between():
    text = '<test name="a"/> <!-- a -->\n<test name="b"/> <!-- other - words -->\n<test name="c"/> <!-- -- -->'
    taken, rest = of_xml(text[: text.index("<test", 1)], text, XML)
    assert [row["name"] for row in taken.rows] == ["a", "b", "c"]
    assert taken.lines == [1, 2, 3]
    assert rest == " <!-- -- -->"


def test_several_elements_can_be_one_record_and_prefixes_do_not_count():
    pair = '<e:begin id="1" xml:lang="x"/>\n<e:end id="1"><e:note>n</e:note></e:end>\n'
    rules = {"id": VALUE, "end@id": VALUE, "note#": xml_skim.TEXT}
    taken, _ = of_xml(pair, pair + pair.replace("1", "2"), rules, ("e:begin", "e:end"), inside=("note",))
    assert taken.rows == [{"id": "1", "end@id": "1", "note#": "n"}, {"id": "2", "end@id": "2", "note#": "n"}]
    assert taken.lines == [1, 3]


def test_values_with_references_are_taken_where_a_rule_allows_them():
    taken, _ = of_xml('<test name="x"/>', '<test name="&lt;a&gt; &amp;amp; &quot;"/>', {"name": ESCAPED})
    assert [xml_skim.plain(row["name"]) for row in taken.rows] == ['<a> &amp; "']


def test_characters_that_xml_forbids_are_left_to_the_parser():
    text = '<test name="\ufffe"/>'
    taken, rest = of_xml('<test name="x"/>', text, {"name": VALUE})
    assert (taken.rows, rest) == ([], text)


def test_runs_of_different_shapes_follow_each_other():
    short, long = '<test name="a"/>\n', '<test name="b">\n<time>1</time></test>\n'
    taken = Records()
    skimmer = XmlSkimmer("test", XML, lambda: True, groups_of, taken, inside=("time",))
    skimmer.learn(short, 0, len(short))
    skimmer.learn(long, 0, len(long))
    assert skimmer.skim((short + long) * 3, 0, 1) == 3 * len(short + long) - 1
    assert [row["name"] for row in taken.rows] == ["a", "b"] * 3
    assert taken.lines == [1, 2, 4, 5, 7, 8]


def test_lines_are_counted_where_texts_and_shapes_differ():
    one, two = '<test name="a"><out>{0}</out></test>\n\n', '<test name="b"><out>{0}</out><time>1</time></test>\n\n'
    taken = Records()
    skimmer = XmlSkimmer("test", XML, lambda: True, groups_of, taken, inside=("time", "out"))
    skimmer.learn(one.format(0), 0, 99)
    skimmer.learn(two.format(0), 0, 99)
    texts = [one.format("1"), one.format("1\n2"), two.format("1\n2\n3"), two.format(""), one.format("")]
    skimmer.skim("".join(texts), 0, 1)
    assert taken.lines == [1 + "".join(texts[:number]).count("\n") for number in range(5)]


@pytest.mark.parametrize(
    ("text", "learnt"),
    [
        ('{"a": 1}\n{"a": 2}\n{', 1),
        ('{"a": 1} {"a": 2}\n{', 0),
        ('{"a": 1}\n\n{"a": 2}\n{', 0),
        ('{"a":\n1} {"a": 2}\n{', 0),
        ('{"a": 1}\n{"a":\n2}\n{', 0),
    ],
)
def test_objects_of_ndjson_stand_on_a_line_each(text, learnt):
    taken = Records()
    skimmer = JsonSkimmer(
        {"a": DURATION, "+a": DURATION}, lambda: True, lambda parts, _: groups_of(parts), taken, objects=2
    )
    skimmer.learn(text, 0, re.compile("\n"), "(?=\n)")
    assert (skimmer.skim(text, 0, 1) > 0) == learnt


def test_an_escape_that_there_is_not_is_left_to_the_parser():
    odd = '{"a": "\\q"}'
    taken, rest = of_json(odd, odd, {"a": ANY})
    assert (taken.rows, rest) == ([], odd)
