"""Where a run keeps what it sees of images: in the cache, and where nothing can be kept there, in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from captionfix.errors import PictureError
from captionfix.pictures.cache import Cache, Stamp
from captionfix.pictures.fingerprint import Fingerprint, version
from captionfix.pictures.records import COMPARED, GROUPED, ImageRecord, Pair
from captionfix.pictures.relations import Likeness
from captionfix.settings import Settings

_GROUPING = f"{COMPARED} {GROUPED}"


class Store:
    """Fingerprints of a run: in the cache, and where nothing can be kept there, in a spare file.

    One that travels to another process is one over the same files there.

    Args:
        settings: whether anything is kept between runs, and where.
        spare: a file that goes with the run.
    """

    def __init__(self, settings: Settings, spare: Path) -> None:
        self._settings = settings
        kept = Path(settings.cache_path) if settings.cache_path else None
        self.cache = Cache(kept, version) if settings.cache else None
        self._spare_path, self._spare = spare, Cache(spare, version)

    def __reduce__(self) -> tuple[type[Store], tuple[Settings, Path]]:
        return Store, (self._settings, self._spare_path)

    def look_up(self, stamps: Sequence[Stamp]) -> Sequence[ImageRecord | PictureError | None]:
        """Return what the cache knows of files; see `Cache.look_up`."""
        return self.cache.look_up(stamps) if self.cache is not None else [None] * len(stamps)

    def find(self, content: bytes) -> Fingerprint | PictureError | None:
        """Return what is known of an image with these bytes."""
        found = self.cache.find(content) if self.cache is not None else None
        return found or (self._spare.find(content) if self._spare_path.exists() else None)

    def image(self, content: bytes) -> ImageRecord | None:
        """Return what is known of an image with these bytes, without a name and its views."""
        found = self.cache.image(content) if self.cache is not None else None
        return found or (self._spare.image(content) if self._spare_path.exists() else None)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep all that is to be kept meanwhile at once; see `Cache.together`."""
        with (self.cache or self._spare).together():
            yield

    def keep(self, content: bytes, found: Fingerprint | ImageRecord | PictureError) -> bool:
        """Keep what is known of an image, or why it is none; return whether it is kept anywhere."""
        return any(
            cache.keep_image(found) if isinstance(found, ImageRecord) else cache.keep(content, found)
            for cache in (self.cache, self._spare)
            if cache is not None
        )

    def crop_hashes(self, contents: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the views of images, by their contents; see `Cache.crop_hashes`."""
        found = self.cache.crop_hashes(contents) if self.cache is not None else {}
        left = [content for content in contents if content not in found]
        return found | (self._spare.crop_hashes(left) if left and self._spare_path.exists() else {})

    def find_grouping(self, images: bytes) -> bytes | None:
        """Return what is remembered of grouping images; see `Cache.find_grouping`."""
        return self.cache.find_grouping(images, _GROUPING) if self.cache is not None else None

    def keep_grouping(self, images: bytes, data: bytes) -> None:
        """Remember what grouping images came to; see `Cache.keep_grouping`."""
        if self.cache is not None:
            self.cache.keep_grouping(images, _GROUPING, data)

    def keep_file(self, stamp: Stamp, content: bytes) -> None:
        """Keep what a file holds, for the next run."""
        if self.cache is not None:
            self.cache.keep_file(stamp, content)

    def find_likeness(self, pairs: Sequence[Pair], version: str) -> Mapping[Pair, Likeness]:
        """Return what is remembered of comparing pairs; see `Memory`."""
        return self.cache.find_likeness(pairs, version) if self.cache is not None else {}

    def keep_likeness(self, found: Mapping[Pair, Likeness], version: str) -> bool:
        """Remember what comparing pairs came to; see `Memory`."""
        return self.cache is not None and self.cache.keep_likeness(found, version)

    def take_troubles(self) -> tuple[str, ...]:
        """Return what the cache has to say since it was last asked."""
        if self.cache is None:
            return ()
        troubles, self.cache.troubles = self.cache.troubles, []
        return tuple(troubles)

    def close(self) -> None:
        """Let go of the files."""
        for cache in (self.cache, self._spare):
            if cache is not None:
                cache.close()
