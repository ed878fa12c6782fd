"""Editions at their deadlines, whatever happens to sources and processes: the part `deadline` of the soak."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from tests.soak import Tell, changes, deadlines
from tests.soak.deadlines import Blow, Fault, Trials

SEED, AT_ONCE = 301, 2


@dataclass
class Found:
    """What was tried, and every statement that does not hold."""

    faults: dict[str, int] = field(default_factory=dict)
    blows: dict[str, int] = field(default_factory=dict)
    interim: int = 0
    shown: int = 0
    compared: int = 0
    recovered: int = 0
    slack: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def run(folder: Path, tell: Tell) -> tuple[str, list[str]]:
    """Its section of docs/reliability.md, and what does not hold."""
    parts = []
    with ProcessPoolExecutor(AT_ONCE, get_context("spawn")) as pool:
        for part in pool.map(_part, [folder] * AT_ONCE, range(AT_ONCE)):
            parts.append(part)
            tell("\n".join(part.wrong) or "nothing wrong")
    found = _together(parts)
    return page(found), found.wrong


def _part(folder: Path, number: int) -> Found:
    """Every source in every way, with blows; a core takes two of the kinds of faults.

    A night with nothing else wrong is struck in every way. Of one with a fault every fourth step is killed, so that the
    four kinds together are killed before every step for each source.
    """
    found, trials = Found(), Trials(folder / str(number), SEED)
    if number == 0:
        tried(trials, None, deadlines.blows(), found)
    killed = [one for one in deadlines.blows() if one.how == "killed"]
    for fault in deadlines.faults()[number::AT_ONCE]:
        tried(trials, fault, killed[deadlines.KINDS.index(fault.kind) :: 4], found)
    return found


def tried(trials: Trials, fault: Fault | None, blows: Iterable[Blow], found: Found) -> None:
    """A second night with a fault, the third one, and the second one again with each blow."""
    name, calm = str(fault or "whole"), trials.whole
    if fault is not None:
        calm = trials.copy(name)
        trials.second(calm, fault)
        found.faults[fault.kind] = found.faults.get(fault.kind, 0) + 1
        found.compared += len(trials.expected)
        found.wrong += [f"{name}: {one}" for one in deadlines.wrong(trials, calm, fault)]
    for blow in blows:
        _struck(trials, fault, calm, blow, found)
    if fault is not None and fault.kind != "missing":
        trials.third(calm, fault)
        found.recovered += 1
        without = deadlines.WHENCE if fault.kind == "cut" else ()
        differ = deadlines.differ(calm, trials.after, without)
        found.wrong += [f"{name}, a night later: {one} differs" for one in differ]
        found.wrong += [f"{name}: {one}" for one in deadlines.unmarked(trials, calm)]


def _struck(trials: Trials, fault: Fault | None, calm: Lake, blow: Blow, found: Found) -> None:
    name = f"{fault or 'whole'}, {blow}"
    lake = trials.copy(name)
    seen = trials.struck(lake, blow, fault)
    found.blows[blow.how] = found.blows.get(blow.how, 0) + 1
    found.interim += seen.interim is not None
    found.shown += len(seen.interim or ())
    slacks = [row["slack_s"] for row in seen.steps if row["slack_s"] is not None]
    found.slack += slacks[:1]
    wrong = deadlines.wrongly_shown(trials, seen, lake) + (
        [f"differs in {one}" for one in deadlines.differ(lake, calm)]
    )
    wrong += [] if seen.code == 0 else [f"ended with {seen.code}"]
    wrong += [] if slacks and slacks[0] > 0 else [f"no edition at the deadline: {slacks}"]
    if _root(lake) != _root(calm):
        wrong.append("the seal is another")
    found.wrong += [f"{name}: {one}" for one in wrong]


def _root(lake: Lake) -> object:
    return Ledger(lake).rows("editions", f"biz_date = DATE '{changes.day(deadlines.FAULTY)}'")


def _together(parts: Iterable[Found]) -> Found:
    whole = Found()
    for part in parts:
        for name, value in vars(part).items():
            mine = getattr(whole, name)
            if isinstance(value, dict):
                setattr(whole, name, {key: mine.get(key, 0) + value.get(key, 0) for key in {**mine, **value}})
            else:
                setattr(whole, name, mine + value)
    return whole


def page(found: Found) -> str:
    """The section."""

    def count(*words: str) -> int:
        return sum(any(word in one for word in words) for one in found.wrong)

    blows, faults = sum(found.blows.values()), sum(found.faults.values())
    return f"""# The edition at its deadline

`python -m tests.soak --part deadline` writes this: the second of three nights of a small city
(`tests/soak/conf/cities/mini`) with each of its {len(deadlines.SOURCES)} sources in turn missing, late (it arrives
after the cut-off), cut off in a record, or no text at all ({faults} nights); and {blows} such nights, and undisturbed
ones, with a blow to the process that works: {_listed(found.blows)}. Killed is SIGKILL before a step, before each for
every source; hung is a layer that takes for ever; stopped is SIGSTOP. Nobody but `citypulse night` does anything
about it; its clock is set, so that the night is in its window.

| statement | found | asked |
|---|---|---|
| nights with a fault, or struck, without an edition before their deadline |\
 {count("no edition")} of {faults + blows} | 0 |
| numbers of a night with a fault, of periods that are not closed, that differ from the undisturbed night's and do not\
 say that they may | {count("does not say so")} of {found.compared:,} | 0 |
| values not downstream of the fault that differ from the undisturbed night's in anything |\
 {count(", undisturbed ")} | 0 |
| editions made before their night was done ({found.shown:,} values) that do not say so, or of which a number that was\
 still to change does not | {count("not complete", "will be", "why it is")} of {found.interim} | 0 |
| struck nights that are not, once done, what they would have been: rows of every table, values, the edition's seal |\
 {count("differs in", "the seal", "ended with")} of {blows} | 0 |
| nights after late or damaged deliveries came whole that are not what undisturbed ones are, but for which delivery\
 first said what was said twice | {count("a night later")} of {found.recovered} | 0 |
| closed numbers that such a night changed and does not call revised | {count("is not called revised")} | 0 |

The first edition of a struck night was there {_span(found.slack)} before its deadline. A late file differs from one
that came in time in when it was delivered and in nothing that is counted.
"""


def _listed(blows: dict[str, int]) -> str:
    return ", ".join(f"{count} {how}" for how, count in sorted(blows.items()))


def _span(slacks: Sequence[float]) -> str:
    low, high = (round(one / 60, 1) for one in (min(slacks, default=0), max(slacks, default=0)))
    return f"{low} to {high} minutes"
