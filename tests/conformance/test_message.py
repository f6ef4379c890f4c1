"""A referral's message, against the NHS's own definitions and two validators that are not ours."""

import base64
import json
import re
import tarfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from accounts.models.people import Practice
from referrals import actions
from referrals.fhir import rules
from referrals.fhir.check import check_message
from referrals.fhir.content import Contact, PhoneOwner, Relationship
from referrals.fhir.faults import values
from referrals.fhir.languages import LANGUAGES
from referrals.models.messages import Message
from referrals.models.referrals import Referral
from tests import factories
from tests.conformance import oracles
from tests.factories import acting
from tests.referrals.fhir.samples import CONTENT, FULL, Draft, built, bundle, odd_content

pytestmark = pytest.mark.needs("shared")

Json = dict[str, Any]


@pytest.fixture
def bars(shared: Path) -> Path:
    return shared / "bars"


def read(path: Path) -> Json:
    read: Json = json.loads(path.read_text())
    return read


def definition(bars: Path, name: str) -> Json:
    return read(bars / "definitions" / f"{name}.json")


def codings(node: Any) -> list[Json]:
    """Return every coding anywhere under ``node``."""
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    found = [node] if isinstance(node, dict) and {"system", "code"} <= node.keys() else []
    return found + [each for child in below for each in codings(child)]


# Two validators


@pytest.mark.parametrize("relationship", Relationship)
@pytest.mark.parametrize("nhs_number", ["9434765919", ""])
def test_our_message_is_right_to_both_validators(
    relationship: Relationship, nhs_number: str
) -> None:
    name = "" if relationship is Relationship.SELF else "Sam Bell"
    content = replace(
        CONTENT,
        patient=replace(CONTENT.patient, nhs_number=nhs_number),
        contact=Contact(relationship, name, "07700 900123"),
    )
    made = bundle(content)
    assert oracles.structure_errors(made) == []
    assert oracles.profile_errors(made) == []


@pytest.mark.parametrize(
    ("owner", "interpreter"),
    [
        *((owner, "Polish") for owner in PhoneOwner),
        *((PhoneOwner.PATIENT, interpreter) for interpreter in ("", "Cantonese", "BSL")),
    ],
)
def test_with_all_that_can_be_asked_it_is_right_to_both(
    owner: PhoneOwner, interpreter: str
) -> None:
    content = replace(
        FULL,
        contact=replace(FULL.contact, phone_owner=owner),
        patient=replace(FULL.patient, interpreter=interpreter),
    )
    made = bundle(content)
    assert oracles.structure_errors(made) == []
    assert oracles.profile_errors(made) == []


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["01632 960 999", "0800 960 999", ""])
def test_with_a_call_back_number_of_the_practice_it_is_right_too(number: str) -> None:
    by = factories.member()
    Practice.objects.update(call_back_phone=number)
    draft = Referral.find(factories.draft(by=by).pk, person=by)
    assert draft
    actions.send(draft, draft.details, known=(), actor=acting(by, now=timezone.now()))
    made = json.loads(Message.objects.get().body)
    assert oracles.structure_errors(made) == []
    assert oracles.profile_errors(made) == []
    header, *_ = (each["resource"] for each in made["entry"])
    assert header["source"]["contact"]["value"] == (number or "01632 960 101")


@pytest.mark.parametrize("seed", range(100))
def test_whatever_people_type_the_structure_is_right(seed: int) -> None:
    made = bundle(odd_content(Random(seed)))  # noqa: S311
    assert oracles.structure_errors(made) == []
    if seed < 10:
        assert oracles.profile_errors(made) == []


def end_before_start(draft: Draft) -> None:
    period = draft["ServiceRequest"]["occurrencePeriod"]
    period["start"], period["end"] = period["end"], period["start"]


def without_task(draft: Draft) -> None:
    draft.drop("Task")
    del draft["CarePlan"]["activity"][0]["reference"]


