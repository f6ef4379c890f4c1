"""Help for whoever cannot log in: open to everybody, and asks no database."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.topics import Topic
from accounts.web import access
from accounts.web.access import VisitorRequest
from support.help import tree
from support.help.guides import GUIDES
from support.help.pages import shared_context


@access.everyone
@require_safe
def contents(request: VisitorRequest) -> HttpResponse:
    context = {"roots": tree.ROOTS, "guides": GUIDES}
    return render(request, "support/help/contents.html", context)


@access.everyone
@require_safe
def topic(request: VisitorRequest, topic: Topic) -> HttpResponse:
    context = shared_context() | {"topic": topic}
    return render(request, f"support/help/{topic}.html", context)
