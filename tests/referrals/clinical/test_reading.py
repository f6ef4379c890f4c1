"""A pack is read from its folder whole, or refused with the file and key of each fault."""

from pathlib import Path

import pytest

from referrals import toml_files
from referrals.clinical import reading
from referrals.clinical.reading import PackError
from tests.referrals.clinical.samples import copied


def test_a_signed_off_pack_says_by_whom(tmp_path: Path) -> None:
    spoil(copied(tmp_path), "pack.toml", 'signed_off_by = ""', 'signed_off_by = "Dr A Patel, CSO"')
    assert reading.read_pack(tmp_path).sign_off == "clinically signed off by Dr A Patel, CSO"


def spoil(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def faults(folder: Path) -> list[str]:
    with pytest.raises(PackError) as caught:
        reading.read_pack(folder)
    assert str(caught.value) == "\n".join(caught.value.faults)
    return [*caught.value.faults]


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("uti.toml", "youngest = 16\n", "", ", the key “youngest” is missing"),
        ("uti.toml", "youngest", "yuongest", ", there is no key “yuongest” here"),
        (
            "uti.toml",
            "youngest = 16",
            'youngest = "16"',
            ", youngest: must be a whole number, not a text in quotes",
        ),
        ("uti.toml", "youngest = 16", "youngest = -1", ", youngest: must be at least 0"),
        ("uti.toml", "oldest = 64", "oldest = 131", ", oldest: must be at most 130"),
        ("uti.toml", "oldest = 64", "oldest = 15", ", oldest: is below youngest"),
        (
            "uti.toml",
            'sex = "female"',
            'sex = "women"',
            ", sex: “women” is none of the values that this key may have",
        ),
        (
            "uti.toml",
            'action = "999"',
            'action = "112"',
            (
                ", groups “uti_red_flags” items “uti_sepsis” action: “112” is none of the "
                "values that this key may have"
            ),
        ),
        (
            "uti.toml",
            ', action = "999"',
            "",
            ", groups “uti_red_flags” items “uti_sepsis”: the key “action” is missing",
        ),
        (
            "uti.toml",
            '"uti_sepsis"',
            '"UTI sepsis"',
            (
                ", groups “uti_red_flags” items “UTI sepsis” code: has a character that is not "
                "allowed, or too many"
            ),
        ),
        (
            "uti.toml",
            '"uti_sepsis"',
            '"emergency_fit"',
            ", groups: the code “emergency_fit” stands in pack.toml already",
        ),
        (
            "uti.toml",
            '"uti_sepsis"',
            '"uti_criteria"',
            ", groups: the code “uti_criteria” stands in uti.toml already",
        ),
        (
            "uti.toml",
            '"uti_sepsis"',
            '"impetigo_deep"',
            ", groups: the code “impetigo_deep” stands in impetigo.toml already",
        ),
        (
            "uti.toml",
            "1090711000000102",
            "1090711000000103",
            ", snomed: “1090711000000103” is no SNOMED CT code (its check digit does not fit)",
        ),
        (
            "uti.toml",
            '"Pain and/or frequency passing urine"',
            '"Urine"',
            ", minor_illness: pack.toml has no symptom group “Urine”",
        ),
        (
            "uti.toml",
            'code = "uti"',
            'code = "cystitis"',
            ", code: must be “uti”, as the file is named",
        ),
        (
            "uti.toml",
            "below_age = 56",
            "below_age = 12",
            ", items “uti_pregnant” below_age: is not above from_age",
        ),
        (
            "uti.toml",
            '"uti_catheter", ask = "has',
            '"uti_catheter", ask = "has ',
            (
                ", groups “uti_criteria” items “uti_catheter” ask: has odd spaces or "
                "characters; write “has a urinary catheter”"
            ),
        ),
        (
            "uti.toml",
            "youngest = 16",
            "youngest = 16\nstarts_on = 2027-01-02\nends_on = 2027-01-01",
            ", ends_on: is before starts_on",
        ),
        (
            "uti.toml",
            "youngest = 16",
            'youngest = 16\nstarts_on = "soon"',
            ", starts_on: must be a day, as in 2026-10-01",
        ),
        (
            "uti.toml",
            'name = "Uncomplicated urinary tract infection"',
            'name = "Impetigo"',
            "pack.toml: several pathways are called “Impetigo”",
        ),
        (
            "impetigo.toml",
            "youngest = 1",
            "youngest = 0",
            ", youngest: is below that of pack.toml, 1",
        ),
        (
            "impetigo.toml",
            "youngest = 1",
            "youngest = = 1",
            ": is not TOML: Invalid value (at line 4, column 12)",
        ),
        (
            "pack.toml",
            "ends_on = 2027-10-31",
            "ends_on = 2026-10-31",
            ", ends_on: is before starts_on",
        ),
        ("pack.toml", "ends_on = 2027-10-31\n", "", ", the key “ends_on” is missing"),
        (
            "pack.toml",
            'version = "2026.1"',
            'version = "2026 1"',
            ", version: has a character that is not allowed, or too many",
        ),
        (
            "pack.toml",
            'name = "Itch"',
            'name = "COUGH"',
            ", symptom_groups: “cough” stands there more than once",
        ),
        (
            "pack.toml",
            'name = "Itch"',
            'name = "Another minor illness"',
            ", symptom_groups: “another minor illness” stands there more than once",
        ),
        (
            "pack.toml",
            'name = "Itch"',
            'name = ""',
            ", symptom_groups number 20 name: must not be empty",
        ),
        (
            "pack.toml",
            'name = "Itch"',
            (
                'name = "Itch"\ngroups = [{ code = "itch", ask = "Any?", items = [{ code'
                ' = "itch_long", ask = "long", action = "minor_illness" }] }]'
            ),
            (
                ", symptom_groups “Itch”: the action minor_illness says nothing here, where it "
                "is one already"
            ),
        ),
        (
            "pack.toml",
            'name = "Itch"',
            (
                'name = "Itch"\ngroups = [{ code = "itch", ask = "Any?", items = [{ code'
                ' = "itch_old", ask = "old", action = "gp", from_age = 50, below_age = 5 }] }]'
            ),
            ", symptom_groups “Itch” items “itch_old” below_age: is not above from_age",
        ),
        (
            "otitis_media.toml",
            'minor_illness = "Earache"',
            'minor_illness = "Cough"',
            ", minor_illness: “Cough” must be in_person in pack.toml too",
        ),
        (
            "pack.toml",
            'name = "Sore throat"',
            (
                'name = "Sore throat"\ngroups = [{ code = "throat", ask = "Any?", items = [{ code'
                ' = "throat_a", ask = "a", action = "999" }] }]'
            ),
            (
                "sore_throat.toml, minor_illness: “Sore throat” asks questions in pack.toml: do it "
                "here"
            ),
        ),
        (
            "pack.toml",
            '"has chest pain", action = "999"',
            '"has chest pain", action = "gp"',
            ", emergency items “emergency_chest_pain” action: must be 999",
        ),
        (
            "pack.toml",
            '"has chest pain", action = "999"',
            '"has chest pain", action = "999", from_age = 18',
            ", emergency items “emergency_chest_pain”: must be asked of everyone",
        ),
        (
            "pack.toml",
            "youngest = 1  #",
            "youngest = 1.5  #",
            ", youngest: must be a whole number, not float",
        ),
    ],
)
def test_a_fault_is_named_by_file_and_key(
    tmp_path: Path, name: str, old: str, new: str, fault: str
) -> None:
    spoil(copied(tmp_path), name, old, new)
    said = name + fault if fault.startswith((",", ":")) else fault
    assert said in faults(tmp_path)


