"""Faults: which kinds there are, and the list of those that were planted."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

import numpy as np

from jobs.sample.draw import Random
from jobs.sample.ground import Ints
from jobs.sample.truth import Bools

KINDS = {
    "duplicates": "records that stand twice, and a file that is delivered twice",
    "late": "files that arrive a night late (one does without being asked for)",
    "corrections": "files that restate an earlier day (one does without being asked for)",
    "missing_reporters": "stations and hospitals that report nothing for some hours or a day",
    "impossible": "values that cannot be",
    "malformed": "lines with too few or too many fields",
    "encoding": "a file in another encoding than declared",
    "swapped": "values of two columns exchanged",
    "truncated": "a gzip that was cut off",
    "numerals": "numbers as people write them: ４５２, 1。2万, 约30",
    "undated": "records with a date that does not exist",
    "wrong_header": "a file whose header is another one",
    "personal": "people's numbers in free text, with a wrong check digit and in a line that cannot be split",
}
FAULTS = frozenset(KINDS)
RATE = 0.0002
FOUND_IN = ("quarantine", "deliveries", "quality", "flags", "duplicates")


@dataclass(frozen=True)
class Fault:
    """One planted fault.

    `record` is the reader's record number, None for a whole file; `visible` whether the data alone can show it;
    `found_in` where it is to be found, None for what nobody can see, and for what is to be read as it was meant.
    """

    night: int
    file: str
    source: str
    record: int | None
    kind: str
    detail: str
    visible: bool = True
    found_in: str | None = None

    def row(self) -> dict[str, object]:
        """As it stands in faults.json."""
        return asdict(self)


@dataclass
class Damage:
    """Where one delivered file is damaged; no record is damaged twice.

    Records are picked among the `count` there would be; where some are left out, `count` becomes what is written.
    """

    rng: Random
    enabled: frozenset[str]
    count: int
    night: int
    file: str
    source: str
    planted: list[Fault] = field(default_factory=list)
    _sound: Bools = field(init=False)

    def __post_init__(self) -> None:
        self._sound = np.ones(self.count, bool)

    def pick(self, kind: str, least: int = 3, among: Ints | None = None) -> Ints:
        """Records for a kind of fault, in ascending order; none when the kind is not asked for."""
        if kind not in self.enabled or not self.count:
            return np.array([], np.int64)
        free = np.flatnonzero(self._sound) if among is None else among[self._sound[among]]
        wanted = min(max(least, int(self.count * RATE)), len(free))
        chosen = np.sort(self.rng.choice(free, wanted, replace=False))
        self._sound[chosen] = False
        return chosen

    def note(
        self, kind: str, records: Iterable[int] | None, detail: str, found_in: str | None, visible: bool = True
    ) -> None:
        """Record faults: one for each record, or one for the whole file when `records` is None."""
        for record in [None] if records is None else [int(one) for one in records]:
            self.planted.append(Fault(self.night, self.file, self.source, record, kind, detail, visible, found_in))

    def mask(self, *chosen: Ints) -> Bools:
        """The chosen records as a mask."""
        out = np.zeros(len(self._sound), bool)
        for records in chosen:
            out[records] = True
        return out
