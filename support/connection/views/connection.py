"""The connection test: with a script it tests by itself, without one people test by hand."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.web import access, cookies
from accounts.web.access import VisitorRequest
from accounts.wording import clock_time
from support.connection import answers, marks, presenters
from support.connection.figures import Encryption, Figures
from support.region.current import current


@access.everyone
@require_safe
def connection(request: VisitorRequest) -> HttpResponse:
    now = timezone.now()
    tls = Encryption.HTTPS if request.is_secure() else Encryption.HTTP
    kept = marks.state(request.GET.get("mark", ""), cookies.connection_mark(request), now=now)
    figures = Figures(cookies=kept, tls=tls)
    context = {
        "result": presenters.result(figures, request.actor.origin, region=current(), at=now),
        "right_time": clock_time(now, seconds=True),
        "sizes": answers.SIZES,
        "last_line": answers.LAST_LINE,
    }
    return render(request, "support/connection/connection.html", context)
