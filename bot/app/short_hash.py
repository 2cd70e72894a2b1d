"""Short hashes by which buttons and files name a text."""

import base64
import hashlib


def short_hash(kind: str, text: str, length: int) -> str:
    """Return the first ``length`` characters, 6 bits each, of the SHA-256 of a text of a kind.

    They are letters, digits, ``-`` and ``_`` (the URL-safe alphabet).

    Example:
        >>> short_hash("find", "what is grokking", 12)
        'n2IkLpeH41eI'
    """
    hashed = hashlib.sha256(kind.encode() + b"\0" + text.encode()).digest()
    return base64.urlsafe_b64encode(hashed)[:length].decode("ascii")
