"""Aggregates straight from silver: whole periods and places at once, with no partial aggregates between.

A record's places are found by walking up the members of `silver.places`, its periods by the calendar. Each group of
terms of a table is one query over its silver rows. Used beside declarations: what the ledger says was delivered.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from jobs import grid, placing
from jobs.core.lake import Lake, arrow_schema
from jobs.core.ledger import Ledger
from jobs.methods import Kind, Rows
from jobs.settle import columns
from schemas import City

UNPLACED = "unplaced"
KINDS = ("hour", "day", "week", "month", "quarter", "year")
MARGIN = timedelta(days=2200)
AROUND = 60
"""How many days before and after those delivered a record may count on, dated by another column."""
SEASONS = ("winter", "spring", "summer", "autumn")
NINE = pa.decimal128(38, 9)
INSTANT = pa.timestamp("us", tz="UTC")
Place = tuple[str, str]
Found = dict[tuple[Any, ...], tuple[Any, ...]]


class Look(NamedTuple):
    """A period and segment looked at, and so many days further back from each of its days."""

    kind: str
    period: str
    segment: str
    back: int


class Group(NamedTuple):
    """The rows of a table as some terms see them: dated by a column, placed by a column or where they stand.

    With `lasts` a row is a stretch of time: a record of that entity, until its next one, and whether `holds` holds.
    """

    table: str
    at: str
    place: str | None = None
    lasts: str | None = None
    holds: str | None = None


class Calendar:
    """The days and hours that each period and segment of a city takes in."""

    def __init__(self, city: City, first: date, last: date) -> None:
        self.city = city
        self.days: dict[tuple[str, str], list[date]] = defaultdict(list)
        around = [first + timedelta(days=n) for n in range(-AROUND, (last - first).days + AROUND + 1)]
        self.delivered = around[AROUND:-AROUND]
        self.hours = {day: self._hours(day) for day in around}
        self.in_order = [text for listed in self.hours.values() for text, *_ in listed]
        for n in range((last - first + 2 * MARGIN).days):
            day = first - MARGIN + timedelta(days=n)
            for kind, period in _periods(day).items():
                self.days[kind, period].append(day)
        for day, hours in self.hours.items():
            self.days |= {("hour", period): [day] for period, *_ in hours}

    def _hours(self, day: date) -> list[tuple[str, int, datetime, datetime]]:
        """(text, hour of the clock, start, end) of each hour of a local day."""
        zone, out = self.city.zone, []
        start, end = (datetime.combine(day + timedelta(days=n), time(), zone).astimezone(UTC) for n in (0, 1))
        while start < end:
            local = start.astimezone(zone)
            period = local.strftime("%Y-%m-%dT%H") + (local.strftime("%z") if local.fold else "")
            out.append((period, local.hour, start, start + timedelta(hours=1)))
            start += timedelta(hours=1)
        return out

    def has(self, segment: str, day: date) -> bool:
        """Whether a segment of days takes a day in."""
        calendar = self.city.file.calendar
        works = day in calendar.working_weekends or day.isoweekday() < 6
        kind = "holiday" if day in calendar.holidays else "workday" if works else "rest_day"
        return segment in ("all", kind, f"month-{day.month:02}", SEASONS[day.month % 12 // 3])

    def has_hour(self, segment: str, hour: int) -> bool:
        """Whether a segment of hours takes an hour of the clock in; `all` takes every one."""
        is_peak = any(first <= hour < last for first, last in self.city.file.peak_hours)
        return segment in ("all", "peak" if is_peak else "off_peak", f"hour-{hour:02}")

    def own(self, look: Look) -> list[date]:
        """The period's days that belong to the segment."""
        days = self.days[look.kind, look.period]
        takes_all = is_hourly(look) or look.segment == "all"
        return days if takes_all else [day for day in days if self.has(look.segment, day)]

    def before(self, kind: str, period: str, when: str) -> str | None:
        """The period that is meant, seen from another: the one before, of a week ago, of a year ago."""
        if when == "same":
            return period
        first = self.days[kind, period][0]
        if kind == "hour":
            hours, at = self.in_order, self.in_order.index(period)
            shift = {"same_day_last_week": timedelta(7), "year_ago": first - _year_before(first, kind)}
            wanted = hours[at - 1] if when == "previous" else f"{first - shift[when]}{period[10:13]}"
            return wanted if wanted in hours and (at or when != "previous") else None
        if when == "same_day_last_week":
            return str(first - timedelta(7)) if kind == "day" else None
        if when == "previous":
            return _periods(first - timedelta(1))[kind]
        return _periods(_year_before(first, kind))[kind]

    def spans(self, look: Look) -> list[tuple[date, datetime, datetime]]:
        """(day, start, end) of every hour or day looked at, as often as it is, where records may count."""
        out = []
        for day in (own - timedelta(days=ago) for own in self.own(look) for ago in range(look.back + 1)):
            hours = self.hours.get(day, [])
            if not is_hourly(look):
                out += [(day, hours[0][2], hours[-1][3])] if hours else []
            elif look.kind == "hour":
                out += [(day, start, end) for period, _, start, end in hours if period == look.period]
            else:
                out += [(day, start, end) for _, at, start, end in hours if self.has_hour(look.segment, at)]
        return out


