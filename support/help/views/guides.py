"""The guides, a page each: open to everyone, and ask no database."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.web import access
from accounts.web.access import VisitorRequest
from support.help.guides import Guide, context_of


@access.everyone
@require_safe
def guide(request: VisitorRequest, guide: Guide) -> HttpResponse:
    return render(request, guide.template, context_of(guide))
