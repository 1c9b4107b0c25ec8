"""What is kept in a cache, with a digest: so that what a disk or a crash changed is known to be no longer that."""

from __future__ import annotations

import hashlib

_SIZE = 8
"""Bytes of a seal: of damaged rows, one in 10^19 passes for a sound one."""


def sealed(data: bytes) -> bytes:
    """Return data with its seal.

    >>> unsealed(sealed(b"boats"))
    b'boats'
    """
    return _seal(data) + data


def unsealed(blob: object) -> bytes | None:
    """Return what was sealed, None where it is not what was.

    >>> unsealed(b"x"), unsealed(None), unsealed(sealed(b"boats") + b"!")
    (None, None, None)
    """
    if not isinstance(blob, bytes) or _seal(blob[_SIZE:]) != blob[:_SIZE]:
        return None
    return blob[_SIZE:]


def _seal(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_SIZE).digest()
