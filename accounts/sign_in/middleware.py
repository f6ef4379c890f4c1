"""Finds the user in one query, and opens a view only to those whom it declares."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.actor import Actor
from accounts.errors import Gone
from accounts.models.audit import AuditReason
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.origin import LONGEST_BROWSER, Origin, client_address
from accounts.roles import Permission, may
from accounts.sign_in import log_in, shared_logins
from accounts.web import cookies
from accounts.web.access import (
    Access,
    Destination,
    PendingRequest,
    VisitorRequest,
    address_of,
    declared,
    is_from_our_page,
    sign_person,
    stash,
    way_back,
)

logger = logging.getLogger(__name__)

ROUTE_OF_STEP = {
    Step.CODE: "accounts:code",
    Step.ACTIVATION: "accounts:activation",
    Step.PASSWORD: "accounts:password",
    Step.SET_UP: "accounts:set-up",
}


def origin_of(request: HttpRequest) -> Origin:
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded_for = request.META.get("HTTP_X_FORWARDED_FOR", "")
    browser = request.META.get("HTTP_USER_AGENT", "")[:LONGEST_BROWSER]
    return Origin(
        client_address(peer, forwarded_for, settings.TRUSTED_PROXIES),
        "".join(letter for letter in browser if letter.isprintable()),
        cookies.device(request),
    )


def view_name(request: HttpRequest) -> str:
    # Not the path: that may hold an identifier.
    return request.resolver_match.view_name if request.resolver_match else ""


def has_to_choose(session: Session, access: Access) -> bool:
    """Whether the user must first choose where they work; their account opens all the same."""
    return not session.has_chosen and access.permission is not Permission.ACCOUNT_OPEN


class AccessMiddleware:
    """Sets ``request.signed_in`` and keeps out whom a view does not declare."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: VisitorRequest) -> HttpResponse:
        # Lazy, since few pages need it.
        origin = cast("Origin", SimpleLazyObject(lambda: origin_of(request)))
        visitor = Actor(None, None, origin, timezone.now())
        key = cookies.session_key(request)
        session = Session.objects.with_key(key) if key else None
        request.ended = session.why_ended(visitor.now) if session else None
        request.left = None
        if session and request.ended:
            log_in.end(session, reason=AuditReason(request.ended), actor=visitor)
            request.left, session = session.user_id, None
        is_locked = session is not None and session.is_locked(visitor.now)
        request.signed_in, request.locked = (None, session) if is_locked else (session, None)
        request.actor = visitor
        if here := request.signed_in:
            request.actor = replace(visitor, membership=here.membership, user=here.user)
        response = self.get_response(request)
        if request.ended and not cookies.holds_session(response):
            cookies.forget_session(response)
        return response

    def process_view(
        self,
        request: PendingRequest,
        view: Callable[..., HttpResponse],
        _arguments: tuple[()],
        _named: dict[str, Any],
    ) -> HttpResponse | None:
        access = declared(view)
        if access is None:
            logger.error("%s.%s declares no access", view.__module__, view.__qualname__)
            raise PermissionDenied
        if request.signed_in and access.keeps_awake:
            shared_logins.touch(request.signed_in, request.actor)
        if access.is_open:
            return None
        if access.steps:
            return self._open_step(request, access)
        session = request.signed_in
        if session is None or has_to_choose(session, access):
            return self._closed(request, access)
        if access.permission is None or not may(session.role, access.permission):
            log_in.refuse_access(session, view_name(request), request.actor)
            raise PermissionDenied
        is_late = access.for_long and request.method == "POST"
        within = Session.CONFIRMED_FOR_LONG if is_late else Session.CONFIRMED_FOR
        is_unconfirmed = access.recently and not session.is_confirmed(timezone.now(), within=within)
        return self._closed(request, access) if is_unconfirmed else None

    def process_exception(self, request: VisitorRequest, error: Exception) -> HttpResponse | None:
        match = request.resolver_match
        access = declared(match.func) if match and isinstance(error, Gone) else None
        if match is None or access is None or access.if_gone is None:
            return None
        return access.if_gone(flash_code="again", **match.kwargs)

    def _closed(self, request: VisitorRequest, access: Access) -> HttpResponse:
        """Stash what was sent, and redirect to the log-in or confirmation that leads back here."""
        stashed = stash(request, request.resolver_match) if request.resolver_match else None
        if access.by_script:
            return HttpResponse(status=423 if request.locked else 401)
        if stashed:
            return redirect(way_back(request, stashed))
        here = request.path if request.method == "POST" else request.get_full_path()
        if session := request.signed_in:
            if has_to_choose(session, access):
                return redirect(address_of("accounts:choose", next=here))
            return redirect(address_of("accounts:confirm", next=here))
        return redirect(way_back(request, Destination(here, request.left)))

    def _open_step(self, request: PendingRequest, access: Access) -> HttpResponse | None:
        key = cookies.pending_key(request)
        pending = PendingLogIn.objects.with_key(key) if key else None
        if pending is None:
            flash_code = "again" if key or is_from_our_page(request) else "begin"
            return redirect(address_of("accounts:log-in", because=flash_code))
        if not pending.is_live(timezone.now()):
            return self._begin_anew(pending)
        step = Step(pending.step)
        if step not in access.steps:
            return redirect(ROUTE_OF_STEP[step])
        request.pending = pending
        return None

    def _begin_anew(self, pending: PendingLogIn) -> HttpResponse:
        pending.delete()
        flash_code = "slow" if pending.expires_at <= timezone.now() else "again"
        if pending.step == Step.PASSWORD:  # there may be no password to log in with
            address = address_of("accounts:activate", because=flash_code)
        else:
            whose = sign_person(pending.user_id) if pending.next_path else ""
            query = {"because": flash_code, "next": pending.next_path, "whose": whose}
            address = address_of("accounts:log-in", **query)
        response = redirect(address)
        cookies.forget_pending(response)
        return response
