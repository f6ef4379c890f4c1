"""Everything that happens to people and their logging in, one plain verb each."""

from accounts.actions.activations import (
    WRONG_ACTIVATION,
    accept_activation,
    accept_invitation,
    choose_password,
    confirm_authenticator,
)
from accounts.actions.log_ins import (
    WRONG_PASSWORD,
    accept_code,
    accept_password,
    forget_expired,
    log_out,
    unlock,
)
from accounts.actions.people import NewPerson, invite, issue_activation
from accounts.actions.steps import DeniedError, GoneError

__all__ = [
    "WRONG_ACTIVATION",
    "WRONG_PASSWORD",
    "DeniedError",
    "GoneError",
    "NewPerson",
    "accept_activation",
    "accept_code",
    "accept_invitation",
    "accept_password",
    "choose_password",
    "confirm_authenticator",
    "forget_expired",
    "invite",
    "issue_activation",
    "log_out",
    "unlock",
]
