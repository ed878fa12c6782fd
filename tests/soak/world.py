"""A small invented city whose departments correct themselves: random deliveries, and what silver must make of them.

`Model` is the answer: every delivery replayed in the order of delivery, by the three modes as DESIGN §3 says them, in
plain Python. It knows nothing of claims, ranks, days or digests.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
FIRST = date(2025, 3, 22)
"""Eight nights on the clocks go forward."""
STREETS = {"s1": "d1", "s2": "d1", "s3": "d2"}
NEW = ("n1", "n2")
"""Streets that records name before the register does, if ever it does."""
HEADERS = {
    "places": "level,place_id,parent_id", "rides": "ride_id,started,metres,fare,vehicle,street,kind",
    "cases": "case_id,opened,minutes,state,street", "hotline": "case_id,opened,minutes,state,street",
    "wards": "ward,street,open,used", "meters": "meter_id,day,use_m3,street", "residents": "street,since,persons",
}  # fmt: skip
TABLES = {"hotline": "cases"}
Record = tuple[str, ...]
Row = tuple[object, ...]


@dataclass(frozen=True)
class Delivery:
    """A file as a department sends it. A record that cannot be split is one text."""

    source: str
    file: str
    at: datetime
    records: tuple[Record, ...]
    scope: date | None = None
    footer: str = ""
    """Blank lines: the same content in other bytes."""

    @property
    def text(self) -> str:
        """The file's content."""
        return "\n".join([HEADERS[self.source], *(",".join(one) for one in self.records)]) + "\n" + self.footer


