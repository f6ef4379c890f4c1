"""What regional content must be, wherever it comes from."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from support.region import checks, content
from support.region.content import (
    AppDevice,
    Approval,
    ApprovedApp,
    LegalText,
    PharmacySystem,
    Region,
    SupportContact,
)
from tests.support.region.samples import FULL, NOTICE


@dataclass
class Wrong:
    region: Region
    keys: tuple[Any, ...]
    message: str


def notice(**changes: Any) -> Region:
    return Region(notices=(structs.replace(NOTICE, **changes),))


def test_what_is_right_stays_as_it_is_also_in_its_row() -> None:
    assert checks.checked(FULL) == (FULL, [])
    assert content.from_json(content.to_json(FULL)) == FULL
    assert checks.checked(content.NOTHING) == (content.NOTHING, [])


def test_values_are_stored_as_they_are_shown() -> None:
    app = ApprovedApp(name=" 2FAST ", on={AppDevice.OWN_DEVICE: Approval.NOT_ALLOWED})
    written = Region(service_desk=SupportContact(phone="01632960400"), apps=(app,))
    region, faults = checks.checked(written)
    assert faults == []
    assert region.service_desk.phone == "01632 960 400"
    assert region.apps == (ApprovedApp(name="2FAST"),)


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong(
            Region(local_it=SupportContact(name="IT", phone="1")), ("local_it", "phone"), "phone"
        ),
        Wrong(
            Region(escalation=SupportContact(name="The manager")),
            ("escalation", "phone"),
            "Enter a phone number, an email address or a website",
        ),
        Wrong(Region(apps=(ApprovedApp(name=" "),)), ("apps", 0, "name"), "name of app 1"),
        Wrong(
            Region(apps=(ApprovedApp(name="2FAST"), ApprovedApp(name="2fast"))),
            ("apps", 1, "name"),
            "“2fast” is there already",
        ),
        Wrong(notice(title=""), ("notices", 0, "title"), "title of notice 1"),
        Wrong(
            notice(ends_at=NOTICE.starts_at), ("notices", 0, "ends_at"), "must end after it begins"
        ),
        Wrong(
            notice(starts_at=datetime(9999, 12, 31, 23, tzinfo=UTC), ends_at=None),
            ("notices", 0, "starts_at"),
            "year from 2020",
        ),
        Wrong(
            Region(pharmacy_systems=(PharmacySystem(host="a.example", name=""),)),
            ("pharmacy_systems", 0, "name"),
            "name of system 1",
        ),
        Wrong(
            Region(pharmacy_systems=(PharmacySystem(host="A.example", name="A"),) * 2),
            ("pharmacy_systems", 1, "host"),
            "“a.example” is there already",
        ),
        Wrong(
            Region(legal=structs.replace(FULL.legal, accessibility_email="x")),
            ("legal", "accessibility_email"),
            "email address",
        ),
    ],
    ids=lambda wrong: f"{wrong.keys[0]}: {wrong.message}",
)
def test_what_is_wrong_is_said_of_its_keys(wrong: Wrong) -> None:
    [fault] = checks.checked(wrong.region)[1]
    assert fault.keys == wrong.keys
    assert wrong.message in fault.message


@pytest.mark.parametrize(("month", "hours"), [(7, 1), (12, 0)])
def test_a_moment_without_a_time_zone_is_londons_and_has_no_seconds(month: int, hours: int) -> None:
    naive = datetime(2026, month, 1, 18, 0, 59, 5)  # noqa: DTZ001  as TOML has it
    region, _ = checks.checked(notice(starts_at=naive, ends_at=None))
    [found] = region.notices
    assert found.starts_at == datetime(2026, month, 1, 18, tzinfo=UTC) - timedelta(hours=hours)


def test_a_notice_is_shown_from_its_first_moment_and_not_at_its_last() -> None:
    assert NOTICE.ends_at
    shown = [NOTICE.starts_at, NOTICE.ends_at - timedelta(seconds=1)]
    hidden = [NOTICE.starts_at - timedelta(seconds=1), NOTICE.ends_at]
    assert all(FULL.notices_at(at) == (NOTICE,) for at in shown)
    assert not any(FULL.notices_at(at) for at in hidden)


LONGER = "\u0958"  # two characters as it is stored


@pytest.mark.parametrize(
    ("region", "keys"),
    [
        (Region(name=200 * LONGER), ("name",)),
        (Region(apps=(ApprovedApp(name=100 * LONGER),)), ("apps", 0, "name")),
        (Region(legal=LegalText(privacy=2000 * LONGER)), ("legal", "privacy")),
    ],
)
def test_what_gets_longer_as_it_is_stored_is_not_stored(
    region: Region, keys: tuple[str | int, ...]
) -> None:
    [fault] = checks.checked(region)[1]
    assert fault.keys == keys
    assert "characters" in fault.message
