"""ODS's own files, whole: every practice and pharmacy in England, and no line too odd to read."""

import csv
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models.people import IntegratedCareBoard, Practice
from accounts.text import phones
from referrals import postcodes
from referrals.models.pharmacies import Pharmacy

pytestmark = [pytest.mark.needs("shared"), pytest.mark.django_db]


def summary(kind: str, number: str, added: str) -> str:
    return (
        f"{kind}: {number} active in England; {added} added, 0 changed, 0 closed, 0 reopened, "
        "0 lines malformed"
    )


def test_they_are_imported_whole_and_a_second_time_change_nothing(shared: Path) -> None:
    """And none is offered before it has a route."""
    for is_first in (True, False):
        output, errors = StringIO(), StringIO()
        call_command(
            "import_ods",
            practices=shared / "ods" / "epraccur_2024-01.csv",
            pharmacies=shared / "ods" / "edispensary_2025-04.csv",
            stdout=output,
            stderr=errors,
        )
        assert output.getvalue().splitlines()[-2:] == [
            summary("practices", "6,348", "6,348" if is_first else "0"),
            summary("pharmacies", "10,435", "10,435" if is_first else "0"),
        ]
        assert errors.getvalue() == ""
    assert Practice.objects.filter(closed_on=None).count() == 6_348
    assert Pharmacy.objects.count() == 10_435
    assert Pharmacy.objects.exclude(closed_on=None).count() == 10  # announced in the file
    assert IntegratedCareBoard.objects.count() == 42
    practice = Practice.objects.get(ods_code="C82001")
    assert (practice.name, practice.icb.ods_code) == (
        "South Leicestershire Medical Partnership",
        "QK1",
    )
    pharmacy = Pharmacy.objects.get(ods_code="FV095")
    assert (pharmacy.name, pharmacy.address, pharmacy.postcode, pharmacy.phone) == (
        "Well",
        "2 Queensway, Morley, Leeds",
        "LS27 9BQ",
        "+441132533335",
    )
    assert not Pharmacy.objects.offered().exists()


def test_the_files_of_today_are_read_alone_and_together_with_those_of_before(
    shared: Path, tmp_path: Path
) -> None:
    files, counts = {}, {}
    for name, before, column, ours in (
        ("epraccur", "2024-01", 25, "4"),
        ("edispensary", "2025-04", 13, "1"),
    ):
        first = (shared / "ods" / f"{name}_{before}.csv").read_text("latin-1").splitlines()[:500]
        rows = csv.reader(first)
        counts[name] = sum(
            row[2][:1] == "Y" and row[12] == "A" and row[column] == ours for row in rows
        )
        today = (shared / "ods" / f"present_{name}_sample.csv").read_text()
        files[name] = tmp_path / f"{name}.csv"
        files[name].write_text("\n".join([*first, today]))
    sample = shared / "ods" / "present_epraccur_sample.csv"
    other_sample = shared / "ods" / "present_edispensary_sample.csv"
    practices, pharmacies = counts["epraccur"], counts["edispensary"]
    assert practices > 100 < pharmacies
    for given, expected in (
        ((sample, other_sample), ((1, 1), (1, 1))),
        (files.values(), ((practices + 1, practices), (pharmacies + 1, pharmacies))),
    ):
        output, errors = StringIO(), StringIO()
        options = dict(zip(("practices", "pharmacies"), given, strict=True))
        call_command("import_ods", **options, stdout=output, stderr=errors)
        assert output.getvalue().splitlines()[-2:] == [
            summary(kind, *map(str, numbers))
            for kind, numbers in zip(options, expected, strict=True)
        ]
        assert errors.getvalue() == ""
    practice = Practice.objects.get(ods_code="Q91001")
    assert (practice.name, practice.postcode) == ("Westmere Health Centre", "TS18 1HU")


def test_hardly_any_of_its_postcodes_and_phone_numbers_is_refused(shared: Path) -> None:
    postcodes_refused, phones_refused = [], []
    for name in ("epraccur_2024-01.csv", "edispensary_2025-04.csv"):
        file = (shared / "ods" / name).read_text("latin-1")
        for values in csv.reader(file.splitlines()):
            if values[9] and refuses(postcodes.clean, values[9]):
                postcodes_refused.append(values[9])
            if values[17] and not phones.in_register(values[17]):
                phones_refused.append(values[17])
    # W1M and its like were split in 2000.
    assert {each[:3] for each in postcodes_refused} == {"W1M", "W1R", "W1V", "W1Y", "DN1"}
    assert len(postcodes_refused) == 7
    assert len(phones_refused) < 130
    # All but two lack a digit.
    assert sum(len(re.sub(r"\D", "", each)) != 10 for each in phones_refused) == 2


def refuses(clean: Callable[[str], str], text: str) -> bool:
    try:
        clean(text)
    except ValueError:
        return True
    return False
