"""Regional content as a file: what is written is read again, and each fault has file and key."""

import re
from pathlib import Path

import pytest

from pharmrefer.local import ROOT
from pharmrefer.local.programs import CONTACTS
from support.region import files
from support.region.content import NOTHING, AppDevice, Approval, Region
from tests.support.region.samples import FULL

A_MOMENT = "must be a day and a time, as in 2026-10-01T18:30:00"
EXAMPLE = re.compile(r"```toml\n(.*?)```", re.DOTALL)


def read(folder: Path, text: str) -> Region:
    (folder / "region.toml").write_text(text, encoding="utf-8")
    return files.read(folder / "region.toml")


@pytest.mark.parametrize("region", [NOTHING, FULL], ids=["nothing", "everything"])
def test_what_is_written_is_read_again(tmp_path: Path, region: Region) -> None:
    assert read(tmp_path, files.write(region)) == region


def test_a_list_that_is_empty_can_be_added_to(tmp_path: Path) -> None:
    text = files.write(NOTHING) + '\n[[apps]]\nname = "2FAST"\n'
    assert [app.name for app in read(tmp_path, text).apps] == ["2FAST"]


def test_moments_are_written_as_the_clock_here_shows_them() -> None:
    text = files.write(FULL)
    assert "starts_at = 2026-07-01 18:00:00+01:00" in text
    assert "ends_at = 2026-12-06 09:00:00+00:00" in text


def test_the_example_of_the_documentation_can_be_loaded(tmp_path: Path) -> None:
    [example] = EXAMPLE.findall((ROOT / "docs" / "region.md").read_text(encoding="utf-8"))
    region = read(tmp_path, example)
    filled = {name for name in region.__struct_fields__ if getattr(region, name)}
    assert filled == set(Region.__struct_fields__)


def test_the_demonstration_names_desks_and_apps_that_nobody_has() -> None:
    region = files.read(CONTACTS)
    text = CONTACTS.read_text(encoding="utf-8")
    assert all(
        number.startswith("01632 960") for number in re.findall(r'^phone = "([^"]+)', text, re.M)
    )
    assert set(re.findall(r"[@/]([\w.-]+\.[a-z]+)[/\"]", text)) == {
        *("servicedesk.example", "it.westmere.example", "westmere.example"),
    }
    supported = {
        device: [app.name for app in region.apps if app.approval(device) is Approval.SUPPORTED]
        for device in AppDevice
    }
    assert supported == {
        AppDevice.SUPPLIED_PHONE: ["Microsoft Authenticator"],
        AppDevice.SUPPLIED_DESKTOP: ["2FAST"],
        AppDevice.OWN_DEVICE: [],
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x = ", "region.toml: is not TOML: "),
        ('desk = "x"', "region.toml, there is no key “desk” here"),
        ('service_desk = "x"', "region.toml, service_desk: must be a table, not a text in quotes"),
        (
            '[[apps]]\nname = "2FAST"\non = { laptop = "supported" }',
            "region.toml, apps “2FAST” on: “laptop” is none of the values that this key may have",
        ),
        (
            '[[apps]]\nname = "2FAST"\non = { own_device = "yes" }',
            "region.toml, apps “2FAST” on: “yes” is none of the values that this key may have",
        ),
        (
            '[[notices]]\nkind = "problem"\ntitle = "Slow"\nstarts_at = 2026-12-01',
            f"region.toml, notices “Slow” starts_at: {A_MOMENT}, not a day, as in 2026-10-01",
        ),
        (
            '[[notices]]\nkind = "problem"\ntitle = "Slow"\nstarts_at = "soon"',
            f"region.toml, notices “Slow” starts_at: {A_MOMENT}",
        ),
        (
            "".join(f'[[apps]]\nname = "{number}"\n' for number in range(21)),
            "region.toml, apps: must have at most 20 entries",
        ),
        (
            '[service_desk]\nphone = "0163"',
            "region.toml, service_desk phone: Phone numbers that begin with 01 have 11 digits",
        ),
        (
            '[[apps]]\nname = "2FAST"\n[[apps]]\nname = "2Fast"',
            "region.toml, apps “2Fast” name: “2Fast” is there already",
        ),
    ],
)
def test_a_fault_is_a_sentence_with_file_and_key(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(files.RegionFileError) as refused:
        read(tmp_path, text)
    assert refused.value.faults[0].startswith(fault)
    assert "Expected" not in str(refused.value)


def test_all_faults_of_values_are_said_at_once(tmp_path: Path) -> None:
    text = '[service_desk]\nphone = "1"\nemail = "x"\n[local_it]\nwebsite = "x"'
    with pytest.raises(files.RegionFileError) as refused:
        read(tmp_path, text)
    assert len(refused.value.faults) == 3


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(files.RegionFileError, match=r"cannot be read in .*No such file"):
        files.read(tmp_path / "none.toml")
