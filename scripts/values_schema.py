"""The schema of the chart's values, made from ``values.yaml`` and the settings classes.

Types come from the defaults, descriptions from the comments above the values; those under
``settings`` are environment variables, and take both, with their limits, from the class that reads
them. What a default cannot tell is in ``SPECIAL``.
"""

import inspect
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.alias_generators import to_snake

from report_api.settings import ApiSettings
from report_operator.settings import Limits, OperatorSettings
from report_processor.settings import ProcessorSettings
from report_stores.settings import KubernetesSettings, StorageSettings

STRINGS = {"type": "object", "additionalProperties": {"type": "string"}}
OBJECTS = {"type": "array", "items": {"type": "object"}}
NAMES = {"type": "array", "items": {"type": "string"}}
ANYTHING = {"type": "object"}
QUANTITY = {"type": "string", "pattern": r"^[0-9]+([kMGT]i?|Ki)?$"}

BY_NAME: dict[str, dict[str, Any]] = {
    "affinity": ANYTHING,
    "annotations": STRINGS,
    "extraEnv": OBJECTS,
    "labels": STRINGS,
    "nodeSelector": STRINGS,
    "podAnnotations": STRINGS,
    "podLabels": STRINGS,
    "resources": ANYTHING,
    "tolerations": OBJECTS,
    "topologySpreadConstraints": OBJECTS,
}
SPECIAL: dict[str, dict[str, Any]] = {
    "image.pullPolicy": {"enum": ["Always", "IfNotPresent", "Never"]},
    "image.pullSecrets": NAMES,
    "api.replicas": {"type": "integer", "minimum": 1},
    "api.drainSeconds": {"type": "integer", "minimum": 0},
    "api.service.type": {"enum": ["ClusterIP", "NodePort", "LoadBalancer"]},
    "api.service.port": {"type": "integer", "minimum": 1, "maximum": 65535},
    "api.service.nodePort": {"type": ["integer", "null"], "minimum": 1, "maximum": 65535},
    "processor.memory": QUANTITY,
    "processor.memoryCap": QUANTITY,
    "processor.admissionPolicy": {"enum": ["auto", "always", "never"]},
    "networkPolicies.apiFrom": OBJECTS,
    "networkPolicies.metricsFrom": OBJECTS,
    "storage.bucket": {"type": "string", "minLength": 3, "maxLength": 63},
}
SETTINGS: dict[str, tuple[type[BaseModel], ...]] = {
    "storage.settings": (StorageSettings,),
    "kubernetes": (KubernetesSettings,),
    "api.settings": (ApiSettings,),
    "operator.settings": (Limits, OperatorSettings),
    "processor.settings": (ProcessorSettings,),
}


def values_schema(values: Path) -> dict[str, Any]:
    """The JSON schema of a ``values.yaml``."""
    text = values.read_text()
    comments = _comments(text)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Values of the chart report-import",
        **_object(yaml.safe_load(text), "", comments),
    }


def _object(values: dict[str, Any], path: str, comments: dict[str, str]) -> dict[str, Any]:
    properties = {name: _value(value, f"{path}.{name}".lstrip("."), comments) for name, value in values.items()}
    if not path:
        # Helm hands these to every chart that is used as a part of another.
        properties["global"] = {"type": "object", "description": "Values of a parent chart; not used."}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _value(value: Any, path: str, comments: dict[str, str]) -> dict[str, Any]:
    parent, _, name = path.rpartition(".")
    if parent in SETTINGS:
        return _setting(name, value, SETTINGS[parent])
    described = {"description": comments[path]} if path in comments else {}
    if path in SPECIAL:
        return {**described, **SPECIAL[path], "default": value}
    if name in BY_NAME:
        return {**described, **BY_NAME[name], "default": value}
    if isinstance(value, dict):
        return {**described, **_object(value, path, comments)}
    return {**described, "type": _type(value), "default": value}


def _setting(name: str, default: Any, classes: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    field = to_snake(name)
    for each in classes:
        if field in each.model_fields:
            made = each.model_json_schema()["properties"][field]
            limits = {key: made[key] for key in ("minimum", "maximum", "exclusiveMinimum") if key in made}
            description = " ".join((made.get("description") or _docstring(each, field)).split())
            return {"description": description, "type": made["type"], **limits, "default": default}
    raise ValueError(f"{name} in values.yaml is no setting of {', '.join(each.__name__ for each in classes)}")


def _docstring(settings: type[BaseModel], field: str) -> str:
    """The text under a field. pydantic-settings reads it only where a class asks for it."""
    source = Path(inspect.getsourcefile(settings) or "").read_text()
    found = re.search(rf'^    {field}: [^\n]*\n    """(.*?)"""', source, re.MULTILINE | re.DOTALL)
    return found[1].replace("``", "") if found else ""


def _type(value: Any) -> str:
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string")):
        if isinstance(value, kind):
            return name
    raise ValueError(f"the type of {value!r} cannot be told; add it to SPECIAL")


def _comments(text: str) -> dict[str, str]:
    """Comments by the path of the value below them."""
    found: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    block: list[str] = []
    for line in text.splitlines():
        comment = re.match(r"\s*# ?(.*)", line)
        key = re.match(r"(\s*)([A-Za-z0-9]+):", line)
        if comment:
            block.append(comment[1].strip())
            continue
        if key:
            indent = len(key[1])
            path = [*(part for part in path if part[0] < indent), (indent, key[2])]
            if block:
                found[".".join(name for _, name in path)] = " ".join(block)
        block = []
    return found
