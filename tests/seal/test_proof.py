"""A value's proof: short, quickly checked by one file without dependencies, and of nothing else than what it says."""

import ast
import json
import subprocess
import sys
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from citypulse import verifier
from citypulse.cli import app
from jobs import proving, seal
from jobs.core.errors import CriticalFailure, Problem
from jobs.proving import Asked, Edition
from schemas.city import ROOT
from tests.seal import invented, town
from tests.seal.conftest import Town

VERIFIER = ROOT / "citypulse" / "verifier.py"


@dataclass(frozen=True)
class Large:
    """An edition of 316 indicators in 200 districts, and proofs of some of its values."""

    root: str
    rows: list[dict[str, Any]]
    proofs: dict[int, dict[str, Any]]


@pytest.fixture(scope="module")
def large() -> Large:
    rng = Random(316)
    small = invented.written(rng, 0)
    rows = [dict(small.values[n % 12]) | {"place": f"区{n % 200}", "n_records": n} for n in range(316 * 200 + 2400)]
    kept = invented.sealed(replace(small, values=rows), ())
    made = seal.read(kept.manifest or b"")
    edition = Edition(made["sections"], seal.slices(made["sections"], kept.leaves or b""), made, kept.values or b"")
    chosen = [0, len(rows) - 1, *rng.sample(range(len(rows)), 20)]
    header = edition.branch("edition", made["edition"][0], 0)
    proofs = {
        at: {"form": proving.FORM, "value": edition.branch("values", rows[at], at), "edition": header,
             "root": edition.root, "later": None}
        for at in chosen
    }  # fmt: skip
    return Large(edition.root, rows, proofs)


def test_a_proof_among_65_600_values_is_below_10_kb_and_checked_by_few_hashes(
    large: Large, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some forty hashes of short texts are far below a millisecond of any machine."""
    assert len(large.rows) > 1 << 16
    hashed: list[bytes] = []

    def counted(data: bytes) -> Any:
        hashed.append(data)
        return sha256(data)

    monkeypatch.setattr(verifier, "sha256", counted)
    for at, proof in large.proofs.items():
        data = json.dumps(proof, ensure_ascii=False, indent=1).encode()
        found = verifier.check(json.loads(data), large.root)
        assert 17 < len(hashed) < 50
        assert max(map(len, hashed)) < 2_000
        hashed.clear()
        assert len(data) < 10_000
        assert found["value"] == large.rows[at]
        assert len(proof["value"][0]["path"]) in range(1, 18)


def test_any_change_of_a_proof_is_noticed(large: Large) -> None:
    """Of every character: another one, or none. What is read as the same JSON says the same."""
    proof = next(iter(large.proofs.values()))
    text = json.dumps(proof, ensure_ascii=False)
    rng, tried = Random(1), 0
    for at in range(len(text)):
        other = rng.choice('0123456789abcdef"{}[]:, x')
        for changed in (text[:at] + other + text[at + 1 :], text[:at] + text[at + 1 :]):
            try:
                said = json.loads(changed)
                if said != proof:
                    tried += 1
                    with pytest.raises(verifier.Wrong):
                        verifier.check(said, large.root)
            except ValueError:
                continue
    assert tried > 1000


def test_a_proof_of_another_kind_of_leaf_is_refused(large: Large) -> None:
    proof = next(iter(large.proofs.values()))
    for wrong, why in (
        (proof | {"value": proof["edition"]}, "the proof is of edition, not of a value"),
        (proof | {"edition": proof["value"]}, "the edition's header is not in the edition"),
        (
            proof | {"later": {"earlier": proof["value"], "edition": proof["edition"], "root": large.root}},
            "newer edition",
        ),
        (proof | {"root": "0" * 64}, "the roots it names"),
        (proof | {"value": proof["value"][:1]}, "no list of two steps"),
        ([], "not a proof"),
        ({}, "not a proof"),
    ):
        with pytest.raises(verifier.Wrong, match=why):
            verifier.check(wrong, large.root)
    with pytest.raises(verifier.Wrong, match="you were told the root 1111"):
        verifier.check(proof, "1" * 64)


def prove(made: Town, *words: str) -> dict[str, Any]:
    called = CliRunner().invoke(app, ["prove", "--city", "toy", *words])
    assert called.exit_code == 0, called.exception
    found: dict[str, Any] = json.loads(called.stdout)
    return found


@pytest.fixture
def there(three: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setenv("CITYPULSE_LAKE", str(three.lake.root.parent))
    return three


def test_a_value_is_proved_as_each_edition_showed_it(there: Town) -> None:
    """The second night corrected the first one's calls; both editions can prove what they said."""
    for night, calls in ((0, 4.0), (1, 6.0), (2, 6.0)):
        proof = prove(there, town.NAME, "toy", str(town.day(0)), "--edition", str(town.day(night)))
        for root in {there.roots[night], there.roots[-1]}:
            found = verifier.check(proof, root)
            assert (found["value"]["value"], found["edition"]["biz_date"]) == (calls, str(town.day(night)))
        with pytest.raises(verifier.Wrong, match="you were told"):
            verifier.check(proof, there.roots[night - 1 if night else 1])


def test_a_proof_is_checked_by_one_file_alone(there: Town, tmp_path: Path) -> None:
    proof = prove(there, town.NAME, "toy", str(town.day(0)), "--edition", str(town.day(1)))
    (tmp_path / "proof.json").write_text(json.dumps(proof, ensure_ascii=False), "utf-8")
    (tmp_path / "verifier.py").write_bytes(VERIFIER.read_bytes())

    def run(*words: str) -> tuple[int, str]:
        call = [sys.executable, "-I", "-S", "verifier.py", *words]
        done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, env={}, check=False)
        return done.returncode, done.stdout + done.stderr

    code, out = run("proof.json", "--root", there.roots[-1])
    assert code == 0
    assert out.startswith(
        "edition 2024-10-08 of toy showed: transport.calls, city toy 玩具市, day 2024-10-07 all: 6.0 place "
    )
    assert run("proof.json")[0] == 0
    assert run("proof.json", "--root", there.roots[0])[0] == 1
    assert run("nowhere.json")[0] == 2
    assert run()[0] == 2
    assert run("verifier.py")[0] == 2


