"""What docs/security.md says of PharmRefer as a whole, and no test of a part of it shows."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.keys import hash_of_key
from accounts.models.credentials import Authenticator
from accounts.models.mail import Mail
from accounts.models.people import Membership, User
from accounts.models.sessions import PendingLogIn, Session, Step
from accounts.roles import Role
from accounts.sign_in import activation, log_in
from pharmrefer.local import ROOT
from tests import factories
from tests.factories import PASSWORD, acting
from tests.pages import text_of
from tests.routes import routes
from tests.tools import code_for

pytestmark = pytest.mark.django_db
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "pharmrefer" / "static" / "pharmrefer").glob("*.js"))
NOW = timezone.now()


def short(path: Path) -> str:
    return path.name


def test_a_new_installation_has_no_logins() -> None:
    assert not User.objects.exists()


@pytest.mark.parametrize("template", TEMPLATES, ids=short)
def test_no_form_puts_what_was_typed_into_the_address(template: Path) -> None:
    for form in re.findall(r"<form[^>]*>", template.read_text()):
        assert 'method="post"' in form


@pytest.mark.parametrize("script", SCRIPTS, ids=short)
def test_no_script_keeps_anything_in_the_browser(script: Path) -> None:
    keeping = r"localStorage|sessionStorage|indexedDB|\bcaches\b|serviceWorker|document\.cookie"
    assert not re.search(keeping, script.read_text())


@pytest.mark.parametrize(
    ("address", "step", "autocomplete"),
    [
        ("/log-in/", None, "current-password"),
        ("/unlock/", "locked", "current-password"),
        ("/activate/password/", Step.PASSWORD, "new-password"),
    ],
)
def test_a_password_is_hidden_while_it_is_typed_and_may_be_pasted(
    client: Client, address: str, step: Any, autocomplete: str
) -> None:
    if step == "locked":
        factories.sign_in(client, factories.active_person())
        Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=15))
    elif step:
        factories.begin_log_in(client, factories.person(), step)
    [field] = re.findall(r'<input[^>]*name="password"[^>]*>', text_of(client.get(address)))
    assert 'type="password"' in field
    assert f'autocomplete="{autocomplete}"' in field
    assert not re.search(r"\son\w+=|maxlength|readonly", field)


def test_nothing_of_ours_minds_what_is_pasted() -> None:
    for script in SCRIPTS:
        assert not re.search(r"[\"']paste[\"']", script.read_text()), script


def test_a_password_is_good_for_years() -> None:
    user, later = factories.active_person(), NOW + timedelta(days=800)
    log_in.accept_password(user.email, PASSWORD, actor=acting(now=later))
    assert PendingLogIn.objects.get().step == Step.CODE


@pytest.mark.parametrize("has_password", [True, False])
def test_another_password_is_told_to_its_owner_and_the_first_one_is_not(
    has_password: bool,
) -> None:
    user = factories.person()
    if has_password:
        factories.with_password(user)
    pending = PendingLogIn(user=user, session_epoch=user.session_epoch, created_at=NOW)
    pending.key_hash, pending.step, pending.expires_at = b"", Step.PASSWORD, NOW
    pending.save()
    activation.choose_password(pending, "nine purple herons", acting(now=NOW))
    told = [(each.to, each.read()[0]) for each in Mail.objects.all()]
    expected = [(user.email, "Your PharmRefer password was changed")]
    assert told == (expected if has_password else [])


def test_a_session_s_key_has_256_random_bits() -> None:
    user = factories.active_person()
    more: dict[str, Any] = {
        "authenticator": user.authenticators.get(),
        "membership": user.home(today=timezone.localdate()),
        "last_seen_at": NOW,
        "browser": "",
    }
    keys = {Session.begin(user=user, now=NOW, **more) for _ in range(50)}
    assert len(keys) == 50
    assert {len(key) for key in keys} == {43}  # 32 bytes in base64
    assert {bytes(row.key_hash) for row in Session.objects.all()} == set(map(hash_of_key, keys))


def test_every_page_of_a_user_who_is_in_has_the_log_out_button(client: Client) -> None:
    addresses = {name: there for name, (there, _) in routes().items() if "<" not in there}
    looked_at = set()
    for role in Role:
        factories.sign_in(client, factories.active_person(role=role))
        for name, address in addresses.items():
            page = client.get(address, follow=True)
            if page.status_code == 200 and page["Content-Type"].startswith("text/html"):
                assert 'action="/log-out/"' in page.content.decode(), name
                looked_at.add(name)
    assert len(looked_at) >= 0.8 * len(addresses)


def test_a_changed_role_counts_at_the_next_request(client: Client) -> None:
    factories.sign_in(client, factories.active_person())
    assert client.get("/referrals/new/").status_code == 302
    Membership.objects.update(role=Role.SERVICE_DESK, practice=None)
    assert client.get("/referrals/new/").status_code == 403


@pytest.mark.parametrize("address", ["/account/x.css", "/static/none.css", "/referrals/x.js"])
def test_what_is_not_there_is_not_something_else(client: Client, address: str) -> None:
    factories.sign_in(client, factories.active_person())
    response = client.get(address)
    assert response.status_code == 404
    assert response["Cache-Control"] == "no-store"


@pytest.mark.needs("oathtool")
def test_a_secret_that_does_not_open_lets_nobody_in(client: Client) -> None:
    client.raise_request_exception = False
    user = factories.active_person()
    secret = user.authenticators.get().secret
    factories.begin_log_in(client, user, Step.CODE)
    Authenticator.objects.update(sealed_secret=b"\x01" + b"x" * 60)
    response = client.post("/log-in/code/", {"code": code_for(secret)})
    assert response.status_code == 500
    assert not Session.objects.exists()


@pytest.mark.needs("oathtool")
def test_the_log_of_a_log_in_holds_nothing_that_opens_anything(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    caplog.set_level("DEBUG", logger="django.request")
    user = factories.active_person()
    secret = user.authenticators.get().secret
    code = code_for(secret)
    opening = {"a wrong password", PASSWORD, code, secret}
    for address, typed in (
        ("/log-in/", {"user_name": user.email, "password": "a wrong password"}),
        ("/log-in/", {"user_name": user.email, "password": PASSWORD}),
        ("/log-in/code/", {"code": code}),
        ("/no/such/page/", {"password": PASSWORD}),
        ("/log-out/", {}),
    ):
        client.post(address, typed)
        opening |= {held.value for held in client.cookies.values() if held.value}
    assert len(opening) >= 7  # with a log-in under way, a session and a browser that is known
    said = [record.getMessage() for record in caplog.records]
    assert "Not Found: /no/such/page/" in said
    assert not [line for line in said for each in opening if each in line]


def test_a_form_from_elsewhere_leaves_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    browser = factories.strict_browser()
    browser.post("/log-in/", {"user_name": "jane", "password": PASSWORD})
    [line] = [record.getMessage() for record in caplog.records]
    assert re.fullmatch(r"Forbidden \(.*\): /log-in/", line)
