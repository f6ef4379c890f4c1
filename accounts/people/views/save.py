"""Save an access review."""

from typing import Any

from django.http import HttpResponse

from accounts import errors
from accounts.people import access_review
from accounts.people.forms import ReviewForm
from accounts.people.views.people import to_people
from accounts.people.views.review import review_page
from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, posted
from accounts.web.stash import stash_typed, stashed


@access.needs(
    Permission.PEOPLE_MANAGE, recently=True, stash=stash_typed("page", prefix=ReviewForm.WHO)
)
@for_forms
def save(request: SignedInRequest) -> HttpResponse:
    begun: dict[str, Any] = stashed(request, request.signed_in.user_id)
    form = ReviewForm(posted(request), begun=begun)
    if form.is_valid():
        answers = [
            access_review.ReviewAnswer(number, said == ReviewForm.HERE, form.seen.get(number, ""))
            for number, said in form.chosen.items()
        ]
        try:
            access_review.review(answers, request.actor)
        except errors.Denied as error:
            form.add_error(None, str(error))
        except errors.Gone:
            return to_people("again")
        else:
            return flash.redirect_to("accounts:review", "saved")
    return review_page(request, form, request.POST.get("page", begun.get("page", "")))
