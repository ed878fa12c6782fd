"""A silver table's contract: what one row is, what its columns mean, and who must report."""

import re
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.declared import Bilingual, Declared, Name, Words

ELEMENTS = {
    "transport": ("交通", "Transport"),
    "medical": ("医疗", "Medical"),
    "environment": ("环保", "Environment"),
    "weather": ("气象", "Weather"),
    "water": ("水", "Water"),
    "power": ("电", "Power"),
    "gas": ("煤气", "Gas"),
    "facilities": ("市政设施", "Municipal facilities"),
    "sanitation": ("市容环卫", "Appearance and sanitation"),
    "greenery": ("绿化景观", "Greenery"),
    "housing": ("房地物业", "Housing and property"),
    "flood": ("防汛", "Flood control"),
    "typhoon": ("防台", "Typhoon defence"),
    "population": ("人口", "Population"),
    "livelihood": ("民生民意", "Livelihood"),
    "general": ("综合", "General"),
}
"""The city's elements (要素) in the order in which pages show them."""
SIMPLE_TYPES = ("string", "boolean", "int", "bigint", "date", "event_time")
EVENT_TIME = {"utc": "timestamp", "date": "date", "minute": "smallint", "offset_min": "smallint"}
EVENT_TIME_WORDS = {
    "utc": ("UTC 时刻", "UTC instant", None),
    "date": ("当地日期", "local date", None),
    "minute": ("当地日的第几分钟", "minute of the local day", "min"),
    "offset_min": ("当地时间与 UTC 之差", "what local time is ahead of UTC", "min"),
}
DECIMAL = re.compile(r"^decimal\((\d{1,2}),(\d{1,2})\)$")
INVALID = "invalid:"
"""How the pseudonym begins of an identifier that cannot be right."""
Action = Literal["reject", "void", "flag"]
Classification = Literal["public", "internal", "restricted"]
LEVELS: tuple[Classification, ...] = ("public", "internal", "restricted")
"""Classifications, each higher than those before it."""
Quantity = Literal["flow", "stock", "measurement", "rate", "identifier"]


class Column(Declared):
    """One column: type, unit, meaning, and what makes a value unusable.

    `quantity` says what may be done with the number: a `flow` adds up (trips, minutes, euros), a `stock` stands at a
    time and adds up over places only (beds, residents), a `measurement` is a reading that never adds up
    (a concentration), a `rate` was divided or averaged by its reporter and is not averaged again. An `identifier`
    says which thing is meant; its `unit` is what it identifies, and what a distinct count of it counts.

    `personal: direct` names a person and holds a pseudonym; what cannot be right is treated as `on_invalid` says.
    """

    type: str
    description: Bilingual
    unit: str | None = None
    quantity: Quantity | None = None
    required: bool = False
    valid_range: tuple[Decimal, Decimal] | None = None
    allowed: tuple[str, ...] | None = None
    on_invalid: Action = "void"
    personal: Literal["direct", "quasi"] | None = None
    classification: Classification = "internal"

    @model_validator(mode="after")
    def _type_is_known(self) -> Self:
        if self.type not in SIMPLE_TYPES and not DECIMAL.match(self.type):
            raise ValueError(f"type {self.type!r} is unknown; allowed: {', '.join(SIMPLE_TYPES)}, decimal(p,s)")
        return self

    @model_validator(mode="after")
    def _a_quantity_has_a_unit(self) -> Self:
        if self.quantity is None:
            return self
        if self.quantity != "identifier" and not self.is_number:
            raise ValueError(f"quantity: {self.quantity} is about numbers; the column is {self.type}")
        if self.unit is None:
            what = "what does it identify?" if self.quantity == "identifier" else "in which is the number?"
            raise ValueError(f"unit is missing: {what}")
        return self

    @model_validator(mode="after")
    def _who_is_named_is_not_for_everybody(self) -> Self:
        if self.personal == "direct" and self.classification != "restricted":
            raise ValueError("personal: direct names a person; classification is restricted")
        return self

    @property
    def scale(self) -> int:
        """Digits after the decimal point."""
        match = DECIMAL.match(self.type)
        return int(match[2]) if match else 0

    @property
    def is_number(self) -> bool:
        """Whether sums and ranges make sense."""
        return self.type in ("int", "bigint") or bool(DECIMAL.match(self.type))


