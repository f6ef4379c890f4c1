"""The addresses of a practice's people."""

from django.urls import path

from accounts.people.views import (
    activation,
    call_back,
    details,
    invite,
    invite_many,
    membership,
    notices,
    off,
    offers,
    on,
    one_person,
    people,
    review,
    save,
    take_back,
    unlock,
)

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
    path("people/<int:number>/off/", off.off, name="turn-off"),
    path("people/<int:number>/on/", on.on, name="turn-on"),
    path("people/<int:number>/take-back/", take_back.take_back, name="take-back"),
    path("people/<int:number>/unlock/", unlock.unlock, name="unlock-person"),
    path("people/<int:number>/one-person/", one_person.one_person, name="one-person"),
]

# The practice's settings: a namespace that also holds pages of referrals.
practice = [
    path("settings/call-back/", call_back.call_back, name="call-back"),
    path("settings/notices/", notices.notices, name="notices"),
]
