"""End another session."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from accounts.models.sessions import Session
from accounts.sign_in import own_account, presenters
from accounts.sign_in.views.account import to_account
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, sure_page


@access.own_account(recently=True)
@for_forms
def end(request: SignedInRequest, number: int) -> HttpResponse:
    here, now = request.signed_in, request.actor.now
    others = Session.objects.filter(user=here.user).exclude(pk=here.pk)
    session = get_object_or_404(
        others.select_related("user", "authenticator", "membership"), pk=number
    )
    if session.why_ended(now):
        raise Http404
    if request.method == "POST":
        own_account.end_other(session, request.actor)
        return to_account("session")
    open_session = presenters.open_session(session, here=here, now=now)
    return sure_page(request, "accounts/sign_in/end_session.html", open_session=open_session)
