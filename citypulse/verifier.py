"""Checks a proof that an edition of CityPulse said a value. Needs Python 3.8 or newer, this file, and nothing else.

    python verifier.py proof.json [--root HEX]

HEX is an edition's root as you were told it when it was made, by whatever way you trust: the root of the edition that
the proof is of, or that of the newer one that it leads to. Without it the proof is checked in itself, and says which
root you have to compare. Exit code 0: the proof holds; 1: it does not; 2: it cannot be read.

A proof is made of branches of two steps: a leaf of a section of an edition, and the head of that section, which is a
leaf of the edition. A step has the leaf's text, its index, the size of its tree and the hashes on its way up. Trees are
those of RFC 9162 over SHA-256: a leaf is hashed behind a byte 0, two nodes behind a byte 1. The first step must end in
the root that the head names, for as many leaves as it names; the second ends in the root of the edition.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from typing import Any

FORM = "citypulse proof 1"
SEAL = "citypulse seal 1"
TRUST = ("coverage", "low", "high", "grade", "status", "reasons", "n_records")


class Wrong(Exception):
    """Why a proof does not hold."""


def check(proof: Any, root: str | None = None) -> dict[str, Any]:
    """What a proof proves: `edition` (its header), `value` (its row), `root`, `later` (header and root of a newer one).

    Raises Wrong when it does not hold, or when neither root is the one that was told.
    """
    if not isinstance(proof, dict) or proof.get("form") != FORM:
        raise Wrong(f"not a proof of the form {FORM!r}")
    _exactly(proof, ("form", "value", "edition", "root", "later"))
    section, value, own = _branch(proof["value"])
    if section not in ("values", "history"):
        raise Wrong(f"the proof is of {section}, not of a value")
    header = _header(proof["edition"], own)
    found: dict[str, Any] = {"edition": header, "section": section, "value": value, "root": own, "later": None}
    later = proof["later"]
    if later is not None:
        _exactly(later, ("earlier", "edition", "root"))
        section, link, newer = _branch(later["earlier"])
        if section != "earlier" or link != {"biz_date": header.get("biz_date"), "root": own}:
            raise Wrong("the newer edition does not have this one with the root that the value leads to")
        found["later"] = {"edition": _header(later["edition"], newer), "root": newer}
    if proof["root"] != own or (later is not None and later["root"] != found["later"]["root"]):
        raise Wrong("the roots it names are not those that its leaves lead to")
    told = root.strip().lower() if root is not None else own
    if told not in (own, found["later"]["root"] if found["later"] else own):
        raise Wrong(f"you were told the root {told}; the proof leads to {own}")
    return found


def climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a leaf leads to, by RFC 9162, 2.1.3.2. Raises Wrong when the path is not as long as it must be."""
    if not 0 <= index < size:
        raise Wrong(f"leaf {index} of {size} leaves")
    node, last, found = index, size - 1, sha256(b"\0" + leaf).digest()
    for other in path:
        if last == 0:
            raise Wrong("the path is too long")
        if node % 2 or node == last:
            found = sha256(b"\1" + other + found).digest()
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            found = sha256(b"\1" + found + other).digest()
        node, last = node >> 1, last >> 1
    if last:
        raise Wrong("the path is too short")
    return found


def said(found: dict[str, Any]) -> str:
    """What was proved, in one line."""
    value, header = found["value"], found["edition"]
    where = " ".join(str(value.get(key)) for key in ("level", "place", "place_name") if value.get(key))
    when = " ".join(str(value.get(key)) for key in ("period_kind", "period", "segment") if value.get(key))
    number = "unknown" if value.get("value") is None else f"{value['value']!r} {value.get('unit')}"
    trust = ", ".join(f"{key} {value.get(key)}" for key in TRUST)
    verb = "showed" if found["section"] == "values" else "said"
    edition = f"edition {header.get('biz_date')} of {header.get('city')}"
    return f"{edition} {verb}: {value.get('indicator')}, {where}, {when}: {number} ({trust})"


def _branch(steps: Any) -> tuple[str, dict[str, Any], str]:
    """The section, the row and the edition's root of two steps."""
    if not isinstance(steps, list) or len(steps) != 2:
        raise Wrong("a branch is no list of two steps")
    row, of_section, size = _step(steps[0])
    head, of_edition, _ = _step(steps[1])
    if set(head) != {"section", "size", "root"} or head["root"] != of_section or head["size"] != size:
        raise Wrong("a row does not lead to the root that the head of its section names")
    return str(head["section"]), row, of_edition


def _header(steps: Any, root: str) -> dict[str, Any]:
    """The header of the edition with that root."""
    section, header, found = _branch(steps)
    if section != "edition" or found != root or header.get("form") != SEAL:
        raise Wrong(f"the edition's header is not in the edition with root {root}")
    return header


def _step(step: Any) -> tuple[dict[str, Any], str, int]:
    """The leaf of a step, the root it leads to, and the size of its tree."""
    _exactly(step, ("leaf", "index", "size", "path"))
    text, index, size, path = step["leaf"], step["index"], step["size"], step["path"]
    if not isinstance(text, str) or type(index) is not int or type(size) is not int or not isinstance(path, list):
        raise Wrong("a step without a text, an index, a size or a path")
    try:
        leaf = text.encode("utf-8")
        row = json.loads(text)
        hashes = [bytes.fromhex(one) for one in path]
        again = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError):
        raise Wrong("a leaf is no JSON, or a hash no hexadecimal number") from None
    if not isinstance(row, dict) or again != text or any(len(one) != 32 for one in hashes):
        raise Wrong("a leaf is not in canonical form, or a hash has not 32 bytes")
    return row, climb(leaf, index, size, hashes).hex(), size


def _exactly(found: Any, keys: tuple[str, ...]) -> None:
    if not isinstance(found, dict) or set(found) != set(keys):
        raise Wrong(f"{', '.join(keys)} are expected where something else is")


def main(words: list[str]) -> int:
    """The command line."""
    root = None
    if len(words) == 3 and words[1] == "--root":
        root = words[2]
    elif len(words) != 1:
        print("usage: python verifier.py proof.json [--root HEX]", file=sys.stderr)
        return 2
    try:
        with open(words[0], encoding="utf-8") as file:
            proof = json.load(file)
    except (OSError, ValueError, RecursionError) as error:
        print(f"{words[0]}: cannot be read as JSON: {error}", file=sys.stderr)
        return 2
    try:
        found = check(proof, root)
    except Wrong as error:
        print(f"{words[0]} does not hold: {error}", file=sys.stderr)
        return 1
    print(said(found))
    for one in filter(None, (found, found["later"])):
        print(f"root of edition {one['edition'].get('biz_date')}: {one['root']}")
    if root is None:
        print("it holds in itself; compare a root with what you were told when that edition was made")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
