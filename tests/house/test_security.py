"""docs/security.md says what the code does: its limits, its roles, its tests, and all of ASVS."""

import re
from datetime import timedelta
from pkgutil import resolve_name
from typing import Any

import pytest

from accounts.roles import GRANTS, Permission, Role
from pharmrefer.local import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
# Level by number, of 5.0.0 as released (5.0/docs_en/…_5.0.0_en.csv in OWASP/ASVS), written by hand.
# The chapters' Markdown beside it has older numbers and levels.
LEVELS = {
    "6.1": "122",
    "6.2": "111111112222",
    "6.3": "11223333",
    "6.4": "112233",
    "6.5": "22222333",
    "6.6": "2223",
    "6.7": "33",
    "6.8": "2222",
    "7.1": "222",
    "7.2": "1111",
    "7.3": "22",
    "7.4": "11222",
    "7.5": "223",
    "7.6": "22",
    "8.1": "1233",
    "8.2": "1123",
    "8.3": "133",
    "8.4": "23",
    "14.1": "22",
    "14.2": "12223333",
    "14.3": "122",
    "16.1": "2",
    "16.2": "22222",
    "16.3": "2222",
    "16.4": "222",
    "16.5": "2223",
}
# What may not be left out of the limits.
LIMITED = {
    "accounts.sign_in.puzzles:FEWEST_BITS",
    "accounts.sign_in.puzzles:LIFETIME",
    "accounts.sign_in.puzzles:MOST_BITS",
    "accounts.sign_in.puzzles:PARTS",
    "accounts.sign_in.puzzles:TRIES_ALIKE",
    "django.conf:settings.GIVE_UP_AFTER",
    "django.conf:settings.SESSION_IDLE",
    "django.conf:settings.SESSION_LOCK",
    "django.conf:settings.SESSION_LONGEST",
    "django.conf:settings.DRAFTS_KEPT",
    "django.conf:settings.SESSION_WARNING",
    "accounts.sign_in.lockout:MOST_WRONG",
    "accounts.service_desk.effects:CODE_LIFETIME",
    "accounts.people.account_rules:APART",
    "accounts.sign_in.own_account:MOST_AUTHENTICATORS",
    "accounts.factors.activation_codes:LENGTH",
    "accounts.web.cookies:DEVICE_KEPT_FOR",
    "accounts.models.credentials:Activation.LIFETIME",
    "accounts.models.cases:Case.DISPUTED_WITHIN",
    "accounts.models.cases:Case.OPEN_FOR",
    "accounts.models.cases:Case.WAIT",
    "accounts.mail:LEASE",
    "accounts.mail:TRIED_FOR",
    "accounts.models.former_addresses:FormerAddress.NOTIFIED_FOR",
    "accounts.models.mail:Mail.KEPT_FOR",
    "accounts.models.mail:Mail.SENT_WITHIN",
    "accounts.models.reviews:REVIEW_EVERY",
    "accounts.models.throttle:PER_ADDRESS.first_wait",
    "accounts.models.throttle:PER_ADDRESS.free",
    "accounts.models.throttle:PER_ADDRESS.longest_wait",
    "accounts.models.throttle:PER_PERSON.first_wait",
    "accounts.models.throttle:PER_PERSON.free",
    "accounts.models.throttle:PER_PERSON.longest_wait",
    "accounts.models.credentials:PasswordLink.LIFETIME",
    "accounts.models.credentials:PasswordLink.UNLOCKED_LIFETIME",
    "accounts.models.sessions:PendingLogIn.LIFETIME",
    "accounts.models.sessions:PendingLogIn.SET_UP_LIFETIME",
    "accounts.models.passkeys:Passkey.MOST",
    "accounts.models.sessions:Session.CONFIRMED_FOR",
    "accounts.models.sessions:Session.CONFIRMED_FOR_LONG",
    "accounts.models.sessions:Session.TOUCH_EVERY",
    "accounts.models.cases:MOST_OF_A_MEMBER",
    "accounts.models.cases:MOST_OF_A_PERSON",
    "accounts.models.people:NEW_FOR",
    "accounts.models.shared_logins:IN_USE",
    "accounts.models.shared_logins:KEPT_FOR",
    "accounts.models.shared_logins:MOST_DAYS",
    "accounts.models.shared_logins:MOST_HOURS",
    "accounts.models.shared_logins:ONE_CODE",
    "accounts.models.shared_logins:OVERLAP",
    "accounts.models.throttle:ADDRESS_WINDOW",
    "accounts.origin:ONE_HOUSEHOLD",
    "accounts.models.passkeys:CHALLENGE_LIFETIME",
    "accounts.factors.passwords:Argon2id.memory_cost",
    "accounts.factors.passwords:Argon2id.parallelism",
    "accounts.factors.passwords:Argon2id.time_cost",
    "accounts.sign_in.password_strength:MOST_READ",
    "accounts.sign_in.password_rules:FEWEST_DIFFERENT",
    "accounts.sign_in.password_rules:FEWEST_GUESSES",
    "accounts.factors.passwords:LONGEST",
    "accounts.sign_in.password_rules:SHORTEST",
    "accounts.sign_in.password_rules:SHORTEST_FOR_PRIVILEGED",
    "referrals.models.pharmacies:UsualPharmacy.MOST",
    "accounts.people.rosters:MOST_BYTES",
    "accounts.people.rosters:MOST_PEOPLE",
    "accounts.files.workbooks:MOST_LETTERS",
    "accounts.files.workbooks:MOST_UNPACKED",
    "accounts.factors.totp:DIGITS",
    "accounts.factors.totp:PERIOD",
    "accounts.factors.totp:WIDE_WINDOW",
    "accounts.factors.totp:WINDOW",
    "referrals.models.access_log:AccessLogEntry.SAME_CHANGE_WITHIN",
    "referrals.models.access_log:AccessLogEntry.SAME_WITHIN",
    "support.codes.alphabet:LENGTH",
    "support.models.support_codes:SupportCode.LIFETIME",
}
UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
NAMED_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def section(title: str) -> str:
    """Return what stands under a heading, up to the next one of any kind."""
    under = rf"^##+ {re.escape(title)}\n(.*?)(?=^##|\Z)"
    [found] = re.findall(under, PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


def rows(text: str) -> list[list[str]]:
    """Return the cells of a table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def requirements() -> list[list[str]]:
    titles = re.findall(r"^### (Chapter .*)$", PAGE, re.MULTILINE)
    return [row for title in titles for row in rows(section(title))]


def in_words(value: Any) -> str:
    """Return a limit as the page writes it."""
    if not isinstance(value, timedelta):
        return str(value)
    seconds = value.total_seconds()
    unit, size = next(each for each in UNITS if seconds % each[1] == 0)
    number = int(seconds / size)
    return f"{number} {unit}{'' if number == 1 else 's'}"


def anchor(heading: str) -> str:
    """Return the address of a heading within the page, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_requirement_stands_there_once_with_its_level() -> None:
    expected = [
        (f"{part}.{number}", level)
        for part, levels in LEVELS.items()
        for number, level in enumerate(levels, start=1)
    ]
    assert len(expected) == 109
    assert [(number, level) for number, level, *_ in requirements()] == expected


@pytest.mark.parametrize("row", requirements(), ids=lambda row: row[0])
def test_what_is_met_is_shown_and_what_is_not_has_its_reason(row: list[str]) -> None:
    _number, _level, requirement, status, how = row
    assert requirement
    assert status in {"met", "in part", "not met", "does not apply"}
    assert how
    if status == "met":
        assert NAMED_TEST.search(how) or "](#" in how


def test_every_test_that_is_named_exists() -> None:
    named = set(NAMED_TEST.findall(PAGE))
    assert len(named) > 100
    for file, name in named:
        source = (ROOT / "tests" / file).read_text()
        assert re.search(rf"^\s*def {name}\(", source, re.MULTILINE), f"{file}::{name}"


def test_every_link_leads_somewhere() -> None:
    headings = {anchor(heading) for heading in re.findall(r"^##+ (.*)$", PAGE, re.MULTILINE)}
    for file, heading in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", PAGE):
        assert (ROOT / "docs" / file).exists()
        assert file or heading in headings


def test_the_limits_are_those_of_the_code() -> None:
    said = {name.strip("`"): limit for _what, limit, name in rows(section("Limits"))}
    assert set(said) == LIMITED
    assert said == {name: in_words(resolve_name(name)) for name in LIMITED}


def test_the_roles_are_those_of_the_code() -> None:
    table = section("Who may do what")
    permissions = re.findall(r"`(\w+:[\w-]+)`", table.split("\n|---")[0])
    assert permissions == [permission.value for permission in Permission]
    said = {
        Role(role.strip("`")): {
            Permission(permission)
            for permission, cell in zip(permissions, cells, strict=True)
            if cell == "yes"
        }
        for role, *cells in rows(table)
    }
    assert said == GRANTS


def test_the_readme_leads_to_the_page() -> None:
    assert "(docs/security.md)" in (ROOT / "README.md").read_text()
