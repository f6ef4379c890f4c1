"""Sealed columns: they open for their owner, with the key they name, and not if touched."""

import base64

import pytest
from django.test import override_settings

from accounts import encryption

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def seal() -> bytes:
    return encryption.seal(b"a secret", belongs_to="user 1")


def test_what_was_sealed_opens_again() -> None:
    assert encryption.unseal(seal(), belongs_to="user 1") == b"a secret"


def test_it_reads_as_nothing_and_never_twice_the_same() -> None:
    sealed = {seal() for _ in range(100)}
    assert len(sealed) == 100
    assert not any(b"a secret" in value for value in sealed)


@pytest.mark.parametrize("index", range(1 + 12 + 8 + 16))
def test_one_changed_bit_anywhere_keeps_it_shut(index: int) -> None:
    sealed = bytearray(seal())
    sealed[index] ^= 1
    with pytest.raises(encryption.CannotOpenError):
        encryption.unseal(bytes(sealed), belongs_to="user 1")


def test_it_opens_for_nobody_else() -> None:
    with pytest.raises(encryption.CannotOpenError):
        encryption.unseal(seal(), belongs_to="user 2")


@pytest.mark.parametrize("length", [0, 1, 13, 28])
def test_a_value_that_was_cut_off_is_said(length: int) -> None:
    with pytest.raises(encryption.CannotOpenError, match="cut off"):
        encryption.unseal(seal()[:length], belongs_to="user 1")


def test_a_new_key_seals_while_the_old_one_still_opens() -> None:
    with override_settings(FIELD_KEYS={1: OLD}):
        before = seal()
    with override_settings(FIELD_KEYS={2: NEW, 1: OLD}):
        after = seal()
        assert encryption.unseal(before, belongs_to="user 1") == b"a secret"
    assert (before[0], after[0]) == (1, 2)
    with override_settings(FIELD_KEYS={2: NEW}):
        assert encryption.unseal(after, belongs_to="user 1") == b"a secret"
        with pytest.raises(encryption.CannotOpenError, match="FIELD_KEYS has no key 1"):
            encryption.unseal(before, belongs_to="user 1")


def test_what_is_sealed_anew_is_the_same_and_needs_the_first_key_only() -> None:
    with override_settings(FIELD_KEYS={1: OLD}):
        before = seal()
    with override_settings(FIELD_KEYS={2: NEW, 1: OLD}):
        after = encryption.reseal(before, belongs_to="user 1")
        with pytest.raises(encryption.CannotOpenError):
            encryption.reseal(before, belongs_to="user 2")
        assert (encryption.sealing_key(), encryption.older_keys()) == (2, {1})
    with override_settings(FIELD_KEYS={2: NEW}):
        assert encryption.unseal(after, belongs_to="user 1") == b"a secret"
    assert list(map(encryption.key_number, (before, after, b""))) == [1, 2, 0]


def test_it_is_aes_256_gcm_as_others_know_it() -> None:
    """NIST's GCM test vector (gcmEncryptExtIV256, 13th case of 128-bit plaintext with no AAD)."""
    key = base64.b16decode("31BDADD96698C204AA9CE1448EA94AE1FB4A9A0B3C9D773B51BB1822666B8F22")
    sealed = base64.b16decode(
        "010D18E06C7C725AC9E362E1CEFA4362189661D163FCD6A56D8BF0405AD636AC1BBEDD5CC3EE727DC2AB4A9489"
    )
    with override_settings(FIELD_KEYS={1: key}):
        opened = encryption.unseal(sealed, belongs_to="")
    assert opened == base64.b16decode("2DB5168E932556F8089A0622981D017D")
