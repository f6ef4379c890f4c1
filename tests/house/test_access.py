"""Every address and everybody who may stand before it: one table says who is let in."""

import uuid
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, include, path
from django.utils import timezone

from accounts.models.credentials import Activation, Authenticator
from accounts.models.people import Membership, User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.roles import GRANTS, Permission, Role
from accounts.sign_in import lockout
from accounts.web import access
from pharmrefer import urls
from tests import factories
from tests.factories import acting
from tests.routes import routes

pytestmark = pytest.mark.django_db

EVERYONE = "everyone"


@dataclass(frozen=True)
class Recently:
    """For who has the permission and has confirmed a moment ago who they are."""

    permission: Permission


@dataclass(frozen=True)
class Confirmed:
    """Who has the role and has confirmed a moment ago who they are."""

    role: Role


Door = str | Step | Permission | Recently
Visitor = Step | Role | Confirmed | None
# Each route and who may open it. A new route fails the test below until it stands here.
TABLE: dict[str, Door] = {
    "home": EVERYONE,
    "health-live": EVERYONE,
    "health-ready": EVERYONE,
    "accounts:log-in": EVERYONE,
    "accounts:log-out": EVERYONE,
    "accounts:unlock": EVERYONE,
    "accounts:session": EVERYONE,
    "accounts:unlock-in-place": EVERYONE,
    "accounts:stay": Permission.ACCOUNT_OPEN,
    "accounts:activate": EVERYONE,
    "accounts:activation-link": EVERYONE,
    "accounts:forgotten": EVERYONE,
    "accounts:forgotten-sent": EVERYONE,
    "accounts:new-password": EVERYONE,
    "accounts:code": Step.CODE,
    "accounts:passkey": Step.CODE,
    "accounts:passkey-challenge": Step.CODE,
    "accounts:activation": Step.ACTIVATION,
    "accounts:password": Step.PASSWORD,
    "accounts:set-up": Step.SET_UP,
    "accounts:account": Permission.ACCOUNT_OPEN,
    "accounts:confirm": Permission.ACCOUNT_OPEN,
    "accounts:confirm-with-passkey": Permission.ACCOUNT_OPEN,
    "accounts:confirm-challenge": Permission.ACCOUNT_OPEN,
    "accounts:change-password": Recently(Permission.ACCOUNT_OPEN),
    "accounts:add-authenticator": Recently(Permission.ACCOUNT_OPEN),
    "accounts:set-up-authenticator": Recently(Permission.ACCOUNT_OPEN),
    "accounts:rename-authenticator": Permission.ACCOUNT_OPEN,
    "accounts:remove-authenticator": Recently(Permission.ACCOUNT_OPEN),
    "accounts:end-others": Recently(Permission.ACCOUNT_OPEN),
    "accounts:end-session": Recently(Permission.ACCOUNT_OPEN),
    "accounts:choose": Permission.ACCOUNT_OPEN,
    "accounts:offers": Permission.ACCOUNT_OPEN,
    "accounts:offer": Permission.ACCOUNT_OPEN,
    "accounts:people": Permission.PEOPLE_MANAGE,
    "accounts:person": Permission.PEOPLE_MANAGE,
    "accounts:review": Permission.PEOPLE_MANAGE,
    "accounts:save-review": Recently(Permission.PEOPLE_MANAGE),
    "accounts:invite": Recently(Permission.PEOPLE_MANAGE),
    "accounts:invite-many": Recently(Permission.PEOPLE_MANAGE),
    "accounts:invite-again": Recently(Permission.PEOPLE_MANAGE),
    "accounts:details": Recently(Permission.PEOPLE_MANAGE),
    "accounts:place": Recently(Permission.PEOPLE_MANAGE),
    "accounts:turn-off": Recently(Permission.PEOPLE_MANAGE),
    "accounts:turn-on": Recently(Permission.PEOPLE_MANAGE),
    "accounts:take-back": Recently(Permission.PEOPLE_MANAGE),
    "accounts:unlock-person": Recently(Permission.PEOPLE_MANAGE),
    "accounts:reset-colleague": Recently(Permission.PEOPLE_MANAGE),
    "accounts:desk": Permission.DESK_OPEN,
    "accounts:desk-objected": Permission.DESK_OPEN,
    "accounts:desk-open-cases": Permission.DESK_OPEN,
    "accounts:desk-reset-often": Permission.DESK_OPEN,
    "accounts:desk-many-resets": Permission.DESK_OPEN,
    "accounts:desk-locked": Permission.DESK_OPEN,
    "accounts:desk-without-administrator": Permission.DESK_OPEN,
    "accounts:desk-emails": Permission.DESK_OPEN,
    "accounts:desk-practice": Permission.DESK_OPEN,
    "accounts:desk-person": Permission.DESK_OPEN,
    "accounts:new-administrator": Recently(Permission.DESK_OPEN),
    "accounts:promote": Recently(Permission.DESK_OPEN),
    "accounts:open-reset": Recently(Permission.DESK_OPEN),
    "accounts:open-activation": Recently(Permission.DESK_OPEN),
    "accounts:open-unlock": Recently(Permission.DESK_OPEN),
    "accounts:case": Permission.DESK_OPEN,
    "accounts:approve-case": Recently(Permission.DESK_OPEN),
    "accounts:refuse-case": Recently(Permission.DESK_OPEN),
    "accounts:carry-out-case": Recently(Permission.DESK_OPEN),
    "accounts:allow-address": Recently(Permission.DESK_OPEN),
    "accounts:take-back-address": Recently(Permission.DESK_OPEN),
    "accounts:not-me": EVERYONE,
    "accounts:one-person": Recently(Permission.PEOPLE_MANAGE),
    "support:support-code": EVERYONE,
    "support:desk-support-code": Permission.DESK_OPEN,
    "support:help": EVERYONE,
    "support:search": EVERYONE,
    "support:question": EVERYONE,
    "support:help-set-up": EVERYONE,
    "support:help-apps": EVERYONE,
    "support:help-activation": EVERYONE,
    "support:help-code-not-right": EVERYONE,
    "support:help-code-used": EVERYONE,
    "support:help-clock": EVERYONE,
    "support:help-too-many-tries": EVERYONE,
    "support:help-lost-authenticator": EVERYONE,
    "support:help-password": EVERYONE,
    "support:help-passkeys": EVERYONE,
    "support:help-shared-login": EVERYONE,
    "support:connection": EVERYONE,
    "support:connection-answer": EVERYONE,
    "support:connection-clock": EVERYONE,
    "support:connection-cookies": EVERYONE,
    "support:connection-expected": EVERYONE,
    "support:connection-result": EVERYONE,
    "support:connection-upload": EVERYONE,
    "support:guide-microsoft-authenticator": EVERYONE,
    "support:guide-twofast": EVERYONE,
    "support:guide-logging-in": EVERYONE,
    "support:guide-second-computer": EVERYONE,
    "support:guide-several-apps": EVERYONE,
    "support:guide-passkeys": EVERYONE,
    "support:guide-administrators": EVERYONE,
    "support:guide-service-desk": EVERYONE,
    "support:whats-new": EVERYONE,
    "support:accessibility": EVERYONE,
    "support:privacy": EVERYONE,
    "support:cookies": EVERYONE,
    "support:terms": EVERYONE,
    "support:status": EVERYONE,
    "support:paper-form": EVERYONE,
    "accounts:new-passkey": Recently(Permission.ACCOUNT_OPEN),
    "accounts:new-passkey-challenge": Recently(Permission.ACCOUNT_OPEN),
    "accounts:remove-passkey": Recently(Permission.ACCOUNT_OPEN),
    "referrals:home": Permission.REFERRAL_OPEN,
    "referrals:urgent": Permission.REFERRAL_OPEN,
    "referrals:drafts": Permission.REFERRAL_OPEN,
    "referrals:sent": Permission.REFERRAL_OPEN,
    "referrals:referral": Permission.REFERRAL_OPEN,
    "referrals:again": Permission.REFERRAL_SEND,
    "referrals:progress": Permission.REFERRAL_OPEN,
    "referrals:printed": Permission.REFERRAL_OPEN,
    "referrals:slip": Permission.REFERRAL_OPEN,
    "referrals:looks": Permission.REFERRAL_ACCESS_LOG,
    "referrals:looks-of-person": Permission.REFERRAL_ACCESS_LOG,
    "referrals:new": Permission.REFERRAL_SEND,
    "referrals:edit": Permission.REFERRAL_SEND,
    "referrals:draft": Permission.REFERRAL_SEND,
    "referrals:paste": Permission.REFERRAL_SEND,
    "referrals:delete": Permission.REFERRAL_SEND,
    "referrals:hand-over": Recently(Permission.PEOPLE_MANAGE),
    "referrals:send": Permission.REFERRAL_SEND,
    "referrals:pharmacies": Permission.REFERRAL_SEND,
    "practice:settings": Permission.PRACTICE_MANAGE,
    "practice:call-back": Recently(Permission.PRACTICE_MANAGE),
    "practice:notices": Recently(Permission.PRACTICE_MANAGE),
    "practice:usual": Recently(Permission.PRACTICE_MANAGE),
    "clinical:content": Permission.CLINICAL_CONFIRM,
    "clinical:pack": Permission.CLINICAL_CONFIRM,
    "clinical:confirm": Recently(Permission.CLINICAL_CONFIRM),
    "clinical:discard": Recently(Permission.CLINICAL_CONFIRM),
    "support:region": Permission.REGION_EDIT,
    "support:region-service-desk": Recently(Permission.REGION_EDIT),
    "support:region-local-it": Recently(Permission.REGION_EDIT),
    "support:region-escalation": Recently(Permission.REGION_EDIT),
    "support:region-administrator": Recently(Permission.REGION_EDIT),
    "support:region-apps": Recently(Permission.REGION_EDIT),
    "support:region-notices": Recently(Permission.REGION_EDIT),
    "support:region-pharmacy-systems": Recently(Permission.REGION_EDIT),
    "support:region-legal": Recently(Permission.REGION_EDIT),
    "support:region-versions": Permission.REGION_EDIT,
    "support:region-version": Permission.REGION_EDIT,
    "support:region-restore": Recently(Permission.REGION_EDIT),
}
# Written out again, not taken from the code: who has which permission.
IN_PRACTICES = {Role.STAFF, Role.PRACTICE_ADMINISTRATOR}
MAY = {
    Permission.ACCOUNT_OPEN: set(Role),
    Permission.CLINICAL_CONFIRM: {Role.OPERATOR},
    Permission.DESK_OPEN: {Role.SERVICE_DESK},
    Permission.PEOPLE_MANAGE: {Role.PRACTICE_ADMINISTRATOR},
    Permission.REFERRAL_ACCESS_LOG: {Role.PRACTICE_ADMINISTRATOR},
    Permission.PRACTICE_MANAGE: {Role.PRACTICE_ADMINISTRATOR},
    Permission.REFERRAL_OPEN: IN_PRACTICES,
    Permission.REFERRAL_SEND: IN_PRACTICES,
    Permission.REGION_EDIT: {Role.OPERATOR},
}


