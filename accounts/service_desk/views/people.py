"""A user, as the service desk sees them, and the cases that it opens for them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts import errors
from accounts.actor import Actor
from accounts.errors import why_denied
from accounts.models.audit import AuditEvent, Event
from accounts.models.cases import Case, CaseKind
from accounts.models.people import User
from accounts.people import account_rules
from accounts.people.views.people import unsent_to
from accounts.roles import Permission
from accounts.service_desk import cases, presenters, rules
from accounts.service_desk.forms import CALL, CallForm
from accounts.service_desk.kinds import KINDS, OF_ACCOUNTS, handling
from accounts.service_desk.views.cases import done, on_record_of, to_case
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted
from accounts.web.paging import page_of
from accounts.web.stash import stash_typed, stashed

REFUSALS_PER_PAGE = 20


@access.needs(Permission.DESK_OPEN)
@require_safe
def person(request: SignedInRequest, number: int) -> HttpResponse:
    user, now = get_object_or_404(User, pk=number), request.actor.now
    works_at = user.works_at(today=request.actor.today)
    home = account_rules.called_back_at(works_at)
    refusals = AuditEvent.objects.filter(person=user, event=Event.FACTOR_REFUSED)
    of_user = Case.objects.filter(person=user).select_related("person", "practice", "by")
    context = {
        "person": user,
        "account": presenters.account(user, works_at.live, now=now),
        "home": home,
        "is_home": works_at.home is not None,
        "on_record": presenters.on_record(home, now=now) if home else None,
        "unsent": unsent_to(user, now=now),
        "apps": user.authenticators.filter(confirmed=True).count(),
        "passkeys": user.passkeys.usable().count(),
        "refusals": page_of(
            refusals, ("-pk",), request.GET.get("refusals", ""), per_page=REFUSALS_PER_PAGE
        ).map(lambda each: presenters.refused(each, now=now)),
        "cases": page_of(of_user, ("-pk",), request.GET.get("cases", "")).map(
            lambda each: presenters.case(each, now=now)
        ),
        "choices": _choices(user, request.actor),
    }
    return render(request, "accounts/service_desk/desk_person.html", context)


def _choices(user: User, actor: Actor) -> list[dict[str, Any]]:
    found = []
    for kind in OF_ACCOUNTS:
        why_not = why_denied(KINDS[kind].check, Case(kind=kind, person=user), actor)
        route = f"accounts:open-{kind.value}"
        found.append({"label": kind.label, "route": route, "why_not": why_not})
    return found


def to_desk_person(number: int, **_kind_and_flash_code: str) -> HttpResponse:
    return redirect("accounts:desk-person", number=number)


@access.needs(Permission.DESK_OPEN, recently=True, stash=stash_typed(*CALL), if_gone=to_desk_person)
@for_forms
def open_case(request: SignedInRequest, number: int, kind: CaseKind) -> HttpResponse:
    user, now = get_object_or_404(User, pk=number), request.actor.now
    works_at = user.works_at(today=request.actor.today)
    practice = account_rules.called_back_at(works_at)
    asked = Case(kind=kind, person=user, practice=practice)
    ready_at = handling(asked).ready_at(asked, now)
    form = CallForm(posted(request), practice=practice, initial=stashed(request))
    denied = _why_not(asked, request.actor)
    if form.is_valid() and not denied:
        try:
            case, code = cases.open_case(number, kind, form.call, request.actor)
        except errors.Denied as error:
            denied = str(error)
        else:
            is_waiting = case.is_waiting(now=now)
            return to_case(case.pk, "opened") if is_waiting else done(request, case, code)
    return form_page(
        request,
        "accounts/service_desk/open_case.html",
        form,
        case=asked,
        handling=handling(asked),
        person=user,
        practice=practice,
        on_record=on_record_of(asked, now=now),
        waits=ready_at != now,
        needs_second=ready_at is None,
        is_home=works_at.home is not None,
        warnings=presenters.warnings(user, now=now),
        denied=denied,
    )


def _why_not(asked: Case, actor: Actor) -> str:
    why = why_denied(handling(asked).check, asked, actor)
    return why or why_denied(rules.check_number_on_record, asked.practice)
