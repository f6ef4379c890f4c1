"""Answers of known contents, by how many bytes they have: short, long and very long."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from accounts.web import access
from accounts.web.access import VisitorRequest
from support.connection import answers


@access.everyone_quietly
@require_safe
def answer(_request: VisitorRequest, number: int) -> HttpResponse:
    if number not in answers.SIZES:
        raise Http404
    return HttpResponse(answers.body(number), content_type="text/plain; charset=us-ascii")
