"""A case, and what its pages share."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.errors import why_denied
from accounts.models.cases import Case
from accounts.roles import Permission
from accounts.service_desk import presenters
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.flash import CASE
from accounts.web.pages import sure_page


def find(number: int) -> Case:
    related = ("person", "practice", "by", "approved_by", "ended_by")
    found = Case.objects.select_related(*related).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def on_record_of(found: Case, *, now: datetime) -> presenters.OnRecord | None:
    return presenters.on_record(found.practice, now=now) if found.practice else None


def to_case(number: int, flash_code: str) -> HttpResponseRedirect:
    return flash.redirect_to("accounts:case", flash_code, number=number)


@access.needs(Permission.DESK_OPEN)
@require_safe
def case(request: SignedInRequest, number: int) -> HttpResponse:
    found, now, by = find(number), timezone.now(), request.signed_in.user
    context = {
        "flash": flash.message(request, CASE),
        "case": found,
        "row": presenters.case(found, now=now),
        "on_record": on_record_of(found, now=now),
        "is_own": found.by_id == by.pk,
        "is_about_self": found.person_id == by.pk,
    }
    return render(request, "accounts/service_desk/case.html", context)


def decide(
    request: SignedInRequest, number: int, act: Any, flash_code: str, **words: str
) -> HttpResponse:
    found, now, denied = find(number), timezone.now(), ""
    if request.method == "POST":
        denied = why_denied(act, number, request.actor)
        if not denied:
            return to_case(number, flash_code)
    return sure_page(
        request,
        "accounts/service_desk/decide.html",
        denied=denied and f"{denied}.",
        case=found,
        row=presenters.case(found, now=now),
        on_record=on_record_of(found, now=now),
        **words,
    )
