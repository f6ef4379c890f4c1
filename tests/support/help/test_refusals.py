"""Whatever the product refuses leads to the help that fits, or says all there is to say."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import html5lib
import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.test import Client
from django.utils import timezone

from accounts.models.people import Membership
from accounts.models.sessions import Ended
from accounts.roles import Role
from accounts.topics import Topic
from pharmrefer import errors
from pharmrefer.local import ROOT
from referrals import delivery, presenters
from referrals.models.messages import Message
from referrals.models.referrals import Referral
from referrals.transports import Answer
from referrals.verdicts import Reason, Verdict, VerdictKind
from support.help import tree
from tests import factories
from tests.pages import text_of

# Refusals without help, by the function that refuses or the module of which all do; each explains
# itself, and why. A new one fails the test below until it has a topic or stands here.
EXPLAINED = {
    "accounts.service_desk.rules": "to the service desk, which knows the rule",
    "accounts.service_desk.cases": "to the service desk, which knows the rule",
    "accounts.people.account_rules": "to administrators, and says who can do it",
    "accounts.people.colleagues": "to administrators, and says who can do it",
    "accounts.people.memberships": "to administrators, and says who can do it",
    "accounts.people.new_accounts": "to administrators, and says what to do first",
    "accounts.people.access_review": "to administrators, and says what to answer",
    "accounts.people.practice_transfer": "to an operator at a console",
    "accounts.people.acceptance": "says what the password lacks",
    "accounts.sign_in.own_account._check_can_add": "says to remove one first",
    "accounts.sign_in.forms.clean_password": "says what the password lacks",
    "accounts.sign_in.forms.clean_name": "says that the name is taken",
    "accounts.sign_in.lockout": "hands on the topic of what was refused",
    "referrals.content_packs": "to clinical leads and operators",
    "referrals.actions": "says to phone the pharmacy",
    "referrals.policy": "says what to change in the referral",
    "support.codes.codes": "says when to try again, and how to reach the service desk",
    "referrals.drafts": "says to choose another colleague",
}


def refusals() -> Iterator[tuple[str, bool]]:
    """Yield the function of each refusal in the code, and whether it names a topic."""
    for app in ("accounts", "referrals", "support"):
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from _refusals_of(path)


def _refusals_of(path: Path) -> Iterator[tuple[str, bool]]:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for function in ast.walk(ast.parse(path.read_text())):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            name = getattr(node, "func", None)
            called = getattr(name, "id", getattr(name, "attr", ""))
            is_form = called == "ValidationError" and module == "accounts.sign_in.forms"
            if isinstance(node, ast.Call) and (called == "Denied" or is_form):
                given = [*node.args, *(each.value for each in node.keywords)]
                yield f"{module}.{function.name}", any("Topic." in ast.unparse(a) for a in given)


def test_each_refusal_has_its_help_or_says_all_itself() -> None:
    found = list(refusals())
    assert len(found) > 60
    without = {function for function, has_topic in found if not has_topic}
    unexplained = {each for each in without if not {each, each.rpartition(".")[0]} & set(EXPLAINED)}
    assert not unexplained, "give each a topic, or a reason in EXPLAINED"


def test_what_is_explained_is_refused_without_help() -> None:
    without = {function for function, has_topic in refusals() if not has_topic}
    assert EXPLAINED.keys() <= without | {each.rpartition(".")[0] for each in without}


def links_of(page: str) -> dict[str, Any]:
    main = page.partition("<main")[2].partition("</main>")[0]
    links = html5lib.parse(main, namespaceHTMLElements=False).iter("a")
    return {link.get("href", ""): link for link in links}


def leads_to(page: str, slug: str) -> None:
    """See that a page has a link to a question, which opens beside it."""
    link = links_of(page)[f"/help/questions/{slug}/"]
    assert link.get("target") == "_blank"
    said = " ".join("".join(link.itertext()).split())
    assert said == f"{tree.NODES[slug].title} (opens in a new tab)"


@pytest.mark.django_db
class TestPages:
    @pytest.mark.parametrize("code", [*Ended.values, "left", "slow"])
    def test_who_was_logged_out_is_told_where_their_work_is(
        self, client: Client, code: str
    ) -> None:
        leads_to(text_of(client.get(f"/log-in/?because={code}")), "timed-out")

    @pytest.mark.parametrize("code", ["needed", "out", "new-password", "x", ""])
    def test_who_was_not_is_not_asked_about_it(self, client: Client, code: str) -> None:
        links = links_of(text_of(client.get(f"/log-in/?because={code}")))
        assert "/help/questions/timed-out/" not in links

    def test_a_locked_screen_says_what_that_is(self, client: Client) -> None:
        session = factories.sign_in(client, factories.active_person())
        page = text_of(client.get("/account/"))
        assert "/help/questions/screen-locked/" in page  # in what a script shows once it locks
        session.last_seen_at -= timedelta(minutes=20)
        session.save()
        leads_to(text_of(client.get("/unlock/")), "screen-locked")

    @pytest.mark.parametrize(
        ("field", "typed"),
        [("email", "reception@larkfield.example"), ("given_name", "Reception")],
    )
    def test_a_shared_address_leads_administrators_to_why(
        self, client: Client, field: str, typed: str
    ) -> None:
        administrator = factories.active_person(role=Role.PRACTICE_ADMINISTRATOR)
        factories.confirmed(factories.sign_in(client, administrator))
        answers = {
            "given_name": "Jane",
            "family_name": "Team" if field == "given_name" else "Okafor",
            "email": "someone@larkfield.example",
            "job_role": "Receptionist",
            "role": Role.STAFF,
        } | {field: typed}
        response = client.post("/people/invite/", answers)
        assert response.status_code == 422
        page = text_of(response)
        assert f'id="id_{field}-help"' in page
        assert f"/help/{Topic.SHARED_LOGIN}/" in links_of(page)

    @pytest.mark.parametrize(
        ("address", "status"), [("/no/such/page", 404), ("/people/", 403), ("/desk/", 403)]
    )
    def test_a_page_that_cannot_be_opened_leads_to_help(
        self, client: Client, address: str, status: int
    ) -> None:
        factories.sign_in(client, factories.active_person())
        response = client.get(address)
        assert response.status_code == status
        assert "/help/" in links_of(text_of(response))


def test_a_fault_of_ours_leads_to_help(rf: Any) -> None:
    assert "/help/" in links_of(text_of(errors.server_error(rf.get("/"))))


def test_what_is_too_big_or_not_understood_leads_to_help(rf: Any) -> None:
    for error in (RequestDataTooBig(), SuspiciousOperation()):
        assert "/help/" in links_of(text_of(errors.bad_request(rf.get("/"), error)))


VERDICTS = {
    "trying-again": Verdict(VerdictKind.RETRY, Reason.BUSY, may_have_arrived=False),
    "not-delivered": Verdict(VerdictKind.REFUSED, Reason.NOT_FOUND, may_have_arrived=False),
    "not-confirmed": Verdict(VerdictKind.REFUSED, Reason.OUR_FAULT, may_have_arrived=True),
    "": Verdict(VerdictKind.ACCEPTED, Reason.ACCEPTED, may_have_arrived=True),
}


@pytest.mark.django_db
class TestReferral:
    @pytest.fixture
    def by(self, client: Client) -> Membership:
        user = factories.active_person()
        factories.sign_in(client, user)
        return user.memberships.get()

    @staticmethod
    def finish(verdict: Verdict) -> None:
        claimed = delivery.claim(Message.objects.get().pk)
        assert claimed
        delivery.finish(claimed, Answer(verdict, None, b""))

    @pytest.mark.parametrize("slug", VERDICTS)
    @pytest.mark.parametrize("path", ["", "progress/"])
    def test_what_has_not_arrived_says_what_that_means(
        self, client: Client, by: Membership, slug: str, path: str
    ) -> None:
        sent = factories.sent(by=by)
        self.finish(VERDICTS[slug])
        page = client.get(f"/referrals/{sent.pk}/{path}").content.decode()
        asked = re.findall(r'href="/help/questions/([\w-]+)/" target="_blank"', page)
        assert set(asked) - {"screen-locked"} == ({slug} if slug else set())
        if slug:
            # In the words of the status itself.
            tag = presenters.TAGS[Referral.objects.get().state][0]
            expected = "Trying again" if slug == "trying-again" else tag
            assert tree.NODES[slug].title.startswith(expected)

    def test_what_nobody_has_sent_for_minutes_says_what_that_means(
        self, client: Client, by: Membership
    ) -> None:
        sent = factories.sent(by=by)
        Message.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=4))
        leads_to(text_of(client.get(f"/referrals/{sent.pk}/")), "late")

    @pytest.mark.parametrize("address", ["/referrals/", "/referrals/urgent/"])
    def test_what_needs_action_says_what_that_means(
        self, client: Client, by: Membership, address: str
    ) -> None:
        factories.sent(by=by)
        self.finish(VERDICTS["not-delivered"])
        leads_to(text_of(client.get(address)), "needs-action")
