"""``/docs``: the OpenAPI document as a page of our own, because it must work without internet and
under a content security policy that allows no inline script.
"""

import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from report_api.apidocs import CURL, EXAMPLES
from report_api.context import Ctx
from report_api.pages import pages_of

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request, context: Ctx) -> Response:
    """The API's documentation."""
    request.state.reader = await context.access.reader(request)
    return pages_of(request).render(
        request,
        "docs.html",
        api=request.app.openapi(),
        curl=CURL.replace("{base_url}", context.settings.base_url),
        examples={name: json.dumps(example, indent=2) for name, example in EXAMPLES.items()},
    )
