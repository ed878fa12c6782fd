"""What a value takes: of each term the days, hours, places and entities, and the stored states that stand there.

Relations made here: `taken_days` (take, day, hour), `taken_places` (take, day, level, place_id) and `taken_entities`
(take, entity_id). A take is a term of a table, of the indicator itself or of one that it uses (jobs/behind/takes.py).
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

import pyarrow as pa

from jobs import grid, scan, speaking, states
from jobs.behind import takes
from jobs.behind.cell import Made
from jobs.behind.takes import Take
from jobs.core.engine import listed, literal, register
from jobs.mapping import REGISTER

SHOWN = [name for name in scan.GRID if name not in ("valid_from", "valid_to")]
"""What tells states apart; of a register those that stand on one day are compared, whatever their intervals."""


@dataclass
class Taken:
    """The takes of a cell."""

    made: Made
    takes: list[Take]
    by_hour: Set[int]
    """The takes of which some hours only are taken."""
    stood: dict[int, list[str]] = field(default_factory=dict)
    """The days of each take whose rows have been looked for (`traced.stood`)."""

    def states(self, take: Take, source: str) -> str:
        """SQL: the states of a take in the relation `source`, of the columns of `fused.terms`."""
        kept = [f'"table" = {literal(take.table.key_id)}', f"term = {literal(take.aggregate.id)}"]
        kept += [f"coalesce(entity, '') = {literal(take.grid.entity or '')}", self.standing(take, "t.")]
        named = ", ".join(f't."{name}"' for name in [*SHOWN, *states.TYPES])
        return f"SELECT {named} FROM {source} AS t WHERE {' AND '.join(kept)}"

    def standing(self, take: Take, at: str, *, any_time: bool = False) -> str:
        """SQL: whether a row is taken, by the columns of its grid, whose names begin with `at`; at `any_time` whether
        one there would be on some day.
        """
        if any_time:
            return self._placed(take, at, any_time=True)
        if take.is_register:
            held = f"{at}valid_from <= DATE '{take.end}' AND coalesce({at}valid_to > DATE '{take.end}', true)"
            return f"{held} AND {self._placed(take, at)}"
        if take.by_entity:
            others = listed(chain[0] for chain in take.city.file.hierarchies[1:])
            mine = f"e.take = {take.number} AND e.entity_id = {at}entity_id"
            kept = f"EXISTS (FROM taken_days AS d WHERE d.take = {take.number} AND d.day = {at}day) "
            kept += f"AND EXISTS (FROM taken_entities AS e WHERE {mine}) "
            kept += f"AND NOT coalesce({at}level IN ({others}), false)"
        else:
            kept = self._placed(take, at)
        if take.number in self.by_hour:
            hour = f"d.take = {take.number} AND d.day = {at}day AND d.hour = {at}hour"
            kept += f" AND EXISTS (FROM taken_days AS d WHERE {hour})"
        return kept

    def _placed(self, take: Take, at: str, *, any_time: bool = False) -> str:
        day = "" if take.is_register or any_time else f"AND p.day = {at}day "
        place = f"p.level = {at}level AND p.place_id = coalesce({at}place_id, '{grid.UNPLACED}')"
        return f"EXISTS (FROM taken_places AS p WHERE p.take = {take.number} {day}AND {place})"

    def levels(self, take: Take) -> set[str]:
        """The levels at which rows are taken; none where they are taken by entity."""
        sql = f"SELECT DISTINCT level FROM taken_places WHERE take = {take.number}"
        return {row[0] for row in self.made.connection.sql(sql).fetchall()}

    def days(self, take: Take) -> list[str]:
        """The partitions of the table with records that are taken, as far as stored states and the days tell."""
        if take.is_register:
            return [REGISTER]
        own = {day.isoformat() for day in take.days}
        sql = f"SELECT DISTINCT _day FROM ({self.states(take, 'terms')})"
        return sorted(own | {row[0] for row in self.made.connection.sql(sql).fetchall()})


def of(made: Made) -> Taken:
    """What a cell takes."""
    found = list(takes.of(made))
    register(made.connection, "take_days", {"take": pa.int32(), "day": pa.date32()}, [
        (take.number, day) for take in found for day in take.days
    ])  # fmt: skip
    targets = [(take.number, *target) for take in found for target in take.targets]
    kinds = {"take": pa.int32(), "level": pa.string(), "place": pa.string()}
    register(made.connection, "targets", kinds, targets)
    made.connection.execute("""
        CREATE TEMP TABLE taken_days AS SELECT take, day, NULL::TIMESTAMPTZ AS hour FROM take_days;
        CREATE TEMP TABLE taken_places (take INTEGER, day DATE, level VARCHAR, place_id VARCHAR);
        CREATE TEMP TABLE taken_entities (take INTEGER, entity_id VARCHAR)""")
    by_hour = _hours(made, found)
    for take in found:
        if take.is_register:
            _register_places(made, take)
        elif take.by_entity:
            _entities(made, take)
        else:
            _places(made, take)
    return Taken(made, found, by_hour)


def _hours(made: Made, takes: Sequence[Take]) -> set[int]:
    """Put the days and hours that the cell's own terms look at in the place of whole days."""
    own = [take.number for take in takes if take.is_own and not take.is_register]
    cell, scope = made.cell, made.scope
    if not own:
        return set()
    numbers = ", ".join(map(str, own))
    made.connection.execute(f"""
        DELETE FROM taken_days WHERE take IN ({numbers});
        INSERT INTO taken_days SELECT DISTINCT t.take, l.day, l.hour
        FROM looks AS l JOIN take_days AS t ON t.day = l.day AND t.take IN ({numbers})
        WHERE l.back = {scope.back} AND l.period = {literal(cell.period)} AND l.segment = {literal(cell.segment)}""")
    hourly = made.connection.sql("SELECT DISTINCT take FROM taken_days WHERE hour IS NOT NULL").fetchall()
    return {row[0] for row in hourly}


