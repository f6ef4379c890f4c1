"""What a view declares about who may open it; the middleware keeps everybody else out.

Every view declares one of ``everyone``, ``everyone_quietly``, ``during``, ``own_account`` and
``needs``. One that declares nothing opens for nobody.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import ResolverMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.actor import Actor
from accounts.models.sessions import LONGEST_PATH, Ended, PendingLogIn, Session, Step
from accounts.roles import Permission

KEY = "key"  # of a link, by this name behind the question mark
AFRESH = "afresh"  # why a page is shown again: its form came too late
NOBODY = 0  # no user has this id
LONGEST_ADDRESS = 2048  # characters: Django takes a longer one for nobody's own
LONGEST_MARK = 200  # characters: those that we sign have fewer than half
_WHOSE = "accounts.whose"
_USUAL_PORTS = {"http": 80, "https": 443}
_LEADING = ("next", "whose")  # in the pages on the way to another one
View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True)
class Destination:
    """Where a user goes on to; if ``person`` is given, no other user does."""

    path: str = ""
    person: int | None = None  # user id

    def path_for(self, user_id: int) -> str:
        """Return "" for another user: they are led to where they work."""
        return self.path if self.person in {None, user_id} else ""


# Called in place of a view that is closed to a form that was sent to it, with the request and the
# view's arguments; returns where only who has sent it finds it again. None where no user is known
# to have sent it, or nothing could be stashed.
Stash = Callable[..., Destination | None]

# Called where what a page was about is gone, with the flash code of the page that it leads to and
# the view's arguments.
IfGone = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Access:
    """Who may open a view: users with the permission, users at one of the steps, or everyone.

    A decorator of views.
    """

    permission: Permission | None  # of the role of who is signed in
    _: KW_ONLY
    steps: frozenset[Step] = frozenset()
    # Only for users who have confirmed within the last minutes, with password and code or passkey,
    # who they are; others are led to do so, and back to the page.
    recently: bool = False
    # The form is too long to be stashed, and takes a while: to send it they may have confirmed up
    # to an hour ago.
    for_long: bool = False
    keeps_awake: bool = True  # opening it counts as doing something: not what a page asks by itself
    # A page's script asks: it is not led elsewhere but told, with 401, that nobody is signed in or
    # they must confirm who they are, and with 423 that the screen is locked.
    by_script: bool = False
    # What becomes of a form that comes when the session is over or locked, also where the CSRF
    # token is refused: only what the form itself brings may show that it came from a page of ours.
    stash: Stash | None = None
    if_gone: IfGone | None = None  # leads on where the view raises Gone

    def __call__(self, view: View) -> View:
        view.access = self  # type: ignore[attr-defined]
        return view

    @property
    def is_open(self) -> bool:
        return not self.steps and self.permission is None


class VisitorRequest(HttpRequest):
    """What every view gets: who asks from where, and who is signed in or why no longer."""

    actor: Actor
    signed_in: Session | None
    locked: Session | None  # the user is signed in, and their screen is locked
    ended: Ended | None
    left: int | None  # whose session it was that has ended, by user id


class PendingRequest(VisitorRequest):
    """What a view gets that is open during a step of logging in."""

    pending: PendingLogIn


class SignedInRequest(HttpRequest):
    actor: Actor
    signed_in: Session
    locked: None


needs = Access
own_account = partial(Access, Permission.ACCOUNT_OPEN)  # for whoever is signed in
everyone = Access(None)
everyone_quietly = Access(None, keeps_awake=False)  # a page asks for it by itself


def during(*steps: Step) -> Access:
    return Access(None, steps=frozenset(steps), if_gone=_to_log_in)


def _to_log_in(flash_code: str, **_arguments: object) -> HttpResponse:
    return redirect(address_of("accounts:log-in", because=flash_code))


def declared(view: Callable[..., object]) -> Access | None:
    access = getattr(view, "access", None)
    return access if isinstance(access, Access) else None


def stash(request: VisitorRequest, match: ResolverMatch) -> Destination | None:
    access = declared(match.func)
    if request.method != "POST" or access is None or access.stash is None:
        return None
    return access.stash(request, **match.kwargs)


def _origin(address: str) -> str:
    # As browsers write it: without the scheme's usual port.
    try:
        parts = urlsplit(address)
        port = "" if parts.port in {None, _USUAL_PORTS.get(parts.scheme)} else f":{parts.port}"
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else ""


def _asked_by(request: HttpRequest) -> str:
    if said := request.headers.get("Origin", ""):
        return _origin(said) or said  # "null", say
    return _origin(request.headers.get("Referer", ""))


def our_origin() -> str:
    return _origin(settings.PUBLIC_URL.geturl())


def _our_origins(request: HttpRequest) -> set[str]:
    here = f"{request.scheme}://{request.get_host()}"  # one of ours: other hosts are not answered
    return {our_origin(), _origin(here)}


def is_from_our_page(request: HttpRequest) -> bool:
    """Say whether a page of ours asks, as far as the browser tells.

    Another port or subdomain is not ours, although the browser sends our cookies from there too.
    """
    return _asked_by(request) in _our_origins(request)


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Say whether the browser names a page that is not ours; it may also name none."""
    said = _asked_by(request)
    return bool(said) and said not in _our_origins(request)


