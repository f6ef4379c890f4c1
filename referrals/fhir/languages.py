"""The codes of the languages that interpreters are asked for, by the names that people write.

Source: UK Core STU1, UKCore-HumanLanguage, whose displays are kept as they are. A language without
a code of its own there, such as Cantonese or Sylheti, is sent in words alone: the code of another,
or of several, would send for the wrong interpreter.
"""

from referrals.fhir.codes import Coding

_SYSTEM = "https://fhir.hl7.org.uk/CodeSystem/UKCore-HumanLanguage"
_LANGUAGES = """
q4 British Sign Language: BSL, sign language
q5 Makaton
sq Albanian
am Amharic
ar Arabic
hy Armenian
bn Bengali: Bangla
bg Bulgarian
my Burmese
hr Croatian
cs Czech
nl Dutch; Flemish: Dutch, Flemish
et Estonian
fr French
ka Georgian
de German
el Greek, Modern (1453-): Greek
gu Gujarati
ha Hausa
he Hebrew
hi Hindi
hu Hungarian
ig Igbo
it Italian
ja Japanese
kn Kannada
km Central Khmer: Khmer
rw Kinyarwanda
ko Korean
ku Kurdish
lo Lao
lv Latvian
ln Lingala
lt Lithuanian
mk Macedonian
ms Malay
ml Malayalam
mr Marathi
ne Nepali
om Oromo
pa Panjabi; Punjabi: Panjabi, Punjabi
fa Persian: Farsi
pl Polish
pt Portuguese
ps Pushto: Pashto
ro Romanian
ru Russian
sr Serbian
sn Shona
si Sinhala; Sinhalese: Sinhala, Sinhalese
sk Slovak
sl Slovenian
so Somali
es Spanish; Castilian: Spanish
sw Swahili
tl Tagalog
ta Tamil
te Telugu
th Thai
ti Tigrinya
tr Turkish
tw Twi
uk Ukrainian
ur Urdu
uz Uzbek
vi Vietnamese
cy Welsh
yo Yoruba
"""


def _by_name() -> dict[str, Coding]:
    found = {}
    for row in _LANGUAGES.strip().splitlines():
        known_as, _, others = row.partition(":")
        code, _, display = known_as.partition(" ")
        names = [display, *(others.split(",") if others else ())]
        for name in names:
            found[_plain(name)] = Coding(_SYSTEM, code, display)
    return found


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


LANGUAGES = _by_name()


def language(name: str) -> Coding | None:
    """Return the code of a language that is named in plain English, if it has one."""
    return LANGUAGES.get(_plain(name))
