"""Help for whoever cannot log in: open to everybody, and asks no database."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models.throttle import PER_PERSON
from accounts.sign_in import lockout
from accounts.topics import Topic
from accounts.web import access
from accounts.web.access import VisitorRequest
from accounts.wording import clock_time, time_left
from support.help.guides import GUIDES


def _page(request: VisitorRequest, template: str, **context: Any) -> HttpResponse:
    return render(request, f"support/help/{template}.html", context)


@access.everyone_without_rows
@require_safe
def contents(request: VisitorRequest) -> HttpResponse:
    return _page(request, "contents", guides=GUIDES)


@access.everyone_without_rows
@require_safe
def topic(request: VisitorRequest, topic: Topic) -> HttpResponse:
    return _page(
        request,
        topic,
        topic=topic,
        right_time=clock_time(timezone.now(), seconds=True),
        free_tries=PER_PERSON.free,
        first_wait=time_left(int(PER_PERSON.first_wait.total_seconds())),
        longest_wait=time_left(int(PER_PERSON.longest_wait.total_seconds())),
        most_wrong=lockout.MOST_WRONG,
    )
