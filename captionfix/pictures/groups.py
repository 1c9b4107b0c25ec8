"""Which images of many are the same picture: groups, each with its best file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from captionfix.model import Evidence, Safety
from captionfix.pictures.fingerprint import Fingerprint
from captionfix.pictures.kin import Group, Kin, Likeness, Member
from captionfix.pictures.known import Keep, Known, Memory, Policy
from captionfix.pictures.match import compare

VERSION = "0"
"""Grows when comparing the same images would come to something else."""


def find_groups(
    images: Sequence[Known],
    load: Callable[[int], Fingerprint],
    policy: Policy,
    memory: Memory | None = None,
) -> list[Group]:
    """Return the images that show the same picture, two or more together.

    Args:
        images: in the order of the run.
        load: gives the fingerprint of an image by its place in the sequence.
        policy: which image of a group is kept.
        memory: what is remembered of comparing pairs, if anything.

    Raises:
        PictureError: a fingerprint is asked for and cannot be had any more.
    """
    finder = _Finder(images, load, policy, memory)
    return [group for places in finder.alike() if (group := finder.group(places)) is not None]


class _Finder:
    def __init__(
        self, images: Sequence[Known], load: Callable[[int], Fingerprint], policy: Policy, memory: Memory | None
    ) -> None:
        self._images, self._load, self._policy, self._memory = images, load, policy, memory

    def alike(self) -> Iterator[list[int]]:
        """The places of images that may be one picture, in the order of the first of each."""
        together: dict[bytes, list[int]] = defaultdict(list)
        for place, image in enumerate(self._images):
            key = image.phash.to_bytes(8) if not image.plain else image.pixels or image.content
            together[key].append(place)
        yield from (places for places in together.values() if len(places) > 1)

    def group(self, places: Iterable[int]) -> Group | None:
        """Those of the images that are the same as the best one."""
        best, *others = sorted(places, key=self._rank)
        found = self._likenesses(best, others)
        members = [_member(self._images[place], found[place]) for place in others if found[place]]
        if not members:
            return None
        kept = _member(self._images[best], Likeness(Kin.IDENTICAL, Safety.SAFE, ()))
        return Group(kept.file, (kept, *sorted(members, key=lambda member: member.file)))

    def _rank(self, place: int) -> tuple[bool, int, int, int]:
        image, keep = self._images[place], self._policy.keep
        area = image.width * image.height
        if keep is Keep.FIRST:
            area = 0
        elif keep is Keep.SMALLEST:
            area = -area
        weight = image.size if keep in (Keep.BEST, Keep.LARGEST, Keep.IN) else 0
        return not self._policy.prefers(image.file), -area, -weight, place

    def _likenesses(self, best: int, others: Sequence[int]) -> dict[int, Likeness]:
        pairs = {place: (self._images[best].content, self._images[place].content) for place in others}
        known = dict(self._memory.find_likeness(list(pairs.values()), VERSION)) if self._memory is not None else {}
        new = {}
        for place, pair in pairs.items():
            if pair not in known:
                new[pair] = known[pair] = self._compared(best, place)
        if self._memory is not None and new:
            self._memory.keep_likeness(new, VERSION)
        return {place: known[pair] for place, pair in pairs.items()}

    def _compared(self, one: int, other: int) -> Likeness:
        kept, image = self._images[one], self._images[other]
        if kept.content == image.content:
            return Likeness(Kin.IDENTICAL, Safety.SAFE, (Evidence("bytes", "the same bytes"),), 0)
        if kept.pixels == image.pixels != b"":
            return Likeness(Kin.IDENTICAL, Safety.SAFE, (Evidence("pixels", "the same in every pixel"),), 0)
        verdict = compare(self._load(one), self._load(other))
        kin = _kin(kept, image) if verdict.is_one_picture else None
        return Likeness(kin, Safety.SAFE, (verdict.evidence,), verdict.distance)


def _kin(kept: Known, image: Known) -> Kin:
    if (kept.width, kept.height) != (image.width, image.height):
        return Kin.RESIZED
    return Kin.RECOMPRESSED if kept.format == image.format else Kin.FORMAT


def _member(image: Known, likeness: Likeness) -> Member:
    return Member(
        image.file,
        likeness.kin or Kin.IDENTICAL,
        likeness.safety,
        image.width,
        image.height,
        image.size,
        image.format,
        image.frames,
        image.content.hex(),
        likeness.distance,
        likeness.windows[0],
        likeness.evidence,
    )
