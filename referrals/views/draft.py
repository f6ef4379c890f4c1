"""What a page saves by itself while its user types."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import errors
from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.wording import clock_time
from referrals import drafts, policy, presenters
from referrals.completeness import named
from referrals.details import Details
from referrals.models.content_packs import ContentPack
from referrals.models.referrals import Referral
from referrals.views.find import find, referral_address
from referrals.views.form_token import FormToken, stash


# The form's signed token takes the place of the CSRF token, which changes when the user logs in
# again in another tab; the answer brings the page's forms the new one.
@csrf_exempt
@access.needs(Permission.REFERRAL_SEND, by_script=True, stash=stash)
@require_POST
def draft(request: SignedInRequest, referral_id: UUID) -> HttpResponse:
    now, person = timezone.now(), request.signed_in.membership
    form_token = FormToken.of(request, referral_id)
    if form_token is None:
        return JsonResponse({}, status=403)
    if form_token.membership_id != person.pk:  # another user has logged in, in another tab
        stash(request, referral_id=referral_id)
        return HttpResponse(status=401)
    pack = ContentPack.in_force(timezone.localdate(now))
    details = named(Details.incomplete(request.POST), pack)
    base = form_token.base(request)
    try:
        saved = drafts.save(referral_id, details, base=base, is_complete=False, actor=request.actor)
    except (errors.Denied, drafts.DraftChangedError) as error:
        return JsonResponse(_in_the_way(request, referral_id, error, now=now), status=409)
    return _saved(request, saved, form_token, now=now)


def _in_the_way(
    request: SignedInRequest,
    referral_id: UUID,
    error: errors.Denied | drafts.DraftChangedError,
    *,
    now: datetime,
) -> dict[str, object]:
    """What the page's script is told instead of "saved"."""
    if isinstance(error, drafts.DraftChangedError):
        return {"changed": presenters.changed(error.at, now=now), "version": error.version}
    if isinstance(error, policy.ClosedError):
        return {"closed": str(error)}
    if isinstance(error, policy.ColleaguesError):  # handed over, while this page was open
        stashed = stash(request, referral_id=referral_id)
        return {"sent": stashed.path if stashed else ""}
    find(request, referral_id)  # 404 for a referral that the user may not see
    return {"sent": referral_address(referral_id, flash_code="changed")}


def _saved(
    request: SignedInRequest, saved: Referral, form_token: FormToken, *, now: datetime
) -> HttpResponse:
    return JsonResponse(
        {
            "saved": clock_time(now) if saved.version else "",
            "version": saved.version,
            "window": form_token.now_in(request.signed_in).signed,
            "csrf": get_token(request),
        }
    )
