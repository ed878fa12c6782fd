"""Ten thousand damages to a chain of ten editions: each is detected, and located."""

from collections import Counter
from functools import lru_cache
from random import Random

import pytest

from jobs import chain, intact, verifying
from jobs.chain import Books
from jobs.intact import Altered, Link
from tests.seal import attacks, invented
from tests.seal.attacks import Damaged, Scene

SEED, EDITIONS, DAMAGES = 20, 10, 10_000


@pytest.fixture(scope="module")
def scene() -> Scene:
    rng = Random(SEED)
    written = [invented.written(rng, number) for number in range(EDITIONS)]
    return Scene(rng, written, invented.books(written))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """An edition that was looked at behind the same ones before it is not looked at again: looking has no effect."""
    monkeypatch.setattr(intact, "edition", lru_cache(maxsize=200)(intact.edition))


def found(books: Books, told: str) -> Altered | None:
    """What `citypulse verify --head` raises of a chain: the root of the last edition was told."""
    try:
        seen = verifying.Found([one.link for one in chain.walk(books)])
        verifying.witnessed(seen, told)
    except Altered as error:
        return error
    return None


def test_a_whole_chain_is_found_whole(scene: Scene) -> None:
    assert [one.link for one in chain.walk(scene.books)] == list(scene.books.told)
    assert found(scene.books, scene.books.told[-1].root) is None
    assert found(scene.books, scene.books.told[3].root.upper()) is None


def test_every_damage_is_detected_and_located(scene: Scene, quick: None) -> None:
    rng, told, tried, wrong = Random(SEED), scene.books.told[-1].root, Counter[str](), list[str]()
    scene = Scene(rng, scene.written, scene.books)
    while tried.total() < DAMAGES:
        kind = attacks.KINDS[tried.total() % len(attacks.KINDS)]
        damaged = kind(scene)
        if damaged.books != scene.books:  # two rows that are the same, in each other's place
            tried[kind.__name__] += 1
            wrong += _wrong(kind.__name__, damaged, found(damaged.books, told))
    assert wrong == []
    assert (len(tried), min(tried.values()) > 100) == (len({*attacks.KINDS}), True)


def _wrong(kind: str, damaged: Damaged, error: Altered | None) -> list[str]:
    if error is None:
        return [f"{kind}: not detected"]
    editions, where = damaged.editions or (error.edition,), damaged.where or (error.where,)
    if "without_a_trace" in kind:
        where = ("--head",)
    is_right = error.edition in editions and error.where in where and damaged.named in str(error)
    is_right &= "\n" not in str(error)
    return [] if is_right else [f"{kind}: expected {editions} {where}, found {error}"]


def test_without_a_root_that_was_told_a_chain_rewritten_to_its_end_looks_whole(scene: Scene) -> None:
    """What no chain can show by itself; docs/decisions/0020 says so."""
    for kind in (attacks.a_chain_sealed_anew_without_a_trace, attacks.the_newest_editions_gone_without_a_trace):
        assert list(chain.walk(kind(scene).books))


def test_an_edition_that_was_told_is_found_and_how_many_follow_it(scene: Scene) -> None:
    seen = verifying.Found([one.link for one in chain.walk(scene.books)])
    verifying.witnessed(seen, scene.books.told[6].root)
    assert (seen.told, seen.after) == (scene.books.told[6], 3)


def test_a_chain_that_lost_everything_but_its_head_is_not_empty(scene: Scene) -> None:
    last: Link = scene.books.told[-1]
    for left in (Books({}, (), (), (), scene.books.head), Books({}, (), (), (last,), None)):
        with pytest.raises(Altered, match=last.biz_date):
            list(chain.walk(left))
