"""Save an access review."""

from typing import Any

from django.http import HttpResponse

from accounts.people import access_review
from accounts.people.forms import ReviewForm
from accounts.people.views.people import to_people
from accounts.people.views.review import review_page
from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, posted, refusals_beside
from accounts.web.stash import stash_typed, stashed


@access.needs(
    Permission.PEOPLE_MANAGE,
    recently=True,
    stash=stash_typed("page", prefix=ReviewForm.WHO),
    if_gone=to_people,
)
@for_forms
def save(request: SignedInRequest) -> HttpResponse:
    begun: dict[str, Any] = stashed(request)
    form = ReviewForm(posted(request), begun=begun)
    if form.is_valid():
        answers = [
            access_review.ReviewAnswer(number, said == ReviewForm.HERE, form.seen.get(number, ""))
            for number, said in form.chosen.items()
        ]
        with refusals_beside(form, None):
            access_review.review(answers, request.actor)
            return flash.redirect_to("accounts:review", "saved")
    return review_page(request, form, request.POST.get("page", begun.get("page", "")))
