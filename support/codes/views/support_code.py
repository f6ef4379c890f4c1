"""Someone gets a support code, and the service desk opens it."""

from typing import Any

import msgspec
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from accounts.errors import Denied
from accounts.models.people import User
from accounts.models.sessions import PendingLogIn
from accounts.roles import Permission
from accounts.web import access, cookies
from accounts.web.access import SignedInRequest, VisitorRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside
from support.codes import codes, pages, presenters, refusals
from support.codes.codes import Asker
from support.codes.forms import AskForm, SupportCodeForm
from support.codes.pages import Where
from support.connection import figures
from support.models.support_codes import SupportCode, WhoAsks

ELSEWHERE = "Another website, or a program between us, sent this. Press the button here"
AWAY = "PharmRefer cannot reach its database, so it cannot give you a support code now"


# Who blocks cookies needs a code most, and could send no CSRF token. Another site cannot have one
# made for a user: browsers send no session cookie from there (SameSite).
@csrf_exempt
@access.everyone
@for_forms
def support_code(request: VisitorRequest) -> HttpResponse:
    form, is_sent = AskForm(posted(request)), request.method == "POST"
    where = _sent_from(request) if is_sent else pages.came_from(request)
    denied = ELSEWHERE if is_sent and access.is_from_elsewhere(request) else ""
    asker, status = Asker(None, WhoAsks.NOBODY), 422
    try:
        asker = _asker(request)
        if form.is_valid() and not denied:
            known = where._asdict() | _known(request, form, asker)
            made, code = codes.make(asker, known, request.actor)
            context = {"code": code, "made": made}
            return render(request, "support/codes/support_code_made.html", context)
    except Denied as error:
        denied = str(error)
    except (OperationalError, InterfaceError):
        denied, status = AWAY, 503
    page = {"form": form, "where": where, "asker": asker}
    status = status if denied or form.errors else 200
    template = "support/codes/support_code.html"
    return render(request, template, page | {"denied": denied}, status=status)


def _sent_from(request: VisitorRequest) -> Where:
    return pages.known(request.POST.get("page", ""), request.POST.get("said", ""))


def _asker(request: VisitorRequest) -> Asker:
    if request.signed_in:
        return Asker(request.signed_in.user, WhoAsks.SIGNED_IN)
    if request.locked:
        return Asker(request.locked.user, WhoAsks.LOCKED)
    key = cookies.pending_key(request)
    pending = PendingLogIn.objects.with_key(key) if key else None
    if pending is None or not pending.is_live(timezone.now()):
        return Asker(None, WhoAsks.NOBODY)
    return Asker(pending.user, WhoAsks(pending.step))


def _known(request: VisitorRequest, form: AskForm, asker: Asker) -> dict[str, Any]:
    measured = figures.read(request.POST.dict())
    return {
        "user_name": "" if asker.person else form.cleaned_data["user_name"],
        "has_cookies": settings.CSRF_COOKIE_NAME in request.COOKIES,
        "has_scripts": "has_scripts" in request.POST,
        "figures": msgspec.json.encode(measured).decode() if measured else "",
    }


@access.needs(Permission.DESK_OPEN)
@for_forms
def desk_support_code(request: SignedInRequest) -> HttpResponse:
    form = SupportCodeForm(posted(request))
    if form.is_valid():
        with refusals_beside(form, "code"):
            return _opened(request, *codes.open_code(form.cleaned_data["code"], request.actor))
    return form_page(request, "support/codes/desk_support_code.html", form)


def _opened(request: SignedInRequest, code: SupportCode, person: User | None) -> HttpResponse:
    now = request.actor.now
    of_account = refusals.for_account(person, now=now)
    there = refusals.from_there(code, other_than=person)
    found = presenters.recorded(code)
    context = {
        "code": code,
        "person": person,
        "recorded": found,
        "advice": [
            *refusals.advice(of_account, there, now=now),
            *presenters.what_to_do(found),
        ],
        "of_account": [refusals.shown(each, now=now) for each in of_account],
        "from_there": [(each.person, refusals.shown(each, now=now)) for each in there],
    }
    return render(request, "support/codes/desk_support_code_opened.html", context)
