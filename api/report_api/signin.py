"""Sign in with an API key, for browsers.

The cookie holds the key itself, out of reach of scripts: there is no session to keep, any replica
knows it, and it ends when the key is revoked. It counts for reading only (see ``access``). Sign-in
and sign-out take requests of our own pages only.
"""

from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from report_api.body import Body, BodyTimeout, BodyTooLarge, ClientGone
from report_api.context import Context, Ctx
from report_api.errors import ApiError
from report_api.pages import pages_of
from report_api.settings import KIB, ApiSettings

router = APIRouter(include_in_schema=False)

_COOKIE_SECONDS: Final = 12 * 3600
_MAX_FORM: Final = 16 * KIB


@router.get("/sign-in")
async def form(request: Request, next: str = "/") -> Response:  # noqa: A002  # the parameter's public name
    """The form."""
    return pages_of(request).render(request, "signin.html", next=local_path(next))


@router.post("/sign-in")
async def sign_in(request: Request, context: Ctx) -> Response:
    """Check the key and hand out the cookie."""
    require_same_site(request, context.settings)
    fields = await _fields(request)
    target = local_path(fields.get("next", "/"))
    key = fields.get("key", "").strip()
    if await context.access.find(key) is None:
        return pages_of(request).render(
            request, "signin.html", 401, next=target, problem="This API key is not valid. Check that it is whole."
        )
    answer = RedirectResponse(root_of(context) + target, 303)
    answer.set_cookie(
        context.access.cookie,
        key,
        max_age=_COOKIE_SECONDS,
        secure=context.settings.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, context: Ctx) -> Response:
    """Take the cookie back."""
    require_same_site(request, context.settings)
    answer = RedirectResponse(root_of(context) + "/sign-in", 303)
    answer.delete_cookie(context.access.cookie, secure=context.settings.secure, httponly=True, samesite="lax")
    return answer


def root_of(context: Context) -> str:
    """The path of the base URL: empty unless the server is published below one."""
    return urlsplit(context.settings.base_url).path


def sign_in_address(request: Request, root: str) -> str:
    """Where to sign in and come back from."""
    return f"{root}/sign-in?next={quote(request.url.path)}"


def local_path(path: str) -> str:
    """The path when it is one of this server, else ``/``: nobody is sent elsewhere after signing in."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if plain else "/"


def require_same_site(request: Request, settings: ApiSettings) -> None:
    """Raise 403 for a form that a page of another site sent."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    base = urlsplit(settings.base_url)
    if site is not None:
        own = site in {"same-origin", "none"}
    else:
        own = origin is None or origin == f"{base.scheme}://{base.netloc}"
    if not own:
        raise ApiError(403, "cross_site", "This form was sent by another site.")


async def _fields(request: Request) -> dict[str, str]:
    body = Body(request, limit=_MAX_FORM, idle_seconds=10, total_seconds=30)
    try:
        data = b"".join([chunk async for chunk in body.chunks()])
    except (BodyTimeout, BodyTooLarge, ClientGone) as error:
        raise ApiError(400, "malformed_form", "The form could not be read.") from error
    return dict(parse_qsl(data.decode("utf-8", "replace"), max_num_fields=20))
