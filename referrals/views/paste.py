"""Fill in a referral from what was copied in the clinical system: asked by the page's script."""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from referrals.completeness import BIRTH, CHOICES, TEXTS
from referrals.paste import BOX, Filled, filled

# Shown only where they are needed.
_FOR_SOME = {"contact_name", "phone_owner_name", "symptom_group"}
_TEXTS = [name for name, rule in TEXTS.items() if not rule.if_empty]
_CHOICES = [name for name, rule in CHOICES.items() if "" in rule.choices]
# The keyboard goes on to the first empty field that is not one of these.
OPTIONAL = " ".join(
    sorted({*_TEXTS, *_CHOICES, "search"} - {*BIRTH.values(), *_FOR_SOME, "consent"})
)


# Nothing is read or stored of the referral: the address is one of its page.
@access.needs(Permission.REFERRAL_SEND, by_script=True)
@require_POST
def paste(request: SignedInRequest, referral_id: UUID) -> HttpResponse:  # noqa: ARG001
    found = filled(request.POST, today=timezone.localdate())
    return JsonResponse({"fields": found.fields, "said": found.said, "refused": found.is_refused})


def found_in(typed: Mapping[str, str]) -> Filled | None:
    """Return what is to be filled in first, whichever button was pressed; None for an empty box."""
    is_pasted = bool(typed.get(BOX, "").strip())
    return filled(typed, today=timezone.localdate()) if is_pasted else None
