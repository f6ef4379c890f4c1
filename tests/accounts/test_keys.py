"""Keys, and hashes that nobody else can make."""

from typing import Any

from django.utils.crypto import salted_hmac

from accounts.keys import keyed_hash


def test_each_purpose_has_hashes_of_its_own() -> None:
    assert keyed_hash("one", "a text") == keyed_hash("one", "a text")
    assert keyed_hash("one", "a text") != keyed_hash("another", "a text")
    assert keyed_hash("one", "a text") != keyed_hash("one", "another text")


def test_nobody_makes_one_without_the_key(settings: Any) -> None:
    made = keyed_hash("one", "a text")
    settings.SECRET_KEY = "another key of more than fifty characters, which is long enough"
    assert keyed_hash("one", "a text") != made


def test_it_is_what_django_makes() -> None:
    expected = salted_hmac("accounts.Throttle", "Zoë", algorithm="sha256").digest()
    assert keyed_hash("accounts.Throttle", "Zoë") == expected