def nobody(_client: Client) -> None:
    """No cookies at all."""


def at_step(step: Step) -> Any:
    def stand(client: Client) -> None:
        factories.begin_log_in(client, factories.person(), step)

    return stand


def signed_in(role: Role, *, confirmed: timedelta | None = None) -> Any:
    def stand(client: Client) -> None:
        factories.sign_in(client, factories.active_person(role=role))
        if confirmed is not None:
            Session.objects.update(confirmed_at=timezone.now() - confirmed)

    return stand


def reset() -> None:
    """Let somebody have to choose another password with a link."""
    user = User.objects.latest("pk")
    lockout.unlock_person(user, acting(now=timezone.now()))


BROKEN: dict[str, Any] = {
    "place turned off": lambda: Membership.objects.update(off_at=timezone.now()),
    "last day over": lambda: Membership.objects.update(
        ends_on=timezone.localdate() - timedelta(days=1)
    ),
    "turned off": lambda: User.objects.update(is_active=False),
    "all sessions ended": lambda: User.objects.update(session_epoch=7),
    "authenticator not confirmed": lambda: Authenticator.objects.update(confirmed=False),
    "authenticator removed": lambda: Authenticator.objects.all().delete(),
    "no authenticator": lambda: Session.objects.update(authenticator=None),
    "locked": lambda: Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=15)),
    "idle": lambda: Session.objects.update(last_seen_at=timezone.now() - timedelta(hours=1)),
    "a reset in progress": reset,
    "too long": lambda: Session.objects.update(created_at=timezone.now() - timedelta(hours=12)),
}


