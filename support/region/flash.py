"""The flash messages of the operator's pages: see ``accounts.web.flash``."""

from django.http import HttpResponseRedirect

from accounts.web import flash

REGION = {
    "saved": "Saved. Every page shows it within 5 seconds.",
    "same": "Nothing was saved: it is what it was before.",
    "restored": "That version is back, as a new one. Every page shows it within 5 seconds.",
}


def to_region(flash_code: str, **_arguments: object) -> HttpResponseRedirect:
    return flash.redirect_to("support:region", flash_code)
