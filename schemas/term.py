"""A term: one mergeable aggregate over a silver table, another indicator's value, or rows of either for a method."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, PrivateAttr, model_validator

from schemas.declared import Declared, Name

Kind = Literal[
    "count", "sum", "mean", "min", "max", "moments", "last", "first", "distinct", "percentile", "time_share",
    "weighted_mean", "rows", "indicator",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)
When = Literal["same", "previous", "same_day_last_week", "year_ago"]
Take = Literal["mean", "sum", "max", "min", "series", "bag"]
SILVER = "silver."
OWN = {
    "where": set(KINDS) - {"indicator"},
    "at": set(KINDS) - {"indicator"},
    "place": set(KINDS) - {"indicator"},
    "entity": set(KINDS) - {"indicator", "rows"},
    "weight": {"weighted_mean"},
    "p": {"percentile"},
    "type": {"percentile"},
    "exact": {"percentile", "distinct"},
    "over": {"sum"},
    **{key: {"indicator"} for key in ("when", "trailing", "take", "across")},
}
"""Which kinds of term a key belongs to."""
NEEDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("sum", "mean", "min", "max", "moments", "last", "first", "distinct", "rows"), ("of",)),
    "percentile": ("of", "p", "type"),
    "weighted_mean": ("of", "weight"),
    "time_share": ("where", "entity"),
}
"""The keys a kind cannot do without."""


class Trailing(Declared):
    """The trailing days up to the period's own last day; fewer than `required` known days is unknown."""

    days: Annotated[int, Field(ge=2, le=1827)]
    required: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> Self:
        if self.required > self.days:
            raise ValueError(f"required: {self.required} of {self.days} trailing days; it is at most {self.days}")
        return self


