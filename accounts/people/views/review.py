"""Who has access to a practice: its administrator goes through the list, and answers for each."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import errors
from accounts.models.practice_people import attention, to_review
from accounts.models.reviews import Confirmation
from accounts.people import access_review, presenters
from accounts.people.forms import ReviewForm
from accounts.people.views.people import practice_of, to_people
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, posted
from accounts.web.paging import PER_PAGE, numbered
from accounts.web.stash import keep_typed, kept

NEWS = {"saved": "Saved. What you did not choose is still open."}


@access.needs(Permission.PEOPLE_MANAGE)
@require_safe
def review(request: SignedInRequest) -> HttpResponse:
    """Show who can log in, fifty at a time; first those whom nobody has confirmed for long."""
    return _page(request, ReviewForm(None), request.GET.get("page", ""))


@access.needs(
    Permission.PEOPLE_MANAGE, recently=True, keep=keep_typed("page", prefix=ReviewForm.WHO)
)
@for_forms
def save(request: SignedInRequest) -> HttpResponse:
    """Do what was chosen: all of it, or nothing."""
    begun: dict[str, Any] = kept(request, request.signed_in.user_id)
    form = ReviewForm(posted(request), begun=begun)
    if form.is_valid():
        answers = [
            access_review.Answer(number, said == ReviewForm.HERE, form.seen.get(number, ""))
            for number, said in form.chosen.items()
        ]
        try:
            access_review.review(answers, request.actor)
        except errors.DeniedError as error:
            form.add_error(None, str(error))
        except errors.GoneError:
            return to_people("again")
        else:
            return HttpResponseRedirect(f"{reverse('accounts:review')}?because=saved")
    return _page(request, form, request.POST.get("page", begun.get("page", "")))


def _page(request: SignedInRequest, form: ReviewForm, asked: str) -> HttpResponse:
    """Show a page of the list; after an answer that was refused the people who stood on it."""
    now, by = timezone.now(), request.signed_in.membership
    found = to_review(practice_of(request), now=now)
    count = found.count()
    page, pages = numbered(asked, count)
    start = (page - 1) * PER_PAGE
    shown = found.filter(pk__in=form.seen) if form.seen else found[start:]
    members = list(shown[:PER_PAGE])
    last = Confirmation.objects.last_of(each.pk for each in members)
    context = {
        "form": form,
        "news": NEWS.get(request.GET.get("because", ""), ""),
        "practice": by.practice,
        "at": now,
        "people": [presenters.reviewed(each, last.get(each.pk), now=now) for each in members],
        "attention": attention(by, now=now),
        "count": count,
        "page": page,
        "pages": pages,
        "here": by.pk,
    }
    return render(
        request, "accounts/people/review.html", context, status=422 if form.errors else 200
    )
