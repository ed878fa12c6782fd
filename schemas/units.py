"""Units, by pint over schemas/units.txt: read, multiplied, compared, and converted by exact fractions.

The registry holds this file only: a unit that is not in it is a typo. pint is loaded when the first unit is read.
"""

import ast
import difflib
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pint

FILE = Path(__file__).parent / "units.txt"
_SIGNS = {"²": "**2", "³": "**3", "·": "*", "^": "**", "%": " percent", "‰": " permille"}
_SIGNS |= {"Δ°C": " delta_degree_Celsius", "°C": " degree_Celsius", "°": " degree"}
_TOGETHER = re.compile(r"(?<=[\w)])\s+(?=[\w(])")
_SHOWN = {"percent": "%", "permille": "‰", "degree_Celsius": "°C", "delta_degree_Celsius": "Δ°C", "degree": "°"}


class UnitError(ValueError):
    """A unit that cannot be read, or two that do not go together. One line."""


@dataclass(frozen=True)
class Unit:
    """A scale and the powers of named units: `case/(100000 person)` is 1/100000, case 1, person -1."""

    scale: Fraction
    powers: tuple[tuple[str, int], ...]

    def __mul__(self, other: "Unit") -> "Unit":
        return _unit(self.scale * other.scale, [*self.powers, *other.powers])

    def __truediv__(self, other: "Unit") -> "Unit":
        return _unit(self.scale / other.scale, [*self.powers, *((name, -power) for name, power in other.powers)])

    def __str__(self) -> str:
        above = [_power(name, power) for name, power in self.powers if power > 0]
        below = [_power(name, -power) for name, power in self.powers if power < 0]
        many = f"{self.scale.numerator} " * (self.scale.numerator != 1)
        below = [str(self.scale.denominator)] * (self.scale.denominator != 1) + below
        under = below[0] if len(below) == 1 else f"({' '.join(below)})"
        return ((many + "*".join(above)).strip() or "1") + (f"/{under}" if below else "")

    @property
    def has_own_zero(self) -> bool:
        """Whether zero is somewhere of its own: 20 °C is not twice 10 °C."""
        return any(_has_own_zero(name) for name, _ in self.powers)

    @property
    def difference(self) -> "Unit":
        """The unit of the difference of two values."""
        return Unit(self.scale, tuple((f"delta_{n}" if _has_own_zero(n) else n, power) for n, power in self.powers))

    @property
    def base(self) -> tuple[Fraction, tuple[tuple[str, int], ...]]:
        """The factor to base units, and their powers."""
        factor, powers = self.scale, []
        for name, power in self.powers:
            scale, inner = _base(name)
            factor *= scale**power
            powers += [(one, many * power) for one, many in inner]
        return factor, _unit(Fraction(1), powers).powers


ONE = Unit(Fraction(1), ())


@cache
def parse(text: str) -> Unit:
    """The unit a declaration names: `µg/m³`, `case/(100000 person)`, `%`, `万人`. Raises UnitError."""
    plain = text
    for sign, word in _SIGNS.items():
        plain = plain.replace(sign, word)
    try:
        tree = ast.parse(_TOGETHER.sub("*", plain.strip()), mode="eval").body
        return _read(text, tree)
    except (SyntaxError, ZeroDivisionError):
        raise UnitError(f"unit {text!r} is not readable; it is names with * / and powers, such as µg/m³") from None


def factor(unit: Unit, into: Unit) -> Fraction:
    """What a number in one unit is multiplied with to be in another. Raises UnitError when they measure other things.

    Degrees with their own zero are left as they are: into the very same unit only.
    """
    if unit.has_own_zero or into.has_own_zero:
        if unit == into:
            return Fraction(1)
        raise UnitError(f"{unit} has its own zero and is not converted: it stays {unit}")
    (scale, what), (other, wanted) = unit.base, into.base
    if what != wanted:
        raise UnitError(f"{unit} cannot become {into}")
    return scale / other


def _read(text: str, node: ast.expr) -> Unit:
    match node:
        case ast.Name(id=name):
            return _named(text, name)
        case ast.Constant(value=int() | float()):
            return Unit(Fraction(ast.unparse(node)), ())
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _read(text, left) * _read(text, right)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _read(text, left) / _read(text, right)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)):
            one = _read(text, left)
            return _unit(one.scale**power, [(name, many * power) for name, many in one.powers])
    raise UnitError(f"unit {text!r} is not readable; it is names with * / and powers, such as µg/m³")


def _named(text: str, name: str) -> Unit:
    try:
        _base(name)
    except UnitError:
        known = [one for one in dir(_registry()) if not one.startswith("_")]
        near = difflib.get_close_matches(name, known, 3)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise UnitError(f"unit {text!r}: {name!r} is not in schemas/units.txt{hint}") from None
    return Unit(Fraction(1), ((name, 1),))


@cache
def _registry() -> "pint.UnitRegistry[float]":
    import pint

    return pint.UnitRegistry(FILE, non_int_type=Fraction)


@cache
def _base(name: str) -> tuple[Fraction, tuple[tuple[str, int], ...]]:
    import pint

    try:
        scale, units = _registry().get_base_units(name)
    except pint.errors.PintError:
        raise UnitError(name) from None
    powers = tuple((one, int(str(power))) for one, power in sorted(units._units.items()))
    return Fraction(str(scale)), powers


@cache
def _has_own_zero(name: str) -> bool:
    registry = _registry()
    return bool(registry.Quantity(Fraction(0), name).to_base_units().magnitude != 0)


def _unit(scale: Fraction, powers: list[tuple[str, int]]) -> Unit:
    summed: dict[str, int] = {}
    for name, power in powers:
        summed[name] = summed.get(name, 0) + power
    return Unit(scale, tuple((name, power) for name, power in sorted(summed.items()) if power))


def _power(name: str, power: int) -> str:
    return _SHOWN.get(name, name) + ({1: "", 2: "²", 3: "³"}.get(power, f"^{power}"))
