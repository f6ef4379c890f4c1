"""How a session stands, for the pages that are open: they ask, and none of it is up to them."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models.sessions import Session
from accounts.web import access
from accounts.web.access import VisitorRequest


def session_status(request: HttpRequest, session: Session) -> JsonResponse:
    """Answer how a session stands: open with 200, locked with 423.

    The token is for the forms of pages that were open before somebody logged in. A page that has
    sealed what it held, and says its name, is given the key again; while it is locked nobody is.
    """
    now = timezone.now()
    is_locked = session.is_locked(now)
    answer: dict[str, object] = {
        "state": "locked" if is_locked else "open",
        "session": session.name,
        "holder": session.holder,
        "locks_in": session.locks_in(now=now),
        "ends_in": session.ends_in(now=now),
        "token": get_token(request),
    }
    asked = request.POST if request.method == "POST" else request.GET
    if (page := asked.get("sealed", "")) and not is_locked:
        answer["key"] = session.sealing_key(page)
    return JsonResponse(answer, status=423 if is_locked else 200)


def over(request: VisitorRequest, page: str) -> JsonResponse:
    """Answer that nobody is logged in, and where the page goes now: 401.

    The page says by a mark whose it is: nobody else is led to it.
    """
    flash_code = access.why_logged_out(request) or "left"
    whose = request.GET.get("whose", "")
    address = access.log_in_address(next=access.own_path(page), whose=whose, because=flash_code)
    return JsonResponse({"state": "over", "address": address}, status=401)


@access.everyone_quietly
@require_safe
def session(request: VisitorRequest) -> HttpResponse:
    """Say how the session stands, to a page whose path is given."""
    held = request.signed_in or request.locked
    return session_status(request, held) if held else over(request, request.GET.get("page", ""))
