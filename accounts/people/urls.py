"""The addresses of a practice's people."""

from django.urls import path

from accounts.people.views import (
    activation,
    details,
    invite,
    invite_many,
    membership,
    offers,
    people,
    review,
    save,
    settings,
)
from accounts.people.views.member_actions import ACTIONS

urlpatterns = [
    path("account/offers/", offers.offers, name="offers"),
    path("account/offers/<int:number>/", offers.offer, name="offer"),
    path("people/", people.people, name="people"),
    path("people/invite/", invite.invite, name="invite"),
    path("people/review/", review.review, name="review"),
    path("people/review/save/", save.save, name="save-review"),
    path("people/invite-many/", invite_many.invite_many, name="invite-many"),
    path("people/<int:number>/", people.person, name="person"),
    path("people/<int:number>/activation/", activation.invite_again, name="invite-again"),
    path("people/<int:number>/details/", details.details, name="details"),
    path("people/<int:number>/place/", membership.membership, name="place"),
    *(
        path(f"people/<int:number>/{word}/", people.act, {"action": word}, name=each.route)
        for word, each in ACTIONS.items()
    ),
]

# The practice's settings: a namespace that also holds pages of referrals.
practice = [
    path(f"settings/{each}/", settings.change_setting, {"name": each}, name=each)
    for each in settings.PAGES
]
