"""Go back to an earlier version of the regional content: it is saved as a new one."""

from django.http import HttpResponse

from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, sure_page
from support.region import versions
from support.region.flash import to_region
from support.region.forms import number_in
from support.region.sections import differences
from support.region.versions import RegionChanged

DENIED = "That was after you opened this page. Check again what you would change"


@access.needs(Permission.REGION_EDIT, recently=True, if_gone=to_region)
@for_forms
def restore(request: SignedInRequest, number: int) -> HttpResponse:
    row, meanwhile = versions.version(number), None
    if request.method == "POST":
        base = number_in(request.POST.get("version"))
        try:
            versions.restore(number, base, request.actor)
            return to_region("restored")
        except RegionChanged as error:
            meanwhile = error.row
    newest = versions.newest()
    return sure_page(
        request,
        "support/region/restore.html",
        denied=DENIED if meanwhile else "",
        row=row,
        meanwhile=meanwhile,
        base=versions.number_of(newest),
        differences=differences(versions.region_of(newest), versions.region_of(row)),
    )
