"""``/docs``: the OpenAPI document as a page of our own, because it must work without internet and
under a content security policy that allows no inline script.
"""

import json
import re
from typing import Final

from fastapi import APIRouter
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from report_api.apidocs import CURL
from report_api.context import Ctx
from report_api.examples import EXAMPLES
from report_api.pages import pages_of

router = APIRouter(include_in_schema=False)

_CODE: Final = re.compile(r"`([^`]+)`")
_STRONG: Final = re.compile(r"\*\*([^*]+)\*\*")
_ITEM: Final = re.compile(r"^(?:-|\d+\.) +")


@router.get("/docs")
async def docs(request: Request, context: Ctx) -> Response:
    """The API's documentation."""
    request.state.reader = await context.access.reader(request)
    return pages_of(request).render(
        request,
        "docs.html",
        api=request.app.openapi(),
        curl=CURL.replace("{base_url}", context.settings.base_url),
        prose=prose,
        inline=inline,
        examples={name: json.dumps(example, indent=2) for name, example in EXAMPLES.items()},
    )


def prose(text: str) -> Markup:
    """The little Markdown of our descriptions as HTML: paragraphs, lists, code and strong words."""
    blocks = []
    for block in text.strip().split("\n\n"):
        items: list[str] = []
        for line in block.splitlines():
            if _ITEM.match(line) or not items:
                items.append(_ITEM.sub("", line))
            else:
                items[-1] += f" {line.strip()}"
        listed = _ITEM.match(block)
        kind = "p" if not listed else "ul" if block.startswith("-") else "ol"
        body = "".join(f"<li>{inline(item)}</li>" if listed else inline(item) for item in items)
        blocks.append(f"<{kind}>{body}</{kind}>")
    return Markup("\n".join(blocks))  # noqa: S704  # every text went through escape()


def inline(text: str) -> Markup:
    """Code and strong words."""
    return Markup(_STRONG.sub(r"<strong>\1</strong>", _CODE.sub(r"<code>\1</code>", str(escape(text)))))  # noqa: S704
