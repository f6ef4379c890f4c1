"""A practice, as the service desk sees it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.errors import why_denied
from accounts.models.people import Practice
from accounts.models.practice_people import people_of
from accounts.people import presenters
from accounts.roles import Permission
from accounts.service_desk import presenters as service_desk_presenters
from accounts.service_desk import rules
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.paging import numbered


@access.needs(Permission.DESK_OPEN)
@require_safe
def practice(request: SignedInRequest, number: int) -> HttpResponse:
    found, now = get_object_or_404(Practice, pk=number), request.actor.now
    people = people_of(found.pk, today=request.actor.today)
    page = numbered(people, request.GET.get("page", ""))
    context = {
        "practice": found,
        "on_record": service_desk_presenters.on_record(found, now=now),
        "people": [(each.user_id, presenters.person(each, now=now)) for each in page],
        "page": page,
        "why_not": why_denied(rules.check_needs_administrator, found, now=now),
    }
    return render(request, "accounts/service_desk/desk_practice.html", context)
