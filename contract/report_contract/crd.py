"""The CustomResourceDefinition, generated from the models in ``resource``.

Kubernetes wants a structural schema: every reference resolved, a type at every place, ``nullable``
instead of ``anyOf`` with null, and none of JSON Schema's titles. ``scripts/generate`` writes the
result to ``crds/`` and a test fails when the file there is stale.
"""

from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from report_contract import names
from report_contract.phases import TERMINAL_PHASES
from report_contract.resource import ReportImport, ReportImportSpec, ReportImportStatus

_TERMINAL: Final = ", ".join(f"'{phase}'" for phase in sorted(TERMINAL_PHASES))

_ROOT_RULES: Final = [
    {
        # Comparing with 'report-' + string(reportId) would say it shorter, but a text made from a
        # number has no known length, and the API server refuses rules whose cost it cannot bound.
        "rule": "self.metadata.name.matches('^report-[1-9][0-9]{0,17}$')"
        " && int(self.metadata.name.substring(7)) == self.spec.reportId",
        "message": "metadata.name must be report-<spec.reportId>, such as report-41",
    },
    {
        "rule": f"!has(oldSelf.status) || !has(oldSelf.status.phase) || !(oldSelf.status.phase in [{_TERMINAL}])"
        " || (has(self.status) && has(self.status.phase) && self.status.phase == oldSelf.status.phase)",
        "message": "a terminal phase is final: the import has ended",
    },
]
_SPEC_RULES: Final = [
    {
        "rule": f"self.{field} == oldSelf.{field}"
        if required
        else f"has(self.{field}) == has(oldSelf.{field}) && (!has(self.{field}) || self.{field} == oldSelf.{field})",
        "message": f"spec.{field} is immutable; only cancel and priority may change",
    }
    for field, required in (
        ("reportId", True),
        ("profile", True),
        ("formatter", False),
        ("source", True),
        ("options", False),
    )
] + [
    {
        "rule": "!has(oldSelf.cancel) || !oldSelf.cancel || (has(self.cancel) && self.cancel)",
        "message": "spec.cancel cannot be taken back",
    }
]

_COLUMNS: Final = [
    ("Phase", "string", ".status.phase", 0, ""),
    ("Progress", "integer", ".status.progress.percent", 0, "Percent of the bytes read"),
    ("Tests", "integer", ".status.progress.tests", 0, "Results found"),
    ("Failed", "integer", ".status.progress.failed", 0, "Results that failed or broke"),
    ("Profile", "string", ".spec.profile", 0, ""),
    ("Age", "date", ".metadata.creationTimestamp", 0, ""),
    ("Reason", "string", ".status.reason", 1, ""),
    ("Attempts", "integer", ".status.attempts.started", 1, ""),
    ("Queued", "date", ".status.queuedAt", 1, ""),
    ("Duration", "string", ".status.duration", 1, ""),
    ("Job", "string", ".status.job", 1, ""),
]


def custom_resource_definition() -> dict[str, Any]:
    """The whole manifest, ready to be written as YAML."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names.PLURAL}.{names.GROUP}"},
        "spec": {
            "group": names.GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": names.KIND,
                "listKind": f"{names.KIND}List",
                "plural": names.PLURAL,
                "singular": names.SINGULAR,
                "shortNames": [names.SHORT_NAME],
                "categories": ["reports"],
            },
            "versions": [
                {
                    "name": names.VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": [_column(*column) for column in _COLUMNS],
                    "schema": {"openAPIV3Schema": _root_schema()},
                }
            ],
        },
    }


def _column(name: str, kind: str, path: str, priority: int, description: str) -> dict[str, Any]:
    column: dict[str, Any] = {"name": name, "type": kind, "jsonPath": path}
    if priority:
        column["priority"] = priority
    if description:
        column["description"] = description
    return column


def _root_schema() -> dict[str, Any]:
    spec = _structural(ReportImportSpec)
    spec["x-kubernetes-validations"] = _SPEC_RULES
    status = _without_defaults(_structural(ReportImportStatus))
    status["properties"]["conditions"] |= {
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
    }
    # Both writers replace these lists whole; "atomic" makes server-side apply do the same.
    status["properties"]["messages"]["x-kubernetes-list-type"] = "atomic"
    return {
        "type": "object",
        "description": (ReportImport.__doc__ or "").strip(),
        "required": ["spec"],
        "x-kubernetes-validations": _ROOT_RULES,
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            # The rule on the name must have a known cost, so the name must have a known length.
            "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 63}}},
            "spec": spec,
            "status": status,
        },
    }


def _structural(model: type[ReportImportSpec] | type[ReportImportStatus]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True, mode="validation", schema_generator=GenerateJsonSchema)
    definitions = schema.pop("$defs", {})
    resolved = _resolve(schema, definitions)
    if not isinstance(resolved, dict):
        raise TypeError(f"{model.__name__} has no object schema")
    return resolved


def _without_defaults(node: Any) -> Any:
    """A status says what somebody found out; the API server must not fill in the rest."""
    if isinstance(node, list):
        return [_without_defaults(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _without_defaults(value) for key, value in node.items() if key != "default"}


_DROPPED: Final = frozenset({"title", "additionalProperties", "const"})


def _resolve(node: Any, definitions: dict[str, Any]) -> Any:
    """Inline references, fold nullables, and drop what a structural schema does not take."""
    if isinstance(node, list):
        return [_resolve(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    schema = _inline(_fold_nullable(_inline(node, definitions)), definitions)
    out = {key: _member(key, value, definitions) for key, value in schema.items() if _kept(key, value)}
    if "description" in out:
        out["description"] = " ".join(str(out["description"]).split())
    if out.get("type") == "integer":
        out["format"] = "int64"
    return out


def _inline(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[-1]]
        # A description at the place of use says more than the one of the type.
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def _fold_nullable(node: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" not in node:
        return node
    choices = [choice for choice in node["anyOf"] if choice != {"type": "null"}]
    if len(choices) != 1:
        raise ValueError(f"a structural schema cannot choose between types: {choices}")
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    return {**choices[0], **rest, "nullable": True}


def _kept(key: str, value: Any) -> bool:
    if key == "default":
        # Null and objects mean "absent" to our models; in a schema they would be written into resources.
        return value is not None and not isinstance(value, dict | list)
    return key not in _DROPPED


def _member(key: str, value: Any, definitions: dict[str, Any]) -> Any:
    if key == "properties":
        return {name: _resolve(child, definitions) for name, child in value.items()}
    return _resolve(value, definitions)
