"""An administrator and a whole practice: many people invited at once, and a leaver's drafts."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import look
from tests.journeys.people import confirm, let_in, sign_in_boss, tab_to
from tests.journeys.visitor import LONG, Answer, Visitor, secret_on
from tests.tools import code_for
from tests.workbooks import workbook

pytestmark = [pytest.mark.needs("chromium", "oathtool"), pytest.mark.timeout(180)]


def test_a_list_is_corrected_and_invited_and_a_leaver_s_drafts_go_on(
    site: Site, open_browser: Callable[..., Page], complaints: list[str], tmp_path: Path
) -> None:
    boss = open_browser()
    secret = sign_in_boss(site, boss, "jane.boss.many@larkfield.example")
    boss.get_by_label("Menu").get_by_role("link", name="People").click()
    boss.get_by_role("button", name="Invite several people").click()
    confirm(boss, secret)
    look(boss, "many, empty")

    file = tmp_path / "people.xlsx"
    lines = [
        "Surname\tForename\tE-mail\tJob title\tRole\tLast day",
        *(f"Many{n}\tZoë\tzoe.many{n}@larkfield.example\tNurse\t\t" for n in range(12)),
    ]
    long = f"{'m' * 60}@larkfield.example"
    lines[12] = f"{'M' * 90}\tZoë\t{long}\t{'Nurse' * 18}\tadministrator\t31/03/2099"
    lines += ["Many12\tJane\treception@larkfield.example\tReceptionist\t\t31/03/2099"]
    lines += ["Many13\tIda\tzoe.many3@larkfield.example\tReceptionist\tpartner\t"]
    lines += ["Many14\tIda\tzoe.many3+x@larkfield.example\tReceptionist\t\t"]
    file.write_bytes(workbook(*(line.split("\t") for line in lines)))
    boss.get_by_label("Or choose a file").set_input_files(file)
    boss.get_by_role("button", name="Check").click()
    expect(boss.get_by_role("alert")).to_contain_text("3 lines cannot be used")
    look(boss, "many, refused")
    lines[12] = "Many11\tZoë\tzoe.many11@larkfield.example\tNurse\tadministrator\t31/03/2099"
    box = boss.get_by_label("Paste the list here")
    box.fill("\n".join([*lines[:13], lines[13].replace("reception@", "jane.many@")]))
    tab_to(boss, "Check")
    boss.keyboard.press("Enter")
    expect(boss.get_by_role("status")).to_contain_text("13 people would get a new login")
    look(boss, "many, checked")
    boss.get_by_role("button", name="Invite 13 people").click()
    expect(boss.get_by_role("status")).to_contain_text("You have invited everyone in the list")
    look(boss, "many, invited")

    email = "zoe.many0@larkfield.example"
    boss.get_by_label("Name or username").fill(email)
    boss.get_by_role("button", name="Find").click()
    boss.get_by_role("link", name="Zoë Many0").click()
    expect(boss.get_by_role("link", name="Hand over their drafts")).to_have_count(0)
    boss.get_by_role("button", name="Invite again").click()
    boss.get_by_role("button", name="Invite again").click()
    leaver = open_browser()
    let_in(leaver, site, email, boss.locator(".app-code").inner_text())
    leaver.wait_for_url("**/referrals/")
    leaver.get_by_role("button", name="New referral").first.click()
    leaver.get_by_label("Last name").fill("Leftover")
    expect(leaver.locator("#draft-said")).to_contain_text("Draft saved")

    boss.get_by_label("Menu").get_by_role("link", name="People").click()
    boss.get_by_label("Name or username").fill(email)
    boss.get_by_role("button", name="Find").click()
    boss.get_by_role("link", name="Zoë Many0").click()
    boss.get_by_role("link", name="Change last day").click()
    for label, text in (("Day", "31"), ("Month", "12"), ("Year", "2099")):
        boss.get_by_label(label, exact=True).fill(text)
    boss.get_by_role("button", name="Save").click()
    boss.get_by_role("link", name="Hand over their drafts").click()
    expect(boss.get_by_text("Zoë Many0 has 1 draft at")).to_be_visible()
    expect(boss.get_by_text("Leftover")).to_have_count(0)
    look(boss, "hand over")
    boss.get_by_role("button", name="Hand over 1 draft").click()
    expect(boss.get_by_role("alert")).to_contain_text("Choose a colleague")
    boss.get_by_label("Who gets them?").select_option(
        label="Jane Doe, jane.boss.many@larkfield.example"
    )
    boss.get_by_role("button", name="Hand over 1 draft").click()
    expect(boss.get_by_role("status")).to_contain_text("now in your colleague's list")

    leaver.get_by_label("First name").fill("Late")
    expect(leaver.get_by_role("status").first).to_contain_text("was handed to a colleague")
    expect(leaver.get_by_label("First name")).to_have_value("Late")
    [refused] = complaints
    assert "status of 409" in refused
    complaints.clear()
    boss.get_by_role("link", name="Referrals", exact=True).click()
    boss.get_by_role("link", name="Leftover", exact=True).click()
    expect(boss.get_by_label("Last name")).to_have_value("Leftover")
    expect(boss.get_by_label("First name")).to_have_value("")


def test_two_practices_that_invite_the_same_people_and_each_other_at_one_moment(site: Site) -> None:
    pair: list[Visitor] = []
    for name, practice in (("one", "Z91003"), ("two", "Z91004")):
        email = f"jane.many.{name}@larkfield.example"
        who = ["--given-name", "Jane", "--family-name", "Doe", "--job-role", "Receptionist"]
        role = ["--role", "practice_administrator", "--practice", practice]
        code = site.manage("invite", email, *who, *role).split()[-1]
        visitor = Visitor(site.url)
        visitor.send("/activate/", user_name=email, activation_code=code)
        secret = secret_on(visitor.send("/activate/password/", password=LONG))
        visitor.send("/activate/authenticator/", code=code_for(secret, seconds_off=-30))
        visitor.send("/account/confirm/", password=LONG, code=code_for(secret))
        pair.append(visitor)
    lines = [f"Ida,Both{n},ida.both{n}@larkfield.example,Nurse" for n in range(20)]
    others = [f"Jane,Doe,jane.many.{name}@larkfield.example,Nurse" for name in ("two", "one")]
    lists = ["\n".join([others[0], *lines]), "\n".join([*reversed(lines), others[1]])]

    def invite(number: int) -> Answer:
        visitor, people = pair[number], lists[number]
        answer = visitor.send("/people/invite-many/", people=people)
        for _ in range(2):  # the second time where the other one was first, which is said
            found = re.search(r'name="checked" value="([\w:]+)"', answer.page)
            assert found, answer.page
            more = {"people": people, "checked": found[1], "invite": "yes"}
            answer = visitor.send("/people/invite-many/", **more)
            if "has been given a login, or lost it" not in answer.page:
                break
        return answer

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(invite, range(2)))
    for answer in answers:
        assert (answer.status, answer.url) == (200, f"{site.url}/people/?because=invited")
