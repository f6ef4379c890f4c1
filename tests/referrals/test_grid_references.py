import pytest

from referrals import grid_references
from referrals.grid_references import GridReference, HeadingsError


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
    with pytest.raises(HeadingsError, match=f"no heading is {missing} or"):
        [*grid_references.read([heading])]