def test_all_files_are_read_before_any_fault_is_said(tmp_path: Path) -> None:
    copied(tmp_path)
    spoil(tmp_path, "uti.toml", "youngest = 16\n", "")
    spoil(tmp_path, "impetigo.toml", "youngest = 1\n", "")
    (tmp_path / "shingles.toml").write_bytes(b'name = "\xff"')
    assert faults(tmp_path) == [
        "impetigo.toml, the key “youngest” is missing",
        "shingles.toml: is not in UTF-8; save it as UTF-8",
        "uti.toml, the key “youngest” is missing",
    ]


def test_red_flags_come_first(tmp_path: Path) -> None:
    text = (copied(tmp_path) / "uti.toml").read_text()
    head, first, second = text.split("[[groups]]")
    (tmp_path / "uti.toml").write_text(f"{head}[[groups]]{second}[[groups]]{first}")
    assert faults(tmp_path) == ["uti.toml, groups: those with red flags must come first"]


def test_more_questions_than_a_referral_can_keep_are_refused(tmp_path: Path) -> None:
    line = '  { code = "uti_more_%d", ask = "more", action = "gp" },\n'
    more = "items = [\n" + "".join(line % number for number in range(80))
    spoil(copied(tmp_path), "uti.toml", "items = [\n", more)
    pathway, minor_illness = faults(tmp_path)
    assert pathway.startswith("uti.toml, groups: too many questions")
    assert minor_illness.startswith("pack.toml, symptom_groups “Pain and/or frequency passing uri")


def test_the_red_flags_of_all_pathways_of_a_minor_illness_are_counted(tmp_path: Path) -> None:
    copied(tmp_path)
    for code in ("impetigo", "shingles"):
        line = f'  {{ code = "{code}_more_%d", ask = "more", action = "gp" }},\n'
        more = "items = [\n" + "".join(line % number for number in range(40))
        spoil(tmp_path, f"{code}.toml", "items = [\n", more)
    [fault] = faults(tmp_path)
    assert fault.startswith("pack.toml, symptom_groups “Skin, blisters or rash” groups: too many")


def test_a_minor_illness_asks_no_more_questions_than_a_pathway(tmp_path: Path) -> None:
    line = '{ code = "itch_%d", ask = "more", action = "gp" }, '
    items = "".join(line % number for number in range(82))
    more = f'name = "Itch"\ngroups = [{{ code = "itch", ask = "Any?", items = [{items}] }}]'
    spoil(copied(tmp_path), "pack.toml", 'name = "Itch"', more)
    [fault] = faults(tmp_path)
    assert fault.startswith("pack.toml, symptom_groups “Itch” groups: too many questions")


def test_a_folder_without_a_pack_is_none(tmp_path: Path) -> None:
    [fault] = faults(tmp_path / "nowhere")
    assert fault.startswith("pack.toml: cannot be read in ")
    copied(tmp_path)
    for path in tmp_path.iterdir():
        if path.name != "pack.toml":
            path.unlink()
    assert faults(tmp_path) == ["pack.toml: no pathway stands beside it"]


def test_odd_files_are_faults_too(tmp_path: Path) -> None:
    copied(tmp_path)
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "large.toml").write_text("# " + "x" * toml_files.LONGEST_FILE)
    (tmp_path / "nested.toml").write_text("a = " + "[" * 20_000)
    found = faults(tmp_path)
    assert found[0].startswith("folder.toml: cannot be read in ")
    assert found[1] == "large.toml: is larger than a megabyte"
    assert found[2].startswith("nested.toml: is not TOML: ")
