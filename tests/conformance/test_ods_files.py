"""ODS's own files, whole: every practice and pharmacy in England, and no line too odd to read."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import IntegratedCareBoard, Practice
from referrals.models import Pharmacy

pytestmark = [pytest.mark.needs("shared"), pytest.mark.django_db]


def summary(kind: str, number: str, added: str) -> str:
    return (
        f"{kind}: {number} active in England; {added} added, 0 changed, 0 closed, 0 reopened, "
        "0 lines malformed"
    )


def test_they_are_imported_whole_and_a_second_time_change_nothing(shared: Path) -> None:
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
        "0113 2533335",
    )


def test_none_is_offered_before_it_has_a_route(shared: Path) -> None:
    call_command(
        "import_ods",
        pharmacies=shared / "ods" / "edispensary_2025-04.csv",
        stdout=StringIO(),
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
