"""The access review: the list of who has access to the practice."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models.practice_people import reminders, to_review
from accounts.models.reviews import Confirmation
from accounts.people import presenters
from accounts.people.forms import ReviewForm
from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.flash import REVIEW
from accounts.web.paging import PER_PAGE, numbered


@access.needs(Permission.PEOPLE_MANAGE)
@require_safe
def review(request: SignedInRequest) -> HttpResponse:
    return review_page(request, ReviewForm(None), request.GET.get("page", ""))


def review_page(request: SignedInRequest, form: ReviewForm, asked: str) -> HttpResponse:
    """After an answer that was refused, show the same members again."""
    now, by = request.actor.now, request.signed_in.membership
    found = to_review(by.own_practice.pk, now=now)
    page = numbered(found, asked)
    members = list(found.filter(pk__in=form.seen)[:PER_PAGE] if form.seen else page)
    last = Confirmation.objects.last_of(each.pk for each in members)
    context = {
        "form": form,
        "flash": flash.message(request, REVIEW),
        "practice": by.practice,
        "at": now,
        "people": [presenters.reviewed(each, last.get(each.pk), now=now) for each in members],
        "reminders": reminders(by, now=now),
        "page": page,
        "here": by.pk,
    }
    return render(
        request, "accounts/people/review.html", context, status=422 if form.errors else 200
    )
