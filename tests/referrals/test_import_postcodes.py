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


ROW = "WM1 3DE,430000,510000\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f'{HEADING}\n{ROW * 30_000}"{ROW}{ROW}'.encode(), "line 30,002 is broken"),
        (f"{HEADING}\n{ROW}".encode("utf-16"), "no heading is pcds"),
        (b"PK\x03\x04\n\x00\x00\x00\x08\x00" + bytes(range(256)), "no heading is pcds"),
        (b"", "no heading is pcds"),
        (b"pcds\nWM1 3DE\n", "no heading is oseast1m"),
        (f"{HEADING.replace(',', ';')}\n".encode(), "no heading is pcds"),
    ],
    ids=["a quotation mark", "UTF-16", "a ZIP or workbook", "empty", "one column", "semicolons"],
)
def test_an_odd_file_is_named_with_the_remedy_and_nothing_is_stored(
    tmp_path: Path, content: bytes, words: str
) -> None:
    good, odd = tmp_path / "good.csv", tmp_path / "odd.csv"
    good.write_text(f"{HEADING}\nWM2 4QT,431000,510000\n")
    odd.write_bytes(content)
    with pytest.raises(CommandError) as refused:
        call_command("import_postcodes", str(good), str(odd), stdout=StringIO())
    assert str(refused.value).startswith(f"FILE {odd}: {words}")
    assert str(refused.value).endswith(
        ". Give a CSV file of the ONS Postcode Directory, unzipped and as it was downloaded."
    )
    assert not Postcode.objects.exists()


def test_an_odd_line_is_left_out_and_a_folder_is_none(tmp_path: Path) -> None:
    said = imported(tmp_path, f"{HEADING}\nWM1 3DE\0,430000,510000\n\0\nWM2 4QT,431000,510000\n")
    assert said.startswith("postcodes: 1 read, 1 new or changed;")
    with pytest.raises(CommandError, match="this is a folder"):
        call_command("import_postcodes", str(tmp_path))