def broken(how: str, role: Role) -> Any:
    """Return somebody who was let in, with everything that their role may, and is no more."""

    def stand(client: Client) -> None:
        factories.sign_in(client, factories.active_person(role=role))
        Session.objects.update(confirmed_at=timezone.now())
        BROKEN[how]()

    return stand


def reset_on_the_way(client: Client) -> None:
    factories.begin_log_in(client, factories.person(), Step.CODE)
    reset()


def slow(client: Client) -> None:
    factories.begin_log_in(client, factories.person(), Step.SET_UP)
    PendingLogIn.objects.update(expires_at=timezone.now())


def activation_spent(client: Client) -> None:
    factories.begin_log_in(client, factories.person(), Step.SET_UP)
    Activation.objects.update(used_at=timezone.now())


def turned_off_on_the_way(client: Client) -> None:
    factories.begin_log_in(client, factories.person(), Step.CODE)
    User.objects.update(is_active=False)


PEOPLE: dict[str, tuple[Any, Visitor]] = {
    "nobody": (nobody, None),
    **{f"at {step.value}": (at_step(step), step) for step in Step},
    **{f"signed in, {role.value}": (signed_in(role), role) for role in Role},
    **{
        f"confirmed, {role.value}": (signed_in(role, confirmed=timedelta(0)), Confirmed(role))
        for role in Role
    },
    "not confirmed recently": (signed_in(Role.STAFF, confirmed=timedelta(minutes=10)), Role.STAFF),
    **{f"{how}, {role.value}": (broken(how, role), None) for how in BROKEN for role in Role},
    "slow": (slow, None),
    "activation spent": (activation_spent, None),
    "turned off on the way": (turned_off_on_the_way, None),
    "a reset in progress on the way": (reset_on_the_way, None),
}


