"""The link "this was not me" in e-mails about cases."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts import errors
from accounts.service_desk import disputes
from accounts.web import access
from accounts.web.access import VisitorRequest
from accounts.web.pages import for_forms, key_in_link, opened_by_link


@access.everyone
@opened_by_link
@for_forms
def not_me(request: VisitorRequest) -> HttpResponse:
    """It asks first: mail programs open links by themselves."""
    now = request.actor.now
    case = disputes.case_of_link(key_in_link(request), now=now)
    is_locked = False
    if case and request.method == "POST":
        try:
            disputes.dispute(case.pk, request.actor.as_visitor())
        except errors.Gone:
            case = None
        else:
            is_locked = True
    return render(
        request, "accounts/service_desk/not_me.html", {"case": case, "is_locked": is_locked}
    )
