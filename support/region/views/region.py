"""Regional content for operators: what counts now, each section with its way to change it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.roles import Permission
from accounts.web import access, flash
from accounts.web.access import SignedInRequest
from support.region import versions
from support.region.flash import REGION
from support.region.sections import RegionSection


@access.needs(Permission.REGION_EDIT)
@require_safe
def region(request: SignedInRequest) -> HttpResponse:
    newest = versions.newest()
    shown = versions.region_of(newest)
    context = {
        "newest": newest,
        "shown": shown,
        "sections": [(section, section.lines(shown)) for section in RegionSection],
        "flash": flash.message(request, REGION),
    }
    return render(request, "support/region/region.html", context)
