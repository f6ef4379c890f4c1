"""What the workers do for accounts: the audit is sealed, and e-mails go out."""

import pytest
from django.core.management import CommandError

from tests.journeys.conftest import Site
from tests.journeys.visitor import PASSWORD, Visitor, secret_on
from tests.pharmrefer.local.harness import wait_until
from tests.tools import code_for

pytestmark = [pytest.mark.needs("oathtool"), pytest.mark.timeout(120)]


def is_all_sealed(site: Site) -> bool:
    said = site.manage("verify_audit")
    return "\n0 are not sealed yet" in said


def test_a_log_in_is_sealed_within_seconds_and_its_owner_is_told(site: Site) -> None:
    email = "jane.audited@larkfield.example"
    visitor = Visitor(site.url)
    visitor.send("/activate/", user_name=email, activation_code=site.invite(email))
    secret = secret_on(visitor.send("/activate/password/", password=PASSWORD))
    visitor.send("/activate/authenticator/", code=code_for(secret))
    wait_until(lambda: is_all_sealed(site), seconds=20, what="everything is sealed")
    expected = "An authenticator app was set up for your PharmRefer account"
    wait_until(
        lambda: expected in [mail.subject for mail in site.mails(to=email)],
        seconds=20,
        what="an e-mail goes out",
    )


def test_a_head_that_was_never_there_is_missed(site: Site) -> None:
    with pytest.raises(CommandError, match="the chain does not have 1:0000"):
        site.manage("verify_audit", "--head", "1:" + "00" * 32)
