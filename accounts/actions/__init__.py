"""Everything that happens to people and their logging in, one plain verb each."""

from accounts.actions.account import (
    LAST_ONE,
    MOST_AUTHENTICATORS,
    add_authenticator,
    begin_authenticator,
    being_set_up,
    change_password,
    end_others,
    remove_authenticator,
    rename_authenticator,
)
from accounts.actions.activations import (
    WRONG_ACTIVATION,
    accept_activation,
    accept_invitation,
    accept_link,
    activation_with_link,
    choose_password,
    confirm_authenticator,
)
from accounts.actions.log_ins import (
    WRONG_PASSWORD,
    accept_code,
    accept_password,
    confirm,
    end,
    forget_expired,
    refuse_access,
    unlock,
)
from accounts.actions.passwords import forget_password, reset_password
from accounts.actions.people import (
    NewPerson,
    change_role,
    invite,
    issue_activation,
    may_activate_by_link,
)
from accounts.actions.steps import CodeDeniedError, DeniedError, GoneError
from accounts.actions.stops import MOST_WRONG, unlock_person

__all__ = [
    "LAST_ONE",
    "MOST_AUTHENTICATORS",
    "MOST_WRONG",
    "WRONG_ACTIVATION",
    "WRONG_PASSWORD",
    "CodeDeniedError",
    "DeniedError",
    "GoneError",
    "NewPerson",
    "accept_activation",
    "accept_code",
    "accept_invitation",
    "accept_link",
    "accept_password",
    "activation_with_link",
    "add_authenticator",
    "begin_authenticator",
    "being_set_up",
    "change_password",
    "change_role",
    "choose_password",
    "confirm",
    "confirm_authenticator",
    "end",
    "end_others",
    "forget_expired",
    "forget_password",
    "invite",
    "issue_activation",
    "may_activate_by_link",
    "refuse_access",
    "remove_authenticator",
    "rename_authenticator",
    "reset_password",
    "unlock",
    "unlock_person",
]
