"""Answers whose every letter is known before they are sent."""

import hashlib
import zlib

import pytest

from support.connection import answers


@pytest.mark.parametrize("size", answers.SIZES)
def test_an_answer_is_as_long_as_it_says_and_says_where_it_ends(size: int) -> None:
    body = answers.body(size)
    assert len(body) == size
    assert body.isascii()
    assert answers.LAST_LINE.encode() in body.splitlines()[0]
    assert body.splitlines()[-1] == answers.LAST_LINE.encode()
    assert max(map(len, body.splitlines())) < 100  # a page that fits, also in a narrow window
    assert hashlib.sha256(body).hexdigest() == answers.sha256(size)


def test_a_long_answer_is_long_on_the_way_too() -> None:
    assert len(zlib.compress(answers.body(100_000))) > 50_000


@pytest.mark.parametrize("size", answers.SIZES)
def test_it_is_made_once_and_served_from_memory(size: int) -> None:
    assert answers.body(size) is answers.body(size)