class Term(Declared):
    """One mergeable aggregate over a silver table, another indicator's value at the same place, or rows for a method.

    `at` is the table's time column that dates a record (its `date` unless said), `place` the column that names its
    place (the record's own unless said), `entity` the column that says whose record it is (the indicator's unless
    said). `time_share` is the share of time in which `where` holds: a record of an entity holds until its next one.
    `moments` is n, Σx and Σx²: the formula uses `x.n`, `x.sum`, `x.squares`. A sum of a stock `over: day` (or hour)
    is stock × time: every record stands for a day (or hour). `type` is how a percentile is read off: `linear`
    interpolates at 1 + (n - 1)p (HJ 663), `nearest_rank` takes the ⌈pn⌉-th. `exact: false` is a mergeable estimate.

    Another indicator: `when` says at which period, `trailing` takes its days up to the end of the period, `across` its
    values at the places of that level inside the place; `series` and `bag` are for methods.

    `rows` are for methods: not one number but the records themselves. `rows: silver.<table>` is a row for each record,
    and `of` names a column for each of the method's fields, or several for a field that is a list; `of` one column is
    the bag of its values. `rows: <level>` is a row for each place of that level inside the place, and `of` names for
    each field an indicator, whose value there it is, or a level, whose place it lies in (its own level: itself).
    """

    kind: Kind
    table: str
    of: str | None = None
    fields: Mapping[Name, tuple[str, ...]] = {}
    """What `of` says field by field."""
    where: str | None = None
    weight: str | None = None
    at: str | None = None
    place: str | None = None
    entity: str | None = None
    p: Annotated[Decimal, Field(gt=0, lt=1)] | None = None
    type: Literal["linear", "nearest_rank"] | None = None
    exact: bool = True
    over: Literal["hour", "day"] | None = None
    when: When = "same"
    trailing: Trailing | None = None
    across: Name | None = None
    take: Take | None = None
    _condition: str | None = PrivateAttr(default=None)

    @property
    def condition(self) -> str | None:
        """The condition as it is written in the file, with its parameters' names."""
        return self._condition or self.where

    @property
    def level(self) -> str | None:
        """The level of the places inside a place that it looks at one by one."""
        return self.table if self.kind == "rows" and not self.table.startswith(SILVER) else self.across

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its table that its rows are made of, each once, by name."""
        return tuple(sorted({name for said in self.fields.values() for name in said})) if not self.looks else ()

    @property
    def looks(self) -> tuple["Term", ...]:
        """Its looks at other indicators, each a term of its own; none of a term over a table."""
        if self.kind == "indicator":
            return (self,)
        if self.kind != "rows" or self.level is None:
            return ()
        named = dict.fromkeys(name for said in self.fields.values() for name in said if "." in name)
        return tuple(Term(kind="indicator", table=name, across=self.level, take="bag") for name in named)

    def with_parameters(self, where: str) -> None:
        """Write the parameters out, once, while the file is read."""
        self._condition = self.where
        object.__setattr__(self, "where", where)

    @model_validator(mode="before")
    @classmethod
    def _kind_is_the_key(cls, data: Any) -> Any:
        if isinstance(data, dict) and "kind" not in data:
            named = [key for key in KINDS if key in data]
            if len(named) != 1:
                raise ValueError(f"a term has exactly one of: {', '.join(KINDS)}")
            rest = {key: value for key, value in data.items() if key != named[0]}
            if named == ["rows"] and isinstance(data.get("of"), dict):
                rest["fields"] = {key: _several(said) for key, said in sorted(rest.pop("of").items())}
            return {**rest, "kind": named[0], "table": data[named[0]]}
        return data

    @model_validator(mode="after")
    def _keys_go_with_the_kind(self) -> Self:
        for key in (key for key, kinds in OWN.items() if key in self.model_fields_set and self.kind not in kinds):
            raise ValueError(f"a {self.kind} takes no {key!r}; it belongs to: {', '.join(sorted(OWN[key]))}")
        needs = NEEDS.get(self.kind, ())
        for key in needs:
            if getattr(self, key) is None and not (key == "of" and self.fields):
                raise ValueError(f"a {self.kind} needs {key!r}{HINTS.get(key, '')}")
        if self.of is not None and "of" not in needs:
            raise ValueError(f"a {self.kind} takes no 'of'")
        return self

    @model_validator(mode="after")
    def _rows_are_of_records_or_of_places(self) -> Self:
        if self.kind != "rows" or self.level is None:
            return self
        for key in ("where", "at", "place"):
            if getattr(self, key) is not None:
                raise ValueError(f"rows of a level take no {key!r}; it belongs to rows of a table, {SILVER}…")
        if not self.looks:
            raise ValueError(
                f"rows of {self.level} say nothing of it: of names an indicator for at least one field, as in "
                "{rate: medical.beds_per_1000}; rows of records are of a table, " + SILVER + "…"
            )
        return self

    @model_validator(mode="after")
    def _one_look_at_another_indicator(self) -> Self:
        looks = [key for key in ("when", "trailing", "across") if key in self.model_fields_set]
        if len(looks) > 1:
            raise ValueError(f"{' and '.join(looks)} exclude each other: one look at another indicator a term")
        allowed = {"trailing": ("mean", "sum", "max", "min", "series", "bag"), "across": ("bag", "min", "max")}
        takes = allowed.get(looks[0], ()) if looks else ()
        if (self.take is None) == bool(takes):
            raise ValueError("take goes with trailing or across" if self.take else f"take is missing: {_or(takes)}")
        if self.take is not None and self.take not in takes:
            raise ValueError(f"take: {self.take} does not go with {looks[0]}; it is {_or(takes)}")
        return self


HINTS = {
    "of": ": which column?",
    "p": ": which percentile? 0.9 is the 90th",
    "type": ": linear or nearest_rank, they differ",
    "weight": ": which column weighs?",
    "where": ": the state whose share of time is meant",
    "entity": ": whose state lasts until its next record?",
}


def _several(said: Any) -> Any:
    return said if isinstance(said, list) else [said]


def _or(words: tuple[str, ...]) -> str:
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)
