"""Units, as the ends of names of columns and arrays give them."""
from __future__ import annotations

_by_ending = {
    "S_per_m": "S/m",
    "per_m": "1/m",
    "mA_per_cm2": "mA/cm2",
    "mAh_per_g": "mAh/g",
    "mAh_per_cm2": "mAh/cm2",
    "MPa": "MPa",
    "GPa": "GPa",
    "Pa": "Pa",
    "um": "um",
    "m": "m",
    "J": "J",
    "s": "s",
    "V": "V",
    "potential": "V",
}


def _ending(name: str) -> str:
    return max((ending for ending in _by_ending if name.endswith("_" + ending)), key=len, default="")


def unit_of(name: str) -> str:
    """Unit of a column or array, "" for numbers without one: unit_of("thickness_um") == "um"."""
    return _by_ending.get(_ending(name), "")


def label_of(name: str) -> str:
    """Text for an axis: label_of("von_mises_MPa") == "von Mises stress (MPa)"."""
    unit, ending = unit_of(name), _ending(name)
    if ending and ending != "potential":
        name = name.removesuffix("_" + ending)
    name = {"von_mises": "von Mises stress"}.get(name, name)
    return name.replace("_", " ") + (f" ({pretty(unit)})" if unit else "")


def pretty(unit: str) -> str:
    """The unit as figures show it."""
    return unit.replace("um", "µm").replace("cm2", "cm²")
