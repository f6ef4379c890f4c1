"""The foot of every page: where help is, and who to ask. Made once for all pages that share it."""

from functools import lru_cache

from django.http import HttpRequest
from django.template.loader import render_to_string
from markupsafe import Markup

from support.codes.pages import support_code_link
from support.region.content import SupportContact
from support.region.current import current
from support.status import reading

MOST_KEPT = 512  # of an address each, in a process


@lru_cache(maxsize=MOST_KEPT)
def _made(
    support_code: str,
    *,
    service_desk: SupportContact,
    local_it: SupportContact,
    has_trouble: bool,
    is_aside: bool,
) -> Markup:
    context = {
        "support_code": support_code,
        "desks": ((service_desk, "Service desk"), (local_it, "Local IT service desk")),
        "has_trouble": has_trouble,
        "is_aside": is_aside,
    }
    return Markup(render_to_string("components/footer.html", context))  # noqa: S704  a template


def footer(request: HttpRequest) -> Markup:
    match, region = request.resolver_match, current()
    return _made(
        support_code_link(request),
        service_desk=region.service_desk,
        local_it=region.local_it,
        has_trouble=reading.last().has_trouble(reading.now()),
        # From pages of help it opens no other tab: nobody has a form half written there.
        is_aside=match is not None and match.namespace == "support",
    )
