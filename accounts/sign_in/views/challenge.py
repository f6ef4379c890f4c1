"""What a page's script asks the browser for a passkey with."""

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from accounts import errors
from accounts.models.sessions import Step
from accounts.sign_in import passkeys
from accounts.web import access
from accounts.web.access import PendingRequest, SignedInRequest


@access.during(Step.CODE)
@require_POST
def log_in_challenge(request: PendingRequest) -> HttpResponse:
    return JsonResponse(passkeys.ask_for_passkey(request.pending, now=request.actor.now))


@access.own_account(recently=True, by_script=True)
@require_POST
def new_challenge(request: SignedInRequest) -> HttpResponse:
    try:
        asked = passkeys.ask_for_new_passkey(request.signed_in, now=request.actor.now)
    except errors.Denied:
        return HttpResponse(status=409)  # the page itself says why
    return JsonResponse(asked)


@access.own_account(by_script=True)
@require_POST
def confirm_challenge(request: SignedInRequest) -> HttpResponse:
    return JsonResponse(passkeys.ask_for_passkey(request.signed_in, now=request.actor.now))
