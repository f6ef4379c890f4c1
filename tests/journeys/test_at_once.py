"""The same thing done many times at once, in several web processes on a real database."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import look
from tests.journeys.visitor import LONG, PASSWORD, Answer, Visitor, secret_on
from tests.tools import code_for

pytestmark = [pytest.mark.needs("oathtool"), pytest.mark.timeout(180)]

AT_ONCE = 8
ACTIVATION = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def activate(site: Site, email: str) -> tuple[Visitor, str]:
    """Bring a user to the set-up page; return them and their secret."""
    visitor = Visitor(site.url)
    invitation = site.invite(email)
    visitor.send("/activate/", user_name=email, activation_code=invitation)
    answer = visitor.send("/activate/password/", password=PASSWORD)
    return visitor, secret_on(answer)


def all_at_once(visitors: list[Visitor], path: str, code: str) -> list[Answer]:
    """Let everybody send the same code at the same moment."""
    tokens = [visitor.token_on(path) for visitor in visitors]
    with ThreadPoolExecutor(len(visitors)) as pool:
        return list(
            pool.map(
                lambda pair: pair[0].post(path, pair[1], code=code),
                zip(visitors, tokens, strict=True),
            )
        )


def is_in(answer: Answer) -> bool:
    return answer.url.endswith("/referrals/") and answer.status == 200


def test_one_code_lets_one_of_many_in(site: Site) -> None:
    email = "jane.parallel@larkfield.example"
    visitor, secret = activate(site, email)
    # The code before this moment's: the next test of a code has this moment's left.
    assert is_in(visitor.send("/activate/authenticator/", code=code_for(secret, seconds_off=-30)))

    others = [Visitor(site.url) for _ in range(AT_ONCE)]
    for other in others:
        other.send("/log-in/", user_name=email, password=PASSWORD)
    answers = all_at_once(others, "/log-in/code/", code_for(secret, seconds_off=30))
    assert sorted(is_in(answer) for answer in answers) == [False] * (AT_ONCE - 1) + [True]
    for answer in answers:
        if not is_in(answer):
            assert answer.status == 422
            assert "used that code already" in answer.page or "Too many tries" in answer.page


def test_guesses_made_at_once_are_all_counted(site: Site) -> None:
    email = "jane.guessed@larkfield.example"
    visitor, secret = activate(site, email)
    assert is_in(visitor.send("/activate/authenticator/", code=code_for(secret)))
    others = [Visitor(site.url) for _ in range(AT_ONCE)]
    for other in others:
        other.send("/log-in/", user_name=email, password=PASSWORD)
    answers = all_at_once(others, "/log-in/code/", code_for(secret, seconds_off=86_400))
    wrong = sum("That code is not right" in answer.page for answer in answers)
    refused = sum("Too many tries" in answer.page for answer in answers)
    assert (wrong, refused) == (5, AT_ONCE - 5)


def test_the_button_pressed_twice_at_once_lets_the_same_browser_in(site: Site) -> None:
    visitor, secret = activate(site, "jane.double@larkfield.example")
    answers = all_at_once([visitor] * 2, "/activate/authenticator/", code_for(secret))
    assert any(is_in(answer) for answer in answers)
    assert {answer.status for answer in answers} == {200}
    assert is_in(visitor.get("/"))


def test_of_two_authenticators_that_are_removed_at_once_one_stays(site: Site) -> None:
    visitor, secret = activate(site, "jane.removes@larkfield.example")
    assert is_in(visitor.send("/activate/authenticator/", code=code_for(secret, seconds_off=-30)))
    visitor.send("/account/confirm/", password=PASSWORD, code=code_for(secret))
    answer = visitor.send("/account/authenticators/add/", name="Phone")
    visitor.send("/account/authenticators/set-up/", code=code_for(secret_on(answer)))
    removals = re.findall(r'"(/account/authenticators/\d+/remove/)"', visitor.get("/account/").page)
    assert len(removals) == 2
    token = visitor.token_on(removals[0])
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda path: visitor.post(path, token), removals))
    assert {answer.status for answer in answers} <= {200, 422}
    page = visitor.get("/account/").page
    assert "You cannot remove your only authenticator app" in page
    assert page.count("/rename/") == 1


def signed_in(site: Site, email: str) -> Visitor:
    visitor = Visitor(site.url)
    visitor.sign_in(email, site.invite(email))
    return visitor


def press_send(pair: tuple[Visitor, str]) -> Answer:
    visitor, address = pair
    return visitor.send(address, version="1")


def test_send_pressed_many_times_at_once_sends_one(site: Site) -> None:
    visitor = signed_in(site, "jane.presses@larkfield.example")
    who = {"nhs_number": "", "family_name": "Presses"}
    address = visitor.write_referral(**who)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(press_send, [(visitor, address)] * AT_ONCE))
    assert {(answer.status, answer.url) for answer in answers} == {
        (200, site.url + address.removesuffix("send/"))
    }
    assert visitor.get("/referrals/").page.count("Winifred Presses") == 1


@pytest.mark.parametrize(
    ("number", "names"), [("", ("Both", "Both")), ("9990000034", ("Bothe", "Smith"))]
)
def test_of_two_people_who_send_for_one_patient_at_once_one_is_asked(
    site: Site, number: str, names: tuple[str, str]
) -> None:
    pairs: list[tuple[Visitor, str]] = []
    for name in names:
        person = signed_in(site, f"jane.{name}.{len(pairs)}@larkfield.example")
        pairs.append((person, person.write_referral(nhs_number=number, family_name=name)))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(press_send, pairs))
    assert sorted(answer.status for answer in answers) == [200, 422]
    asked = next(answer for answer in answers if answer.status == 422)
    words = "Is this the right patient?" if number else "who has been referred already"
    assert words in asked.page


def confirmed(site: Site, email: str, role: str) -> Visitor:
    """Return a user with a role who has confirmed who they are."""
    visitor, code = Visitor(site.url), site.invite(email, role=role)
    visitor.send("/activate/", user_name=email, activation_code=code)
    secret = secret_on(visitor.send("/activate/password/", password=LONG))
    visitor.send("/activate/authenticator/", code=code_for(secret, seconds_off=-30))
    answer = visitor.send("/account/confirm/", password=LONG, code=code_for(secret))
    assert answer.url.endswith("/account/"), answer.url
    return visitor


def test_a_log_in_at_the_moment_of_a_reset_lets_nobody_in_and_one_code_is_given(
    site: Site,
) -> None:
    """Two members take the same call while the user enters the last code of the old app."""
    email = "jane.raced@larkfield.example"
    visitor, secret = activate(site, email)
    assert is_in(visitor.send("/activate/authenticator/", code=code_for(secret, seconds_off=-30)))
    desk = [confirmed(site, f"jane.race.{each}@desk.example", "service_desk") for each in "ab"]
    path = desk[0].send("/desk/", who=email).url.removeprefix(site.url) + "reset/"
    late = Visitor(site.url)
    late.send("/log-in/", user_name=email, password=PASSWORD)
    code = code_for(secret)
    call = {"ticket": "INC-1", "caller": "Ida Hill", "reason": "New phone", "checked": "yes"}
    posts = [(late, "/log-in/code/", late.token_on("/log-in/code/"), {"code": code})]
    posts += [(member, path, member.token_on(path), call) for member in desk]
    with ThreadPoolExecutor(len(posts)) as pool:
        answers = list(pool.map(lambda each: each[0].post(each[1], each[2], **each[3]), posts))
    assert sorted(answer.status for answer in answers[1:]) == [200, 422]
    given = [ACTIVATION.search(answer.page) for answer in answers[1:]]
    assert sum(found is not None for found in given) == 1
    for browser in (visitor, late):
        assert browser.get("/referrals/").url.startswith(f"{site.url}/log-in/")


def test_of_two_operators_who_save_at_once_one_is_told_of_the_other(site: Site) -> None:
    both = [confirmed(site, f"jane.saves.{each}@region.example", "operator") for each in "ab"]
    path = "/region/change/administrator/"
    [version] = set(re.findall(r'"region-version" value="(\d+)"', both[0].get(path).page))
    tokens = [visitor.token_on(path) for visitor in both]
    typed = {"region-version": version, "save": "yes"}
    words = [f"Helps with what {each} says." for each in "ab"]
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda visitor, token, helps: visitor.post(
                    path, token, **typed, **{"region-administrator_helps_with": helps}
                ),
                *(both, tokens, words),
            )
        )
    assert sorted(answer.status for answer in answers) == [200, 422]
    [told] = [answer for answer in answers if answer.status == 422]
    assert "Jane Doe changed it at" in told.page
    assert all(each in told.page for each in words)


@pytest.mark.needs("chromium")
def test_while_others_guess_a_new_browser_gets_in(
    site: Site, open_browser: Callable[..., Page]
) -> None:
    email = "jane.besieged@larkfield.example"
    visitor, secret = activate(site, email)
    assert is_in(visitor.send("/activate/authenticator/", code=code_for(secret)))
    for _ in range(6):
        Visitor(site.url).send("/log-in/", user_name=email, password="a wrong one")
    page = open_browser(viewport={"width": 320, "height": 900})
    page.goto("/log-in/")
    page.get_by_label("Username").fill(email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Too many tries")
    look(page, "besieged")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/log-in/code/$"), timeout=30_000)