def _year_before(day: date, kind: str) -> date:
    """The day that starts the same period of the year before."""
    if kind == "week":
        year, week, _ = day.isocalendar()
        return date.fromisocalendar(year - 1, week, 1)
    return day.replace(year=day.year - 1)


def _periods(day: date) -> dict[str, str]:
    year, week, _ = day.isocalendar()
    return {
        "day": day.isoformat(), "week": f"{year}-W{week:02}", "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}", "year": str(day.year),
    }  # fmt: skip


def is_hourly(look: Look) -> bool:
    """Whether a look takes in hours, not whole days."""
    return look.kind == "hour" or look.segment in ("peak", "off_peak") or look.segment.startswith("hour-")


class Silver:
    """A lake's silver rows, and aggregates over them."""

    def __init__(self, city: City, lake: Lake) -> None:
        self.city, self.lake = city, lake
        self.loaded: set[str] = set()
        self.standing: dict[str, list[tuple[Any, ...]]] = {}
        self.engine = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
        self.engine.execute("SET TimeZone='UTC'")
        said = grid.said(city, Ledger(lake))
        self.known: dict[tuple[str, str], set[date]] = defaultdict(set)
        for (table, source), listed in said.items():
            for level in self.reached(grid.spoken(city, source, table)):
                self.known[table, level] |= {date.fromisoformat(day) for day in listed}
        days = [day for listed in self.known.values() for day in listed]
        self.calendar = Calendar(city, min(days), max(days))
        members = lake.arrow("silver.places", ["level", "place_id", "parent_id", "valid_from"]).to_pylist()
        newest = sorted(members, key=lambda row: row["valid_from"])
        self.parents = {(row["level"], row["place_id"]): row["parent_id"] for row in newest}
        self.above = {place: self._above(place) for place in self._places()}
        rows = [(*place, *above) for place, listed in self.above.items() for above in listed]
        self._register("above", ("level", "place", "to_level", "to_place"), rows, [pa.string()] * 4)
        levels = self.city.file.hierarchies[0]
        called = {(text, at, place) for at, text, place in placing.load(city, lake).spellings if at in levels}
        best = {text: (text, at, place) for text, at, place in sorted(called, key=lambda one: -levels.index(one[1]))}
        self._register("spelled", ("spelling", "level", "place"), sorted(best.values()), [pa.string()] * 3)

    def reached(self, levels: Iterable[str]) -> set[str]:
        """The levels that what stands at these levels is part of."""
        chains = self.city.file.hierarchies
        return {to for chain in chains for at in levels if at in chain for to in chain[chain.index(at) :]}

    def _places(self) -> list[Place]:
        levels = {level for chain in self.city.file.hierarchies for level in chain}
        return [*self.parents, ("city", self.city.id), *((level, UNPLACED) for level in sorted(levels))]

    def _above(self, place: Place) -> list[Place]:
        """The place itself and every one it lies in, step by step."""
        chain = next(chain for chain in self.city.file.hierarchies if place[0] in chain)
        out, at = [], place
        for level in chain[chain.index(place[0]) :]:
            at = at if level == at[0] else (level, self.parents.get(at) or UNPLACED)
            at = (level, self.city.id) if level == "city" else at
            out.append(at)
        return out

    def aggregates(self, group: Group, looks: Sequence[Look], sqls: Sequence[str]) -> Found:
        """(look, level, place) to SQL aggregates over the rows of the look at the place."""
        made = ", ".join(f"{sql} AS a{i}" for i, sql in enumerate(sqls))
        rows = self._query(
            f"SELECT l.look, to_level, to_place, {made} FROM {self._looked_at(group, looks)} GROUP BY ALL"
        )
        return {(looks[row[0]], row[1], row[2]): row[3:] for row in rows}

    def stocks(
        self, group: Group, looks: Sequence[Look], of: str, kept: str, entity: str | None = None, *, first: bool = False
    ) -> Found:
        """(look, level, place) to the sum over its finest places, or over its entities where each last stood, of the
        last value there (the first one)."""
        taken, when = "arg_min" if first else "arg_max", f'(_instant, "{of}")'
        each, last = (
            (f'"{entity}"', "arg_max(to_place, (_date, _level, _place))") if entity else ("_level, _place", "to_place")
        )
        apart = each if entity else f"{each}, to_place"
        rows = self._query(f"""
            SELECT look, to_level, stands, sum(x) FROM (
                SELECT l.look, to_level, {last} AS stands, {taken}("{of}", {when}) AS x
                FROM {self._looked_at(group, looks)} AND {kept} GROUP BY l.look, to_level, {apart}) GROUP BY ALL""")
        return {(looks[row[0]], row[1], row[2]): row[3:] for row in rows}

    def by_entity(self, group: Group, looks: Sequence[Look], entity: str, kept: str, sqls: Sequence[str]) -> Found:
        """(look, entity) to where it stood on its last day, and SQL aggregates over the rows that are `kept`."""
        made = ", ".join(f"{sql} AS a{i}" for i, sql in enumerate(sqls))
        rows = self._query(f"""
            SELECT l.look, "{entity}", arg_max([_level, _place], (_date, _level, _place)), {made}
            FROM {self._looked_at(group, looks, placed=False)} AND "{entity}" IS NOT NULL AND {kept} GROUP BY ALL""")
        return {(looks[row[0]], row[1]): row[2:] for row in rows}

    def stands(self, table: str, day: date) -> set[str]:
        """The levels at which a register says anything on a day."""
        if table not in self.standing:
            group = Group(table, self.city.tables[table].day_column)
            self.standing[table] = self._query(f"SELECT DISTINCT _level, _date, valid_to FROM ({self._rows(group)})")
        return self.reached(at for at, since, to in self.standing[table] if since <= day and (to is None or day < to))

    def _query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.engine.execute(sql).fetchall()

    def _looked_at(self, group: Group, looks: Sequence[Look], *, placed: bool = True) -> str:
        """The rows of each look: a register's are those that stand on its last day."""
        is_register = self.city.tables[group.table].kind == "register"
        spans = [
            (i, is_hourly(look), *span)
            for i, look in enumerate(looks)
            for span in ([self._last(look)] if is_register else self.calendar.spans(look))
        ]
        types = (pa.int32(), pa.bool_(), pa.date32(), INSTANT, INSTANT)
        self._register("looks", ("look", "hourly", "on_day", "start", "ends"), spans, types)
        if is_register:
            counts = "r._date <= l.on_day AND (r.valid_to IS NULL OR l.on_day < r.valid_to)"
        elif group.lasts:
            counts = "l.on_day BETWEEN r._date AND r._date + 1 AND r._since < l.ends AND r._until > l.start"
        else:
            counts = "r._date = l.on_day AND (NOT l.hourly OR (r._utc >= l.start AND r._utc < l.ends))"
        return f"({self._placed(group) if placed else self._rows(group)}) AS r JOIN looks AS l ON {counts}"

    def _last(self, look: Look) -> tuple[date, None, None]:
        return self.calendar.days[look.kind, look.period][-1], None, None

    def _placed(self, group: Group) -> str:
        """The rows with `to_level` and `to_place`: each place they lie in; one with a point in every hierarchy."""
        fed = [(source, source.into[group.table]) for source in self.city.feeding(group.table)]
        if any(into.totals for _, into in fed):
            raise NotImplementedError(f"{group.table}: sources declare totals, which are not looked at here")
        rows = self._rows(group)
        out = [
            f"""
                SELECT r.*, to_level, to_place FROM ({rows}) AS r
                JOIN above AS a ON a.level = _level AND a.place = _place"""
        ]
        pointed = ", ".join(f"'{source.name}'" for source, into in fed if into.place and into.place.point)
        first, *others = self.city.file.hierarchies
        out += [
            f"""
                SELECT r.* REPLACE ('{chain[0]}' AS _level, coalesce(place_{chain[0]}, '{UNPLACED}') AS _place),
                    to_level, to_place
                FROM ({rows}) AS r JOIN above AS a
                    ON a.level = '{chain[0]}' AND a.place = coalesce(place_{chain[0]}, '{UNPLACED}')
                WHERE _source IN ({pointed}) AND to_level NOT IN ({", ".join(f"'{level}'" for level in first)})"""
            for chain in (others if pointed and not group.place else [])
        ]
        return " UNION ALL ".join(out)

    def _rows(self, group: Group) -> str:
        """A table's rows with `_date`, `_utc`, `_level`, `_place`; of stretches with `_since`, `_until`, `_holds`."""
        table, key = self.city.tables[group.table], group.table.replace(".", "_")
        if key not in self.loaded:
            schema = arrow_schema(columns(self.city, table))
            rows = self.lake.arrow(group.table) if self.lake.exists(group.table) else schema.empty_table()
            self.engine.register(key, rows)
            self.loaded.add(key)
        is_time = table.is_time(group.at)
        day, utc = (f"{group.at}_date", f"{group.at}_utc") if is_time else (group.at, "NULL::TIMESTAMPTZ")
        level, place, named = "place_level", "place_id", ""
        if group.place:
            level, place = "coalesce(s.level, place_level)", "s.place"
            named = f"LEFT JOIN spelled AS s ON s.spelling = lower(trim({group.place}))"
        sql = f"""
            SELECT t.*, {day} AS _date, {utc} AS _utc, coalesce(_utc, {day}::TIMESTAMPTZ) AS _instant,
                {level} AS _level, coalesce({place}, '{UNPLACED}') AS _place
            FROM {key} AS t {named} WHERE {day} IS NOT NULL"""
        return self._stretches(sql, group) if group.lasts else sql

    def _stretches(self, rows: str, group: Group) -> str:
        """From each record to the entity's next, at most to the end of the record's day if none comes by the next."""
        midnights = [(day, hours[-1][3]) for day, hours in self.calendar.hours.items()]
        self._register("midnights", ("day", "midnight"), midnights, (pa.date32(), INSTANT))
        window = f'(PARTITION BY "{group.lasts}" ORDER BY _utc, _holds, _level, _place)'
        return f"""
            SELECT * EXCLUDE (next_at, next_day, midnight), _utc AS _since,
                CASE WHEN next_day <= _date + 1 THEN next_at ELSE midnight END AS _until
            FROM (SELECT *, lead(_utc) OVER {window} AS next_at, lead(_date) OVER {window} AS next_day
                FROM (SELECT *, {group.holds} AS _holds FROM ({rows}) WHERE "{group.lasts}" IS NOT NULL))
            JOIN midnights ON midnights.day = _date"""

    def _register(
        self, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], types: Sequence[pa.DataType]
    ) -> None:
        arrays = {column: pa.array([row[i] for row in rows], types[i]) for i, column in enumerate(columns)}
        self.engine.register(name, pa.table(arrays))

    def evaluated(
        self, sql: str, columns: Mapping[str, Sequence[Any]], kinds: Mapping[str, Kind]
    ) -> list[float | None]:
        """A SQL expression over columns of these kinds of inputs; numbers have nine digits after the point."""
        types = [arrow_type(kinds[name]) for name in columns]
        rows = list(zip(range(len(next(iter(columns.values())))), *columns.values(), strict=True))
        self._register("inputs", ("row", *columns), rows, [pa.int32(), *types])
        return [row[0] for row in self._query(f'SELECT CAST({sql} AS DOUBLE) FROM inputs ORDER BY "row"')]


def arrow_type(kind: Kind) -> pa.DataType:
    """The Arrow type of a kind of a method's input."""
    if isinstance(kind, Rows):
        return pa.list_(pa.struct([(name, arrow_type(of)) for name, of in kind.fields.items()]))
    plain = {"number": NINE, "text": pa.string(), "date": pa.date32()}
    return plain[kind] if kind in plain else pa.list_(pa.string() if kind == "texts" else NINE)
