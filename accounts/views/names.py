"""Names that people type for their apps and passkeys: a form that comes too late loses none."""

from urllib.parse import urlencode

from django.http import HttpRequest

from accounts.access import Kept, VisitorRequest
from accounts.forms import LONGEST_NAME
from accounts.models.sessions import LONGEST_PATH


def keep_name(request: VisitorRequest, **_number: int) -> Kept | None:
    """Lead back to the form with the name in its address, as much of it as has room there.

    It is put into the box again and does nothing more: so it needs no signature.
    """
    session = request.signed_in or request.locked
    person = session.user_id if session else request.left
    name = request.POST.get("name", "")
    for length in range(min(len(name), LONGEST_NAME), 0, -1):
        address = f"{request.path}?{urlencode({'name': name[:length]})}"
        if person is not None and len(address) <= LONGEST_PATH:
            return Kept(address, person)
    return None


def kept_name(request: HttpRequest, otherwise: str = "") -> dict[str, str]:
    """Return what stands in the box when the form is shown."""
    return {"name": request.GET.get("name", otherwise)}
