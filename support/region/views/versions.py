"""The versions of the regional content: who changed what and when, and one of them as it was."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.paging import page_of
from support.models.regional_content import RegionalContent
from support.region import versions as rows
from support.region.flash import to_region
from support.region.sections import RegionSection, differences


@access.needs(Permission.REGION_EDIT)
@require_safe
def versions(request: SignedInRequest) -> HttpResponse:
    every = RegionalContent.objects.select_related("saved_by").defer("content")
    found = page_of(every, ("-pk",), request.GET.get("page", ""))
    context = {"versions": found, "newest": rows.newest()}
    return render(request, "support/region/versions.html", context)


@access.needs(Permission.REGION_EDIT, if_gone=to_region)
@require_safe
def version(request: SignedInRequest, number: int) -> HttpResponse:
    row = rows.version(number)
    shown = rows.region_of(row)
    context = {
        "row": row,
        "shown": shown,
        "is_newest": row.pk == rows.number_of(rows.newest()),
        "differences": differences(rows.before(row), shown),
        "sections": [(section, section.lines(shown)) for section in RegionSection],
    }
    return render(request, "support/region/version.html", context)
