"""Allow an address that looks shared, and list those that are allowed."""

from django.http import HttpResponse, HttpResponseRedirect

from accounts.models.allowed_addresses import AllowedAddress
from accounts.roles import Permission
from accounts.service_desk import allowed_addresses
from accounts.service_desk.forms import AllowForm
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from accounts.web.flash import ALLOWED_ADDRESSES
from accounts.web.pages import for_forms, form_page, posted, refusals_beside
from accounts.web.paging import page_of
from accounts.web.stash import stash_typed, stashed


def to_list(flash_code: str) -> HttpResponseRedirect:
    return flash.redirect_to("accounts:allow-address", flash_code)


@access.needs(Permission.DESK_OPEN, recently=True, stash=stash_typed("email", "reason"))
@for_forms
def allow(request: SignedInRequest) -> HttpResponse:
    form = AllowForm(posted(request), initial=stashed(request))
    if form.is_valid():
        email, reason = form.cleaned_data["email"], form.cleaned_data["reason"]
        with refusals_beside(form, "email"):
            allowed_addresses.allow_address(email, reason, request.actor)
            return to_list("allowed")
    found = AllowedAddress.objects.select_related("by")
    allowed = page_of(found, ("-at", "-pk"), request.GET.get("page", ""))
    return form_page(
        request,
        "accounts/service_desk/allow_address.html",
        form,
        allowed=allowed,
        flash=flash.message(request, ALLOWED_ADDRESSES),
    )