@dataclass
class World:
    """What departments know, and send at random: late, corrected, withdrawn, repeated, out of order, wrong."""

    random: Random
    sent: list[Delivery] = field(default_factory=list)
    number: int = 0

    def first(self) -> list[Delivery]:
        """What stands from the first night on."""
        people = [(street, "2000-01-01", str(900 + 100 * at)) for at, street in enumerate(STREETS)]
        return [self.places(1, STREETS), self._send("residents", 1, people)]

    def places(self, night: int, districts: Mapping[str, str]) -> Delivery:
        """The register of places, by the district that each street belongs to."""
        members = [("street", street, district) for street, district in districts.items()]
        members += [("district", district, "mini") for district in sorted(set(STREETS.values()))]
        return self._send("places", night, members)

    def night(self, night: int) -> list[Delivery]:
        """The deliveries of a night, in the order in which they are landed, which is not the order they were sent."""
        makers = [self._rides, self._cases, self._hotline, self._wards, self._meters]
        out = [make(night) for make in makers for _ in range(self.random.choice((0, 1, 1, 1, 2)))]
        if self.random.random() < 0.15:
            out.append(self.places(night, self._register()))
        if self.random.random() < 0.2:
            street = self.random.choice(list(STREETS))
            since = self._day(night) if self.random.random() < 0.7 else date(2000, 1, 1)
            out.append(self._send("residents", night, [(street, str(since), str(self.random.randrange(500, 2000)))]))
        if self.sent and self.random.random() < 0.3:
            out.append(self._again(night))
        self.random.shuffle(out)
        return out

    def every(self, night: int) -> list[Delivery]:
        """One file of every source, none of them as it was."""
        people = [(street, str(self._day(night)), str(self.random.randrange(500, 2000))) for street in STREETS]
        more = [("street", f"n{night}", "d2")]
        makers = [self._rides, self._cases, self._hotline, self._wards, self._meters]
        some = [make(night) for make in makers]
        return [*some, self._send("residents", night, people), self._send("places", night, more)]

    def _send(
        self, source: str, night: int, records: Sequence[Record], scope: date | None = None, footer: str = ""
    ) -> Delivery:
        """A file, sent in the night or (one in eight) some nights before it arrives."""
        self.number += 1
        late = self.random.choice((0, 0, 0, 0, 0, 0, 0, 1, 2)) if night > 3 else 0
        start = datetime.combine(FIRST + timedelta(days=night - late), datetime.min.time(), UTC)
        at = start + timedelta(seconds=self.random.randrange(3600))
        name = f"{scope}-{self.number:04}" if scope else f"{self.number:04}"
        made = Delivery(source, f"{source}/{name}.csv", at, tuple(records), scope, footer)
        self.sent.append(made)
        return made

    def _again(self, night: int) -> Delivery:
        """An earlier file: the very bytes, or its content in other bytes."""
        old = self.random.choice(self.sent)
        footer = old.footer if self.random.random() < 0.5 else old.footer + "\n"
        return self._send(old.source, night, old.records, old.scope, footer)

    def _day(self, night: int) -> date:
        """A day that a record of a night may be of: mostly its own."""
        return FIRST + timedelta(days=night - 1 - self.random.choice((0, 0, 0, 0, 1, 1, 2, 5, 9)))

    def _some(self, most: int) -> range:
        return range(self.random.choice((0, 1, *range(most))))

    def _rides(self, night: int) -> Delivery:
        records: list[Record] = []
        for _ in self._some(12):
            start = datetime.combine(self._day(night), datetime.min.time()) + timedelta(
                minutes=self.random.randrange(1440)
            )
            fare = self.random.choice((f"{self.random.randrange(9000) / 100:.2f}", "", "x", "-3", "2000"))
            kind = self.random.choice(("", "", "", "test"))
            ride = f"r{self.random.randrange(80)}" if self.random.random() < 0.95 else ""
            records.append(
                (ride, f"{start:%Y-%m-%d %H:%M:%S}", str(self.random.randrange(120000)), fare,
                 f"v{self.random.randrange(9)}", self._street(), kind)
            )  # fmt: skip
        return self._send("rides", night, self._spoilt(records))

    def _cases(self, night: int, source: str = "cases") -> Delivery:
        records = [
            (f"c{self.random.randrange(25)}", str(self._day(night)), str(self.random.randrange(12000)),
             self.random.choice(("open", "shut", "shut", "lost")), self._street())
            for _ in self._some(10)
        ]  # fmt: skip
        return self._send(source, night, self._spoilt(records))

    def _hotline(self, night: int) -> Delivery:
        return self._cases(night, "hotline")

    def _wards(self, night: int) -> Delivery:
        wards = [f"w{at}" for at in range(5) if self.random.random() < 0.8]
        records = [
            (ward, self._street(), str(self.random.randrange(5, 40)), self.random.choice(("3", "0", "5", "", "many")))
            for ward in wards
        ]
        return self._send("wards", night, records, self._day(night))

    def _meters(self, night: int) -> Delivery:
        records = [
            (f"m{at}", str(self._day(night)), f"{self.random.randrange(600) / 10:.1f}", self._street())
            for at in range(6)
            if self.random.random() < 0.7
        ]
        return self._send("meters", night, self._spoilt(records))

    def _register(self) -> Mapping[str, str]:
        """A street that goes to another district, or one that the register has not known, or knows by now."""
        return {self.random.choice((*STREETS, *NEW)): self.random.choice(sorted(set(STREETS.values())))}

    def _street(self) -> str:
        return self.random.choice((*STREETS, *STREETS, *NEW, "nowhere", ""))

    def _spoilt(self, whole: Sequence[Record]) -> list[Record]:
        """Now and then a line that cannot be split, and a record that stands twice."""
        records = list(whole)
        if records and self.random.random() < 0.2:
            records.insert(self.random.randrange(len(records) + 1), self.random.choice(records))
        if self.random.random() < 0.15:
            records.insert(self.random.randrange(len(records) + 1), ("cut", "off"))
        return records