def _places(made: Made, take: Take) -> None:
    """Where rows stand that speak for the targets; on a day without states, wherever the table's sources place any."""
    term, entity = literal(take.aggregate.id), literal(take.grid.entity or "")
    levels = ", ".join(f"({literal(level)})" for level in _levels(take))
    made.connection.execute(f"""
        INSERT INTO taken_places
        WITH said AS (
            SELECT DISTINCT day, from_level, to_level FROM speaks WHERE term = {term} AND entity = {entity}),
        days AS (SELECT DISTINCT day FROM taken_days WHERE take = {take.number}),
        ways AS (
            SELECT d.day, s.from_level, s.to_level FROM days AS d JOIN said AS s USING (day)
            UNION ALL SELECT d.day, l.from_level, t.to_level
            FROM (SELECT day FROM days EXCEPT SELECT day FROM said) AS d CROSS JOIN (VALUES {levels}) AS l(from_level)
            CROSS JOIN (SELECT DISTINCT level AS to_level FROM targets WHERE take = {take.number}) AS t)
        SELECT DISTINCT {take.number}, w.day, w.from_level, u.from_id FROM ways AS w
        JOIN up AS u ON u.from_level = w.from_level AND u.to_level = w.to_level
        JOIN targets AS t ON t.take = {take.number} AND t.level = u.to_level AND t.place = u.to_id""")


def _levels(take: Take) -> list[str]:
    """The levels at which sources place the table's records; of a point, the one of the targets' own hierarchy."""
    key = take.table.key_id
    chains = take.city.file.hierarchies
    mine = next((chain[0] for chain in chains if any(level in chain for level, _ in take.targets)), chains[0][0])
    found: dict[str, None] = {}
    for source in take.city.feeding(key):
        place = source.into[key].place
        found |= dict.fromkeys([mine] if place and place.point else grid.spoken(take.city, source.name, key))
    return list(found)


def _entities(made: Made, take: Take) -> None:
    """The entities that are a target themselves, or last stood in one."""
    kinds = {take.one.entity.kind} if take.one.entity else set()
    named = [place for level, place in take.targets if level in kinds]
    others = listed(chain[0] for chain in take.city.file.hierarchies[1:])
    made.connection.execute(f"""
        INSERT INTO taken_entities
        SELECT DISTINCT {take.number}, entity_id FROM (
            SELECT d.entity_id, arg_max(d.level, (d.day, d.level)) AS level,
                arg_max(coalesce(d.place_id, '{grid.UNPLACED}'), (d.day, d.level)) AS place_id
            FROM by_day AS d WHERE d.term = {literal(take.aggregate.id)} AND d.entity = {literal(take.grid.entity)}
                AND d.day IN (SELECT day FROM taken_days WHERE take = {take.number})
                AND NOT coalesce(d.level IN ({others}), false)
            GROUP BY d.entity_id) AS e
        WHERE e.entity_id IN ({listed(named)}) OR EXISTS (
            FROM up AS u JOIN targets AS t ON t.take = {take.number} AND t.level = u.to_level AND t.place = u.to_id
            WHERE u.from_level = e.level AND u.from_id = e.place_id)""")


def _register_places(made: Made, take: Take) -> None:
    """Where rows stand on the last day that speak for the targets."""
    levels = ", ".join(f"({literal(level)})" for level in _levels(take))
    made.connection.execute(f"""
        INSERT INTO taken_places
        WITH stood AS (
            SELECT DISTINCT t.from_level, u.to_level FROM (
                SELECT *, level AS from_level FROM terms WHERE term = {literal(take.aggregate.id)}
                AND valid_from <= DATE '{take.end}' AND coalesce(valid_to > DATE '{take.end}', true)) AS t
            {speaking.SPOKEN} JOIN (SELECT *, distance // 100 AS chain FROM up) AS u
                ON u.from_level = t.from_level AND u.from_id = coalesce(t.place_id, '{grid.UNPLACED}')
            WHERE u.to_level IN (SELECT level FROM targets WHERE take = {take.number})
            {speaking.chosen("u.to_level")}),
        ways AS (
            FROM stood UNION ALL SELECT l.from_level, t.level FROM (VALUES {levels}) AS l(from_level)
            CROSS JOIN (SELECT DISTINCT level FROM targets WHERE take = {take.number}) AS t
            WHERE NOT EXISTS (FROM stood))
        SELECT DISTINCT {take.number}, NULL::DATE, w.from_level, u.from_id FROM ways AS w
        JOIN up AS u ON u.from_level = w.from_level AND u.to_level = w.to_level
        JOIN targets AS t ON t.take = {take.number} AND t.level = u.to_level AND t.place = u.to_id""")
