"""Keeps phone numbers, names and texts unreadable at rest (AES-GCM), and findable by number (HMAC).

Source: ``docs/decisions``; each value is bound to its table, row and column, so that a sealed
text copied to another row does not open there.
"""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import ConfigError
from bot.storage import private_files

_NONCE_BYTES = 12
_KEY_BYTES = 32
_FORMAT = 1


@dataclass(frozen=True)
class Keys:
    """The clinic's secrets: data keys by id, which one seals now, and the key of the index."""

    current: str
    data: dict[str, bytes]
    index: bytes

    @classmethod
    def generate(cls) -> "Keys":
        """Fresh keys for a new installation."""
        return cls("k1", {"k1": secrets.token_bytes(_KEY_BYTES)}, secrets.token_bytes(_KEY_BYTES))

    def with_new_key(self) -> "Keys":
        """The same keys and a new one that seals from now on; old ones still open."""
        number = 1 + max(int(key_id[1:]) for key_id in self.data)
        fresh = f"k{number}"
        return Keys(fresh, {**self.data, fresh: secrets.token_bytes(_KEY_BYTES)}, self.index)

    def only_current(self) -> "Keys":
        """The keys without those that nothing is sealed with any more."""
        return Keys(self.current, {self.current: self.data[self.current]}, self.index)

    def to_json(self) -> str:
        """As written to the key file."""
        encoded = {key_id: base64.b64encode(key).decode() for key_id, key in self.data.items()}
        return json.dumps(
            {
                "current": self.current,
                "data": encoded,
                "index": base64.b64encode(self.index).decode(),
            },
            indent=1,
        )

    @classmethod
    def from_json(cls, text: str, *, where: str) -> "Keys":
        """Read a key file.

        :raises ConfigError: not a key file, or a key of the wrong length.
        """
        try:
            raw = json.loads(text)
            keys = cls(
                raw["current"],
                {key_id: base64.b64decode(key) for key_id, key in raw["data"].items()},
                base64.b64decode(raw["index"]),
            )
            if keys.current not in keys.data or any(
                len(key) != _KEY_BYTES for key in [*keys.data.values(), keys.index]
            ):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ConfigError(
                f"{where}: not a key file of Tend. Restore it from your backup; "
                "without it nothing that is stored can be read."
            ) from None
        return keys


def load_keys(path: Path, *, create: bool) -> Keys:
    """The keys from their file.

    :param create: make a new file when there is none (sandbox and first start only).
    :raises ConfigError: no file, or not readable as one.
    """
    if not path.exists():
        if not create:
            raise ConfigError(
                f"{path}: the key file is missing. Run `tend keys create` once, and back it up."
            )
        save_keys(path, Keys.generate())
    return Keys.from_json(path.read_text(encoding="utf-8"), where=str(path))


def save_keys(path: Path, keys: Keys) -> None:
    """Write the key file so that only its owner can read it, and never half of it."""
    private_files.make_folder(path.parent)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(keys.to_json(), encoding="utf-8")
    fresh.replace(path)


class Vault:
    """Seals and opens values, and makes the index under which a number is found."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.data.items()}

    def seal(self, text: str, *, table: str, row: str, column: str) -> bytes:
        """The text, unreadable, bound to its place."""
        key_id = self._keys.current.encode()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        place = _place(table, row, column)
        sealed = self._ciphers[self._keys.current].encrypt(nonce, text.encode(), place)
        return bytes([_FORMAT, len(key_id)]) + key_id + nonce + sealed

    def open(self, sealed: bytes, *, table: str, row: str, column: str) -> str:
        """The text again.

        :raises ConfigError: sealed with a key we do not have, or moved or changed since.
        """
        key_id, rest = self.split(sealed)
        try:
            nonce, body = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
            return self._ciphers[key_id].decrypt(nonce, body, _place(table, row, column)).decode()
        except (KeyError, InvalidTag):
            raise ConfigError(
                f"{table}.{column}: a stored value does not open. The key file is not the one it "
                "was sealed with, or the row was changed outside Tend."
            ) from None

    def is_current(self, sealed: bytes) -> bool:
        """Was it sealed with the key that seals now?"""
        return self.split(sealed)[0] == self._keys.current

    @staticmethod
    def split(sealed: bytes) -> tuple[str, bytes]:
        """The key id and the rest of a sealed value."""
        end = 2 + sealed[1]
        return sealed[2:end].decode(), sealed[end:]

    def index(self, number: str) -> str:
        """Where to look a phone number up: equal for equal numbers, and no way back."""
        return hmac.new(self._keys.index, number.encode(), hashlib.sha256).hexdigest()

    def chain(self, previous: str, content: str) -> str:
        """The next link of the audit chain; without the key nobody can forge one."""
        return hmac.new(
            self._keys.index, f"{previous}\n{content}".encode(), hashlib.sha256
        ).hexdigest()


def _place(table: str, row: str, column: str) -> bytes:
    return f"{table}|{row}|{column}".encode()
