"""The one template engine: Jinja2, autoescaping, and an undefined name is an error."""

import json
from functools import cache, partial
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from django.conf import settings
from django.forms.utils import ErrorList
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.templatetags.static import static as static_address
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from jinja2 import Environment, StrictUndefined, select_autoescape

from accounts import wording
from accounts.models.reviews import REVIEW_EVERY
from accounts.roles import Permission, may
from accounts.sign_in.forms import UnlockForm
from accounts.text import phones
from accounts.topics import Topic
from accounts.web import access
from support.about.release_notes import has_release_notes
from support.codes import telephone
from support.codes.pages import support_code_link
from support.footer import footer
from support.help import tree
from support.help.forms import SearchForm
from support.help.guides import GUIDES
from support.help.set_up_apps import set_up_apps
from support.region.current import current

NOBODY = UUID(int=0)


@cache
def _path(name: str, *, has_referral: bool) -> str:
    return reverse(name, kwargs={"referral_id": NOBODY} if has_referral else {})


@cache
def _path_of(name: str, slug: str) -> str:
    return reverse(name, kwargs={"slug": slug})


def url(
    name: str,
    referral_id: UUID | str | None = None,
    *,
    number: int | None = None,
    slug: str = "",
) -> str:
    # Looked up once: a list has many of them.
    if number is not None:
        return reverse(name, kwargs={"number": number})
    if slug:
        return _path_of(name, slug)
    path = _path(name, has_referral=referral_id is not None)
    return path.replace(str(NOBODY), str(referral_id))


@cache
def static(path: str) -> str:
    # A file never changes under its name.
    return static_address(path)


def typed(value: object) -> str:
    # Control characters are not fit to stand in a page.
    return "".join(letter for letter in str(value) if letter.isprintable() or letter in "\r\n\t")


def help_with(errors: ErrorList) -> Topic | None:
    codes = (error.code for error in errors.as_data())
    return next((code for code in codes if isinstance(code, Topic)), None)


def _csrf_input(request: HttpRequest) -> str:
    field = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
    return format_html(field, get_token(request))


def csrf_input_once(request: HttpRequest) -> dict[str, Any]:
    # A page's forms share one masked CSRF token, made once.
    return {"csrf_input": SimpleLazyObject(lambda: _csrf_input(request))}


def _times_left() -> str:
    """Return in JSON the words for the time that is left, by seconds, from when a warning comes."""
    longest = int(settings.SESSION_WARNING.total_seconds())
    said = {seconds: wording.time_left(seconds) for seconds in range(longest, 0, -15)}
    return json.dumps(said)


def environment(**options: Any) -> Environment:
    made = Environment(
        # All but e-mails, which are plain text.
        autoescape=select_autoescape(disabled_extensions=["txt"], default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=options["loader"],
        auto_reload=options["auto_reload"],
    )
    made.globals.update(may=may, permissions=Permission, static=static, topics=Topic, url=url)
    made.globals.update(
        AFRESH=access.AFRESH,
        help_guides={guide.name: guide for guide in GUIDES},
        help_nodes=tree.NODES,
        name_page=partial(token_urlsafe, 12),
        now=timezone.now,
        sign_person=access.sign_person,
        SearchForm=SearchForm,
        UnlockForm=UnlockForm,
        times_left=_times_left(),
        region=current,
        footer=footer,
        support_code_link=support_code_link,
        review_every=REVIEW_EVERY.days,
        has_release_notes=has_release_notes,
        set_up_apps=set_up_apps,
        telephone_words=telephone.WORDS,
        lock_after=int(settings.SESSION_LOCK.total_seconds()),
        locks_after=wording.time_left(int(settings.SESSION_LOCK.total_seconds())),
    )
    made.filters.update(
        date=wording.written_date,
        day=wording.day,
        help_with=help_with,
        moment=wording.moment,
        phone=phones.shown,
        spelt=telephone.spelt,
        time=wording.clock_time,
        typed=typed,
    )
    return made
