"""One word without end pushes nothing out of the window, wherever people's own words stand.

The pages are rendered here, from rows, and only shown by the browser: their scripts do not run.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route

from accounts import audit
from accounts.models.allowed_addresses import AllowedAddress
from accounts.models.audit import AuditReason, Event
from accounts.models.cases import Case, CaseKind, CaseState
from accounts.models.people import Membership, User
from accounts.roles import Role
from referrals.models.access_log import AccessAction, AccessLogEntry
from referrals.models.referrals import Referral
from referrals.states import State
from tests import factories
from tests.factories import ORIGIN, acting
from tests.journeys.looking import WIDTHS, take_picture

WORD = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 2
NAME, LINE = WORD[:100], WORD[:60]
EMAIL = f"{WORD[:64].lower()}@{'x' * 60}.example"
NOW = timezone.now()
HOW: dict[str, Any] = {"origin": ORIGIN, "now": NOW}
# What is shown and is wider than where it belongs, or a tag of ours that is broken or cut.
OUTSIDE = """() => {
  const main = document.querySelector("main").getBoundingClientRect();
  const found = [];
  if (document.documentElement.scrollWidth > window.innerWidth) found.push("the page");
  // On a narrow window the headings of a table are there for screen readers only.
  const isHidden = (each) => each.closest("thead") && window.innerWidth < 769;
  for (const each of document.querySelectorAll("main *, header *")) {
    if (isHidden(each)) continue;
    const box = each.getBoundingClientRect();
    const isShown = box.width > 1 && box.height > 1 && !/nhsuk-grid/.test(each.className);
    const edge = each.closest("main") ? main.right : window.innerWidth;
    if (isShown && (box.right > edge + 1 || box.left < -1)) {
      found.push(`${each.tagName}.${each.className}: ${each.textContent.trim().slice(0, 40)}`);
    }
  }
  for (const tag of document.querySelectorAll("main .nhsuk-tag")) {
    const box = tag.getBoundingClientRect();
    const isCut = box.width < 30 || tag.scrollWidth > tag.clientWidth + 1;
    if (isCut) found.push(`tag ${tag.textContent}`);
  }
  return found;
}"""


@pytest.fixture
def people() -> dict[str, Membership]:
    """An administrator, a colleague and a member of the service desk, all with long names."""
    practice = factories.practice(name=NAME)
    practice.address = f"{NAME}, {LINE}"
    practice.save()
    found = {
        "boss": factories.member(role=Role.PRACTICE_ADMINISTRATOR, at=practice),
        "colleague": factories.member(at=practice),
        "desk": factories.member(role=Role.SERVICE_DESK),
    }
    for number, member in enumerate(found.values()):
        User.objects.filter(pk=member.user_id).update(
            email=f"{number}{EMAIL}", given_name=LINE, family_name=LINE, job_role=NAME
        )
        member.user.authenticators.update(name=WORD[:30])
        member.user.refresh_from_db()
    return found


def write(people: dict[str, Membership]) -> Referral:
    """Have referrals in every list, one of them twice."""
    boss = people["boss"]
    to = factories.pharmacy(name=NAME, address=NAME, opening_hours=WORD, phone=WORD[:20])
    factories.picked(boss.practice, to)  # type: ignore[arg-type]
    words: dict[str, Any] = {
        "given_name": LINE, "family_name": LINE, "town": LINE, "address_line_1": LINE,
        "complaint": WORD, "pathway": "minor_illness", "symptom_group": "Cough",
        "contact_name": LINE, "spoken_to": "parent",
    }  # fmt: skip
    for state in State:
        if state == State.DRAFT:
            continue
        made = factories.sent(by=boss, to=to, **words)
        Referral.objects.filter(pk=made.pk).update(state=state)
    AccessLogEntry.note(made, AccessAction.VIEWED, acting(people["colleague"], now=NOW))
    factories.draft(by=people["colleague"], to=to, **words)
    return factories.draft(by=boss, to=to, **words)


def help_with(people: dict[str, Membership]) -> Case:
    """Have something in every list of the service desk."""
    colleague, desk = people["colleague"].user, people["desk"]
    about: dict[str, Any] = {
        "kind": CaseKind.RESET, "person": colleague, "practice": people["boss"].practice,
        "by": desk.user, "reason": (WORD * 3)[:300], "caller": NAME, "ticket": LINE,
    }  # fmt: skip
    done = {"state": CaseState.DONE, "opened_at": NOW, "done_at": NOW, "ended_by": desk.user}
    for _ in range(4):
        Case.objects.create(**about, **done)
    Case.objects.create(**about, state=CaseState.DISPUTED, opened_at=NOW, disputed_at=NOW)
    locked = factories.active_person()
    User.objects.filter(pk=locked.pk).update(
        locked_at=NOW, email=f"9{EMAIL}", given_name=LINE, family_name=LINE
    )
    at = locked.memberships.get().practice
    type(at).objects.filter(pk=at.pk).update(name=NAME)  # type: ignore[union-attr]
    AllowedAddress.objects.create(mailbox=EMAIL, reason=(WORD * 3)[:300], by=desk.user, at=NOW)
    audit.note(Event.FACTOR_REFUSED, acting(**HOW), reason=AuditReason.USED, person=colleague)
    return Case.objects.create(**about, state=CaseState.WAITING, opened_at=NOW)


def rendered(people: dict[str, Membership]) -> dict[str, str]:
    """Return every page on which people's words stand in a list, by its address."""
    draft, case = write(people), help_with(people)
    boss, colleague = people["boss"], people["colleague"]
    sent = Referral.objects.get(state=State.NOT_CONFIRMED)
    pages: dict[str, list[str]] = {
        "boss": [
            "/referrals/", "/referrals/urgent/", "/referrals/drafts/", "/referrals/sent/",
            f"/referrals/{sent.pk}/", f"/referrals/{sent.pk}/looks/",
            f"/referrals/{draft.pk}/send/", f"/referrals/{draft.pk}/edit/",
            f"/referrals/{draft.pk}/delete/",
            f"/referrals/looks/{colleague.pk}/", f"/referrals/hand-over/{colleague.pk}/",
            "/practice/settings/", "/practice/settings/pharmacies/", "/account/", "/people/",
            "/people/review/", f"/people/{colleague.pk}/", f"/people/{boss.pk}/",
        ],
        "desk": [
            "/desk/", "/desk/objected/", "/desk/open-cases/", "/desk/locked/", "/desk/addresses/",
            "/desk/without-administrator/", "/desk/reset-often/", "/desk/many-resets/",
            f"/desk/practices/{boss.practice_id}/", f"/desk/people/{colleague.user_id}/",
            f"/desk/cases/{case.pk}/", f"/desk/cases/{case.pk}/refuse/",
        ],
    }  # fmt: skip
    found = {}
    for who, addresses in pages.items():
        client = Client(headers={"x-forwarded-proto": "https"})
        factories.confirmed(factories.sign_in(client, people[who].user))
        for address in addresses:
            response = client.get(address)
            assert response.status_code == 200, address
            found[address] = response.content.decode()
    return found


def show(page: Page, pages: dict[str, str]) -> None:
    """Let the browser find the pages and what belongs to them here, and nothing else."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path in pages:
            route.fulfill(body=pages[path], content_type="text/html; charset=utf-8")
        elif path.startswith(settings.STATIC_URL):
            name = path.removeprefix(settings.STATIC_URL)
            route.fulfill(path=Path(str(settings.STATIC_ROOT)) / name)
        else:
            route.abort()

    page.route("**/*", answer)


@pytest.mark.needs("chromium")
@pytest.mark.django_db
def test_no_word_pushes_anything_out_of_the_window(
    people: dict[str, Membership], browser: Browser
) -> None:
    pages, wrong = rendered(people), []
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    show(page, pages)
    for address in pages:
        page.goto(f"http://pages.example{address}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wrong += [(width, address, each) for each in page.evaluate(OUTSIDE)]
            if address in {"/referrals/", "/desk/"}:
                take_picture(page, f"long words{address.replace('/', ' ')}{width}")
    context.close()
    assert not wrong, "\n".join(map(str, wrong))