# What is spoilt, and who notices: the validators of Structure and of Profiles, and our own Check.
DELIBERATE_FAULTS: list[tuple[str, Callable[[Draft], Any], str]] = [
    ("no status", lambda d: d["ServiceRequest"].pop("status"), "SPC"),
    ("no source", lambda d: d["MessageHeader"].pop("source"), "SPC"),
    ("a gender of its own", lambda d: d["Patient"].update(gender="F"), "PC"),
    ("a status of its own", lambda d: d["ServiceRequest"].update(status="banana"), "PC"),
    ("a number for a birth date", lambda d: d["Patient"].update(birthDate=20190228), "SPC"),
    ("a day that is none", lambda d: d["Patient"].update(birthDate="2019-02-30"), "C"),
    ("an element of our own", lambda d: d["Patient"].update(shoeSize="5"), "SPC"),
    ("one name, not a list", lambda d: d["Patient"].update(name=d["Patient"]["name"][0]), "SC"),
    ("no intent", lambda d: d["CarePlan"].pop("intent"), "SPC"),
    (
        "an instant that is none",
        lambda d: d["Task"]["meta"].update(lastUpdated="yesterday"),
        "SC",
    ),
    ("an empty text", lambda d: d["Condition"]["code"].update(text=""), "SC"),
    ("an empty list", lambda d: d["Condition"].update(note=[]), "SPC"),
    ("the header not first", lambda d: d.bundle["entry"].reverse(), "PC"),
    (
        "a reference to nothing",
        lambda d: d["ServiceRequest"]["subject"].update(
            reference="urn:uuid:00000000-0000-4000-8000-000000000000"
        ),
        "C",
    ),
    (
        "one name for two resources",
        lambda d: d.bundle["entry"][3].update(fullUrl=d.bundle["entry"][4]["fullUrl"]),
        "PC",
    ),
    ("no timestamp", lambda d: d.bundle.pop("timestamp"), "PC"),
    ("another type of bundle", lambda d: d.bundle.update(type="collection"), "PC"),
    ("another intent", lambda d: d["ServiceRequest"].update(intent="order"), "PC"),
    ("no category", lambda d: d["ServiceRequest"].pop("category"), "PC"),
    (
        "two categories",
        lambda d: d["ServiceRequest"]["category"].append(d["ServiceRequest"]["category"][0]),
        "PC",
    ),
    ("no authoredOn", lambda d: d["ServiceRequest"].pop("authoredOn"), "PC"),
    ("no reason", lambda d: d["MessageHeader"].pop("reason"), "PC"),
    (
        "a reason of another system",
        lambda d: d["MessageHeader"]["reason"]["coding"][0].update(system="http://else.example"),
        "PC",
    ),
    (
        "a moment instead of a period",
        lambda d: d["ServiceRequest"].update(
            occurrenceDateTime=d["ServiceRequest"].pop("occurrencePeriod")["start"]
        ),
        "C",
    ),
    (
        "a phone without a system",
        lambda d: d["Patient"]["contact"][0]["telecom"][0].pop("system"),
        "PC",
    ),
    (
        "a wrong NHS number",
        lambda d: d["Patient"]["identifier"][0].update(value="9434765918"),
        "C",
    ),
    (
        "an unknown use case",
        lambda d: d["ServiceRequest"]["category"][0]["coding"][1].update(code="a9t9"),
        "PC",
    ),
    (
        "an unknown trace status",
        lambda d: d["Patient"]["identifier"][0]["extension"][0]["valueCodeableConcept"]["coding"][
            0
        ].update(code="traced"),
        "C",
    ),
    (
        "two contacts of rank 1",
        lambda d: d["Patient"]["contact"].append(d["Patient"]["contact"][0]),
        "C",
    ),
    (
        "a rank of 0",
        lambda d: d["Patient"]["contact"][0]["extension"][0].update(valuePositiveInt=0),
        "SC",
    ),
    (
        "a phone of the patient's own",
        lambda d: d["Patient"].update(telecom=d["Patient"]["contact"][0]["telecom"]),
        "C",
    ),
    (
        "another service than the destination's",
        lambda d: d["HealthcareService"]["identifier"][0].update(value="2000000043"),
        "C",
    ),
    (
        "six decimals",
        lambda d: d.bundle["meta"].update(lastUpdated="2026-11-23T09:30:15.123456+00:00"),
        "C",
    ),
    ("an id of ours", lambda d: d["Task"].update(id="1"), "C"),
    ("no task", without_task, "C"),
    ("no kind of sender", lambda d: d["Organization"].pop("type"), "C"),
    (
        "an ODS code in small letters' system",
        lambda d: d["Organization"]["identifier"][0].update(
            system="https://fhir.nhs.uk/id/ods-organization-code"
        ),
        "C",
    ),
    (
        "another procedure",
        lambda d: d["Task"]["code"]["coding"][0].update(code="1577041000000109"),
        "C",
    ),
    (
        "no phone for the first contact",
        lambda d: d["Patient"]["contact"][0]["telecom"][0].update(system="email"),
        "C",
    ),
    (
        "the encounter for a subject",
        lambda d: d["ServiceRequest"].update(subject=d["ServiceRequest"]["encounter"]),
        "C",
    ),
    ("no episode of care", lambda d: d["Encounter"].pop("episodeOfCare"), "C"),
    ("an end before the start", end_before_start, "PC"),
    ("an allergy of nobody", lambda d: d["AllergyIntolerance"].pop("patient"), "SPC"),
    ("an allergy without its words", lambda d: d["AllergyIntolerance"].pop("code"), "PC"),
    ("no state of a medicine", lambda d: d["MedicationStatement"].pop("status"), "SPC"),
    (
        "a medicine without its words",
        lambda d: d["MedicationStatement"].pop("medicationCodeableConcept"),
        "SPC",
    ),
    (
        "a safeguarding concern as a flag",
        lambda d: d["Flag"]["category"][0]["coding"][0].update(
            code="SG", display="Safeguarding Concern"
        ),
        "C",
    ),
    ("no state of a flag", lambda d: d["Flag"].pop("status"), "SPC"),
    (
        "an interpreter who is a text",
        lambda d: d["Patient"]["extension"][0].update(valueBoolean="yes"),
        "S",
    ),
    (
        "no language to communicate in",
        lambda d: d["Patient"]["communication"][0].pop("language"),
        "SP",
    ),
]


