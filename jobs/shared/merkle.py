"""The Merkle tree of RFC 9162 (2.1), which is that of RFC 6962, over SHA-256.

A leaf is hashed behind a byte 0, two nodes behind a byte 1; of n leaves the left side takes the largest power of two
below n. The head of no leaf is the hash of nothing.
"""

from collections.abc import Sequence
from hashlib import sha256

WIDTH = 32


def leaf(data: bytes) -> bytes:
    """A leaf's hash."""
    return sha256(b"\0" + data).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The head over hashes of leaves."""
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else sha256(b"").digest()


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path (2.1.3.1): what a leaf is hashed together with on the way to the head, from below."""
    out, level, at = [], list(leaves), index
    while len(level) > 1:
        if (at ^ 1) < len(level):
            out.append(level[at ^ 1])
        level, at = _above(level), at // 2
    return out


def _above(level: Sequence[bytes]) -> list[bytes]:
    """The next level: pairs from the left, a last node without a neighbour as it is."""
    pairs = zip(level[::2], level[1::2], strict=False)
    return [sha256(b"\1" + left + right).digest() for left, right in pairs] + list(level[len(level) & ~1 :])
