"""Where captionfix keeps what is its own: the only door to platformdirs."""

from __future__ import annotations

from pathlib import Path


def state_folder() -> Path:
    """Return the user's folder for what must outlive a run, such as journals.

    On Linux ``~/.local/state/captionfix``, or below ``$XDG_STATE_HOME``.

    >>> "captionfix" in str(state_folder())
    True
    """
    from platformdirs import user_state_path

    return user_state_path("captionfix", appauthor=False)


def cache_folder() -> Path:
    """Return the user's folder for what can be made again, such as fingerprints of images.

    On Linux ``~/.cache/captionfix``, or below ``$XDG_CACHE_HOME``.

    >>> "captionfix" in str(cache_folder())
    True
    """
    from platformdirs import user_cache_path

    return user_cache_path("captionfix", appauthor=False)
