"""A person's authenticator apps: add another one, call it something else, remove it."""

from accounts.models.credentials import Authenticator
from accounts.web.access import SignedInRequest


def own_authenticators(request: SignedInRequest) -> "dict[int, Authenticator]":
    confirmed = request.signed_in.user.authenticators.filter(confirmed=True)
    return confirmed.in_bulk()


def names_of(authenticators: "dict[int, Authenticator]", *, but: int = 0) -> set[str]:
    return {each.name for number, each in authenticators.items() if number != but}
