"""Passkeys, made and used by an authenticator that is not ours: what is right, and what is not."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import override_settings
from webauthn.helpers.structs import AuthenticatorTransport

from accounts.models import passkeys
from accounts.models.passkeys import Passkey
from accounts.sign_in import webauthn
from accounts.web import access
from tests.software_authenticator import (
    BACKED_UP,
    HOST,
    PRESENT,
    VERIFIED,
    SoftwareAuthenticator,
    octets,
    text,
)

CHALLENGE = bytes(range(32))
HANDLE = b"h" * 32


def asked_to_make(**others: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "handle": HANDLE,
        "user_name": "jane.doe@larkfield.example",
        "full_name": "Jane Doe",
        "known": [],
    }
    return webauthn.to_make(CHALLENGE, **arguments | others)


ASKED_TO_MAKE = {"challenge": text(CHALLENGE)}
ASKED_TO_USE = {"challenge": text(CHALLENGE)}


def made(device: SoftwareAuthenticator) -> webauthn.Made:
    return webauthn.check_made(json.dumps(device.make(ASKED_TO_MAKE)), challenge=CHALLENGE)


def used(device: SoftwareAuthenticator, known: webauthn.Made) -> webauthn.Used:
    return check(json.dumps(device.use(ASKED_TO_USE)), known)


def check(answer: str, known: webauthn.Made) -> webauthn.Used:
    return webauthn.check_used(
        answer, challenge=CHALLENGE, public_key=known.public_key, sign_count=known.sign_count
    )


class TestWhatIsAsked:
    """The options, as the browser gets them."""

    def test_a_new_passkey_is_for_our_host_and_asks_for_pin_or_finger(self) -> None:
        asked = json.loads(json.dumps(asked_to_make()))
        assert asked["rp"] == {"name": "PharmRefer", "id": HOST}
        assert octets(asked["challenge"]) == CHALLENGE
        assert octets(asked["user"]["id"]) == HANDLE
        assert asked["user"]["name"] == "jane.doe@larkfield.example"
        assert asked["user"]["displayName"] == "Jane Doe"
        assert asked["attestation"] == "none"
        assert asked["authenticatorSelection"]["userVerification"] == "required"
        assert asked["authenticatorSelection"]["residentKey"] == "discouraged"
        assert asked["timeout"] == 300_000
        assert {"type": "public-key", "alg": -7} in asked["pubKeyCredParams"]

    def test_a_device_that_has_one_makes_no_second(self) -> None:
        known = [
            Passkey(credential_id=b"one", transports="usb nfc"),
            Passkey(credential_id=b"two"),
        ]
        excluded = asked_to_make(known=known)["excludeCredentials"]
        assert [octets(each["id"]) for each in excluded] == [b"one", b"two"]
        assert excluded[0]["transports"] == ["usb", "nfc"]

    def test_to_log_in_only_the_persons_own_are_asked_for(self) -> None:
        asked = json.loads(
            json.dumps(webauthn.to_use(CHALLENGE, known=[Passkey(credential_id=b"one")]))
        )
        assert [octets(each["id"]) for each in asked["allowCredentials"]] == [b"one"]
        assert (asked["rpId"], asked["userVerification"]) == (HOST, "required")
        assert asked["timeout"] == 300_000

    def test_challenges_are_never_the_same(self) -> None:
        assert len({passkeys.new_challenge() for _ in range(100)}) == 100
        assert len(passkeys.new_challenge()) == 32


@pytest.mark.parametrize(
    ("address", "origin", "is_possible"),
    [
        ("https://pharmrefer.example", "https://pharmrefer.example", True),
        ("https://PharmRefer.example/", "https://pharmrefer.example", True),
        ("https://pharmrefer.example:443", "https://pharmrefer.example", True),
        ("https://pharmrefer.example:8443", "https://pharmrefer.example:8443", True),
        ("http://localhost:80/", "http://localhost", True),
        ("http://localhost:8000", "http://localhost:8000", True),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", False),
        ("http://[::1]:8000", "http://::1:8000", False),
    ],
)
def test_our_origin_is_written_as_browsers_write_it(
    address: str, origin: str, is_possible: bool
) -> None:
    with override_settings(PUBLIC_URL=urlsplit(address)):
        assert access.our_origin() == origin
        assert webauthn.are_possible() is is_possible


class TestANewPasskey:
    """What a browser answers once it has made one."""

    def test_is_known_by_its_id_and_key(self) -> None:
        device = SoftwareAuthenticator(sign_count=3)
        known = made(device)
        assert known.credential_id == device.credential_id
        assert known.sign_count == 3
        assert known.transports == "internal hybrid"
        assert known.is_backed_up is False
        assert used(device, known).sign_count == 4

    def test_says_whether_it_is_copied_to_other_devices_of_the_person(self) -> None:
        assert made(SoftwareAuthenticator(flags=PRESENT | VERIFIED | BACKED_UP)).is_backed_up

    @pytest.mark.parametrize(
        "changes",
        [
            {"origin": "https://pharmrefer.example.evil.example"},
            {"origin": "http://pharmrefer.example"},
            {"origin": "https://pharmrefer.example:8443"},
            {"host": "evil.example"},
            {"flags": PRESENT},
            {"flags": VERIFIED},
            {"credential_id": b"x" * 1024},
        ],
    )
    def test_is_refused_from_elsewhere_or_without_pin_or_finger(
        self, changes: dict[str, Any]
    ) -> None:
        with pytest.raises(webauthn.NotRightError):
            made(SoftwareAuthenticator(**changes))

    def test_is_refused_for_another_challenge(self) -> None:
        answer = json.dumps(SoftwareAuthenticator().make({"challenge": text(b"another one" * 3)}))
        with pytest.raises(webauthn.NotRightError):
            webauthn.check_made(answer, challenge=CHALLENGE)

    def test_the_use_of_one_makes_none(self) -> None:
        with pytest.raises(webauthn.NotRightError):
            webauthn.check_made(
                json.dumps(SoftwareAuthenticator().use(ASKED_TO_USE)), challenge=CHALLENGE
            )

    @pytest.mark.parametrize("said", [None, "usb", ["smoke signals", 7, None], ["usb"]])
    def test_ways_that_nobody_knows_are_left_out(self, said: Any) -> None:
        answer = SoftwareAuthenticator().make(ASKED_TO_MAKE)
        answer["response"]["transports"] = said
        known = webauthn.check_made(json.dumps(answer), challenge=CHALLENGE)
        assert known.transports in {"", "usb"}

    def test_all_ways_there_are_have_room(self) -> None:
        answer = SoftwareAuthenticator().make(ASKED_TO_MAKE)
        every = [way.value for way in AuthenticatorTransport]
        answer["response"]["transports"] = every * 2
        known = webauthn.check_made(json.dumps(answer), challenge=CHALLENGE)
        assert known.transports.split() == every
        assert len(known.transports) <= passkeys.LONGEST_TRANSPORTS


class TestUse:
    """What a browser answers with a passkey."""

    def test_counts_on(self) -> None:
        device = SoftwareAuthenticator()
        known = made(device)
        assert used(device, known) == webauthn.Used(sign_count=1, is_backed_up=False)

    def test_one_that_counts_nothing_is_fine(self) -> None:
        device = SoftwareAuthenticator(counts=False)
        assert used(device, made(device)).sign_count == 0

    @pytest.mark.parametrize(
        "changes",
        [
            {"origin": "https://evil.example"},
            {"origin": "http://pharmrefer.example"},
            {"host": "evil.example"},
            {"flags": PRESENT},
            {"flags": VERIFIED},
            {"key": SoftwareAuthenticator().key},
        ],
    )
    def test_is_refused_from_elsewhere_without_pin_or_finger_or_with_another_key(
        self, changes: dict[str, Any]
    ) -> None:
        device = SoftwareAuthenticator()
        known = made(device)
        for name, value in changes.items():
            setattr(device, name, value)
        with pytest.raises(webauthn.NotRightError):
            used(device, known)

    def test_is_refused_for_another_challenge(self) -> None:
        device = SoftwareAuthenticator()
        known = made(device)
        answer = json.dumps(device.use({"challenge": text(bytes(32))}))
        with pytest.raises(webauthn.NotRightError):
            check(answer, known)

    def test_making_one_is_no_use_of_it(self) -> None:
        device = SoftwareAuthenticator()
        known = made(device)
        answer = device.make(ASKED_TO_MAKE)
        answer["response"] |= {"authenticatorData": "", "signature": ""}
        with pytest.raises(webauthn.NotRightError):
            check(json.dumps(answer), known)

    @pytest.mark.parametrize("count", [5, 4, 1, 0])
    def test_a_counter_that_is_not_ahead_shows_a_copy(self, count: int) -> None:
        device = SoftwareAuthenticator(sign_count=5)
        known = made(device)
        device.sign_count, device.counts = count, False
        with pytest.raises(webauthn.CopiedError):
            used(device, known)

    def test_a_counter_that_anybody_made_up_raises_no_alarm(self) -> None:
        device = SoftwareAuthenticator(sign_count=5)
        known = made(device)
        device.sign_count, device.key = 1, SoftwareAuthenticator().key
        with pytest.raises(webauthn.NotRightError):
            used(device, known)


BYTES = "AAAA"
NOT_QUITE: list[Any] = [
    None,
    [],
    {"clientDataJSON": 7},
    {"clientDataJSON": BYTES, "authenticatorData": BYTES, "signature": BYTES},
    {"clientDataJSON": BYTES, "attestationObject": BYTES},
    {
        "clientDataJSON": BYTES,
        "authenticatorData": BYTES,
        "signature": BYTES,
        "userHandle": "é",
    },
    {"clientDataJSON": text(b"[" * 10_000), "attestationObject": text(b"\x81" * 10_000)},
]
ODD = [
    *("", "null", "[]", "{}", "7", '"x"', "{", "\x00", "[" * 10_000, '{"id": "é"}'),
    json.dumps({"id": BYTES, "rawId": BYTES, "type": "password", "response": {}}),
    json.dumps({"id": BYTES, "rawId": "é", "type": "public-key", "response": {}}),
    *(
        json.dumps({"id": BYTES, "rawId": BYTES, "type": "public-key", "response": response})
        for response in NOT_QUITE
    ),
]


@pytest.mark.parametrize("answer", ODD, ids=range(len(ODD)))
def test_whatever_else_is_sent_is_refused_and_nothing_worse(answer: str) -> None:
    known = made(SoftwareAuthenticator())
    with pytest.raises(webauthn.NotRightError):
        webauthn.check_made(answer, challenge=CHALLENGE)
    with pytest.raises(webauthn.NotRightError):
        check(answer, known)


@pytest.mark.parametrize("answer", ["", "[]", '{"id": 7}', "[" * 10_000, '{"id": "é"}'])
def test_an_answer_that_names_no_passkey_is_none(answer: str) -> None:
    with pytest.raises(webauthn.NotRightError):
        webauthn.id_in(answer)


def test_bits_turned_anywhere_are_refused_and_nothing_worse() -> None:
    device = SoftwareAuthenticator()
    known = made(device)
    answer = device.use(ASKED_TO_USE)
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        whole = octets(answer["response"][part])
        for index in range(len(whole)):
            turned = bytearray(whole)
            turned[index] ^= 1
            response = answer["response"] | {part: text(bytes(turned))}
            with pytest.raises(webauthn.NotRightError):
                check(json.dumps(answer | {"response": response}), known)