def way_back(request: VisitorRequest, then: Destination) -> str:
    if session := request.signed_in or request.locked:
        there = then.path_for(session.user_id) or reverse("home")
        return there if request.signed_in else address_of("accounts:unlock", next=there)
    flash_code, whose = why_logged_out(request) or "needed", sign_person(then.person)
    return address_of("accounts:log-in", next=then.path, whose=whose, because=flash_code)


def why_logged_out(request: VisitorRequest) -> str:
    """Return why the user is led to the log-in page, or "" where they have only just come.

    A user who comes from a page of ours, or with the key of a session that is no more, may have
    been logged out in another tab, which has left no trace in this browser.
    """
    if request.ended:
        return request.ended.value
    held = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return "left" if held or is_from_our_page(request) else ""


def afresh(request: HttpRequest) -> str:
    """Return the address of a page whose form came too late, with where it was to lead.

    The page says why it is shown again.
    """
    given = {name: text for name in _LEADING if (text := request.POST.get(name, ""))}
    if "next" in given:
        given["next"] = own_path(given["next"])
    return _with_query(request.path, request.GET.dict() | given | {"because": AFRESH})


def sign_person(person: int | None) -> str:
    """Return a signed mark for the log-in page's address: only this user goes on to ``next``."""
    return signing.dumps(person, salt=_WHOSE) if person else ""


def person_of(mark: str) -> int | None:
    """Return whom a mark names: None where there is no mark, ``NOBODY`` for a false one."""
    if len(mark) > LONGEST_MARK:
        return NOBODY
    try:
        return int(signing.loads(mark, salt=_WHOSE)) if mark else None
    except signing.BadSignature:
        return NOBODY


def address_of(route: str, number: int | None = None, /, **query: str) -> str:
    return _with_query(reverse(route, kwargs={} if number is None else {"number": number}), query)


def _with_query(path: str, query: dict[str, str]) -> str:
    # Browsers are not led to longer addresses: what makes one too long is left out.
    given = {name: text for name, text in query.items() if text}
    while given:
        address = f"{path}?{urlencode(given)}"
        if len(address) <= LONGEST_ADDRESS:
            return address
        del given[max(given, key=lambda name: len(given[name]))]
    return path


def own_path(text: str) -> str:
    """Return an address within PharmRefer that the user wanted to open, or "".

    One with the key of a link is refused: the key would go on into other addresses, and into a row.
    """
    is_plain = text.startswith("/") and text.isascii() and text.isprintable()
    is_ours = is_plain and url_has_allowed_host_and_scheme(text, allowed_hosts=None)
    is_fit = len(text) <= LONGEST_PATH and KEY not in QueryDict(text.partition("?")[2])
    return text if is_ours and is_fit else ""


def next_path(request: HttpRequest) -> str:
    asked = request.POST if request.method == "POST" else request.GET
    return own_path(asked.get("next", ""))