class Listed(Declared):
    """A register that lists reporters: `column` holds their ids; `where` picks the rows that are meant."""

    table: str
    column: str
    where: str | None = None


class Reporters(Declared):
    """Who must report how often: coverage is measured against those seen in the trailing `known_for` days.

    Where a register lists them (`listed_in`), against those it lists as valid on the day, reported or not.
    """

    column: str
    every: Literal["hour", "day"]
    known_for: Annotated[int, Field(ge=1, le=400)] = 30
    listed_in: Listed | None = None


class Table(Declared):
    """`schemas/silver/<table>.yaml`; `records` is the unit of a count: what its rows are."""

    name: Name
    description: Bilingual
    records: str | None = None
    owner: Name
    element: str
    kind: Literal["events", "register"] = "events"
    key: Literal["whole_record"] | tuple[str, ...]
    date: str
    columns: dict[Name, Column]
    reporters: Reporters | None = None

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        if self.element not in ELEMENTS:
            raise ValueError(f"element {self.element!r} is unknown; allowed: {', '.join(ELEMENTS)}")
        known = {*self.columns, "place_level", "place_id"}
        used = [] if self.key == "whole_record" else list(self.key)
        for name in [*used, self.date, *([self.reporters.column] if self.reporters else [])]:
            if name not in known:
                raise ValueError(f"column {name!r} does not exist; the table has: {', '.join(self.columns)}")
        if self.columns[self.date].type not in ("date", "event_time"):
            raise ValueError(f"date: {self.date!r} must be a date or an event_time column")
        return self

    @model_validator(mode="after")
    def _rows_of_a_register_stand(self) -> Self:
        flows = [name for name, column in self.columns.items() if column.quantity == "flow"]
        if self.kind == "register" and flows:
            raise ValueError(f"column {flows[0]!r} is a flow; what a register says holds: stock, measurement or rate")
        return self

    @property
    def units(self) -> dict[str, str]:
        """Every unit the contract names, by column; `records` is what its rows are."""
        rows = {"records": self.records} if self.records else {}
        return rows | {name: column.unit for name, column in self.columns.items() if column.unit}

    @property
    def key_id(self) -> str:
        """The table's key in the lake and the ledger: `silver.<name>`."""
        return f"silver.{self.name}"

    @property
    def stored(self) -> dict[str, str]:
        """Stored columns and their Spark types; an event_time is four of them."""
        out: dict[str, str] = {}
        for name, column in self.columns.items():
            if column.type == "event_time":
                out |= {f"{name}_{part}": type_ for part, type_ in EVENT_TIME.items()}
            else:
                out[name] = column.type
        return out

    @property
    def comments(self) -> dict[str, str]:
        """What each stored column means, as the table's own metadata says it."""
        out: dict[str, str] = {}
        for name, column in self.columns.items():
            said = column.description
            if column.type == "event_time":
                for part, (zh, en, unit) in EVENT_TIME_WORDS.items():
                    out[f"{name}_{part}"] = Words(zh=f"{said.zh}：{zh}", en=f"{said.en}: {en}").comment(unit)
            else:
                out[name] = said.comment(column.unit)
        return out

    @property
    def key_columns(self) -> list[str]:
        """The stored columns that identify a record; none for `whole_record`."""
        if self.key == "whole_record":
            return []
        return [f"{name}_utc" if self.is_time(name) else name for name in self.key]

    @property
    def day_column(self) -> str:
        """The stored DATE column that says which day a record belongs to."""
        return f"{self.date}_date" if self.is_time(self.date) else self.date

    @property
    def hour_sql(self) -> str | None:
        """DuckDB SQL for the UTC instant at which the record's local hour starts; None for a table without hours."""
        if self.is_time(self.date):
            shift = f'to_minutes("{self.date}_offset_min"::INTEGER)'
            return f"date_trunc('hour', \"{self.date}_utc\" + {shift}) - {shift}"
        return None

    def is_time(self, name: str) -> bool:
        """Whether a declared column is an event_time."""
        return name in self.columns and self.columns[name].type == "event_time"


TECHNICAL = {
    "_delivery_id": "string",
    "_record": "bigint",
    "_source": "string",
    "place_level": "string",
    "place_id": "string",
    "place_reported": "string",
    "_flags": "string",
}
