"""The systems, profiles and codes of a BaRS Application 5 referral, once.

Sources: the BaRS implementation guide 1.12.0 (Application 5, 1.2.0; Core 1.5.0), its code systems,
HL7's terminology for FHIR R4, UK Core STU1.
"""

from typing import NamedTuple

from referrals.fhir.content import Relationship

_NHS = "https://fhir.nhs.uk"
_UK_CORE = "https://fhir.hl7.org.uk"
_HL7 = "http://terminology.hl7.org/CodeSystem"

NHS_NUMBER = f"{_NHS}/Id/nhs-number"
ODS_CODE = f"{_NHS}/Id/ods-organization-code"  # a capital "Id": "id" is another system
DOS_SERVICE_ID = f"{_NHS}/Id/dos-service-id"
MESSAGE_DEFINITION = f"{_NHS}/MessageDefinition/bars-message-servicerequest-request-referral"
BUNDLE_PROFILE = f"{_NHS}/StructureDefinition/BARSBundleMessage"
CONTACT_RANK = f"{_UK_CORE}/StructureDefinition/Extension-UKCore-ContactRank"
NHS_NUMBER_STATUS = f"{_UK_CORE}/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
USE_CASES = f"{_NHS}/CodeSystem/usecases-categories-bars"
SNOMED_CT = "http://snomed.info/sct"

CDSS = f"{_NHS}/StructureDefinition/CDSSExtension"
# As the extension's definition and the official example spell them; the guide's table does not.
CDSS_SOFTWARE, CDSS_VERSION = "RequesterCDSSsoftware", "RequesterCDSSversion"
INTERPRETER_REQUIRED = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"

PROFILES = {
    "Flag": "http://hl7.org/fhir/StructureDefinition/Flag",  # as the message's definition has it
    "MessageHeader": f"{_NHS}/StructureDefinition/BARSMessageHeader-servicerequest-request",
    "ServiceRequest": f"{_NHS}/StructureDefinition/BARSServiceRequest-request-referral",
} | {
    name: f"{_UK_CORE}/StructureDefinition/UKCore-{name}"
    for name in (
        *("AllergyIntolerance", "CarePlan", "Condition", "Consent", "Encounter"),
        *("HealthcareService", "MedicationStatement", "Organization", "Patient"),
        *("Practitioner", "PractitionerRole", "Task"),
    )
}


class Coding(NamedTuple):
    system: str
    code: str
    display: str


EVENT = Coding(
    f"{_NHS}/CodeSystem/message-events-bars", "servicerequest-request", "Service Request - Request"
)
REASON_NEW = Coding(f"{_NHS}/CodeSystem/message-reason-bars", "new", "New")
REFERRAL = Coding(
    f"{_NHS}/CodeSystem/message-category-servicerequest", "referral", "Transfer of Care"
)
USE_CASE = "a5t1"  # its display differs between releases: Software.use_case_display
ENCOUNTER_CLASS = Coding(f"{_HL7}/v3-ActCode", "EMER", "emergency")  # whatever the urgency: BaRS
PHARMACY_FIRST = Coding(
    SNOMED_CT,
    "2140231000000104",
    "Referral to Community Pharmacy Pharmacy First Service (procedure)",
)
PRESENTING_COMPLAINT = Coding(SNOMED_CT, "33962009", "Presenting complaint")
GENERAL_PRACTICE = Coding(SNOMED_CT, "788007007", "General practice service")
ADMINISTRATIVE_STAFF = Coding(SNOMED_CT, "224608005", "Administrative healthcare staff")
ACTIVE = Coding(f"{_HL7}/condition-clinical", "active", "Active")
UNCONFIRMED = Coding(f"{_HL7}/condition-ver-status", "unconfirmed", "Unconfirmed")
PRIVACY_CONSENT = Coding(f"{_HL7}/consentscope", "patient-privacy", "Privacy Consent")
DIRECT_CARE = Coding(f"{_NHS}/CodeSystem/consent-categories-bars", "DRC", "Direct Care")
IMPLIED_CONSENT = Coding(f"{_HL7}/v3-ActCode", "IMPLIED", "implied consent")
# A number of ours has not been looked up in the Personal Demographics Service.
NOT_TRACED = Coding(
    f"{_UK_CORE}/CodeSystem/UKCore-NHSNumberVerificationStatus",
    "number-present-but-not-traced",
    "Number present but not traced",
)
ALLERGY_ACTIVE = Coding(f"{_HL7}/allergyintolerance-clinical", "active", "Active")
ALLERGY_UNCONFIRMED = Coding(
    f"{_HL7}/allergyintolerance-verification", "unconfirmed", "Unconfirmed"
)
_FLAGS = f"{_NHS}/CodeSystem/flag-categories-bars"
REASONABLE_ADJUSTMENT = Coding(_FLAGS, "RA", "Reasonable Adjustment")
ADDITIONAL_INFORMATION = Coding(_FLAGS, "API", "Additional Patient Information")
_ADJUSTMENTS = f"{_NHS}/CodeSystem/reasonable-adjustment-codes-bars"
# The widest of its system: which one is meant, only the words beside it say.
ANY_ADJUSTMENT = Coding(
    _ADJUSTMENTS,
    "reasonableadjustmentsforhealthandcareaccess",
    "Reasonable adjustments for health and care access",
)
PATIENT_GIVEN_INFORMATION = Coding(
    SNOMED_CT, "103313004", "Patient given information (contextual qualifier)"
)
# Of those for whom signs are spoken language, an interpreter is an adjustment with its own code.
SIGN_INTERPRETERS = {
    "q4": Coding(
        _ADJUSTMENTS,
        "britishsignlanguageinterpreterneeded",
        "British Sign Language interpreter needed",
    ),
    "q5": Coding(
        _ADJUSTMENTS,
        "makatonsignlanguageinterpreterneeded",
        "Makaton Sign Language interpreter needed",
    ),
}

_OTHER = Coding(f"{_HL7}/v2-0131", "O", "Other")
RELATIONSHIPS = {
    Relationship.SELF: Coding(f"{_HL7}/v3-RoleCode", "ONESELF", "self"),
    Relationship.PARENT: Coding(f"{_HL7}/v3-RoleCode", "PRN", "parent"),
    Relationship.GUARDIAN: Coding(f"{_HL7}/v3-RoleCode", "GUARD", "guardian"),
    Relationship.SPOUSE: Coding(f"{_HL7}/v3-RoleCode", "SPS", "spouse"),
    Relationship.CARER: _OTHER,  # no system that UK Core binds has an unpaid carer
    Relationship.OTHER: _OTHER,
}
RELATIONSHIP_WORDS = {
    Relationship.SELF: "The patient",
    Relationship.PARENT: "Parent",
    Relationship.GUARDIAN: "Guardian",
    Relationship.SPOUSE: "Spouse or partner",
    Relationship.CARER: "Carer",
    Relationship.OTHER: "Someone else",
}
