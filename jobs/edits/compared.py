"""How a city's declarations differ from others of it, and what of that published values can tell.

Meanings are compared, not files: another wording, another order of keys and a file that moved are no difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jobs import definitions, missing, terms
from jobs.placing import PLACES
from schemas import City, Indicator, Rules, Source, Table
from schemas.declared import Declared

Kind = Literal["new", "gone", "definition", "now and then", "judged again", "landing", "days to come", "words"]
"""What is edited, by what follows: see `jobs/edits/nights.py`. Of `words`, nothing does."""
REASONS = ("known_issues",)
"""What an indicator says with its values, beside its definition."""
WORDS_OF_A_TABLE = ("description", "owner", "element", "name")
WORDS_OF_A_COLUMN = {"description", "classification"}
WORDS_OF_A_SOURCE = ("name", "publisher", "department", "licence", "description")
ON_LANDING = ("files", "companions")
"""What a source says of files that are still to come: what has landed belongs to it already."""
WORDS_OF_A_CITY = ("name", "departments", "deadline", "map_level", "alerts", "catalogue", "exports")
IN_DEFINITIONS = ("peak_hours", "calendar", "standards")
"""What of a city is a part of the definitions that it matters to."""


@dataclass(frozen=True)
class Edit:
    """One declaration that differs."""

    what: str
    keys: tuple[str, ...]
    """The keys that differ; none of a declaration that is new or gone."""
    kind: Kind
    indicators: frozenset[str] = frozenset()
    """Those whose values it may change by itself."""
    tables: frozenset[str] = frozenset()
    """Those whose records have to be judged again for it."""


@dataclass(frozen=True)
class Reach:
    """What edits can change."""

    indicators: frozenset[str]
    """Whose values may differ; those that are gone are not among them."""
    gone: frozenset[str]
    scanned: frozenset[str]
    """Tables whose terms have to be made again."""
    judged: frozenset[str]
    """Of these, the tables that have to be made again from landing."""


def edits(before: City, now: City) -> list[Edit]:
    """Every declaration that differs, in a fixed order."""
    return [
        *_indicators(before, now), *_tables(before, now), *_sources(before, now), *_rules(before, now),
        *_of_the_city(before, now),
    ]  # fmt: skip


def reach(before: City, now: City, found: Sequence[Edit], unsure: frozenset[str] = frozenset()) -> Reach:
    """What edits can change; `unsure` are indicators whose terms the lake may have by yet another definition."""
    tables = {key for one in found for key in one.tables}
    judged = set(now.tables) if PLACES in tables else tables & set(now.tables)
    moved = judged | {key for key, others in now.compared.items() if others & judged}
    everywhere = bool({PLACES, missing.CONTROL} & tables)
    indicators = {id_ for one in found for id_ in one.indicators}
    indicators |= {
        id_ for id_, one in now.indicators.items() if everywhere or not _rests_on(now, one).isdisjoint(moved)
    }
    new = {key for key in now.tables if key not in before.tables or _needs_more(before, now, key)}
    new |= {key for id_ in unsure & indicators for key in definitions.tables(now, now.indicators[id_])}
    gone = frozenset(before.indicators) - frozenset(now.indicators)
    return Reach(frozenset(indicators & set(now.indicators)), gone, frozenset(judged | new), frozenset(judged))


def _rests_on(city: City, one: Indicator) -> set[str]:
    """The tables of an indicator, and the registers that list their reporters."""
    keys = set(definitions.tables(city, one))
    return keys | {city.registered[key].table for key in keys & city.registered.keys()}


def _needs_more(before: City, now: City, key: str) -> bool:
    """Whether terms of a table are asked for that were not: other ones, more of their states, or hours."""
    known = {(grid, one.id): set(one.state) for grid, found in terms.of_table(before, key).items() for one in found}
    asked = [(grid, one) for grid, found in terms.of_table(now, key).items() for one in found]
    if any((grid, one.id) not in known or not set(one.state) <= known[grid, one.id] for grid, one in asked):
        return True
    if not terms.hourly(now, key) <= terms.hourly(before, key):
        return True
    return not set(terms.dimensions(now, now.tables[key])) <= set(terms.dimensions(before, before.tables[key]))


def _indicators(before: City, now: City) -> Iterator[Edit]:
    for id_ in sorted({*before.indicators, *now.indicators}):
        old, new, what = before.indicators.get(id_), now.indicators.get(id_), f"indicator {id_}"
        if old is None or new is None:
            yield Edit(what, (), "new" if new else "gone", frozenset([id_]))
            continue
        keys = _differ(old, new)
        if definitions.digest(before, old) != definitions.digest(now, new):
            yield Edit(what, keys or _through(before, now, new), "definition", frozenset([id_]))
        elif set(keys) & set(REASONS):
            yield Edit(what, keys, "now and then", frozenset([id_]))
        elif keys:
            yield Edit(what, keys, "words")


def _through(before: City, now: City, one: Indicator) -> tuple[str, ...]:
    """What an indicator whose own file is the same rests on that is not: other indicators, or keys of the city."""
    looks = sorted({look.table for version in one.versions for look in version.looks} - {one.id})
    changed = [
        id_ for id_ in looks
        if definitions.digest(before, before.indicators[id_]) != definitions.digest(now, now.indicators[id_])
    ]  # fmt: skip
    return (*changed, *(key for key in _differ(before.file, now.file) if key in IN_DEFINITIONS))


def _tables(before: City, now: City) -> Iterator[Edit]:
    for key in sorted(before.tables.keys() & now.tables.keys()):
        old, new = before.tables[key], now.tables[key]
        keys = _differ(old, new)
        says = tuple(name for name in keys if name not in WORDS_OF_A_TABLE)
        if says == ("columns",) and _columns(old) == _columns(new):
            says = ()
        if says:
            yield Edit(f"table {key}", says, "judged again", tables=frozenset([key]))
        elif keys:
            yield Edit(f"table {key}", keys, "words")


def _columns(table: Table) -> dict[str, Any]:
    return {name: one.model_dump(exclude=WORDS_OF_A_COLUMN) for name, one in table.columns.items()}


def _sources(before: City, now: City) -> Iterator[Edit]:
    for name in sorted({*before.sources, *now.sources}):
        old, new, what = before.sources.get(name), now.sources.get(name), f"source {name}"
        if old is None or new is None:
            into = frozenset(key for one in (old, new) if one for key in one.into)
            yield Edit(what, (), "new" if new else "gone", _on(now, into), into if old else frozenset())
            continue
        keys = _differ(old, new)
        tables = _tables_of(old, new, [one for one in keys if one not in (*WORDS_OF_A_SOURCE, *ON_LANDING, "arrives")])
        if tables:
            yield Edit(what, keys, "judged again", _on(now, frozenset(new.into)), tables)
        elif old.arrives.every != new.arrives.every:
            yield Edit(what, keys, "now and then", _on(now, frozenset(new.into)))
        elif keys:
            yield Edit(what, keys, "landing" if set(keys) & set(ON_LANDING) else "words")


def _tables_of(old: Source, new: Source, keys: Sequence[str]) -> frozenset[str]:
    """The tables that an edited source says something else of."""
    tables = {*old.into, *new.into} if keys else set()
    if list(keys) == ["into"]:
        tables = {key for key in tables if old.into.get(key) != new.into.get(key)}
    return frozenset(tables)


def _on(city: City, tables: frozenset[str]) -> frozenset[str]:
    return frozenset(id_ for id_, one in city.indicators.items() if not tables.isdisjoint(_rests_on(city, one)))


def _rules(before: City, now: City) -> Iterator[Edit]:
    for key in sorted(before.tables.keys() & now.tables.keys()):
        none = Rules(table=key)
        old, new = before.rules.get(key, none), now.rules.get(key, none)
        rows, sets = (_other_rules(old, new, part) for part in ("rows", "sets"))
        if rows:
            yield Edit(f"rules of {key}", rows, "judged again", tables=frozenset([key]))
        if sets:
            yield Edit(f"rules of {key}", sets, "days to come")
        if old != new and not rows and not sets:
            yield Edit(f"rules of {key}", _differ(old, new), "words")


def _other_rules(old: Rules, new: Rules, part: str) -> tuple[str, ...]:
    """The rules on rows, or on sets of them, that do something else, or are there on one side only."""
    said: list[Mapping[str, object]] = [
        {rule.rule: rule.model_dump(exclude={"why"}) for rule in getattr(one, part)} for one in (old, new)
    ]
    return tuple(name for name in sorted({*said[0], *said[1]}) if said[0].get(name) != said[1].get(name))


def _of_the_city(before: City, now: City) -> Iterator[Edit]:
    everybody = frozenset(now.indicators)
    for key in _differ(before.file, now.file):
        what = f"city {now.id}"
        if key in WORDS_OF_A_CITY or (key == "levels" and _places(before) == _places(now)):
            yield Edit(what, (key,), "words")
        elif key in IN_DEFINITIONS:
            yield Edit(what, (key,), "definition")
        elif key == "cut_off":
            yield Edit(what, (key,), "days to come")
        elif key in ("timezone", "hierarchies", "levels"):
            yield Edit(what, (key,), "judged again", everybody, frozenset({*before.tables, *now.tables}))
        else:
            yield Edit(what, (key,), "now and then", everybody)


def _places(city: City) -> dict[str, Any]:
    """Levels without their names."""
    return {name: level.aliases for name, level in city.file.levels.items()}


def _differ(old: Declared, new: Declared) -> tuple[str, ...]:
    """The keys that two declarations of a kind do not have in common."""
    return tuple(name for name in type(new).model_fields if getattr(old, name) != getattr(new, name))
