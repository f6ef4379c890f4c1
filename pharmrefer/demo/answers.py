"""Makes the answers of the receiving side: bytes and headers, without sending them."""

import copy
import json
import math
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pharmrefer.demo.fhir import RequestFault, first_of, parts, resources_in, texts
from pharmrefer.demo.modes import NHS_CODES, Error

FHIR_JSON = "application/fhir+json"
REFERENCE_SYSTEM = "https://pharmacy.example/Id/referral-reference"
_PROFILES = "https://fhir.hl7.org.uk/StructureDefinition"
# Without what is easily taken for another when it is read out or written down.
_CHARACTERS = "ACDEFHJKLMNPQRTUVWXY34679"


@dataclass(frozen=True)
class PharmacyAnswer:
    status: int
    body: bytes = b""
    content_type: str = FHIR_JSON
    headers: dict[str, str] = field(default_factory=dict)
    has_ids: bool = True  # mirrors the two X- ids
    has_length: bool = True  # else the end of the connection ends it
    drips: bool = False  # a byte a second for ever instead of the body


def new_reference() -> str:
    """Return what a patient can say to the pharmacy: "WM-4F7K3"."""
    return "WM-" + "".join(secrets.choice(_CHARACTERS) for _ in range(5))


def as_json(content: object) -> bytes:
    return json.dumps(content).encode()


def outcome(
    status: int, code: str, issues: list[tuple[str, str]], system: str = NHS_CODES
) -> PharmacyAnswer:
    """Make an OperationOutcome.

    Args:
        code: of the details, such as REC_CONFLICT.
        issues: FHIR's IssueType and diagnostics of each.
        system: of the details' code.
    """
    details = {"coding": [{"system": system, "code": code}]}
    content = {
        "resourceType": "OperationOutcome",
        "id": str(uuid.uuid4()),
        "meta": {"profile": [f"{_PROFILES}/UKCore-OperationOutcome"]},
        "issue": [
            {"severity": "error", "code": issue, "details": details, "diagnostics": words}
            for issue, words in issues
        ],
    }
    return PharmacyAnswer(status, as_json(content))


def refusal(faults: list[RequestFault]) -> PharmacyAnswer:
    # Nothing that the request holds is repeated.
    issues = [(fault.code, f"{fault.path}: {fault.words}") for fault in faults]
    if any(fault.code == "not-supported" for fault in faults):
        return outcome(422, "REC_UNPROCESSABLE_ENTITY", issues)
    return outcome(400, "REC_BAD_REQUEST", issues)


def duplicate() -> PharmacyAnswer:
    return outcome(409, "REC_CONFLICT", [("duplicate", "This request has been processed already.")])


def too_early() -> PharmacyAnswer:
    words = "The first copy of this request is still being processed."
    return outcome(425, "REC_TOO_EARLY", [("duplicate", words)])


def told(error: Error, wait: float) -> PharmacyAnswer:
    words = "The demonstration pharmacy system was told to answer so."
    answer = outcome(error.status, error.code, [(error.issue, words)], error.system)
    if error.retry_after:
        answer.headers["Retry-After"] = str(math.ceil(wait))
    return answer


def success(bundle: dict[str, object], reference: str) -> PharmacyAnswer:
    """Echo the bundle with ids of ours and a planned Encounter, which holds the reference.

    ``bundle`` is without faults; a ``reference`` of "" is left out.
    """
    echo = copy.deepcopy(bundle)
    for resource in resources_in(echo):
        resource.content["id"] = str(uuid.uuid4())
    entries = [entry for _, entry in parts(echo, "Bundle.entry")]
    now = datetime.now(UTC).isoformat()
    meta = {"lastUpdated": now, "profile": texts(bundle, "Bundle.meta.profile")}
    planned = _planned_encounter(bundle, reference, now)
    content = {
        "resourceType": "Bundle",
        "id": bundle["id"],
        "meta": meta,
        "type": "message",
        "timestamp": now,
        "entry": [*entries, planned],
    }
    return PharmacyAnswer(200, as_json(content))


def _planned_encounter(bundle: dict[str, object], reference: str, now: str) -> dict[str, object]:
    sent = first_of(resources_in(bundle), "Encounter")
    own_id = str(uuid.uuid4())
    encounter: dict[str, object] = {
        "resourceType": "Encounter",
        "id": own_id,
        "meta": {"lastUpdated": now, "profile": [f"{_PROFILES}/UKCore-Encounter"]},
        "status": "planned",
        "class": sent["class"],
        "subject": sent["subject"],
    }
    if reference:
        encounter["identifier"] = [{"system": REFERENCE_SYSTEM, "value": reference}]
    return {"fullUrl": f"urn:uuid:{own_id}", "resource": encounter}


def intermediary() -> PharmacyAnswer:
    # As some box in between answers, which knows nothing of referrals.
    page = b"<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"
    return PharmacyAnswer(502, page, "text/html", has_ids=False)


def elsewhere() -> PharmacyAnswer:
    # Another address of ours, where being followed would show.
    return PharmacyAnswer(307, headers={"Location": "/$process-message?followed=yes"})
