"""Keys as operators have them: a whole PEM, or the bare Base64 text that the providers' consoles show."""

import textwrap

from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from django.core.exceptions import ImproperlyConfigured


def private_pem(setting: str, text: str) -> str:
    """Return a private key as PEM.

    :param setting: name of the setting it stands in, for the message.
    :raises ImproperlyConfigured: it is none.
    """
    pem = _pem(text, "PRIVATE KEY")
    try:
        load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise ImproperlyConfigured(f"{setting} is not a private key in PEM.") from None
    return pem


def public_pem(setting: str, text: str) -> str:
    """Return a public key as PEM.

    :param setting: name of the setting it stands in, for the message.
    :raises ImproperlyConfigured: it is none.
    """
    pem = _pem(text, "PUBLIC KEY")
    try:
        load_pem_public_key(pem.encode())
    except ValueError:
        raise ImproperlyConfigured(f"{setting} is not a public key in PEM.") from None
    return pem


def _pem(text: str, kind: str) -> str:
    text = text.strip()
    if text.startswith("-----BEGIN"):
        return text
    lines = "\n".join(textwrap.wrap("".join(text.split()), 64))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----"
