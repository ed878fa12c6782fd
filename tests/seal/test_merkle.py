"""The tree against Certificate Transparency's known answers, and against RFC 9162's own words written out again."""

from hashlib import sha256
from random import Random

import pytest

from citypulse import verifier
from jobs.shared import merkle

LEAVES = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
"""What the certificate-transparency project tests its trees with."""
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Of the first 0 to 8 leaves."""
PATHS = {
    0: """96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7
          5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
          6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4""",
    5: """bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b
          ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0
          d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7""",
}  # fmt: skip
"""In the tree of 8."""


def tree_head(data: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, as it stands there."""
    if len(data) < 2:
        return sha256(b"\x00" + data[0]).digest() if data else sha256().digest()
    k = largest_power_below(len(data))
    return sha256(b"\x01" + tree_head(data[:k]) + tree_head(data[k:])).digest()


def inclusion(m: int, data: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162, 2.1.3.1, as it stands there."""
    if len(data) == 1:
        return []
    k = largest_power_below(len(data))
    if m < k:
        return [*inclusion(m, data[:k]), tree_head(data[k:])]
    return [*inclusion(m - k, data[k:]), tree_head(data[:k])]


def largest_power_below(n: int) -> int:
    return 1 << (n - 1).bit_length() - 1


def test_roots_and_paths_are_those_of_certificate_transparency() -> None:
    hashes = [merkle.leaf(one) for one in LEAVES]
    assert [merkle.root(hashes[:n]).hex() for n in range(9)] == ROOTS
    assert {n: [one.hex() for one in merkle.path(hashes, n)] for n in PATHS} == {n: p.split() for n, p in PATHS.items()}


def test_trees_of_every_size_are_those_of_the_rfc() -> None:
    rng = Random(9162)
    for size in [*range(1, 70), 127, 128, 129, 1000]:
        data = [rng.randbytes(rng.randrange(40)) for _ in range(size)]
        hashes = [merkle.leaf(one) for one in data]
        assert merkle.root(hashes) == tree_head(data)
        for at in {0, size - 1, *(rng.randrange(size) for _ in range(5))}:
            path = merkle.path(hashes, at)
            assert path == inclusion(at, data)
            assert verifier.climb(data[at], at, size, path) == merkle.root(hashes)


def test_a_path_leads_nowhere_else() -> None:
    rng = Random(6962)
    for size in range(2, 40):
        data = [rng.randbytes(8) for _ in range(size)]
        hashes = [merkle.leaf(one) for one in data]
        at = rng.randrange(size)
        path, root = merkle.path(hashes, at), merkle.root(hashes)
        other = (at + 1) % size
        for leaf, index, of, steps in (
            (data[other], at, size, path),
            (data[at], other, size, path),
            (data[at], at, 2 * size + 1, path),
            (data[at], at, size, path[:-1]),
            (data[at], at, size, [*path, path[0]]),
            (data[at], at, size, [*path[:-1], bytes(32)]),
            (data[at], size, size, path),
        ):
            try:
                assert verifier.climb(leaf, index, of, steps) != root
            except verifier.Wrong:
                continue


def test_a_node_is_no_leaf() -> None:
    """Without the two prefixes, the pair of two hashes would be a leaf with their parent's hash."""
    hashes = [merkle.leaf(one) for one in LEAVES[:2]]
    assert merkle.leaf(hashes[0] + hashes[1]) != merkle.root(hashes)
    with pytest.raises(verifier.Wrong, match="too short"):
        verifier.climb(hashes[0] + hashes[1], 0, 2, [])
