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


def unit_of(name: str) -> str:
    """Unit of a column or array, "" for numbers without one: unit_of("thickness_um") == "um"."""
    endings = [ending for ending in _by_ending if name.endswith("_" + ending)]
    return _by_ending[max(endings, key=len)] if endings else ""


def label_of(name: str) -> str:
    """Text for an axis: label_of("von_mises_MPa") == "von Mises stress (MPa)"."""
    endings = [ending for ending in _by_ending if name.endswith("_" + ending) and ending != "potential"]
    if endings:
        name = name.removesuffix("_" + max(endings, key=len))
    unit = unit_of(name) if not endings else _by_ending[max(endings, key=len)]
    name = {"von_mises": "von Mises stress"}.get(name, name)
    return name.replace("_", " ") + (f" ({pretty(unit)})" if unit else "")


def pretty(unit: str) -> str:
    """The unit as figures show it."""
    return unit.replace("um", "µm").replace("cm2", "cm²")
