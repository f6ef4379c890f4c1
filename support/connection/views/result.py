"""What the figures that a script has measured mean: a part of the connection test's page."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.web import access
from accounts.web.access import VisitorRequest
from support.connection import figures, presenters, verdicts
from support.region.content import Region
from support.region.current import current
from support.status import presenters as status
from support.status import reading
from support.status.parts import PartState


def _of_pharmacies(region: Region) -> str:
    last, now = reading.last(), reading.now()
    return verdicts.pharmacies_say(
        slow=status.systems(PartState.SLOW, last, region, now),
        not_working=status.systems(PartState.NOT_WORKING, last, region, now),
    )


@access.everyone_quietly
@require_safe
def result(request: VisitorRequest) -> HttpResponse:
    measured = figures.read(request.GET.dict())
    if measured is None:
        return redirect("support:connection")
    region = current()
    shown = presenters.result(
        measured,
        request.actor.origin,
        region=region,
        at=timezone.now(),
        of_pharmacies=_of_pharmacies(region),
    )
    return render(request, "support/connection/result.html", {"result": shown})