def expected(who_may: Door, who: Visitor) -> bool:
    """Say whether the table lets somebody in."""
    if who_may == EVERYONE:
        return True
    if isinstance(who_may, Recently):
        return isinstance(who, Confirmed) and who.role in MAY[who_may.permission]
    if isinstance(who_may, Permission):
        role = who.role if isinstance(who, Confirmed) else who
        return isinstance(role, Role) and role in MAY[who_may]
    return who is who_may


def address_of(route: str) -> str:
    """Return the address of a route, with some identifier where it has one."""
    address, _ = routes()[route]
    examples = {"<uuid:referral_id>": str(uuid.uuid4()), "<int:number>": "1", "<slug:slug>": "x"}
    for pattern, example in examples.items():
        address = address.replace(pattern, example)
    assert "<" not in address
    return address


def behind_the_doors(calls: list[Any]) -> type:
    """Return the project's addresses with views that only note that they were reached."""

    def note(view: Any) -> Any:
        def noted(_request: HttpRequest, **_: object) -> HttpResponse:
            calls.append(view)
            return HttpResponse()

        noted.access = access.declared(view)  # type: ignore[attr-defined]
        return noted

    spaces: dict[str, list[URLPattern]] = {}
    for full_name, (address, view) in routes().items():
        space, _, name = full_name.rpartition(":")
        spaces.setdefault(space, []).append(path(address[1:], note(view), name=name))
    others = spaces.pop("")

    class Routes:
        urlpatterns = [  # noqa: RUF012
            *others,
            *(path("", include((patterns, space))) for space, patterns in spaces.items()),
        ]
        handler403 = urls.handler403

    return Routes


def test_every_route_stands_in_the_table() -> None:
    assert set(routes()) == set(TABLE)