class Model:
    """Silver and accounts, from every delivery landed so far, in that order: the same bytes again are a repeat."""

    def __init__(self, landed: Sequence[Delivery]) -> None:
        self.rows: dict[str, dict[tuple[str, ...], tuple[int, Row]]] = {}
        self.offered: dict[str, int] = {}
        first: dict[tuple[object, ...], Delivery] = {}
        for one in landed:
            first.setdefault((one.source, one.scope, one.text), one)
        for one in sorted(first.values(), key=lambda one: (one.at, one.file)):
            self._take(one)

    def _take(self, one: Delivery) -> None:
        rows = self.rows.setdefault(TABLES.get(one.source, one.source), {})
        if one.source == "wards":
            for key in [key for key in rows if key[0] == str(one.scope)]:
                del rows[key]
        times = 2 if one.source == "wards" else 1
        whole = [record for record in one.records if len(record) == HEADERS[one.source].count(",") + 1]
        self.offered[one.file] = len(whole) * times + len(one.records) - len(whole)
        priority = 1 if one.source == "cases" else 0
        mine: dict[tuple[str, ...], Row] = {}
        for key, row in (pair for record in whole for pair in MEANT[one.source](record, one.scope)):
            if one.source != "rides" or key not in mine:
                mine[key] = row
        for key, row in mine.items():
            before = rows.get(key)
            if before is None or (one.source != "rides" and priority >= before[0]):
                rows[key] = (priority, row)

    def table(self, name: str) -> list[Row]:
        """A table's rows, each in the street that the register knows by now."""
        streets = {key[1] for key in self.rows.get("places", {}) if key[0] == "street"}
        rows = (row for _, row in self.rows.get(name, {}).values())
        return sorted(((*row[:-1], row[-1] if row[-1] in streets else None) for row in rows), key=repr)


def _ride(record: Record, _: date | None) -> Iterator[tuple[tuple[str, ...], Row]]:
    ride, started, metres, fare, vehicle, street, kind = record
    if ride and kind != "test" and not (fare and fare != "x" and not 0 <= Decimal(fare) <= 1000):
        paid = Decimal(fare) if fare not in ("", "x") else None
        far = int(metres) if int(metres) <= 100000 else None
        at = datetime.fromisoformat(started).replace(tzinfo=ZONE).astimezone(UTC)
        yield (ride,), (ride, at, far, paid, vehicle, street)


def _case(record: Record, _: date | None) -> Iterator[tuple[tuple[str, ...], Row]]:
    case, opened, minutes, state, street = record
    if state in ("open", "shut"):
        took = int(minutes) if int(minutes) <= 10000 else None
        yield (case,), (case, date.fromisoformat(opened), took, state, street)


def _ward(record: Record, scope: date | None) -> Iterator[tuple[tuple[str, ...], Row]]:
    ward, street, *numbers = record
    for kind, number in zip(("open", "used"), numbers, strict=True):
        beds = int(number) if number.isdecimal() else None
        yield (str(scope), ward, kind), (scope, ward, kind, beds, street)


def _meter(record: Record, _: date | None) -> Iterator[tuple[tuple[str, ...], Row]]:
    meter, day, use, street = record
    yield (meter, day), (meter, date.fromisoformat(day), Decimal(use), street)


def _resident(record: Record, _: date | None) -> Iterator[tuple[tuple[str, ...], Row]]:
    street, since, persons = record
    yield (street, since), (street, date.fromisoformat(since), int(persons), street)


def _member(record: Record, _: date | None) -> Iterator[tuple[tuple[str, ...], Row]]:
    yield record[:2], record


MEANT = {"rides": _ride, "cases": _case, "hotline": _case, "wards": _ward, "meters": _meter, "residents": _resident,
         "places": _member}  # fmt: skip
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "rides": ("ride_id", "started_utc", "metres", "fare", "vehicle", "place_id"),
    "cases": ("case_id", "opened", "minutes", "state", "place_id"),
    "wards": ("day", "ward", "kind", "beds", "place_id"),
    "meters": ("meter_id", "day", "use_m3", "place_id"),
    "residents": ("street", "since", "persons", "place_id"),
}
