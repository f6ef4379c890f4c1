"""The addresses of accounts."""

from django.urls import path

from accounts.topics import Topic
from accounts.views import (
    account,
    activate,
    authenticators,
    change_password,
    confirm,
    forgotten,
    log_in,
    passkeys,
    session,
    sessions,
    unlock,
)
from accounts.views.help import contents, topic

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
    path("help/", contents, name="help"),
    *(path(f"help/{each}/", topic, {"topic": each}, name=f"help-{each}") for each in Topic),
]
