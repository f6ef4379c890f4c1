import pytest

from referrals import grid_references
from referrals.grid_references import GridReference, NotTheDirectoryError


@pytest.mark.parametrize(
    "heading",
    [
        "pcd,pcds,dointr,oseast1m,osnrth1m",
        "PCD7,PCDS,DOINTR,EAST1M,NORTH1M",
    ],
)
def test_columns_are_found_by_the_names_that_they_have_had(heading: str) -> None:
    lines = [heading, '"LE1 5WW","LE1 5WW",198001,458583,303575']
    assert [*grid_references.read(lines)] == [GridReference("LE15WW", 458583, 303575)]


def test_what_is_nowhere_on_the_grid_is_left_out() -> None:
    lines = [
        "pcds,oseast1m,osnrth1m",
        "JE2 3XP,,",  # the Channel Islands have none
        "BT1 1AA,333800,374000",  # on the grid of Ireland
        "LE1 5WW,0,0",
        "LE1 5WW,458583,9999999",
        "LE1 5WW,x,303575",
        "no postcode,458583,303575",
        "LE1 5WW",
        "",
        "le15ww,458583,303575",
    ]
    assert [*grid_references.read(lines)] == [GridReference("LE15WW", 458583, 303575)]


@pytest.mark.parametrize(
    ("heading", "missing"), [("", "pcds"), ("pcds,osnrth1m", "oseast1m"), ("a,b,c", "pcds")]
)
def test_other_headings_are_refused(heading: str, missing: str) -> None:
    with pytest.raises(
        NotTheDirectoryError, match=rf"no heading is {missing} or .*\. Give a CSV file"
    ):
        [*grid_references.read([heading])]


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (['"pcds,oseast1m,osnrth1m'], 1),
        (["LE1 5WW,458583,303575", '"LE1 5WX,458583,303575'], 3),  # it swallows all that follows
        (['"LE1 5WW,458583,303575', '"LE1 5WX",458583,303575'], 2),
        (["LE1 5WW,458583," + "1" * 131_073], 2),
    ],
)
def test_the_line_where_a_quotation_mark_has_no_other_is_named(
    lines: list[str], number: int
) -> None:
    if number > 1:
        lines = ["pcds,oseast1m,osnrth1m", *lines]
    with pytest.raises(
        NotTheDirectoryError, match=rf"^line {number} is broken \(.*\)\. Give a CSV file"
    ):
        [*grid_references.read(f"{line}\n" for line in lines)]
