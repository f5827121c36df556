"""Encryption at rest, and keyed hashes that keep personal data traceable without showing it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from syncbridge.errors import ConfigError, InvariantBroken, Problem

_KEY_BYTES = 32
_NONCE_BYTES = 12


class Cipher:
    """AES-256-GCM with a fresh nonce for each value; may be used by several threads."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._hash_key = hashlib.blake2b(key, digest_size=32, person=b"keyed-hash").digest()

    def seal(self, plain: bytes) -> bytes:
        """Answer the nonce followed by the encrypted bytes."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """Answer what was sealed.

        Raises:
            InvariantBroken: the bytes were changed, or sealed with another key.
        """
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except InvalidTag as exc:
            raise InvariantBroken(
                "a stored value cannot be decrypted: the encryption key is not the one it was "
                "written with"
            ) from exc

    def sign(self, text: str) -> str:
        """Answer a keyed hash of 32 hex digits: only we can make it, anybody may carry it."""
        return hmac.new(self._hash_key, b"sign:" + text.encode(), "sha256").hexdigest()[:32]

    def trace(self, personal: str) -> str:
        """Answer a short keyed hash, for logs: the same value gives the same hash here only."""
        mac = hmac.new(self._hash_key, personal.encode(), "sha256").hexdigest()
        return mac[:12]


def read_key(text: str, place: str) -> bytes:
    """Answer the 32 bytes of a key written in URL-safe base64.

    Raises:
        ConfigError: the text is no such key.
    """
    try:
        key = base64.urlsafe_b64decode(text.strip().encode())
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise ConfigError(
            [Problem(place, "is not a key of 32 bytes in base64", "make one: syncbridge new-key")]
        )
    return key


def new_key() -> str:
    """Answer a fresh key in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def key_from_file(path: Path) -> bytes:
    """Answer the key in a file, making the file (mode 0600) when there is none.

    Raises:
        ConfigError: the file cannot be made or read, or holds no key.
    """
    return read_key(_kept(path, new_key, "set service.encryption_key"), str(path))


def token_from_file(path: Path) -> str:
    """Answer the token in a file, making the file (mode 0600) when there is none.

    Raises:
        ConfigError: the file cannot be made or read, or is empty.
    """
    token = _kept(path, lambda: secrets.token_urlsafe(24), "set service.api_token").strip()
    if not token:
        raise ConfigError([Problem(str(path), "is empty", "delete it; a new one is made")])
    return token


def _kept(path: Path, make: Callable[[], str], remedy: str) -> str:
    """Answer the text of a file that only its owner may read, writing it the first time."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    except OSError as exc:
        problem = Problem(str(path), f"cannot be made: {exc.strerror}", remedy)
        raise ConfigError([problem]) from exc
    else:
        with os.fdopen(handle, "w") as file:
            file.write(make() + "\n")
    try:
        return path.read_text()
    except OSError as exc:
        problem = Problem(str(path), f"cannot be read: {exc.strerror}", "check its owner and mode")
        raise ConfigError([problem]) from exc
