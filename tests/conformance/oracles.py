"""Two validators of FHIR that are not ours, and what they say of a message.

They are data and code of others: neither knows all of BaRS's rules, and one of them raises false
alarms, each of which is filtered here with its reason.
"""

import contextlib
import io
from functools import cache
from typing import Any

import fhirkit
from pyrofile_validator import ValidationIssue, Validator
from pyrofile_validator.config import ValidatorConfig

from tests.plugin import SHARED

Json = dict[str, Any]

BARS = SHARED / "bars"


def structure_errors(bundle: Json) -> list[str]:
    """Return what fhirkit-rs finds wrong: FHIR R4's own structure and values, no profiles."""
    return [str(issue) for issue in fhirkit.validate(bundle) if issue.severity == "error"]


def profile_errors(bundle: Json) -> list[str]:
    """Return what pyrofile finds wrong with NHS England's and UK Core's own packages."""
    with contextlib.redirect_stdout(io.StringIO()):  # it prints FHIRPath's trace()
        issues = _validator().validate_resource(bundle).issues
    return [
        f"{issue.code} at {issue.path}"
        for issue in issues
        if issue.severity.value == "error" and not _is_false_alarm(issue)
    ]


def _is_false_alarm(issue: ValidationIssue) -> bool:
    # An invariant that it could not evaluate is no invariant that is broken (per-1, ref-1).
    if ".unsupported." in issue.code:
        return True
    # It takes the language for unknown once a patient speaks one: FHIR R4 asks for it, and so does
    # UK Core's profile. The other validator judges it.
    if issue.code == "element.unknown" and issue.path == "Patient.communication[0].language":
        return True
    # The package (1.34.0) holds the use cases' release 1.4.0, where a5t1 has its old name; the
    # guide and release 1.5.0, which is in definitions/, have the one that we send.
    return (
        issue.code == "terminology.display"
        and issue.path == "ServiceRequest.category[0].coding[1].display"
        and "Primary Care to Community Pharmacy" in issue.message
    )


@cache
def _validator() -> Validator:
    packages = [str(path) for path in sorted((BARS / "packages").glob("*.tgz"))]
    return Validator(ValidatorConfig.load_dict({"localPackagePaths": packages}))
