"""One person erased: out of every layer and file, whatever else was delivered stays, and the next night knows it."""

import io
import json
from pathlib import Path

import pytest

from citypulse import counter
from jobs import accounts, bronze, erasing, landing, leaks
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.leaks import Sought
from tests.desk.town import Town

WHO, OTHER = "13800138000", "13900139000"
LINES = [
    "ring,day,beds,phone",
    f"1,2024-10-20,5,{WHO}",
    f"2,2024-10-20,6,{OTHER}",
    f"3,2024-10-21,700,+86 {WHO[:3]}-{WHO[3:7]}-{WHO[7:]}",
    f"4,2024-10-21,8,{WHO},9",
    f"5,2024-10-21,900,{OTHER}",
]


@pytest.fixture
def called(town: Town, tmp_path: Path) -> Town:
    """Five calls: two of the person are good or rejected, and one line cannot be split."""
    town.deliver("phones/1.csv", LINES, "2024-10-21")
    town.night("2024-10-21")
    (tmp_path / "who").write_text(f" {WHO}\n")
    return town


def erase(town: Town, tmp_path: Path, apply: bool = True) -> list[str]:
    return list(counter.erase(town.city, town.lake, "phone", tmp_path / "who", apply))


def pseudonyms(town: Town) -> set[object]:
    person = erasing.person(town.city, "phone", WHO)
    return {leak.path.relative_to(town.lake.root).parts[0] for leak in leaks.find(
        Sought({person.pseudonym: "pseudonym"}), [town.lake.root])}  # fmt: skip


def test_without_apply_it_is_only_told(called: Town, tmp_path: Path) -> None:
    before = called.sql("SELECT ring FROM silver.calls ORDER BY 1")
    assert erase(called, tmp_path, apply=False) == [
        "toy: 3 records of 1 deliveries to erase (nothing is done without --apply)",
        "silver.calls: the next night makes 2024-10-20 anew; may differ: no indicator",
    ]
    assert called.sql("SELECT ring FROM silver.calls ORDER BY 1") == before == [("1",), ("2",)]
    assert pseudonyms(called) == {"bronze", "claims", "silver", "quarantine"}


def test_the_person_is_gone_from_every_file_and_the_others_stay(called: Town, tmp_path: Path) -> None:
    before = called.sql("SELECT delivery_id, sha256 FROM ops.deliveries")
    assert erase(called, tmp_path)[0] == "toy: 3 records of 1 deliveries erased"
    assert pseudonyms(called) == set()
    assert called.sql("SELECT ring FROM silver.calls") == [("2",)]
    assert called.sql("SELECT ring FROM claims.calls") == [("2",)]
    assert called.sql("SELECT ring FROM bronze.phones ORDER BY 1") == [("2",), ("5",)]
    assert called.sql("SELECT _record, rules FROM quarantine.calls") == [(5, "range:beds")]
    assert called.sql("SELECT delivery_id, sha256 FROM ops.deliveries") == before
    (delivery,) = called.sql("SELECT path FROM ops.deliveries")
    files = {path.name for path in (called.lake.root / "landing").rglob("*") if path.is_file()}
    assert files == {"delivery.json", "erased.arrow.aessiv"} == {"delivery.json", Path(str(delivery[0])).name}
    rest = [row["phone"] for row in _landed(called)]
    assert rest == [OTHER, OTHER]


def _landed(town: Town) -> list[dict[str, object]]:
    (delivery,) = Ledger(town.lake).rows("deliveries")
    return [row for chunk in leaks.records(town.city, town.lake, delivery) for row in chunk.to_pylist()]


def test_accounts_count_what_remains_and_a_night_follows(called: Town, tmp_path: Path) -> None:
    erase(called, tmp_path)
    called.deliver("phones/2.csv", [LINES[0], f"9,2024-10-22,1,{OTHER}"], "2024-10-22")
    called.night("2024-10-22")
    assert called.sql("SELECT ring FROM silver.calls ORDER BY 1") == [("2",), ("9",)]
    made = called.sql("SELECT day, rows FROM ops.table_days WHERE biz_date = DATE '2024-10-22' ORDER BY 1")
    assert ("2024-10-20", 1) in made
    parts = accounts.of_deliveries(Ledger(called.lake)).to_pylist()
    assert [(row["offered"], row["accepted"], row["rejected"]) for row in parts] == [(2, 1, 1), (1, 1, 0)]


def test_erasing_again_finds_nothing_and_the_same_file_again_is_a_repeat(called: Town, tmp_path: Path) -> None:
    erase(called, tmp_path)
    assert erase(called, tmp_path) == ["toy: 0 records of 0 deliveries erased"]
    called.deliver("phones/1.csv", LINES, "2024-10-22")
    assert called.sql("SELECT is_repeat FROM ops.deliveries ORDER BY delivered_at") == [(False,), (True,)]
    called.night("2024-10-22")
    assert pseudonyms(called) == set()


def test_a_new_lake_from_that_landing_has_the_rest_under_the_same_delivery(
    called: Town, tmp_path: Path
) -> None:  # fmt: skip
    erase(called, tmp_path)
    other = Town(called.city, Lake(tmp_path / "other", "toy"), called.folder)
    landing.land(called.city, other.lake, called.lake.root / "landing", landing.delivered_at("2024-10-21", called.city))
    other.night("2024-10-21")
    for query in ("SELECT ring FROM silver.calls", "SELECT delivery_id, sha256, erased FROM ops.deliveries"):
        assert other.sql(query) == called.sql(query)


def test_a_killed_erasure_is_finished_by_running_it_again(
    called: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bronze, "commit_records", _killed)
        with pytest.raises(KeyboardInterrupt):
            erase(called, tmp_path)
    assert erase(called, tmp_path)[0] == "toy: 2 records of 1 deliveries erased"
    assert pseudonyms(called) == set()
    assert called.sql("SELECT ring FROM silver.calls") == [("2",)]


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_altered_rest_is_refused(called: Town, tmp_path: Path) -> None:
    erase(called, tmp_path)
    (sidecar,) = (called.lake.root / "landing").rglob("delivery.json")
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | {"erased": "0" * 64}))
    when = landing.delivered_at("2024-10-21", called.city)
    with pytest.raises(Problem, match="not what remained after the erasure"):
        landing.land(called.city, Lake(tmp_path / "other", "toy"), called.lake.root / "landing", when)


@pytest.mark.parametrize(("kind", "said"), [("name", "expected one of"), ("citizen_id", "no source of toy has such")])
def test_what_cannot_be_erased_is_refused_by_one_line(called: Town, kind: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        erasing.person(called.city, kind, WHO)


def test_the_identifier_may_come_from_stdin_and_is_never_repeated(
    called: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(WHO))
    lines = list(counter.erase(called.city, called.lake, "phone", Path("-"), apply=False))
    assert lines
    assert not any(WHO in line for line in lines)
