"""Texts and numbers that stand for a missing value: proposed, never assumed where they could be a category."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stages.ingest.csv import missing

WORDS = missing.WORDS
PERHAPS = {
    "none", "unknown", "unk", "unspecified", "undefined", "other", "not known", "not specified", "not given",
    "unbekannt", "inconnu", "desconocido",
}  # fmt: skip
"""What means a missing value in a column of numbers or dates, and may well be a category elsewhere."""
NUMBERS = {99.0, 999.0, 9999.0, 99999.0, 999999.0, 9999999.0, -9.0, -99.0, -999.0, -9999.0, -99999.0, -200.0}
FEW = 2
FEW_WORDS, MANY_NUMBERS = 3, 20
"""Distinct texts without and with digits: where there are so few and so many, the few stand for no value."""
CODES = {"na", "nd", "nil", "nan", "nat"}
"""Those words that may be a code among others: Namibia or North America, North Dakota, the airport of Nadi."""
COUNTRIES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
    CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
    GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
    KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
    MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
    SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UK UM US
    UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK EU"""
STATES = """
    AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI
    SC SD TN TX UT VT VA WA WV WI WY DC PR"""
REGIONS = "AF AN AS EU NA OC SA LA LATAM LAC EMEA MEA ME MENA APAC AP ANZ AMER AMS ASIA EUR CA CALA ROW SEA UK US JP CN"
LISTS = [frozenset(codes.lower().split()) for codes in (COUNTRIES, STATES, REGIONS)]
"""Countries (ISO 3166), states of the United States, continents and sales regions."""
NAMES = [
    {"country", "countries", "nation", "nationality", "land", "pais", "pays"},
    {"state", "states"},
    {"region", "regions", "continent", "market", "area"},
]
"""What the name of a column of each list may say."""
LISTED = 0.9
"""Share of the other texts that are of a list from which the column is taken for one of that list."""
FEWEST_CODES = 5
"""Codes on a list from which another of it is taken for one of them, where the column's name does not say so."""


def find_words(cells: pa.Array, known: set[str]) -> npt.NDArray[np.bool_]:
    """Where a text is one of the known words (in lower case)."""
    found: npt.NDArray[np.bool_] = pc.is_in(
        pc.utf8_lower(cells), value_set=pa.array(sorted(known), cells.type)
    ).to_numpy(zero_copy_only=False)
    return found


def find_codes(
    named: set[str], cells: pa.Array, suspects: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], list[str]]:
    """Where a suspect, a word for missing, is rather a value: ND is North Dakota among codes of states.

    That is so where the others are of a list that has it, and they are several and of no list that lacks it, or the
    column's name says the list. And the suspects of which that is not certain: their length is that of the others,
    all of them codes.
    """
    texts = cells.to_pylist()
    others = [text for text, suspect in zip(texts, suspects, strict=True) if not suspect]
    others = [text for text in others if text.lower() not in PERHAPS]
    kept, unsure = np.zeros(len(texts), dtype=np.bool_), []
    for place in np.flatnonzero(suspects):
        word = texts[place]
        if word.lower() not in CODES or not others:
            continue
        fitting = [at for at, known in enumerate(LISTS) if _share(others, known) >= LISTED]
        having = [at for at in fitting if word.lower() in LISTS[at]]
        said = len(others) > 1 and any(NAMES[at] & named for at in having)
        kept[place] = said or (len(others) >= FEWEST_CODES and having != [] and having == fitting)
        alike = [text for text in others if len(text) == len(word) and text.isalpha() and text.isupper()]
        if word.isupper() and len(alike) >= LISTED * len(others) and not kept[place]:
            unsure.append(word)
    return kept, unsure


def _share(texts: list[str], known: frozenset[str]) -> float:
    return sum(text.lower() in known for text in texts) / len(texts)


def find_stand_ins(cells: pa.Array) -> npt.NDArray[np.bool_]:
    """The one or few texts without a digit among many with one, such as PrivacySuppressed among amounts."""
    plain = ~pc.match_substring_regex(cells, "[0-9]").to_numpy(zero_copy_only=False)
    return np.asarray(plain & (plain.sum() <= FEW_WORDS) & ((~plain).sum() >= MANY_NUMBERS))


def find_number(values: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]) -> float | None:
    """The distinct value that looks like a code for a missing one: repeated, and far outside all the others."""
    for candidate in sorted(NUMBERS.intersection(values), key=lambda value: (-abs(value), value)):
        others = values[values != candidate]
        count = int(rows[values == candidate].sum())
        if len(others) < FEW or count < FEW:
            continue
        low, high = float(others.min()), float(others.max())
        reach = max(high - low, 1.0)
        if candidate > high + reach or candidate < low - reach or (candidate < -9 and low >= 0):
            return float(candidate)
    return None


def doubt_number(values: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]) -> str:
    """A sentence where -1 or 0 stands apart from all other values as a missing one would, else an empty one."""
    others = values[values > 0]
    if len(others) < 10:
        return ""
    for code in (-1.0, 0.0):
        below = values[values <= 0]
        count = int(rows[values == code].sum())
        if len(below) != 1 or below[0] != code or count < FEW:
            continue
        middle = float(np.median(np.repeat(others, np.minimum(rows[values > 0], 1000))))
        share = count / int(rows.sum())
        nearest, step = float(others.min()), float(np.median(np.diff(np.sort(others))))
        if code == -1 or (share < 0.5 and nearest > max(0.2 * middle, 3 * step)):  # a count's next is one step away
            return f"{code:g} ({count:,} rows) stands apart from the other values: does it mean missing?"
    return ""
