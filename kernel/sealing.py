"""Values that lie encrypted in the database: AES-256-GCM under a ring of keys, the newest of which seals.

A sealed value names its key, so that keys can be changed while the hall is open (`manage.py rotate_document_keys`), and
is bound to where it belongs: copied into another row it does not open.
"""

import base64
import binascii
import hashlib
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE_BYTES = 12
_KEY_NAME_LENGTH = 8


class CannotUnseal(Exception):
    """The key is not on the ring, the value was altered, or it belongs elsewhere. Never a person's fault."""


def seal(plain: str, *, belongs_to: str) -> str:
    """Encrypt a value with the newest key of `settings.DOCUMENT_KEYS`.

    :param belongs_to: names the place of the value, such as "identity-document:<account id>"; needed to open it.
    :return: name of the key, a dot, and the rest in base64.
    """
    name = newest_key_name()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = _cipher(name).encrypt(nonce, plain.encode(), belongs_to.encode())
    return f"{name}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, *, belongs_to: str) -> str:
    """Return what was sealed.

    :raises CannotUnseal: it does not open here.
    """
    name, _dot, rest = sealed.partition(".")
    try:
        blob = base64.b64decode(rest, altchars=b"-_", validate=True)
        return _cipher(name).decrypt(blob[:_NONCE_BYTES], blob[_NONCE_BYTES:], belongs_to.encode()).decode()
    except (KeyError, InvalidTag, ValueError, binascii.Error) as error:
        raise CannotUnseal(f"sealed with key {name}") from error


def newest_key_name() -> str:
    """Return the name of the key that seals now; it begins each value that it sealed."""
    return next(iter(_ring(tuple(settings.DOCUMENT_KEYS))))


def _cipher(name: str) -> AESGCM:
    return _ring(tuple(settings.DOCUMENT_KEYS))[name]


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> dict[str, AESGCM]:
    """Return the ciphers by name, the newest first. The keys are long and random, so hashing them once will do."""
    return {
        hashlib.sha256(f"name:{key}".encode()).hexdigest()[:_KEY_NAME_LENGTH]: AESGCM(
            hashlib.sha256(f"key:{key}".encode()).digest()
        )
        for key in keys
    }
