"""The addresses of accounts."""

from django.urls import path

from accounts.people.views import details, invite, invite_many, membership, offer, people, review
from accounts.service_desk.views import allowed_addresses, cases, desk, desk_lists, not_me, reset
from accounts.sign_in.views import (
    account,
    activate,
    authenticators,
    change_password,
    choose,
    confirm,
    forgotten,
    log_in,
    passkeys,
    session,
    sessions,
    unlock,
)
from accounts.sign_in.views.help import contents, topic
from accounts.topics import Topic

app_name = "accounts"
urlpatterns = [
    path("log-in/", log_in.log_in, name="log-in"),
    path("log-in/code/", log_in.code, name="code"),
    path("log-in/passkey/", passkeys.use, name="passkey"),
    path("log-in/passkey/challenge/", passkeys.challenge, name="passkey-challenge"),
    path("log-in/activation/", log_in.activation, name="activation"),
    path("unlock/", unlock.unlock, name="unlock"),
    path("session/", session.session, name="session"),
    path("session/stay/", session.stay, name="stay"),
    path("session/unlock/", unlock.unlock_in_place, name="unlock-in-place"),
    path("log-out/", log_in.log_out, name="log-out"),
    path("activate/", activate.activate, name="activate"),
    path("activate/link/", activate.link, name="activation-link"),
    path("activate/password/", activate.password, name="password"),
    path("activate/authenticator/", activate.set_up, name="set-up"),
    path("password/forgotten/", forgotten.forgotten, name="forgotten"),
    path("password/forgotten/sent/", forgotten.sent, name="forgotten-sent"),
    path("password/new/", forgotten.new, name="new-password"),
    path("account/", account.account, name="account"),
    path("account/confirm/", confirm.confirm, name="confirm"),
    path("account/confirm/passkey/", confirm.with_passkey, name="confirm-with-passkey"),
    path("account/confirm/passkey/challenge/", confirm.challenge, name="confirm-challenge"),
    path("account/password/", change_password.change_password, name="change-password"),
    path("account/authenticators/add/", authenticators.add, name="add-authenticator"),
    path("account/authenticators/set-up/", authenticators.set_up, name="set-up-authenticator"),
    path(
        "account/authenticators/<int:number>/rename/",
        authenticators.rename,
        name="rename-authenticator",
    ),
    path(
        "account/authenticators/<int:number>/remove/",
        authenticators.remove,
        name="remove-authenticator",
    ),
    path("account/sessions/end-others/", sessions.end_others, name="end-others"),
    path("account/sessions/<int:number>/end/", sessions.end, name="end-session"),
    path("account/passkeys/new/", passkeys.new, name="new-passkey"),
    path("account/passkeys/new/challenge/", passkeys.new_challenge, name="new-passkey-challenge"),
    path("account/passkeys/<int:number>/remove/", passkeys.remove, name="remove-passkey"),
    path("account/offers/", offer.offers, name="offers"),
    path("account/offers/<int:number>/", offer.offer, name="offer"),
    path("practice/choose/", choose.choose, name="choose"),
    path("people/", people.people, name="people"),
    path("people/invite/", invite.invite, name="invite"),
    path("people/review/", review.review, name="review"),
    path("people/review/save/", review.save, name="save-review"),
    path("people/invite-many/", invite_many.invite_many, name="invite-many"),
    path("people/<int:number>/", people.person, name="person"),
    path("people/<int:number>/activation/", invite.again, name="invite-again"),
    path("people/<int:number>/details/", details.details, name="details"),
    path("people/<int:number>/place/", membership.place, name="place"),
    path("people/<int:number>/off/", membership.off, name="turn-off"),
    path("people/<int:number>/on/", membership.on, name="turn-on"),
    path("people/<int:number>/take-back/", membership.take_back, name="take-back"),
    path("people/<int:number>/unlock/", membership.unlock, name="unlock-person"),
    path("people/<int:number>/reset/", reset.reset, name="reset-colleague"),
    path("desk/", desk.desk, name="desk"),
    *(
        path(f"desk/{each}/", desk_lists.desk_list, {"name": each}, name=f"desk-{each}")
        for each in desk_lists.LISTS
    ),
    path("desk/emails/", desk.emails, name="desk-emails"),
    path("desk/practices/<int:number>/", desk.practice, name="desk-practice"),
    path(
        "desk/practices/<int:number>/administrator/", cases.administrator, name="new-administrator"
    ),
    path("desk/people/<int:number>/", desk.person, name="desk-person"),
    path("desk/people/<int:number>/reset/", cases.reset, name="open-reset"),
    path("desk/people/<int:number>/activation/", cases.activation, name="open-activation"),
    path("desk/people/<int:number>/unlock/", cases.unlock, name="open-unlock"),
    path("desk/places/<int:number>/administrator/", cases.promote, name="promote"),
    path("desk/cases/<int:number>/", cases.case, name="case"),
    path("desk/cases/<int:number>/approve/", cases.approve, name="approve-case"),
    path("desk/cases/<int:number>/refuse/", cases.refuse, name="refuse-case"),
    path("desk/cases/<int:number>/carry-out/", cases.carry_out, name="carry-out-case"),
    path("desk/addresses/", allowed_addresses.allow, name="allow-address"),
    path(
        "desk/addresses/<int:number>/take-back/",
        allowed_addresses.take_back,
        name="take-back-address",
    ),
    path("not-me/", not_me.not_me, name="not-me"),
    path("people/<int:number>/one-person/", membership.one_person, name="one-person"),
    path("help/", contents, name="help"),
    *(path(f"help/{each}/", topic, {"topic": each}, name=f"help-{each}") for each in Topic),
]
