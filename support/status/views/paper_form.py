"""A form to print for an outage: the pharmacy is phoned, and this goes into the record."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.web import access
from accounts.web.access import VisitorRequest
from support.status import reading


@access.everyone
@require_safe
def paper_form(request: VisitorRequest) -> HttpResponse:
    return render(request, "support/status/paper_form.html", {"pack": reading.last().pack})
