"""Personal data: files encrypted at rest, direct identifiers replaced by keyed pseudonyms.

AES-SIV (RFC 5297) is deterministic: the same file under the same key gives the same bytes, so landing stays
reproducible. Pseudonyms are HMAC-SHA-256 over the normalised identifier, 32 hex digits. Keys lie outside the lake.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from jobs.core import disk
from jobs.core.errors import Problem
from jobs.shared import personal
from schemas.table import INVALID

KEY_BYTES = 64


def key_file(city: str) -> Path:
    """Where a city's key is: CITYPULSE_KEYS (default ./keys), one file a city."""
    return Path(os.environ.get("CITYPULSE_KEYS") or "keys").absolute() / f"{city}.key"


def ensure_key(city: str) -> str:
    """Make the city's key when there is none (readable by its owner only) and return its id."""
    path = key_file(city)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))
        disk.settle(made)
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            os.link(made, path)
        made.unlink()
    return key_id(city)


@cache
def _key(path: Path) -> bytes:
    if not path.is_file():
        raise Problem(
            f"{path}: the key of personal data is not there; put the city's key file there or set CITYPULSE_KEYS"
        )
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Problem(f"{path}: not a key file; expected {KEY_BYTES * 2} hexadecimal digits")
    return key


def key_id(city: str) -> str:
    """The first 8 hex digits of the key's SHA-256: tells which key was used without telling the key."""
    return hashlib.sha256(_key(key_file(city))).hexdigest()[:8]


def encrypt(city: str, data: bytes) -> bytes:
    """The file's bytes, encrypted and authenticated."""
    return AESSIV(_key(key_file(city))).encrypt(data, None)


def decrypt(city: str, data: bytes, name: str) -> bytes:
    """The bytes as delivered. Raises Problem when the key is another or the file was altered."""
    try:
        return AESSIV(_key(key_file(city))).decrypt(data, None)
    except InvalidTag:
        raise Problem(
            f"{name}: cannot be decrypted with {key_file(city)}: another key, or the file was altered"
        ) from None


def pseudonyms(city: str, values: pa.Array, kind: str) -> pa.Array:
    """Each identifier's pseudonym; nothing is NULL. Each distinct value is hashed once.

    One whose check digit is wrong is nobody's: `invalid:` and a hash that no right one has.
    """
    key = _key(key_file(city))
    encoded = values.dictionary_encode()
    said = [_pseudonym(key, value, kind) if value else value for value in encoded.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(said, pa.string())).cast(pa.string())


def _pseudonym(key: bytes, value: str, kind: str) -> str | None:
    text = personal.normalised(value, kind)
    if not text:
        return None
    is_valid = personal.is_valid(text, kind)
    said = f"{kind}:{text}" if is_valid else f"{INVALID}{kind}:{text}"
    hashed = hmac.new(key, said.encode(), hashlib.sha256).hexdigest()[:32]
    return hashed if is_valid else INVALID + hashed