def test_the_verifier_is_python_3_8_and_imports_its_standard_library_alone() -> None:
    tree = ast.parse(VERIFIER.read_text("utf-8"), feature_version=(3, 8))
    named = [one for one in ast.walk(tree) if isinstance(one, ast.Import | ast.ImportFrom)]
    modules = {alias.name for one in named if isinstance(one, ast.Import) for alias in one.names}
    modules |= {str(one.module) for one in named if isinstance(one, ast.ImportFrom)}
    assert modules == {"__future__", "hashlib", "json", "sys", "typing"}


def test_a_value_that_no_page_shows_is_proved_from_the_history(there: Town) -> None:
    """An edition shows 31 days: here the history is asked as if it showed none."""
    edition = proving._edition(there.lake, town.day(1))
    bare = replace(edition, values=b"[\n\n]\n")
    asked = Asked(town.NAME, "toy", str(town.day(1)))
    assert proving._shown(edition, asked) is not None
    assert proving._shown(bare, asked) is None
    dates = [town.day(n) for n in range(3)]
    chosen, (section, row, index) = proving._first(there.lake, asked, dates, town.day(2))
    branch = proving._edition(there.lake, chosen).branch(section, row, index)
    assert (section, row["edition"]) == ("history", str(chosen))
    assert verifier._branch(branch)[2] == there.roots[dates.index(chosen)]


def test_what_cannot_be_proved_is_said(there: Town) -> None:
    lake = there.lake
    for asked, edition, said in (
        (Asked("transport.none", "toy", "2024-10-08"), None, "transport.none toy 2024-10-08 all: no value of it"),
        (Asked(town.NAME, "toy", "2024-10-08"), town.day(40), "toy has no such sealed edition"),
    ):
        with pytest.raises(Problem, match=said):
            proving.prove(there.city, lake, asked, edition)
    path = lake.folder("editions") / str(town.day(2)) / "values.json"
    was = path.read_bytes()
    path.write_bytes(was.replace(b'"grade": "A"', b'"grade": "B"'))
    with pytest.raises(CriticalFailure, match="is not what was sealed; `citypulse verify` says more"):
        proving.prove(there.city, lake, Asked(town.NAME, "toy", "2024-10-08"), None)
    path.write_bytes(was)


def test_verify_takes_a_proof(there: Town, tmp_path: Path) -> None:
    proof = prove(there, town.NAME, "toy", str(town.day(0)), "--edition", str(town.day(1)))
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(proof), "utf-8")
    said = CliRunner().invoke(app, ["verify", "--city", "toy", "--proof", str(path)])
    assert said.stdout.startswith("edition 2024-10-08 of toy showed: transport.calls")
    path.write_text(json.dumps(proof).replace("6.0", "7.0"), "utf-8")
    error = CliRunner().invoke(app, ["verify", "--city", "toy", "--proof", str(path)]).exception
    assert isinstance(error, CriticalFailure)
    assert "does not hold" in str(error)
