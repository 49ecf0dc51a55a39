"""Who may look: this machine alone, or whoever shows the token."""

import ipaddress
import secrets
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

YEAR_S = 365 * 24 * 3600

ASK = Path(__file__).with_name("ask.html")
REFUSED = "<!-- refused -->", '<p role="alert" class="bad">That is not its token.</p>'
"""Where the page that asks for the token says that the one it got is wrong, and how."""
OPEN = {"/page/colours.css", "/page/style.css"}
"""What the page that asks for the token is drawn with."""


class Access:
    """Lets a request in or not.

    Without a token only loopback is listened at, and only by loopback's own names, so that no foreign page can
    reach it under a name of its own (DNS rebinding). With one, the browser shows it once in the address and then
    as a cookie. In both cases a WebSocket must come from a page of this very address.

    Args:
        host: Address that is listened at.
        token: What browsers must show; made up if one is needed and None is given.

    Attributes:
        token: What browsers must show; None where none is needed.
    """

    def __init__(self, host: str, token: str | None) -> None:
        self.token = token or (None if is_loopback(host) else secrets.token_urlsafe(16))

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what is not allowed; turn a token in the address into a cookie."""
        origin = request.headers.get("Origin")
        if origin and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text=f"this page is {request.host}: a page of {origin} may not use it\n")
        if self.token is None:
            name = urlsplit(f"//{request.host}").hostname or ""
            if not is_loopback(name):
                raise web.HTTPForbidden(
                    text=f"{name}: this viewer is for its own machine; set a token, and open it with that\n"
                )
            return await handler(request)
        shown = request.query.get("token")
        if shown is not None and _same(shown, self.token):
            response = web.HTTPSeeOther(request.path)
            response.set_cookie(
                self._cookie(request), shown, max_age=YEAR_S, httponly=True, samesite="Strict", path="/"
            )
            raise response
        if request.path not in OPEN and not _same(request.cookies.get(self._cookie(request), ""), self.token):
            text = ASK.read_text(encoding="utf-8")
            if shown is not None:
                text = text.replace(*REFUSED)
            return web.Response(text=text, content_type="text/html", status=HTTPStatus.UNAUTHORIZED)
        return await handler(request)

    @staticmethod
    def _cookie(request: web.Request) -> str:
        """Cookies don't know ports: each viewer of a host has a name of its own."""
        return f"irvis_token_{urlsplit(f'//{request.host}').port or 80}"


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
        (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _same(shown: str, token: str) -> bool:
    return secrets.compare_digest(shown.encode(), token.encode())
