"""The status of a session, for open pages that ask for it."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models.sessions import Session
from accounts.web import access
from accounts.web.access import VisitorRequest


def session_status(request: HttpRequest, session: Session) -> JsonResponse:
    """Answer with a session's status: 200 if it is open, 423 if it is locked.

    The token is for the forms of pages that were open before the log-in. A page that has sealed its
    content and gives its name gets the key again, but not while the session is locked.
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
    """Answer with 401 and the log-in address for the page.

    The page says by a mark whose it is, so that no other user is led to it.
    """
    flash_code = access.why_logged_out(request) or "left"
    query = {"next": access.own_path(page), "whose": request.GET.get("whose", "")}
    address = access.address_of("accounts:log-in", **query, because=flash_code)
    return JsonResponse({"state": "over", "address": address}, status=401)


@access.everyone_quietly
@require_safe
def session(request: VisitorRequest) -> HttpResponse:
    held = request.signed_in or request.locked
    return session_status(request, held) if held else over(request, request.GET.get("page", ""))
