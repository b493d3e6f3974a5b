"""Units that are converted into each other: a table of each kind, and what a number format says beside its example.

`number 1234.5 kg, g` is a number of kilograms, in some cells given in grams. A unit that is not known here says what
it is: `number 1234.5 box, crate=12`. Money is never converted.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from typing import NamedTuple

KINDS: dict[str, dict[str, float]] = {
    "mass": {
        "µg ug mcg": 1e-6, "mg": 1e-3, "g gr gram grams": 1.0, "kg kgs kilo kilos kilogram kilograms": 1e3,
        "t tonne tonnes": 1e6, "oz ounce ounces": 28.349523125, "lb lbs pound pounds": 453.59237,
        "st stone": 6350.29318,
    },
    "length": {
        "µm um": 1e-6, "mm": 1e-3, "cm": 1e-2, "dm": 0.1, "m metre metres meter meters": 1.0,
        "km kilometre kilometres kilometer kilometers": 1e3, "in inch inches \" ″": 0.0254, "ft foot feet ' ′": 0.3048,
        "yd yard yards": 0.9144, "mi mile miles": 1609.344,
    },
    "area": {
        "m²": 1.0, "ha": 1e4, "km²": 1e6, "sqft sq\xa0ft ft²": 0.09290304, "ac acre acres": 4046.8564224,
    },
    "volume": {"µl": 1e-6, "ml mL": 1e-3, "cl": 1e-2, "dl": 0.1, "l L litre litres liter liters": 1.0, "hl": 100.0},
    "duration": {
        "µs us": 1e-6, "ms msec": 1e-3, "s sec secs second seconds": 1.0, "min mins minute minutes": 60.0,
        "h hr hrs hour hours": 3600.0, "d day days": 86_400.0, "wk wks week weeks": 604_800.0,
    },
    "months": {"mo mos month months": 1.0, "y yr yrs year years": 12.0},
    "data": {
        "B byte bytes": 1.0, "kB KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 2.0**10, "MiB": 2.0**20,
        "GiB": 2.0**30, "TiB": 2.0**40,
    },
    "energy": {"J": 1.0, "kJ": 1e3, "MJ": 1e6, "GJ": 1e9, "Wh": 3.6e3, "kWh": 3.6e6, "MWh": 3.6e9, "cal": 4.184,
               "kcal": 4184.0},
    "power": {"mW": 1e-3, "W": 1.0, "kW": 1e3, "MW": 1e6, "GW": 1e9},
    "speed": {"m/s": 1.0, "km/h kmh kmph kph": 1 / 3.6, "mph": 0.44704, "kn kt kts knots": 1852 / 3600},
    "frequency": {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9},
    "pressure": {"Pa": 1.0, "hPa mbar": 100.0, "kPa": 1e3, "bar": 1e5, "MPa": 1e6},
    "voltage": {"mV": 1e-3, "V": 1.0, "kV": 1e3},
    "current": {"µA": 1e-6, "mA": 1e-3, "A": 1.0},
    "share": {"%": 1.0, "‰": 0.1, "bp bps": 0.01},
    "temperature": {"°C ℃ C degC": 1.0, "°F ℉ F degF": 1 / 1.8, "K": 1.0},
    "count": {"": 1.0, "k K thousand": 1e3, "M Mio mn million": 1e6, "B bn Mrd billion": 1e9},
}  # fmt: skip
"""For each kind of quantity how much each unit is of one of them; a unit's other names stand behind it."""
NOUGHTS = {"°F ℉ F degF": -32 / 1.8, "K": -273.15}
"""How many degrees Celsius nought of a unit is."""
NAMED = {
    kind: {name.replace("\xa0", " "): unit for unit in units for name in unit.split(" ")}
    for kind, units in KINDS.items()
}
"""For each kind the unit that each name stands for."""
OTHERS = re.compile(r",\s+(?=\D)")
"""What stands between a number format's example and further units."""
FACTOR = re.compile(r"(?P<unit>[^=]+?)\s*=\s*(?P<factor>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)")


class Conversion(NamedTuple):
    """What a number of another unit is times, and what is added then."""

    factor: float
    nought: float = 0.0


def find_kind(units: Collection[str]) -> str | None:
    """The kind of quantity that all units are of, if there is one."""
    return next((kind for kind, named in NAMED.items() if all(_known(unit, named) is not None for unit in units)), None)


@functools.lru_cache
def split_units(form: str) -> tuple[str, dict[str, Conversion]]:
    """A number format's example, and what each further unit is in the example's.

    Raises ValueError for a unit that is not known and does not say what it is.
    """
    example, *others = OTHERS.split(form)
    base = re.sub(r"^.*\d", "", example).strip(" )")
    made = {}
    for other in others:
        told = FACTOR.fullmatch(other.strip())
        unit = told["unit"] if told else other.strip()
        made[unit] = Conversion(float(told["factor"])) if told else _conversion(unit, base)
    return example, made


def _conversion(unit: str, base: str) -> Conversion:
    kind = find_kind([unit, base])
    if kind is None:
        raise ValueError(f"how much '{unit}' is in '{base}' is not known: say it, such as {unit}=12")
    one, other = (_known(name, NAMED[kind]) for name in (unit, base))
    of_one, of_other = (KINDS[kind][known or ""] for known in (one, other))
    return Conversion(of_one / of_other, (NOUGHTS.get(one or "", 0.0) - NOUGHTS.get(other or "", 0.0)) / of_other)


def _known(name: str, named: dict[str, str]) -> str | None:
    """The unit of the name, in any case where that is the only one: KG is kg, but MW is no mW, and a no ampere."""
    bare = name.rstrip(".")
    if bare in named or named is NAMED["count"] or len(bare) == 1:
        return named.get(bare)
    found = {unit for known, unit in named.items() if known.casefold() == bare.casefold()}
    return found.pop() if len(found) == 1 else None
