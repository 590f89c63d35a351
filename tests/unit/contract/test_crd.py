import json

from report_contract import crd
from report_contract.resource import ReportImport, ReportImportStatus


def schema():
    return crd.custom_resource_definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def nodes(node):
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from nodes(child)


def fields(node):
    for child in nodes(node):
        properties = child.get("properties")
        if isinstance(properties, dict):
            yield from properties.items()


def test_the_schema_is_structural():
    text = json.dumps(schema())
    for forbidden in ("$ref", "anyOf", '"title"', "additionalProperties", '"const"'):
        assert forbidden not in text
    assert all("type" in field for _, field in fields(schema()))


def test_every_field_of_spec_and_status_reads_like_documentation():
    for part in ("spec", "status"):
        undocumented = [name for name, field in fields(schema()["properties"][part]) if not field.get("description")]
        assert undocumented == []


def test_the_status_has_no_defaults():
    assert not [node for node in nodes(schema()["properties"]["status"]) if "default" in node]


def test_a_status_survives_the_way_through_json():
    status = ReportImportStatus.model_validate(
        {"phase": "Running", "progress": {"percent": 4, "heartbeatAt": "2026-01-31T12:00:00Z"}, "conditions": []}
    )
    again = ReportImportStatus.model_validate_json(status.model_dump_json(exclude_none=True))
    assert again == status


def test_a_resource_with_fields_of_a_newer_version_is_still_read():
    resource = ReportImport.model_validate(
        {
            "metadata": {"name": "report-1"},
            "spec": {"reportId": 1, "profile": "web", "source": {"bucket": "reports", "prefix": "imports/1/"}},
            "status": {"phase": "Queued", "mood": "good"},
        }
    )
    assert resource.status.phase == "Queued"
