"""Troubleshooting, one question a page: open to everyone, and asks no database."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.web import access
from accounts.web.access import VisitorRequest
from support.help import tree
from support.help.pages import shared_context


@access.everyone
@require_safe
def question(request: VisitorRequest, slug: str) -> HttpResponse:
    node = tree.NODES.get(slug)
    if node is None:
        raise Http404
    way = tree.way_to(slug, request.GET.get("from", "").split("."))
    context = shared_context() | {"node": node, "way": way}
    return render(request, "support/help/questions.html", context)
