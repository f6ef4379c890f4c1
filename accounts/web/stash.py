"""Forms about people that come too late: what was typed is found again by the user who typed it."""

from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest

from accounts.models.sessions import LONGEST_PATH
from accounts.web.access import Destination, SignedInRequest, Stash, VisitorRequest
from accounts.web.fields import LONGEST_NAME

STASHED = "kept"  # of an address: what was typed
_SALT = "accounts.kept"


def _sender(request: VisitorRequest) -> int | None:
    session = request.signed_in or request.locked
    return session.user_id if session else request.left


def stash_typed(*names: str, prefix: str = "") -> Stash:
    """Return what leads back to a form, with what was typed into these fields in its address.

    And into those whose names begin with ``prefix``: a list has one in each row. It is signed:
    nobody can send an administrator a link to a form that is filled in for them.
    """

    def stash(request: VisitorRequest, **_number: int) -> Destination | None:
        person = _sender(request)
        rows = [name for name in request.POST if prefix and name.startswith(prefix)]
        typed = {name: text for name in (*names, *rows) if (text := request.POST.get(name, ""))}
        said = signing.dumps([person, typed], salt=_SALT, compress=True)
        address = f"{request.path}?{urlencode({STASHED: said})}"
        is_fit = person is not None and typed and len(address) <= LONGEST_PATH
        return Destination(address, person) if is_fit and person is not None else None

    return stash


def stashed(request: SignedInRequest) -> dict[str, Any]:
    try:
        whose, typed = signing.loads(request.GET.get(STASHED, ""), salt=_SALT)
    except signing.BadSignature:
        return {}
    return dict(typed) if whose == request.signed_in.user_id else {}


def stash_name(request: VisitorRequest, **_number: int) -> Destination | None:
    # As much of the name as has room. It is put into the box again and does nothing more, and so
    # needs no signature.
    person, name = _sender(request), request.POST.get("name", "")
    for length in range(min(len(name), LONGEST_NAME), 0, -1):
        address = f"{request.path}?{urlencode({'name': name[:length]})}"
        if person is not None and len(address) <= LONGEST_PATH:
            return Destination(address, person)
    return None


def stashed_name(request: HttpRequest, otherwise: str = "") -> dict[str, str]:
    return {"name": request.GET.get("name", otherwise)}