@pytest.mark.parametrize(
    ("spoil", "noticed_by"),
    [(spoil, tools) for _, spoil, tools in DELIBERATE_FAULTS],
    ids=[name for name, _, _ in DELIBERATE_FAULTS],
)
def test_a_deliberate_fault_is_noticed(spoil: Callable[[Draft], Any], noticed_by: str) -> None:
    draft = Draft(FULL)
    spoil(draft)
    tools: dict[str, Callable[[Json], list[Any]]] = {
        "S": oracles.structure_errors,
        "P": oracles.profile_errors,
        "C": check_message,
    }
    assert "".join(name for name, errors in tools.items() if errors(draft.bundle)) == noticed_by


def test_the_check_finds_what_no_validator_does() -> None:
    """These are the rules that only a receiver would tell us of."""
    alone = {name for name, _, tools in DELIBERATE_FAULTS if tools == "C"}
    assert alone >= {
        *("a reference to nothing", "a moment instead of a period", "a wrong NHS number"),
        *("two contacts of rank 1", "a phone of the patient's own", "six decimals"),
        *("another service than the destination's", "no task", "no kind of sender"),
    }


# The definitions


def test_the_codes_we_send_are_in_the_nhs_s_code_systems(bars: Path) -> None:
    known = {
        (system["url"], concept["code"], concept["display"])
        for system in map(read, (bars / "definitions").glob("*.json"))
        if system["resourceType"] == "CodeSystem"
        for concept in system["concept"]
    }
    package = bars / "packages" / "fhir.r4.ukcore.stu1-0.5.1.tgz"
    with tarfile.open(package) as files:
        for name in ("NHSNumberVerificationStatus", "HumanLanguage"):
            file = files.extractfile(f"package/CodeSystem-UKCore-{name}.json")
            assert file
            system = json.load(file)
            known |= {(system["url"], each["code"], each["display"]) for each in system["concept"]}
    systems = {system for system, _, _ in known}
    speaking = [
        replace(FULL, patient=replace(FULL.patient, interpreter=name))
        for name in ("BSL", "Makaton")
    ]
    sent = {
        (each["system"], each["code"], each["display"])
        for content in (FULL, *speaking)
        for each in codings(bundle(content))
        if each["system"] in systems
    } | set(LANGUAGES.values())
    assert sent <= known
    assert {system.rpartition("/")[2] for system, _, _ in sent} == {
        *("message-events-bars", "message-reason-bars", "usecases-categories-bars"),
        *("consent-categories-bars", "UKCore-NHSNumberVerificationStatus"),
        *("flag-categories-bars", "reasonable-adjustment-codes-bars", "UKCore-HumanLanguage"),
    }


MESSAGE_DEFINITION = "BARS-MessageDefinition-ServiceRequest-Request-Referral"


def test_the_message_definition_s_counts_are_met_and_so_are_ours(bars: Path) -> None:
    wanted = definition(bars, MESSAGE_DEFINITION)
    made = bundle(FULL)
    counts = Counter(each["resourceType"] for each in values(made, ("entry", "resource")))
    counts["Bundle"] = 1
    allowed = {focus["code"] for focus in wanted["focus"]}
    assert counts.keys() <= allowed
    assert rules.COUNTS.keys() <= allowed
    for focus in wanted["focus"]:
        kind, most = focus["code"], rules.MANY if focus["max"] == "*" else int(focus["max"])
        assert focus["min"] <= counts[kind] <= most
        if kind in rules.COUNTS:  # ours may ask for more: Application 5 does
            assert focus["min"] <= rules.COUNTS[kind][0]
            assert rules.COUNTS[kind][1] <= most
    assert made["entry"][0]["resource"]["definition"] == wanted["url"]


