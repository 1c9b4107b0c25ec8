"""What moves in an animation: how many frames, how long, and what a few of them show.

Equal first frames say nothing of two animations: thousands begin black, or with one title card. So the frames that
stand at fixed shares of the whole time are compared too, less what the first one shows, which a lively
background and a still logo would otherwise decide.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Planes = NDArray[np.float32]

SIDE = 32
"""Pixels a side of a frame that is kept: as many as a hash looks at."""
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of the whole time: the first frame, three between, and the last one."""
KEPT = len(_SHARES)
"""Frames that are kept."""
_HEAD = struct.Struct("<II32s")
_NEVER = 100
"""Milliseconds that browsers show a frame which says to take none."""
_SLOWER = 1.25
"""Quotient of two durations up to which one is a copy of the other: tools that drop frames round the rest to 10 ms."""
_ALIKE = 0.85
"""Correlation of what changes since the first frame."""
_MOVES = 3.0
"""Standard deviation of a change, of 255, below which noise would be compared with noise."""
_STILL = 6.0
"""Mean difference up to which two frames are the same where neither has changed."""


@dataclass(frozen=True, slots=True)
class Motion:
    """What moves in an animation.

    Attributes:
        frames: how many there are.
        duration: of all of them, in milliseconds.
        digest: SHA-256 of all pixels of all frames, and how long each is shown.
        planes: the grey pixels of five frames, 32 x 32 each, row by row.
    """

    frames: int
    duration: int
    digest: bytes
    planes: bytes

    def to_bytes(self) -> bytes:
        """Return it as bytes, for a cache.

        >>> one = Motion(2, 80, bytes(32), bytes(5 * 1024))
        >>> Motion.from_bytes(one.to_bytes()) == one
        True
        """
        return _HEAD.pack(self.frames, self.duration, self.digest) + self.planes

    @classmethod
    def from_bytes(cls, data: bytes) -> Motion:
        """Return what `to_bytes` wrote.

        Raises:
            struct.error: it did not write this.
        """
        frames, duration, digest = _HEAD.unpack_from(data)
        return cls(frames, duration, digest, data[_HEAD.size :])


LENGTH = _HEAD.size + KEPT * SIDE * SIDE
"""Bytes that `Motion.to_bytes` comes to."""


def motion(frames: Iterable[tuple[bytes, bytes, int]]) -> Motion:
    """Return what moves.

    Args:
        frames: of each the digest of its pixels, its grey pixels at 32 x 32, and how many milliseconds it is shown.

    >>> still, other = bytes(1024), bytes([200]) * 1024
    >>> motion([(b"a", still, 40), (b"b", other, 60)]).duration
    100
    """
    told, planes, ends, elapsed = hashlib.sha256(), list[bytes](), list[int](), 0
    for digest, plane, shown in frames:
        told.update(digest + shown.to_bytes(4, "big"))
        elapsed += shown or _NEVER
        planes.append(plane)
        ends.append(elapsed)
    chosen = [next((at for at, end in enumerate(ends) if end > share * elapsed), len(ends) - 1) for share in _SHARES]
    return Motion(len(planes), elapsed, told.digest(), b"".join(planes[at] for at in chosen))


def moves_alike(one: Motion, other: Motion) -> bool:
    """Return whether two animations take about the same time, and change in the same way from frame to frame.

    Args:
        one: what moves in an animation whose first frame shows the same as that of the other.
        other: what moves in that.

    >>> still, other = bytes(1024), bytes(range(256)) * 4
    >>> first, second = motion([(b"", still, 40), (b"", other, 40)]), motion([(b"", still, 40), (b"", still, 40)])
    >>> moves_alike(first, first), moves_alike(first, second)
    (True, False)
    """
    longer, shorter = max(one.duration, other.duration), min(one.duration, other.duration)
    if longer > _SLOWER * shorter and one.frames != other.frames:
        return False
    return all(_is_alike(*pair) for pair in zip(_changes(one), _changes(other), strict=True))


def _changes(one: Motion) -> Planes:
    """How each of the kept frames differs from the first."""
    import numpy as np

    planes = np.frombuffer(one.planes, np.uint8).reshape(KEPT, SIDE * SIDE).astype(np.float32)
    return np.asarray(planes[1:] - planes[0])


def _is_alike(one: Planes, other: Planes) -> bool:
    spreads = float(one.std()), float(other.std())
    if min(spreads) < _MOVES:
        return float(abs(one - other).mean()) <= _STILL
    covariance = float(((one - one.mean()) * (other - other.mean())).mean())
    return covariance >= _ALIKE * spreads[0] * spreads[1]
