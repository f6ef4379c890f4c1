"""Which elements a message of ours may hold, which of them are lists, and what each is made of.

Less than FHIR R4 allows: an element comes in here when the message first says it. A receiver
ignores one that it does not know, or refuses all of the message; nobody would see either.
Source: FHIR R4, the resources' and data types' definitions.
"""

from typing import NamedTuple


class Shape(NamedTuple):
    """What an element looks like in JSON."""

    is_list: bool
    of: str  # the name of what it is made of; "" is a primitive value


def _shapes(words: str) -> dict[str, Shape]:
    found = {}
    for word in words.split():
        name, _, of = word.partition(":")
        found[name.removesuffix("*")] = Shape(name.endswith("*"), of)
    return found


_CODES = "CodeableConcept"
# A * is behind the name of a list, and behind a colon what it is made of.
SHAPES = {
    name: _shapes(words)
    for name, words in {
        "Bundle": "resourceType id meta:Meta type timestamp entry*:Entry",
        "Entry": "fullUrl resource:Resource",
        "Meta": "versionId lastUpdated profile*",
        "Address": "use type text line* city district postalCode",
        _CODES: "coding*:Coding text",
        "Coding": "system version code display",
        "Communication": f"language:{_CODES} preferred",
        "ContactPoint": "system value use rank",
        "Extension": (
            "extension*:Extension url valueBoolean valuePositiveInt valueString "
            f"value{_CODES}:{_CODES}"
        ),
        "HumanName": "use text family given* prefix* suffix*",
        "Identifier": "extension*:Extension use system value",
        "Period": "start end",
        "Reference": "reference",
    }.items()
}
_COMMON = "resourceType id meta:Meta "  # that there is no id, check says
SHAPES |= {
    kind: _shapes(_COMMON + words)
    for kind, words in {
        "MessageHeader": (
            "extension*:Extension eventCoding:Coding destination*:Destination sender:Reference "
            f"source:Source reason:{_CODES} focus*:Reference definition"
        ),
        "ServiceRequest": (
            f"basedOn*:Reference status intent category*:{_CODES} subject:Reference "
            "encounter:Reference occurrencePeriod:Period authoredOn requester:Reference "
            "performer*:Reference"
        ),
        "Encounter": (
            "identifier*:Identifier status class:Coding subject:Reference "
            "episodeOfCare*:Reference period:Period"
        ),
        "CarePlan": (
            "status intent subject:Reference encounter:Reference period:Period "
            "addresses*:Reference activity*:Activity"
        ),
        "Task": (
            f"status intent code:{_CODES} description encounter:Reference authoredOn "
            "restriction:Restriction"
        ),
        "Condition": (
            f"clinicalStatus:{_CODES} verificationStatus:{_CODES} category*:{_CODES} "
            f"code:{_CODES} subject:Reference encounter:Reference onsetDateTime"
        ),
        "Patient": (
            "extension*:Extension identifier*:Identifier name*:HumanName gender birthDate "
            "address*:Address contact*:Contact communication*:Communication "
            "generalPractitioner*:Reference"
        ),
        "PractitionerRole": (
            "identifier*:Identifier practitioner:Reference organization:Reference "
            f"code*:{_CODES} specialty*:{_CODES}"
        ),
        "Practitioner": "identifier*:Identifier name*:HumanName telecom*:ContactPoint",
        "Organization": f"identifier*:Identifier type*:{_CODES} name telecom*:ContactPoint",
        "HealthcareService": (
            "identifier*:Identifier active providedBy:Reference name telecom*:ContactPoint"
        ),
        "Consent": (
            f"status scope:{_CODES} category*:{_CODES} patient:Reference dateTime "
            f"policyRule:{_CODES}"
        ),
        "AllergyIntolerance": (
            f"clinicalStatus:{_CODES} verificationStatus:{_CODES} code:{_CODES} "
            "patient:Reference encounter:Reference recordedDate recorder:Reference"
        ),
        "MedicationStatement": (
            f"status medication{_CODES}:{_CODES} subject:Reference context:Reference dateAsserted"
        ),
        "Flag": f"status category*:{_CODES} code:{_CODES} subject:Reference period:Period",
    }.items()
}
# What some of them are made of, and nothing else is.
SHAPES |= {
    name: _shapes(words)
    for name, words in {
        "Activity": f"outcomeCodeableConcept*:{_CODES} reference:Reference",
        "Contact": (
            f"extension*:Extension relationship*:{_CODES} name:HumanName telecom*:ContactPoint "
            "gender"
        ),
        "Destination": "endpoint receiver:Reference",
        "Restriction": "period:Period",
        "Source": "name software version contact:ContactPoint endpoint",
    }.items()
}
