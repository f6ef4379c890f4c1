"""What a new pack changes is listed whole, in lines that people read."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from referrals.clinical.differences import Difference, differences
from referrals.clinical.packs import Pack
from tests.clinical_content import FIRST
from tests.referrals.clinical.samples import CONJUNCTIVITIS, COUGH, WIDE


def leaves(written: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each value of a pack."""
    if isinstance(written, dict | list):
        keys = written if isinstance(written, dict) else range(len(written))
        for key in keys:
            yield from leaves(written[key], (*at, key))
    else:
        yield at


def changed(value: Any, key: Any) -> Any:
    """Return another value that may stand there."""
    others = {"sex": "male", "action": "gp", "starts_on": "2020-02-29", "ends_on": "2031-01-01"}
    if key in others:
        return others[key] if value != others[key] else {"action": "999"}.get(key, "2020-01-01")
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case None:
            return 99
    return f"{value}2"


LEAVES = [*leaves(msgspec.json.decode(msgspec.json.encode(WIDE)))]


def test_whatever_changes_is_seen() -> None:
    assert len(LEAVES) > 500
    for *way, last in LEAVES:
        other = msgspec.json.decode(msgspec.json.encode(WIDE))
        part = other
        for key in way:
            part = part[key]
        part[last] = changed(part[last], last)
        new = msgspec.convert(other, Pack)
        assert differences(WIDE, new), (*way, last)


@pytest.mark.parametrize("pack", [FIRST, WIDE], ids=lambda pack: pack.version)
def test_a_pack_does_not_differ_from_itself(pack: Pack) -> None:
    assert differences(pack, pack) == []


def test_against_nothing_all_is_added() -> None:
    found = differences(None, FIRST)
    assert all(each.before == "" for each in found)
    lines = [each.line for each in found]
    assert "added    Version: 2026.1" in lines
    assert "added    Pathway uti, for: women aged 16 to 64" in lines
    assert "added    Emergency, question emergency_chest_pain: “has chest pain”: 999" in lines
    assert "added    Minor illness “Itch”: in the list" in lines
    [pregnant] = [each.after for each in found if each.name.endswith("impetigo_pregnant")]
    assert pregnant == (
        "“is or may be pregnant”: minor illness instead (asked of women and girls aged 12 to 15)"
    )


def test_what_is_added_removed_and_changed_is_told_apart() -> None:
    forth = {each.name: each for each in differences(FIRST, WIDE)}
    assert forth["Version"] == Difference("Version", "2026.1", "2027.0-test")
    assert forth["Version"].line == "changed  Version: 2026.1 -> 2027.0-test"
    name = f"Pathway {CONJUNCTIVITIS.code}, prescriber"
    assert forth[name].line == f"added    {name}: needed"
    [coughing] = [each for each in forth.values() if COUGH.groups[0].items[0].code in each.name][:1]
    assert coughing.after == "“the cough_blood”: GP today"
    back = {each.name: each for each in differences(WIDE, FIRST)}
    assert back[name].line == f"removed  {name}: needed"
    prompt = "Minor illness “Cough”, prompt 1"
    assert back[prompt].line == f"added    {prompt}: {back[prompt].after}"


def test_another_order_is_a_change_and_one_that_follows_from_what_is_added_is_none() -> None:
    emergency = FIRST.emergency
    turned = msgspec.structs.replace(emergency, items=emergency.items[::-1])
    [found] = differences(FIRST, msgspec.structs.replace(FIRST, emergency=turned))
    assert found.name == "Emergency, order"
    fewer = msgspec.structs.replace(emergency, items=emergency.items[1:])
    [gone, under] = differences(FIRST, msgspec.structs.replace(FIRST, emergency=fewer))
    assert gone.after == under.after == ""
