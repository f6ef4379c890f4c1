"""Lists that are paged by number; those that begin beside a row are tested with their pages."""

import pytest

from accounts.models.people import Practice
from accounts.web import paging
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        *(("", 1), ("1", 1), ("2", 2), ("3", 3)),
        *(("4", 3), ("9" * 18, 3)),  # behind the last one
        *(("0", 1), ("-1", 1), ("1.5", 1), ("٣", 1), ("two", 1), ("9" * 5000, 1)),  # no number
    ],
)
def test_what_is_no_number_is_the_first_page(
    monkeypatch: pytest.MonkeyPatch, asked: str, number: int
) -> None:
    monkeypatch.setattr(paging, "PER_PAGE", 1)
    for _ in range(3):
        factories.practice()
    page = paging.numbered(Practice.objects.order_by("pk"), asked)
    assert (page.number, page.paginator.num_pages) == (number, 3)
