"""What a user was asked: they accept, decline, or answer later."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts import errors
from accounts.models.people import Membership
from accounts.people import acceptance
from accounts.people.forms import OfferForm
from accounts.people.presenters import offered
from accounts.sign_in.views.account import to_account
from accounts.web import access, cookies
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page, posted, refusals_beside


def _waiting(request: SignedInRequest) -> list[Membership]:
    return request.signed_in.user.offers(today=request.actor.today)


@access.own_account()
@require_safe
def offers(request: SignedInRequest) -> HttpResponse:
    next_path = access.next_path(request)
    if waiting := _waiting(request):
        return redirect(access.address_of("accounts:offer", waiting[0].pk, next=next_path))
    if request.signed_in.has_chosen:
        return to_account("answered")
    return redirect(access.address_of("accounts:choose", next=next_path, later="yes"))


@access.own_account()
@for_forms
def offer(request: SignedInRequest, number: int) -> HttpResponse:
    next_path = access.next_path(request)
    member = next((each for each in _waiting(request) if each.pk == number), None)
    if member is None:
        return redirect(access.address_of("accounts:offers", next=next_path))
    session, now, answer = request.signed_in, request.actor.now, request.POST.get("answer", "")
    try:
        if answer == "later":
            return _go_on(request, acceptance.put_off(session, now=now), next_path, "later")
        if answer == "decline":
            key = acceptance.decline(session, number, request.actor)
            return _go_on(request, key, next_path, "declined")
        return _accept(request, member, next_path)
    except errors.Gone:
        return redirect(access.address_of("accounts:offers", next=next_path))


def _accept(request: SignedInRequest, member: Membership, next_path: str) -> HttpResponse:
    session, now = request.signed_in, request.actor.now
    shortest = acceptance.shortest_with(session.user, member.offered_role)
    form = OfferForm(session.user, shortest, posted(request))
    if form.is_valid():
        role = request.POST.get("role", "")
        if role != member.offered_role:  # it was changed since they read it
            return redirect(access.address_of("accounts:offer", member.pk, next=next_path))
        with refusals_beside(form, "password"):
            yes = acceptance.Yes(**form.cleaned_data)
            key = acceptance.accept(session, member.pk, role, yes, request.actor)
            return _go_on(request, key, next_path, "accepted")
    live = session.user.live_memberships(today=request.actor.today)
    return form_page(
        request,
        "accounts/people/offer.html",
        form,
        offer=offered(member, now=now),
        person=session.user,
        shortest=shortest,
        may_become_main=acceptance.may_become_main(member, now=now),
        works_somewhere=bool(live),
        next_path=next_path,
    )


def _go_on(request: SignedInRequest, key: str, next_path: str, flash_code: str) -> HttpResponse:
    session = request.signed_in
    had_chosen = session.has_chosen
    if not key:
        response: HttpResponse = redirect(access.address_of("accounts:log-in", because="declined"))
        cookies.forget_session(response)
        return response
    cookies.rotate_csrf_token(request)
    session.refresh_from_db(fields=["has_chosen", "is_asked"])
    if had_chosen and flash_code != "later":
        response = to_account(flash_code)
    elif session.is_asked and flash_code != "later":
        response = redirect(access.address_of("accounts:offers", next=next_path))
    elif session.has_chosen:
        response = redirect(next_path or "home")
    else:
        response = redirect(access.address_of("accounts:choose", next=next_path, later="yes"))
    return cookies.hold_session(response, key)
