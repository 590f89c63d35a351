"""The texts of the OpenAPI document; its examples are in ``examples``."""

from typing import Any, Final

from report_api.answers import ErrorAnswer
from report_contract.options import ImportOptions

TITLE: Final = "Report Import"
DESCRIPTION: Final = """
Takes test reports in, answers at once, and imports them in the background.

1. **Send the files** to `POST /api/v2/profile/{profile_id}/import`. The answer is a 201 as soon as they are
   stored, whatever their size.
2. **Follow** the address in `report_status_url`, its server-sent events, or the page in `report_url`.
3. **Read** the results on the page, in `report.json`, or in `tests.parquet`.

Every request needs an API key in the header `x-api-key` (or `Authorization: Bearer`). A key has a role:
`read_only` sees reports, `user` imports and cancels, `moderator` deletes, `administrator` does everything. Make one
with `report-import keys add NAME`.

Every refusal has the same shape, and its message names the field or the limit:
`{"status": "failed", "message": "...", "errors": [{"code": "...", "message": "..."}]}`. A 503 carries `Retry-After`.
"""
TAGS: Final = [
    {"name": "Import", "description": "Send files, and find out where and what may be sent."},
    {"name": "Status", "description": "Where an import is: asked once, or followed live."},
    {"name": "Report", "description": "Results, originals, and taking them away."},
    {"name": "Server", "description": "Health and metrics."},
]

IMPORT_DESCRIPTION: Final = """
Three bodies are taken:

- `multipart/form-data` with the result files in `file[]` (repeated) or `file`, and extra files such as screenshots in
  `attachment[]`;
- the result document as the body itself, of any content type; `?filename=` or a `Content-Disposition` header names it;
- the same, compressed: archives are unpacked in the background.

Options may be sent in the query or as form fields, before or after the files; one in the form beats one in the query.
Send `Idempotency-Key` to make a repeated request safe: the same key gives the same report.

With `process_async=false` (deprecated) the answer waits up to 55 seconds for the result and has the older shape:
`{"report_id", "report_url", "status": "success", "report": {...}}`. A failed import is then answered with 422. When the
time is over, the answer is the same as without the option.
"""

CURL: Final = """curl -H "x-api-key: $KEY" \\
     -F "file[]=@target/surefire-reports/TEST-a.xml" -F "file[]=@target/surefire-reports/TEST-b.xml" \\
     -F "tag[]=env:test" \\
     {base_url}/api/v2/profile/1/import/junit"""

_REASONS: Final[dict[int, str]] = {
    400: "The request cannot be read: no file, an empty body, a broken form. The message says what was expected.",
    401: "There is no API key, or it is not valid.",
    403: "The role of the API key is too low.",
    404: "There is no such thing, or the API key cannot see it.",
    408: "The body stopped arriving, or took too long.",
    409: "It is not possible now; `Retry-After` says when to try again.",
    413: "A limit was reached; the message names it.",
    416: "The range is not in the file.",
    422: "A formatter, an option or its value is not known; the message names it.",
    503: "Storage or cluster do not answer, or the server is full. Repeat the request after `Retry-After` seconds.",
}


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of these refusals."""
    return {
        code: {
            "model": ErrorAnswer,
            "description": _REASONS[code],
            **({"headers": {"Retry-After": {"schema": {"type": "integer"}}}} if code in {409, 503} else {}),
        }
        for code in codes
    }


def streamed(media_type: str, description: str, example: str | dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The documentation of an answer that no model describes."""
    return {200: {"description": description, "content": {media_type: {"example": example}}}}


def import_request_docs() -> dict[str, Any]:
    """Parameters and body of the import endpoints; the body is read by hand, so it is described by hand."""
    binary = {"type": "string", "format": "binary"}
    form = {
        "file[]": {"type": "array", "items": binary, "description": "Result files."},
        "file": {**binary, "description": "One result file."},
        "attachment[]": {"type": "array", "items": binary, "description": "Extra files: screenshots, logs."},
        "formatter": {"type": "string", "description": "Key of the format, instead of the path."},
        **dict(_options()),
    }
    query = [
        {"name": name, "in": "query", "required": False, "schema": schema, "description": schema.get("description", "")}
        for name, schema in _options()
    ]
    return {
        "parameters": [
            *query,
            {
                "name": "filename",
                "in": "query",
                "required": False,
                "schema": {"type": "string"},
                "description": "Name of the file when the body is the file itself.",
            },
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "maxLength": 255},
                "description": "The same key gives the same report, however often the request is repeated.",
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {"type": "object", "properties": form},
                    "example": {"file[]": ["TEST-a.xml", "TEST-b.xml"], "tag[]": ["env:test"]},
                },
                "application/octet-stream": {"schema": binary},
                "application/xml": {"schema": {"type": "string"}},
            },
        },
    }


def _options() -> list[tuple[str, dict[str, Any]]]:
    schema = ImportOptions.model_json_schema(by_alias=False)
    described = []
    for name, field in schema["properties"].items():
        kept = {
            key: value for key, value in field.items() if key in {"type", "default", "description", "anyOf", "items"}
        }
        described.append(("tag[]" if name == "tags" else name, kept))
    return described
