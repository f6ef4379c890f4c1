"""Change a section of the regional content: a form, what users will see of it, then save."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from msgspec import structs

from accounts.roles import Permission
from accounts.web import access
from accounts.web.access import SignedInRequest
from accounts.web.pages import for_forms, form_page
from accounts.web.stash import stash_typed, stashed
from support.region import versions
from support.region.content import Region
from support.region.flash import to_region
from support.region.forms import (
    FORMS,
    PREFIX,
    NoticeRowsForm,
    RowsForm,
    SectionForm,
    number_in,
)
from support.region.sections import RegionSection, differences, shown_when
from support.region.versions import RegionChanged

BASE = "version"  # that the operator has read; it comes back with the form
ROWS = "rows"  # how many the form has
OURS = f"{PREFIX}-"


@access.needs(Permission.REGION_EDIT, recently=True, for_long=True, stash=stash_typed(prefix=OURS))
@for_forms
def change(request: SignedInRequest, section: RegionSection) -> HttpResponse:
    if request.method != "POST":
        return _begin(request, section)
    typed = _typed(request.POST)
    again = typed if "back" in request.POST else _rows_again(request.POST, section, typed)
    if again is not None:
        return _page(request, section, _form(request, section, again), typed[BASE])
    form = _form(request, section, typed, request.POST)
    if not form.is_valid():
        return _page(request, section, form, typed[BASE])
    base = number_in(typed[BASE])
    try:
        if "save" in request.POST:
            is_changed = versions.change(section, form.region, base, request.actor)
            return to_region("saved" if is_changed else "same")
        versions.check_unchanged(section, base)
    except RegionChanged as error:
        return _meanwhile(request, section, form, error)
    return _preview(request, section, form, typed)


def _begin(request: SignedInRequest, section: RegionSection) -> HttpResponse:
    newest = versions.newest()
    late = {name.removeprefix(OURS): text for name, text in stashed(request).items()}
    shown = FORMS[section].shown(versions.region_of(newest))
    base = str(versions.number_of(newest))
    form = _form(request, section, late or shown)
    return _page(request, section, form, late.get(BASE, base))


def _typed(data: QueryDict) -> dict[str, str]:
    """Return all that the form brings, by the names of its fields; the version in any case."""
    names = (name for name in data if name.startswith(OURS))
    return {BASE: ""} | {name.removeprefix(OURS): data.get(name, "") for name in names}


def _form(
    request: SignedInRequest,
    section: RegionSection,
    typed: Mapping[str, str],
    data: QueryDict | None = None,
) -> SectionForm:
    kind, options = FORMS[section], dict[str, Any]()
    if issubclass(kind, RowsForm):
        options["rows"] = number_in(typed.get(ROWS)) or kind.rows_in(typed)
    if issubclass(kind, NoticeRowsForm):
        options["now"] = request.actor.now
    return kind(data, typed=typed, **options)


def _rows_again(
    data: QueryDict, section: RegionSection, typed: dict[str, str]
) -> dict[str, str] | None:
    """Return what stands in the form once a row is added or removed; None if neither is asked."""
    kind = FORMS[section]
    if not issubclass(kind, RowsForm) or not data.keys() & {"add", "remove"}:
        return None
    rows = list(range(min(number_in(typed.get(ROWS)), kind.most)))
    if "remove" in data:  # rows are counted from 1 there
        rows = [number for number in rows if number + 1 != number_in(data.get("remove"))]
    left = kind.retyped(typed, rows)
    count = len(rows) + ("add" in data)
    return left | {BASE: typed[BASE], ROWS: str(max(count, 1))}


def _page(
    request: SignedInRequest, section: RegionSection, form: SectionForm, base: str, **more: Any
) -> HttpResponse:
    context: dict[str, Any] = {"section": section, "base": base, "meanwhile": None, **more}
    context["added"] = "add" in request.POST
    return form_page(request, f"support/region/{form.template}.html", form, **context)


def _meanwhile(
    request: SignedInRequest, section: RegionSection, form: SectionForm, error: RegionChanged
) -> HttpResponse:
    """Show the form again with what the other operator has saved beside what is typed."""
    newest = versions.newest()
    theirs = versions.region_of(newest)
    more = {
        "meanwhile": error.row,
        "differences": differences(theirs, _with(theirs, section, form)),
        "denied": f"{section.heading} was changed after you opened this page",
    }
    return _page(request, section, form, str(versions.number_of(newest)), **more)


def _with(region: Region, section: RegionSection, form: SectionForm) -> Region:
    return structs.replace(region, **section.values(form.region))


def _preview(
    request: HttpRequest, section: RegionSection, form: SectionForm, typed: dict[str, str]
) -> HttpResponse:
    now = versions.region_of(versions.newest())
    wanted = _with(now, section, form)
    context = {
        "section": section,
        "wanted": wanted,
        "differences": differences(now, wanted),
        "shown_when": shown_when,
        "typed": [(f"{OURS}{name}", text) for name, text in typed.items()],
    }
    return render(request, "support/region/preview.html", context)