def test_each_resource_bears_the_profile_that_the_message_definition_names(bars: Path) -> None:
    wanted = {
        (focus["code"], focus["profile"]) for focus in definition(bars, MESSAGE_DEFINITION)["focus"]
    }
    made = bundle(FULL)
    for resource in (made, *values(made, ("entry", "resource"))):
        (profile,) = resource["meta"]["profile"]
        assert (resource["resourceType"], profile) in wanted


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Bundle", "BARSBundleMessage"),
        ("MessageHeader", "BARSMessageHeaderServiceRequestRequest"),
        ("ServiceRequest", "BARSServiceRequest-request-referral"),
    ],
)
def test_the_profiles_fixed_values_and_least_counts_are_met(
    bars: Path, kind: str, name: str
) -> None:
    resource = Draft(FULL)[kind]
    met = 0
    for element in definition(bars, name)["differential"]["element"]:
        path = element["path"].replace("event[x]", "eventCoding").split(".")[1:]
        if not path or "sliceName" in element:
            continue
        for parent in values(resource, path[:-1]):
            met += bool(element.get("min"))
            assert len(values(parent, path[-1:])) >= element.get("min", 0)
        for fixed in (value for key, value in element.items() if key.startswith("fixed")):
            met += 1
            assert values(resource, path) == [fixed]
    assert met >= 2


# The official example


def example(bars: Path) -> Draft:
    draft = Draft()
    draft.bundle = read(bars / "examples" / "referral-request-primary-care-to-pharmacy.json")
    return draft


WITHOUT_DISPLAY = [
    *("MessageHeader.eventCoding", "MessageHeader.reason.coding", "Consent.policyRule.coding"),
    *("Consent.scope.coding", "Condition.clinicalStatus.coding"),
    "Condition.verificationStatus.coding",
]


def test_the_official_example_has_its_known_faults_and_no_other(bars: Path) -> None:
    assert sorted(fault.path for fault in check_message(example(bars).bundle)) == sorted(
        [
            "Patient.identifier.value",  # fails modulus 11
            "CarePlan.period.start",
            "Organization.type",  # of the sender
            "Organization.identifier",  # of the sender and of the receiver: "id", not "Id"
            "Organization.identifier",
            "HealthcareService.identifier",  # http, not https
            "Condition.id",  # the receiver's to give
            "Task.id",
            *WITHOUT_DISPLAY,  # the official test kit asks for one in every coding
        ]
    )


def test_the_official_example_without_its_known_faults_is_right(bars: Path) -> None:
    draft = example(bars)
    draft["Patient"]["identifier"][0]["value"] = "9728928254"
    draft["CarePlan"]["period"] = {"start": "2023-06-26T11:30:00+00:00"}
    draft["HealthcareService"]["identifier"][0]["system"] = "https://fhir.nhs.uk/Id/dos-service-id"
    for organization in values(draft.bundle, ("entry", "resource")):
        if organization["resourceType"] == "Organization":
            organization["type"] = Draft()["Organization"]["type"]
            for identifier in organization.get("identifier", []):
                identifier["system"] = "https://fhir.nhs.uk/Id/ods-organization-code"
    for kind in ("Condition", "Task"):
        del draft[kind]["id"]
    for coding in codings(draft.bundle):
        coding.setdefault("display", "as its system has it")
    assert check_message(draft.bundle) == []
    assert oracles.structure_errors(draft.bundle) == []


# The headers


def shape(value: Any) -> Any:
    """Return ``value`` with its texts and numbers forgotten."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize(
    ("header", "sample", "more", "less"),
    [
        ("NHSD-Target-Identifier", "target_identifier", set(), set()),
        ("NHSD-End-User-Organisation", "enduser_organisation", {"telecom"}, set()),
        ("NHSD-Requesting-Software", "requesting_software", set(), set()),
        # We know no SDS role profile id of our people.
        ("NHSD-Requesting-Practitioner", "requesting_practitioner", set(), {"identifier"}),
    ],
)
def test_our_headers_have_the_official_samples_shape(
    bars: Path, header: str, sample: str, more: set[str], less: set[str]
) -> None:
    ours = shape(json.loads(base64.b64decode(built().headers[header])))
    theirs = shape(read(bars / "examples" / f"{sample}.json"))
    assert ours.keys() - theirs.keys() == more
    assert theirs.keys() - ours.keys() == less
    for name in ours.keys() & theirs.keys() - {"code"}:
        assert ours[name] == theirs[name]


def test_our_episode_of_care_is_written_as_in_the_official_example(bars: Path) -> None:
    theirs = example(bars)["Encounter"]["episodeOfCare"][0]["reference"]
    ours = Draft()["Encounter"]["episodeOfCare"][0]["reference"]
    as_theirs = re.sub("[0-9a-f]", ".", theirs.removeprefix("EpisodeOfCare/"))
    assert re.sub("[0-9a-f]", ".", ours.removeprefix("EpisodeOfCare/")) == as_theirs
