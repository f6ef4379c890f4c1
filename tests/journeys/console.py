"""An operator at the site's console, in a process of its own: it has the site's database."""

import json
import sys
from collections.abc import Sequence
from datetime import timedelta
from io import StringIO

from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone

from accounts.actor import Actor
from accounts.models.sessions import PendingLogIn
from accounts.origin import Origin
from accounts.sign_in import activation, log_in
from accounts.sign_in.second_factor import Code
from accounts.web import cookies
from tests.tools import code_for

LET_IN = "let-in"


def let_in(email: str, invitation: str, password: str, seconds_off: str, browser: str) -> str:
    """Activate an account as its pages do; return its secret and the browser's cookies, as JSON."""
    now = timezone.now()
    actor = Actor(None, None, Origin("127.0.0.1", browser), now)
    key = activation.accept_invitation(email, invitation, actor=actor)
    activation.choose_password(_under_way(key), password, actor)
    pending = _under_way(key)
    assert pending.authenticator
    secret = pending.authenticator.secret
    code = code_for(secret, at=now + timedelta(seconds=int(seconds_off)))
    held = HttpResponse()
    cookies.hold_session(held, log_in.sign_in(pending, Code(code), actor))
    cookies.hold_device(held, None, email)
    kept = {name: each.value for name, each in held.cookies.items() if each.value}
    return json.dumps({"secret": secret, "cookies": kept})


def _under_way(key: str) -> PendingLogIn:
    found = PendingLogIn.objects.with_key(key)
    assert found
    return found


def run(arguments: Sequence[str]) -> str:
    """Run a command and return what it prints."""
    name, *others = arguments
    if name == LET_IN:
        return let_in(*others)
    output, errors = StringIO(), StringIO()
    try:
        call_command(name, *others, stdout=output, stderr=errors)
    except CommandError as error:
        raise CommandError(errors.getvalue() + str(error)) from error
    return output.getvalue()


def serve() -> None:
    """Answer each line, until there are no more."""
    for line in sys.stdin:
        output, failure = "", ""
        try:
            output = run(json.loads(line))
        except CommandError as error:
            failure = str(error)
        connection.close()
        print(json.dumps([output, failure]), flush=True)
