"""A person's authenticator apps: add another one, call it something else, remove it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts import errors
from accounts.models.credentials import Authenticator
from accounts.roles import Permission
from accounts.sign_in import own_account
from accounts.sign_in.forms import CodeForm, NameForm
from accounts.sign_in.views.account import to_account
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusal, set_up_page
from accounts.web.stash import keep_name, kept_name


def _mine(request: SignedInRequest) -> "dict[int, Authenticator]":
    """Return the person's authenticators that count, by their numbers."""
    confirmed = request.signed_in.user.authenticators.filter(confirmed=True)
    return confirmed.in_bulk()


def _names(authenticators: "dict[int, Authenticator]", *, but: int = 0) -> set[str]:
    return {each.name for number, each in authenticators.items() if number != but}


@access.needs(Permission.ACCOUNT_OPEN, recently=True, keep=keep_name)
@for_forms
def add(request: SignedInRequest) -> HttpResponse:
    """Ask what the new one is called."""
    form = NameForm(_names(_mine(request)), posted(request), initial=kept_name(request))
    if form.is_valid():
        try:
            own_account.begin_authenticator(request.signed_in, form.cleaned_data["name"])
        except errors.DeniedError as error:
            form.add_error("name", refusal(error))
        except errors.GoneError:
            return to_account("again")
        else:
            return redirect("accounts:set-up-authenticator")
    return form_page(request, "accounts/sign_in/add_authenticator.html", form)


@access.needs(Permission.ACCOUNT_OPEN, recently=True)
@for_forms
def set_up(request: SignedInRequest) -> HttpResponse:
    """Show the new one's secret, until its first code has been accepted."""
    session, form, is_refused = request.signed_in, CodeForm(posted(request)), False
    made = own_account.being_set_up(session)
    if made is None:
        return to_account("again")
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            own_account.add_authenticator(session, code, request.actor)
        except errors.DeniedError as error:
            form.add_error("code", refusal(error))
            is_refused = True
        except errors.GoneError:
            return to_account("again")
        else:
            return to_account("added")
    template = "accounts/sign_in/set_up_authenticator.html"
    return set_up_page(request, template, form, made, session.user, is_refused=is_refused)


@access.needs(Permission.ACCOUNT_OPEN, keep=keep_name)
@for_forms
def rename(request: SignedInRequest, number: int) -> HttpResponse:
    """Ask what it is called from now on."""
    mine = _mine(request)
    authenticator = get_object_or_404(request.signed_in.user.authenticators, pk__in=mine, pk=number)
    initial = kept_name(request, authenticator.name)
    form = NameForm(_names(mine, but=number), posted(request), initial=initial)
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            own_account.rename_authenticator(authenticator, name, request.actor)
        except errors.GoneError:
            return to_account("again")
        return redirect("accounts:account")
    return form_page(
        request, "accounts/sign_in/rename_authenticator.html", form, authenticator=authenticator
    )


@access.needs(Permission.ACCOUNT_OPEN, recently=True)
@for_forms
def remove(request: SignedInRequest, number: int) -> HttpResponse:
    """Ask whether they are sure, or say why it must stay."""
    mine = _mine(request)
    authenticator = get_object_or_404(request.signed_in.user.authenticators, pk__in=mine, pk=number)
    denied = own_account.LAST_ONE if len(mine) == 1 else ""
    if request.method == "POST":
        try:
            own_account.remove_authenticator(request.signed_in, number, request.actor)
        except errors.DeniedError as error:
            denied = str(error)
        except errors.GoneError:
            return to_account("again")
        else:
            return to_account("removed")
    context = {"authenticator": authenticator, "denied": denied}
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/sign_in/remove_authenticator.html", context, status=status)
