"""A practice, as the service desk sees it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import errors
from accounts.models.people import Practice
from accounts.models.practice_people import people_of
from accounts.people import presenters
from accounts.roles import Permission
from accounts.service_desk import presenters as service_desk_presenters
from accounts.service_desk import rules
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.paging import PER_PAGE, numbered


@access.needs(Permission.DESK_OPEN)
@require_safe
def practice(request: SignedInRequest, number: int) -> HttpResponse:
    found, now = get_object_or_404(Practice, pk=number), timezone.now()
    people = people_of(found.pk, today=timezone.localdate(now))
    count = people.count()
    page, pages = numbered(request.GET.get("page", ""), count)
    shown = people[(page - 1) * PER_PAGE : page * PER_PAGE]
    context = {
        "practice": found,
        "on_record": service_desk_presenters.on_record(found, now=now),
        "people": [(each.user_id, presenters.person(each, now=now)) for each in shown],
        "count": count,
        "page": page,
        "pages": pages,
        "why_not": _why_no_administrator(found),
    }
    return render(request, "accounts/service_desk/desk_practice.html", context)


def _why_no_administrator(found: Practice) -> str:
    try:
        rules.check_needs_administrator(found, now=timezone.now())
    except errors.Denied as error:
        return str(error)
    return ""
