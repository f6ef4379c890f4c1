"""What a practice may refer for: seven clinical pathways, and minor illness by symptom group.

Ages and sex are the gateways of the Pharmacy First clinical pathways; the symptom groups are
those of the service specification's Annex D, which is not exhaustive. Content, not code: it has
not been signed off by a clinical safety officer, and pages say so.
"""

from dataclasses import dataclass
from datetime import date

YOUNGEST = 1  # year: younger children are for the GP


@dataclass(frozen=True)
class Gateway:
    code: str
    name: str
    youngest: int  # years, on the day of the referral
    oldest: int | None  # years; none: no limit
    women_only: bool = False

    @property
    def who(self) -> str:
        people = "women" if self.women_only else "people"
        if self.oldest is None:
            return f"{people} aged {self.youngest} and over"
        return f"{people} aged {self.youngest} to {self.oldest}"

    def excludes(self, *, age: int, sex: str) -> bool:
        """Say whether age (whole years) or sex (as in FHIR) rules it out; minor illness remains."""
        is_old_enough = age >= self.youngest
        is_young_enough = self.oldest is None or age <= self.oldest
        return not (is_old_enough and is_young_enough and (sex == "female" or not self.women_only))


PATHWAYS = {
    pathway.code: pathway
    for pathway in (
        Gateway("sinusitis", "Acute sinusitis", 12, None),
        Gateway("sore_throat", "Acute sore throat", 5, None),
        Gateway("otitis_media", "Earache (acute otitis media)", 1, 17),
        Gateway("impetigo", "Impetigo", 1, None),
        Gateway("insect_bite", "Infected insect bite", 1, None),
        Gateway("shingles", "Shingles", 18, None),
        Gateway("uti", "Urinary tract infection, uncomplicated", 16, 64, women_only=True),
    )
}
MINOR_ILLNESS = "minor_illness"
SYMPTOM_GROUPS = (
    "Acne, spots and pimples",
    "Allergic reaction",
    "Ankle or foot pain or swelling",
    "Athlete's foot",
    "Bites or stings, insect or spider",
    "Blisters",
    "Cold and flu",
    "Constipation",
    "Cough",
    "Diarrhoea",
    "Ear discharge or ear wax",
    "Earache",
    "Eye, red or irritable",
    "Eye, sticky or watery",
    "Eyelid problems",
    "Hair loss",
    "Headache",
    "Hearing problems or blocked ear",
    "Hip, thigh or buttock pain or swelling",
    "Itch",
    "Knee or lower leg pain",
    "Lower back pain",
    "Lower limb pain or swelling",
    "Mouth ulcers",
    "Nasal congestion",
    "Pain and/or frequency passing urine",
    "Rectal pain",
    "Scabies",
    "Scratches and grazes",
    "Shoulder pain",
    "Sinusitis",
    "Skin, blisters or rash",
    "Sleep difficulties",
    "Sore throat",
    "Teething",
    "Tiredness",
    "Toe pain or swelling",
    "Vaginal discharge",
    "Vaginal itch or soreness",
    "Vomiting",
    "Wound problems",
    "Wrist, hand or finger pain or swelling",
)
OTHER_MINOR_ILLNESS = "Another minor illness"


def objection(code: str, *, age: int, sex: str) -> str:
    """Return in a sentence why the patient cannot be referred for this, or ""."""
    pathway = PATHWAYS.get(code)
    if pathway is None or not pathway.excludes(age=age, sex=sex):
        return ""
    return (
        f"{pathway.name} is for {pathway.who} only. Choose a minor illness instead, or correct "
        "the date of birth or sex"
    )


def age_on(day: date, *, born: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def reason(code: str, symptom_group: str) -> str:
    if code == MINOR_ILLNESS:
        return f"{symptom_group} (Pharmacy First minor illness)"
    return f"{PATHWAYS[code].name} (Pharmacy First clinical pathway)"
