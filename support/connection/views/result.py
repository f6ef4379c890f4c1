"""What the figures that a script has measured mean: a part of the connection test's page."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.web import access
from accounts.web.access import VisitorRequest
from support.connection import figures, presenters
from support.region.current import current


@access.everyone_quietly
@require_safe
def result(request: VisitorRequest) -> HttpResponse:
    measured = figures.read(request.GET.dict())
    if measured is None:
        return redirect("support:connection")
    shown = presenters.result(measured, request.actor.origin, region=current(), at=timezone.now())
    return render(request, "support/connection/result.html", {"result": shown})
