"""A user, as the service desk sees them."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.errors import why_denied
from accounts.models.audit import AuditEvent, Event
from accounts.models.cases import Case, CaseKind
from accounts.models.people import User
from accounts.people import account_rules
from accounts.people.views.people import unsent_to
from accounts.roles import Permission
from accounts.service_desk import presenters as service_desk_presenters
from accounts.service_desk.kinds import KINDS
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.paging import page_of

REFUSALS_PER_PAGE = 20


@access.needs(Permission.DESK_OPEN)
@require_safe
def person(request: SignedInRequest, number: int) -> HttpResponse:
    user, now = User.objects.filter(pk=number).first(), timezone.now()
    if user is None:
        raise Http404
    works_at = user.works_at(today=timezone.localdate(now))
    home = account_rules.called_back_at(works_at)
    refusals = AuditEvent.objects.filter(person=user, event=Event.FACTOR_REFUSED)
    cases = Case.objects.filter(person=user).select_related("person", "practice", "by")
    context = {
        "person": service_desk_presenters.account(user, works_at.live, now=now),
        "home": home,
        "is_home": works_at.home is not None,
        "on_record": service_desk_presenters.on_record(home, now=now) if home else None,
        "unsent": unsent_to(user, now=now),
        "apps": user.authenticators.filter(confirmed=True).count(),
        "passkeys": user.passkeys.usable().count(),
        "refusals": page_of(
            refusals, ("-pk",), request.GET.get("refusals", ""), per_page=REFUSALS_PER_PAGE
        ).map(lambda each: service_desk_presenters.refused(each, now=now)),
        "cases": page_of(cases, ("-pk",), request.GET.get("cases", "")).map(
            lambda each: service_desk_presenters.case(each, now=now)
        ),
        "choices": _choices(user, request.actor),
    }
    return render(request, "accounts/service_desk/desk_person.html", context)


def _choices(user: User, actor: Actor) -> list[dict[str, Any]]:
    found = []
    for kind in (each for each in CaseKind if not KINDS[each].is_of_practice):
        why_not = why_denied(KINDS[kind].check, Case(kind=kind, person=user), actor)
        route = f"accounts:open-{kind.value}"
        found.append({"label": kind.label, "route": route, "why_not": why_not})
    return found