def test_a_form_of_another_site_reaches_no_view_but_those_that_have_their_reason() -> None:
    """Logging out never fails, a draft has a signed token, and the others change nothing.

    Where cookies are blocked no token comes back, and that is what they have to find out.
    """
    exempt = {name for name, (_, view) in routes().items() if getattr(view, "csrf_exempt", False)}
    ours = {"support:connection-upload", "support:search", "support:support-code"}
    assert exempt == ours | {"accounts:log-out", "referrals:draft"}
    calls: list[Any] = []
    browser = factories.strict_browser()
    for role in (Role.STAFF, Role.SERVICE_DESK):
        signed_in(role, confirmed=timedelta(0))(browser)
        with override_settings(ROOT_URLCONF=behind_the_doors(calls)):
            for route in TABLE:
                browser.post(address_of(route), {"password": "x"})
    assert calls == []


def test_every_permission_stands_in_the_table() -> None:
    assert set(MAY) == set(Permission)


def doors_for(name: str) -> dict[str, tuple[str, Any]]:
    """Return the address and the view of each route that is to be tried.

    A user whose log-in is over tries all of them in one role, and in others one of each kind: the
    middleware sees nothing of a closed door but what its view declares.
    """
    found = {route: (address_of(route), view) for route, (_, view) in routes().items()}
    how, _, role = name.partition(", ")
    if how in BROKEN and role != Role.PRACTICE_ADMINISTRATOR.value:
        one_of_each = {kind_of(view): route for route, (_, view) in found.items()}
        return {route: found[route] for route in one_of_each.values()}
    return found


def kind_of(view: Any) -> tuple[access.Access, bool]:
    """Return all by which the middleware tells one closed door from another."""
    declared = access.declared(view)
    assert declared
    return replace(declared, stash=None, if_gone=None), declared.stash is None


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", PEOPLE)
def test_only_who_may_is_let_in(client: Client, name: str, method: str) -> None:
    stand, who = PEOPLE[name]
    stand(client)
    cookies, calls = copy(client.cookies), list[Any]()
    doors = doors_for(name)
    # What stands behind the doors, whatever it would do: the doors are what is tried here.
    with override_settings(ROOT_URLCONF=behind_the_doors(calls)):
        before = transaction.savepoint()
        for route, (address, view) in doors.items():
            client.cookies = copy(cookies)
            response = getattr(client, method)(address)
            transaction.savepoint_rollback(before)  # the next visit stands as this one did
            is_let_in = calls == [view]
            assert is_let_in is expected(TABLE[route], who), route
            if not is_let_in:
                assert (response.status_code, calls) in refusals(view, name), route
            calls.clear()


def refusals(view: Any, name: str) -> list[tuple[int, list[Any]]]:
    """Return how a door that stays closed may answer: a page's script is not led elsewhere."""
    declared = access.declared(view)
    if declared and declared.by_script:
        over = 423 if name.startswith("locked") else 401
        return [(over, []), (403, [])]
    return [(302, []), (403, [])]


def undeclared(_request: HttpRequest) -> HttpResponse:
    pytest.fail("a view that declares nothing was opened")


@pytest.mark.parametrize("name", PEOPLE)
def test_a_view_that_declares_nothing_opens_for_nobody(client: Client, name: str) -> None:
    PEOPLE[name][0](client)

    class Routes:
        urlpatterns = [path("undeclared", undeclared), *urls.urlpatterns]  # noqa: RUF012
        handler403 = urls.handler403

    with override_settings(ROOT_URLCONF=Routes):
        assert client.get("/undeclared").status_code == 403


def test_a_declaration_of_another_kind_counts_for_nothing(client: Client) -> None:
    def odd(_request: HttpRequest) -> HttpResponse:
        pytest.fail("opened")

    odd.access = "everyone"  # type: ignore[attr-defined]

    class Routes:
        urlpatterns = [path("odd", odd), *urls.urlpatterns]  # noqa: RUF012
        handler403 = urls.handler403

    with override_settings(ROOT_URLCONF=Routes):
        assert client.get("/odd").status_code == 403


@pytest.mark.parametrize("role", Role)
def test_a_role_without_the_permission_is_refused(
    client: Client, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.sign_in(client, factories.active_person(role=role))
    monkeypatch.setitem(GRANTS, role, frozenset())
    response = client.get("/account/")
    assert response.status_code == 403
    assert "Your role does not have access to this page" in response.content.decode()
