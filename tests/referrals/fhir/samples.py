"""Referrals to make messages of: one plain, and as many odd ones as a test wants."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from referrals.fhir import message
from referrals.fhir.content import (
    Contact,
    Content,
    Patient,
    PhoneOwner,
    ReceivingPharmacy,
    Referrer,
    ReferringPractice,
    RegisteredPractice,
    Relationship,
    Sex,
    Software,
    Told,
    ToldKind,
    Triage,
    TriageQuestion,
    TriageReply,
)
from referrals.fhir.message import BuiltMessage
from referrals.nhs_numbers import is_valid

NOW = datetime(2026, 11, 23, 9, 30, 15, 123456, tzinfo=UTC)
SOFTWARE = Software(
    name="PharmRefer",
    version="0.1.0",
    supplier="PharmRefer",
    identifier_root="https://pharmrefer.example",
    source_dos_service_id="2000000001",
)
CONTENT = Content(
    reference="PR-7K2M-94",
    journey_id=UUID("0b6f1c1e-6c1b-4f4d-9f0e-5f1f2ad7c001"),
    patient=Patient(
        nhs_number="9434765919",
        given_name="Zoë",
        family_name="O'Neil-Łuć",
        birth_date=date(2019, 2, 28),
        sex=Sex.FEMALE,
        address_lines=("Flat 2", "17 Quarry Lane"),
        town="Otley",
        postcode="LS21 9ZZ",
    ),
    contact=Contact(Relationship.PARENT, "Anna Łuć", "07700 900123"),
    complaint="Sore throat for 2 days.\nNo fever.",
    reason="Acute sore throat (Pharmacy First clinical pathway)",
    practice=ReferringPractice("Y99901", "Quarry Lane Surgery", "0113 496 0001"),
    sender=Referrer("Jo", "Marsh", "Receptionist"),
    pharmacy=ReceivingPharmacy("FZZ01", "Bridge Pharmacy", "0113 496 0002", "2000000042"),
    consent_at=NOW - timedelta(minutes=1),
    started_at=NOW - timedelta(minutes=4),
)
# The same with everything that can be asked.
FULL = replace(
    CONTENT,
    patient=replace(
        CONTENT.patient,
        registered_at=RegisteredPractice("Y99902", "Mill Lane Medical Centre"),
        interpreter="Polish",
        requirements="Hard of hearing",
    ),
    contact=Contact(
        Relationship.PARENT,
        "Anna Łuć",
        "07700 900 123",
        PhoneOwner.OTHER,
        "Jan Łuć",
        "after school, 4pm",
    ),
    duration="2 days",
    tried="Paracetamol, lozenges",
    allergies=Told(ToldKind.TOLD, "Penicillin: a rash as a baby"),
    medicines=Told(ToldKind.TOLD, "Cetirizine from the supermarket"),
    triage=Triage(
        pack_version="2026.1",
        signed_off_by="",
        questions=(
            TriageQuestion("cannot swallow, or is drooling", TriageReply.NO),
            TriageQuestion("stiff neck", TriageReply.UNSURE),
            TriageQuestion("weak immune system", TriageReply.YES),
            TriageQuestion("pregnant", TriageReply.NOT_ASKED),
        ),
        sent_as=("A weak immune system rules out the sore throat pathway.",),
    ),
)
ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz ABCDEF'-",
    "żółćéèñßøæðþ ŁŻŒ",
    "محمد עברית 李小龍 Ελλάδα 😀👩‍👧",
    "\x00\x01\x07\x0b\x0c\x1f\x7f\x85\x9f\ud800\udfff\ufffe\uffff\ufdd0",
    '\t\n\r\u2028\u2029\xa0\u2003\u200b\ufeff\u202e \\"</>&{}',
]


def ids(seed: int) -> Iterator[UUID]:
    """Return new ids without end, the same for the same seed."""
    rng = Random(seed)  # noqa: S311
    while True:
        yield UUID(int=rng.getrandbits(128), version=4)


def built(
    content: Content = CONTENT, software: Software = SOFTWARE, *, seed: int = 1
) -> BuiltMessage:
    """Return the message of ``content``."""
    source = ids(seed)
    return message.build(content, software, now=NOW, new_id=lambda: next(source))


def bundle(content: Content = CONTENT) -> dict[str, Any]:
    """Return what the message says, as a receiver reads it."""
    read: dict[str, Any] = json.loads(built(content).body)
    return read


class Draft:
    """A message to be spoilt: each resource under its kind, the first if there are several."""

    def __init__(self, content: Content = CONTENT) -> None:
        self.bundle = bundle(content)

    def __getitem__(self, kind: str) -> dict[str, Any]:
        if kind == "Bundle":
            return self.bundle
        found: dict[str, Any] = next(
            entry["resource"]
            for entry in self.bundle["entry"]
            if entry["resource"]["resourceType"] == kind
        )
        return found

    def drop(self, kind: str) -> None:
        """Leave out every resource of a kind."""
        self.bundle["entry"] = [
            entry for entry in self.bundle["entry"] if entry["resource"]["resourceType"] != kind
        ]

    def repeat(self, kind: str) -> None:
        """Add a second one, under a name of its own."""
        urn = UUID(int=len(self.bundle["entry"]), version=4).urn
        resource = json.loads(json.dumps(self[kind]))
        self.bundle["entry"].append({"fullUrl": urn, "resource": resource})


def odd_text(rng: Random, longest: int = 40) -> str:
    """Return text with a letter in it and anything else around that."""
    letters = [rng.choice(rng.choice(ALPHABETS)) for _ in range(rng.randrange(longest))]
    letters.insert(rng.randrange(len(letters) + 1), rng.choice("aéŁ李م"))
    return "".join(letters)


def valid_number(rng: Random) -> str:
    """Return an NHS number that nobody has."""
    while True:
        number = f"999{rng.randrange(10**7):07}"
        if is_valid(number):
            return number


def _elsewhere(rng: Random) -> RegisteredPractice:
    return RegisteredPractice("Y99902", odd_text(rng))


def _odd_triage(rng: Random) -> Triage:
    questions = tuple(
        TriageQuestion(odd_text(rng), rng.choice(list(TriageReply)))
        for _ in range(rng.randrange(30))
    )
    return Triage(odd_text(rng), rng.choice(["", odd_text(rng)]), questions, (odd_text(rng),))


def odd_content(rng: Random) -> Content:
    """Return a referral that says anything at all."""

    def maybe() -> str:
        return rng.choice(["", " ", "\x00", odd_text(rng)])

    def told() -> Told:
        kind = rng.choice(list(ToldKind))
        return Told(kind, odd_text(rng, 300) if kind is ToldKind.TOLD else "")

    relationship = rng.choice(list(Relationship))
    is_patient = relationship is Relationship.SELF
    patient = Patient(
        nhs_number=rng.choice(["", valid_number(rng)]),
        given_name=odd_text(rng),
        family_name=odd_text(rng),
        birth_date=date(1900, 1, 1) + timedelta(days=rng.randrange(46_000)),
        sex=rng.choice(list(Sex)),
        address_lines=tuple(maybe() for _ in range(rng.randrange(4))),
        town=maybe(),
        postcode=maybe(),
        other_number=maybe(),
        registered_at=rng.choice([None, RegisteredPractice("", maybe()), _elsewhere(rng)]),
        interpreter=rng.choice([maybe(), "Polish", "BSL"]),
        requirements=maybe(),
    )
    return replace(
        CONTENT,
        reference=odd_text(rng),
        journey_id=UUID(int=rng.getrandbits(128), version=4),
        patient=patient,
        contact=Contact(
            relationship,
            "" if is_patient else odd_text(rng),
            odd_text(rng),
            rng.choice(list(PhoneOwner)),
            odd_text(rng),
            maybe(),
        ),
        duration=maybe(),
        tried=maybe(),
        allergies=told(),
        medicines=told(),
        triage=rng.choice([None, _odd_triage(rng)]),
        complaint=odd_text(rng, 2000),
        reason=odd_text(rng),
        practice=ReferringPractice("Y99901", odd_text(rng), maybe()),
        sender=Referrer(odd_text(rng), odd_text(rng), maybe()),
        pharmacy=ReceivingPharmacy("FZZ01", odd_text(rng), maybe(), str(rng.randrange(1, 10**10))),
        consent_at=NOW - timedelta(seconds=rng.random() * 1e6),
        started_at=NOW - timedelta(seconds=rng.random() * 1e6),
    )
