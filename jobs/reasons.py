"""Why a record was rejected, cell by cell, in Chinese and English."""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.desk import MALFORMED, Entry
from quality.predicates import RowRule, row_rules
from schemas import City, Into, Source, Table
from schemas.expressions import columns as columns_of
from schemas.table import EVENT_TIME

UNSPLIT = "无法拆分为各列 | cannot be split into its columns"
KINDS = {
    "date": ("日期", "a date"),
    "event_time": ("时间", "a time"),
    "boolean": ("是否", "true or false"),
    "string": ("文字", "text"),
}
NUMBER = ("数字", "a number")


@dataclass(frozen=True)
class Reasons:
    """What the rules of a table say of records of a source."""

    table: Table
    source: Source
    into: Into
    rules: Mapping[str, RowRule]

    @classmethod
    def of(cls, city: City, source: str, key: str) -> "Reasons":
        """The reasons of a source and a table."""
        table, one = city.tables[key], city.sources[source]
        rules = {rule.id: rule for rule in row_rules(table, city.rules.get(key))}
        return cls(table, one, one.into[key], rules)

    def of_record(self, entry: Entry) -> list[str]:
        """Every reason of a record."""
        if isinstance(entry.said, str):
            return [UNSPLIT]
        found = [
            f"{part + ': ' if part is not None else ''}{self._words(rule, entry.said, part)}"
            for part, rules in entry.broken.items() for rule in rules
        ]  # fmt: skip
        return list(dict.fromkeys(found))

    def of_cells(self, entry: Entry) -> dict[str, list[str]]:
        """The fields that broke a rule, each with its reasons. A rule over several fields concerns each of them."""
        out: dict[str, list[str]] = {}
        there = {} if isinstance(entry.said, str) else entry.said
        for part, rule in ((part, rule) for part, rules in entry.broken.items() for rule in rules):
            words = self._words(rule, there, part)
            for field in self._fields(rule, part, there):
                out.setdefault(field, []).extend([] if words in out.get(field, ()) else [words])
        return out

    def _words(self, rule: str, there: Mapping[str, str | None], part: str | None) -> str:
        if rule not in self.rules:
            return UNSPLIT if rule == MALFORMED else rule
        one, column = self.rules[rule], self._column(self.rules[rule].column)
        zh, en = one.why_zh, one.why_en
        if column is None:
            return f"{zh} | {en}"
        if rule == f"required:{column}" and any(there[field] for field in self._fields(rule, part, there)):
            zh, en = self._unreadable(column)
        named = self.table.columns[column].description
        return f"{named.zh}：{zh} | {named.en}: {en}"

    def _unreadable(self, column: str) -> tuple[str, str]:
        zh, en = KINDS.get(self.table.columns[column].type, NUMBER)
        return f"无法读作{zh}", f"cannot be read as {en}"

    def _fields(self, rule: str, part: str | None, there: Mapping[str, str | None]) -> list[str]:
        """The fields of the file that a rule looks at, through the expressions of its columns."""
        if (one := self.rules.get(rule)) is None:
            return []
        stored = {one.column} if one.column else columns_of(one.predicate)
        columns = {column for name in stored if (column := self._column(name)) is not None}
        texts = [self.into.columns[name] for name in columns if name in self.into.columns]
        point = self.into.place.point if self.into.place else None
        texts += [getattr(point, end) for end in ("lon", "lat") if point and f"{end}_deg" in columns]
        used = {name for text in texts for name in columns_of(text)}
        if self.into.unpivot and {self.into.unpivot.name, self.into.unpivot.value} & used:
            keys = self.into.unpivot.keys(there, self.source.named)
            used |= {name for name, key in keys.items() if key == part}
        return [name for name in there if name in used]

    def _column(self, stored: str | None) -> str | None:
        """The declared column of a stored one: an event_time is stored as four."""
        if stored is None or stored in self.table.columns:
            return stored
        whole = {f"{name}_{part}": name for name in self.table.columns for part in EVENT_TIME}
        return whole.get(stored)
