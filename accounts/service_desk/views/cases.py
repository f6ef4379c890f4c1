"""A case, what a member decides about it, and what its pages share."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.errors import why_denied
from accounts.models.cases import Case
from accounts.roles import Permission
from accounts.service_desk import cases, presenters
from accounts.service_desk.kinds import handling
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.flash import CASE
from accounts.web.pages import for_forms, sure_page


class Decision(NamedTuple):
    act: Callable[[int, Actor], None]
    heading: str
    text: str
    button: str
    flash_code: str


# By the last word of their addresses.
DECISIONS = {
    "approve": Decision(
        cases.approve,
        "Approve this case?",
        "It can then be carried out straight away. Check who called, and on what number they were "
        "called back, as if you had taken the call yourself.",
        "Approve",
        "approved",
    ),
    "refuse": Decision(
        cases.refuse,
        "End this case?",
        "Nothing changes for the person. If it is needed after all, open another case.",
        "End the case",
        "refused",
    ),
}


def find(number: int) -> Case:
    related = ("person", "practice", "by", "approved_by", "ended_by")
    return get_object_or_404(Case.objects.select_related(*related), pk=number)


def on_record_of(found: Case, *, now: datetime) -> presenters.OnRecord | None:
    return presenters.on_record(found.practice, now=now) if found.practice else None


def about(found: Case, *, now: datetime) -> dict[str, Any]:
    row, on_record = presenters.case(found, now=now), on_record_of(found, now=now)
    return {"case": found, "row": row, "on_record": on_record}


def to_case(number: int, flash_code: str, **_decision: str) -> HttpResponseRedirect:
    return flash.redirect_to("accounts:case", flash_code, number=number)


def done(request: SignedInRequest, case: Case, code: str) -> HttpResponse:
    """The only page that ever shows the code."""
    row = presenters.case(case, now=request.actor.now)
    context = {"row": row, "case": case, "code": code, "handling": handling(case)}
    return render(request, "accounts/service_desk/case_done.html", context)


@access.needs(Permission.DESK_OPEN)
@require_safe
def case(request: SignedInRequest, number: int) -> HttpResponse:
    found, by = find(number), request.signed_in.user
    context = about(found, now=request.actor.now) | {
        "flash": flash.message(request, CASE),
        "is_own": found.by_id == by.pk,
        "is_about_self": found.person_id == by.pk,
    }
    return render(request, "accounts/service_desk/case.html", context)


@access.needs(Permission.DESK_OPEN, recently=True, if_gone=to_case)
@for_forms
def decide(request: SignedInRequest, number: int, decision: str) -> HttpResponse:
    row, found, denied = DECISIONS[decision], find(number), ""
    if request.method == "POST":
        denied = why_denied(row.act, number, request.actor)
        if not denied:
            return to_case(number, row.flash_code)
    return sure_page(
        request,
        "accounts/service_desk/decide.html",
        denied=denied and f"{denied}.",
        heading=row.heading,
        text=row.text,
        button=row.button,
        **about(found, now=request.actor.now),
    )
