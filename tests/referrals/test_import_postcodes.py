"""``manage.py import_postcodes``: where postcodes are, and pharmacies with them."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from referrals.models.pharmacies import Pharmacy
from referrals.models.postcodes import Postcode
from tests import factories

pytestmark = pytest.mark.django_db
HEADING = "pcds,oseast1m,osnrth1m"


def imported(folder: Path, *files: str) -> str:
    paths = []
    for number, text in enumerate(files):
        paths.append(folder / f"{number}.csv")
        paths[-1].write_text(text, encoding="utf-8-sig")
    output = StringIO()
    call_command("import_postcodes", *map(str, paths), stdout=output)
    return output.getvalue().strip()


def grid_reference(pharmacy: Pharmacy) -> tuple[int | None, int | None]:
    pharmacy.refresh_from_db()
    return pharmacy.easting, pharmacy.northing


def test_several_files_are_read_and_pharmacies_follow(tmp_path: Path) -> None:
    here, elsewhere = factories.pharmacy(postcode="WM1 3DE"), factories.pharmacy(postcode="EX1 1AA")
    said = imported(
        tmp_path,
        f"{HEADING}\nWM1 3DE,430000,510000\nWM1 3DE,430000,510001\n",
        f"{HEADING}\nWM2 4QT,431000,510000\n",
    )
    assert said == "postcodes: 3 read, 2 new or changed; 1 pharmacies have another place"
    assert (grid_reference(here), grid_reference(elsewhere)) == ((430000, 510001), (None, None))
    assert Postcode.objects.count() == 2


def test_again_only_what_has_changed_is_written(tmp_path: Path) -> None:
    here = factories.pharmacy(postcode="WM1 3DE")
    imported(tmp_path, f"{HEADING}\nWM1 3DE,430000,510000\nWM2 4QT,431000,510000\n")
    said = imported(tmp_path, f"{HEADING}\nWM1 3DE,430000,510000\nWM2 4QT,431000,510000\n")
    assert said == "postcodes: 2 read, 0 new or changed; 0 pharmacies have another place"
    said = imported(tmp_path, f"{HEADING}\nWM1 3DE,430500,510000\n")
    assert said == "postcodes: 1 read, 1 new or changed; 1 pharmacies have another place"
    assert grid_reference(here) == (430500, 510000)
    assert Postcode.objects.count() == 2


def test_a_file_that_cannot_be_used_is_named_and_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"FILE .*1\.csv: no heading is pcds or"):
        imported(tmp_path, f"{HEADING}\nWM1 3DE,430000,510000\n", "a,b\n")
    with pytest.raises(CommandError, match=r"FILE .*none\.csv: there is no such file"):
        call_command("import_postcodes", str(tmp_path / "none.csv"))
    assert not Postcode.objects.exists()
