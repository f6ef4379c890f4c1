"""What another version changes, in lines: whatever a region may say is in one of them."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from support.region.content import NOTHING, Approval, Region
from support.region.sections import APPROVALS, SECTIONS, RegionSection, differences
from tests.support.region.samples import DESK, DESKTOP_APP, FULL, NOTICE, PHONE_APP


def changed(**values: Any) -> list[str]:
    return [each.line for each in differences(FULL, structs.replace(FULL, **values))]


def test_every_part_of_a_region_belongs_to_one_section() -> None:
    names = [name for section in SECTIONS.values() for name in section.names]
    assert sorted(names) == sorted(Region.__struct_fields__)


def test_nothing_differs_from_itself() -> None:
    assert changed() == []


@pytest.mark.parametrize("part", DESK.__struct_fields__)
def test_no_line_of_a_contact_changes_unseen(part: str) -> None:
    [line] = changed(service_desk=structs.replace(DESK, **{part: ""}))
    assert line.startswith("removed  Service desk: ")
    assert line.endswith(str(getattr(DESK, part)))


@pytest.mark.parametrize("part", FULL.legal.__struct_fields__)
def test_no_legal_text_changes_unseen(part: str) -> None:
    [line] = changed(legal=structs.replace(FULL.legal, **{part: "Other"}))
    assert line.startswith("changed  Name and legal texts: ")


def test_other_changes_are_named_too() -> None:
    assert changed(name="") == [
        "removed  Name and legal texts: Name of the region: Westmere and Vale"
    ]
    assert changed(administrator_helps_with="All.") == [
        "changed  Practice administrators: Helps with: Your own login. -> All."
    ]
    assert changed(pharmacy_systems=()) == [
        "removed  Names of pharmacy systems: api.example: The pharmacies' system"
    ]
    assert changed(apps=(PHONE_APP, structs.replace(DESKTOP_APP, on={}))) == [
        "added    Approved apps: “2FAST”: Approved on no device",
        "removed  Approved apps: “2FAST” on a computer that local IT supplied: "
        + APPROVALS[Approval.SUPPORTED],
    ]
    [line] = changed(notices=(structs.replace(NOTICE, ends_at=None),))
    assert line.endswith("-> From 6:00pm on 1 July 2026 until it is removed")


def test_the_order_of_a_list_is_a_change_too() -> None:
    names = (PHONE_APP.name, DESKTOP_APP.name)
    assert changed(apps=(DESKTOP_APP, PHONE_APP)) == [
        f"changed  Approved apps: order: {', '.join(names)} -> {', '.join(reversed(names))}"
    ]


def test_two_notices_of_one_title_are_told_apart() -> None:
    later = structs.replace(NOTICE, starts_at=NOTICE.starts_at + timedelta(days=1))
    lines = changed(notices=(NOTICE, later))
    assert lines[0] == "added    Notices: “Off on Sunday” (2): Planned work"


def test_a_first_version_adds_all_that_it_says() -> None:
    assert {each.before for each in differences(NOTHING, FULL)} == {""}
    sections = {each.name.partition(":")[0] for each in differences(NOTHING, FULL)}
    assert sections == {section.heading for section in RegionSection}
