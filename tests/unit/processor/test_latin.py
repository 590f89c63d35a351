"""Expressions that are learnt from text of Latin-1 match the same as before, only faster."""

import json
import re
import sys

import pytest
from support.skimming import skimmed

from report_contract.formatters import FORMATTERS
from report_processor.formats import load
from report_processor.parsing.latin import of_latin
from report_processor.parsing.shapes import Rule

for key in FORMATTERS:
    load(key)
RULES = {
    f"{module.removeprefix('report_processor.')}.{name}[{place}]": rule.expression
    for module in sorted(sys.modules)
    if module.startswith("report_processor.")
    for name, value in vars(sys.modules[module]).items()
    for place, rule in (value.items() if isinstance(value, dict) else [("", value)])
    if isinstance(rule, Rule) and "[^" in rule.expression
}
"""Those of all formats."""


@pytest.mark.parametrize("name", RULES)
def test_each_character_of_latin_1_is_matched_or_not_as_before(name):
    ordinary, fast = re.compile(RULES[name]), re.compile(of_latin(RULES[name], "example"))
    for character in map(chr, range(0x100)):
        for text in (character, f"a{character}b", f"&{character};"):
            before, now = (found and found.span() for found in (ordinary.match(text), fast.match(text)))
            assert before == now, (name, text)


@pytest.mark.parametrize("expression", ["[^<]*", r"\[\^ab\]", "[ab]", r"\[[^x]*\]"])
def test_what_is_no_class_of_all_but_several_characters_stays(expression):
    assert of_latin(expression, "example") == expression


def test_what_is_learnt_from_other_text_stays():
    assert of_latin('[^"<&]*', "名前") == '[^"<&]*'


@pytest.mark.parametrize("names", [["case", "naïve", "名前"], ["名前", "naïve", "case"]])
def test_json_with_names_of_several_scripts_is_skimmed(names):
    tests = [{"id": n, "title": names[n % 3], "status": "passed", "duration": 0.5} for n in range(1, 301)]
    report = {"origin": "x", "containers": [{"title": "suite", "classification": "", "results": tests}]}
    assert skimmed(json.dumps(report, ensure_ascii=False), "calliope") > 250


@pytest.mark.parametrize("names", [["case", "naïve", "名前"], ["名前", "naïve", "case"]])
def test_xml_with_names_of_several_scripts_is_skimmed(names):
    test = '<test name="{}" type="T" method="m" time="0.5" result="Pass" />\n'
    tests = "".join(test.format(names[n % 3]) for n in range(300))
    report = f'<assemblies><assembly name="a.dll"><collection name="c">{tests}</collection></assembly></assemblies>'
    assert skimmed(report, "xunit") > 250
