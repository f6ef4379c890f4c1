"""What works now: open to everyone, and shown while the database is away."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.web import access
from accounts.web.access import VisitorRequest
from support.region.current import current
from support.status import presenters, reading


@access.everyone
@require_safe
def status(request: VisitorRequest) -> HttpResponse:
    last, now = reading.last(every=reading.STATUS_READ_EVERY), reading.now()
    context = {
        "last": last,
        "headline": presenters.headline(last, now),
        "parts": presenters.parts_shown(last, current(), now),
        "time_now": now,
        "read_at": presenters.read_at(last),
        "first_day": presenters.first_day(now),
    }
    return render(request, "support/status/status.html", context)
