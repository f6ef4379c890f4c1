"""E-mails that have not been sent."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models.people import Practice, User
from accounts.models.service_desk import unsent_mails
from accounts.people import presenters
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.paging import numbered


@access.needs(Permission.DESK_OPEN)
@require_safe
def emails(request: SignedInRequest) -> HttpResponse:
    now = request.actor.now
    page = numbered(unsent_mails(now=now), request.GET.get("page", ""))
    users = User.objects.in_bulk({each.person for each in page if each.person})
    practices = Practice.objects.in_bulk({each.practice for each in page if each.practice})
    context = {
        "rows": [
            (users.get(each.person), practices.get(each.practice), presenters.unsent(each, now=now))
            for each in page
        ],
        "page": page,
    }
    return render(request, "accounts/service_desk/emails.html", context)
