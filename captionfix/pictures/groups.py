"""Which images of many are the same picture: groups, each with its best file.

Equal bytes and equal pixels are collapsed first. Of the others, images hang
together by like views; in each such cluster the largest image gathers those
that are verified against it, and what is left goes on by itself. So no chain
of likenesses leads from one picture to another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from captionfix.model import Evidence, Safety
from captionfix.pictures.align import Placement
from captionfix.pictures.candidates import NEAR, Candidates, Guess
from captionfix.pictures.comparable import ComparableImage
from captionfix.pictures.crop_hashes import Table
from captionfix.pictures.damage import damaged_pairs
from captionfix.pictures.records import COMPARED, ImageRecord, Keep, KeepPolicy, Memory
from captionfix.pictures.relations import Group, ImageRelation, Likeness, Member, Window
from captionfix.pictures.verify import SHARED, verify

_DOUBT = 1.3
"""Difference in one spot up to which the other members of a group are asked too: of the copies in image-groups that
their largest refused most are nearer, of 206 changed texts one in twenty."""
_PART = 0.8
"""Share of the centre below which an image shows a part that another one may miss by so much as to be refused."""
_ASKED = 5
"""Members that are asked at most."""
_REFUSED = 40
"""Images of like views that are refused one after the other, the nearest first, until the rest is not asked any more:
pictures in one template all look alike. In image-groups none was the same after more than 5 refusals."""
_REMEMBERED = 60
"""Images of a cluster up to which all pairs are looked up at once."""
_FORMATS = {"PNG": 2, "TIFF": 2, "BMP": 2, "JPEG": 1, "WEBP": 1, "AVIF": 1}
"""Which of two files of one size is kept: without loss, then photographs', then those with 256 colours."""
_WHOLE = (
    ImageRelation.IDENTICAL,
    ImageRelation.RECOMPRESSED,
    ImageRelation.RESIZED,
    ImageRelation.FORMAT,
    ImageRelation.MOVING,
)
"""Relations of which each shows all of the picture."""
_LAID_OTHERWISE = (ImageRelation.MIRRORED, ImageRelation.TURNED)
"""Relations of which what lies in one image stands elsewhere in the other."""
_TRUE = (
    ImageRelation.IDENTICAL,
    ImageRelation.RECOMPRESSED,
    ImageRelation.RESIZED,
    ImageRelation.FORMAT,
    ImageRelation.CROP,
    ImageRelation.FRAMED,
)
"""Relations of which each shows what the other does, unaltered, as far as it goes."""
_WAYS = 4
"""Members by way of which an image may come in that are asked at most."""
_SAME_BYTES = Likeness(ImageRelation.IDENTICAL, Safety.SAFE, (Evidence("bytes", "the same bytes"),), 0)
_SAME_PIXELS = Likeness(ImageRelation.IDENTICAL, Safety.SAFE, (Evidence("pixels", "identical pixels"),), 0)
_SAME_DRAWING = Likeness(
    ImageRelation.IDENTICAL, Safety.SAFE, (Evidence("pixels", "the same XML, written otherwise"),), 0
)
_KEPT = Likeness(ImageRelation.IDENTICAL, Safety.SAFE, (), 0)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Images that hang together by like views, to be compared with one another.

    Attributes:
        images: what is known of them, in the order of the run.
        guesses: where the second of two may lie in the first, by their places.
    """

    images: tuple[ImageRecord, ...]
    guesses: Mapping[tuple[int, int], tuple[Guess, ...]]

    def guess(self, one: int, other: int) -> tuple[Guess, ...]:
        """Return where the second image may lie in the first."""
        if (one, other) in self.guesses:
            return self.guesses[one, other]
        return tuple(guess.back for guess in self.guesses.get((other, one), ()))

    def without(self, name: str) -> Cluster:
        """Return it without an image.

        Args:
            name: its file.
        """
        left = [place for place, image in enumerate(self.images) if image.file != name]
        number = {place: at for at, place in enumerate(left)}
        return Cluster(
            tuple(self.images[place] for place in left),
            {
                (number[one], number[other]): guesses
                for (one, other), guesses in self.guesses.items()
                if one in number and other in number
            },
        )


@dataclass(frozen=True, slots=True)
class Star:
    """Images that show the same picture.

    Attributes:
        keep: the content of the best one, SHA-256.
        likenesses: of the others with it, by their contents.
    """

    keep: bytes
    likenesses: Mapping[bytes, Likeness]


class ImageSet:
    """All images of a run, equal ones as one.

    Args:
        images: in the order of the run.
        table: the views of those that have some.
        rows: the row of the table for each content.
        policy: which image of a group is kept.

    Attributes:
        crowded: names of images with so many alike that not all pairs were compared.
    """

    def __init__(
        self, images: Sequence[ImageRecord], table: Table, rows: Mapping[bytes, int], policy: KeepPolicy
    ) -> None:
        self._table, self._rows, self._policy = table, rows, policy
        self._alike: dict[bytes, list[ImageRecord]] = {}
        self._order = {image.file: place for place, image in enumerate(images)}
        for image in images:
            self._alike.setdefault(image.pixels or image.content, []).append(image)
        for members in self._alike.values():
            members.sort(key=self._rank_of_equals)
        self._key = {image.content: key for key, members in self._alike.items() for image in members}
        self.crowded: tuple[str, ...] = ()

    def clusters(self) -> Iterator[Cluster]:
        """Yield the images that have to be compared."""
        seen = {min(each.content for each in members): members[0] for members in self._alike.values()}
        chosen = sorted(content for content in seen if content in self._rows)
        images = [seen[content] for content in chosen]
        pairs = damaged_pairs((image.size, image.blocks) for image in images)
        candidates = Candidates(self._table, [self._rows[content] for content in chosen], pairs)
        self.crowded = tuple(sorted(images[place].file for place in candidates.crowded))
        for component in candidates.components():
            component.sort(key=lambda place: self._order[images[place].file])
            yield Cluster(
                tuple(images[place] for place in component),
                candidates.within(component),
            )

    def groups(self, stars: Iterable[Star]) -> list[Group]:
        """Return the groups, those of equal images among them, by the names of the images that are kept.

        Args:
            stars: what comparing the clusters came to.
        """
        found, joined = [], set()
        for star in stars:
            likenesses = {self._key[content]: each for content, each in star.likenesses.items()}
            keep = self._key[star.keep]
            joined |= {keep, *likenesses}
            found.append(self._group(keep, likenesses))
        found += [
            self._group(key, {}) for key, members in self._alike.items() if len(members) > 1 and key not in joined
        ]
        return sorted(found, key=lambda group: group.keep)

    def _group(self, keep: bytes, likenesses: Mapping[bytes, Likeness]) -> Group:
        kept, *equal = self._alike[keep]
        same = _SAME_PIXELS if kept.width else _SAME_DRAWING
        members = [_member(image, _SAME_BYTES if image.content == kept.content else same, kept) for image in equal]
        for key, like in likenesses.items():
            members += [_member(image, like, self._alike[key][0]) for image in self._alike[key]]
        return Group(kept.file, (_member(kept, _KEPT, kept), *sorted(members, key=lambda member: member.file)))

    def _rank_of_equals(self, image: ImageRecord) -> tuple[object, ...]:
        """What images of equal pixels are sorted by: of these the smaller file is the better one."""
        place = self._order[image.file]
        if self._policy.keep is Keep.FIRST:
            return (place,)
        return not self._policy.prefers(image.file), -image.frames, image.size, place


def rank(image: ImageRecord, policy: KeepPolicy, place: int) -> tuple[object, ...]:
    """Return what images of one picture are sorted by, the one to be kept first.

    Args:
        image: one of them.
        policy: which is kept.
        place: of the image in the order of the run.
    """
    if policy.keep is Keep.FIRST:
        return (place,)
    if policy.keep is Keep.SMALLEST:
        return _area(image), image.size, place
    better = (-image.frames, -_FORMATS.get(image.format, 0), -image.size)
    return not policy.prefers(image.file), -_area(image), *better, place


def stars(
    cluster: Cluster, comparable: Callable[[int], ComparableImage], policy: KeepPolicy, memory: Memory | None = None
) -> list[Star]:
    """Return which images of a cluster show the same picture, two or more together.

    Args:
        cluster: the images.
        comparable: gives one of them to be compared, by its place.
        policy: which image of a group is kept.
        memory: what is remembered of comparing pairs, if anything.

    Raises:
        PictureError: an image is asked for and cannot be had any more.
    """
    judge = _Judge(cluster, comparable, memory)
    order = sorted(range(len(cluster.images)), key=lambda place: _size(cluster.images[place]))
    left, found = set(order), []
    for first in order:
        if first in left:
            centre = first
            members = _gathered(cluster, judge, centre, left)
            sound = [place for place, like in members.items() if like.altered[0]]
            if sound:  # what was marked or damaged is like less than what was not
                centre = min(sound, key=order.index)
                members = _gathered(cluster, judge, centre, left)
            left -= {centre, *members}
            if members:
                star = _star(cluster, judge, policy, centre, members)
                others = _adopted(cluster, judge, members, left)
                left -= set(others)
                found.append(_with(cluster, judge, star, others))
    judge.remember()
    return found


def _size(image: ImageRecord) -> tuple[bool, bool, int, int, bytes]:
    """What images of a cluster are sorted by: damaged ones last; animations first, each of which stills may be like."""
    return image.rows > 0, image.frames == 1, -_area(image), -image.size, image.content


class _Judge:
    """Compares images of a cluster, each pair once, and not at all where it is remembered.

    Attributes:
        near: the places of images that may show the same as one, the likeliest first.
    """

    def __init__(self, cluster: Cluster, comparable: Callable[[int], ComparableImage], memory: Memory | None) -> None:
        self._cluster, self._comparable, self._memory = cluster, comparable, memory
        contents = [image.content for image in cluster.images]
        if len(contents) > _REMEMBERED:
            near = [(contents[one], contents[other]) for one, other in cluster.guesses]
            pairs = near + [(other, one) for one, other in near]
        else:
            pairs = list(permutations(contents, 2))
        self._known = dict(memory.find_likeness(pairs, COMPARED)) if memory is not None else {}
        self._new: dict[tuple[bytes, bytes], Likeness] = {}
        self.near: dict[int, list[int]] = {}
        nearest = {pair: _nearness(guesses) for pair, guesses in cluster.guesses.items()}
        for one, other in sorted(nearest, key=lambda pair: (nearest[pair], pair)):
            self.near.setdefault(one, []).append(other)
            self.near.setdefault(other, []).append(one)

    def compare(self, one: int, other: int, guesses: Iterable[Guess]) -> Likeness:
        """Return how the second image is related to the first."""
        pair = self._cluster.images[one].content, self._cluster.images[other].content
        if pair not in self._known and self._memory is not None:
            self._known |= self._memory.find_likeness([pair], COMPARED)
        if pair not in self._known:
            self._known[pair] = self._new[pair] = verify(self._comparable(one), self._comparable(other), guesses)
        return self._known[pair]

    def remember(self) -> None:
        """Keep what is new for the next run."""
        if self._memory is not None and self._new:
            self._memory.keep_likeness(self._new, COMPARED)


def _nearness(guesses: Iterable[Guess]) -> tuple[int, int]:
    """What pairs are sorted by, the likeliest first: the nearest of their views, then how near and many the others."""
    distances = [guess.distance for guess in guesses]
    return min(distances), sum(distance - NEAR - 1 for distance in distances)


def _gathered(cluster: Cluster, judge: _Judge, centre: int, left: set[int]) -> dict[int, Likeness]:
    """The images that are the same as one, found by like views with it or with another that is."""
    members: dict[int, Likeness] = {}
    doubted: dict[int, tuple[Guess, ...]] = {}
    parts: list[Window] = []
    tested, waiting, refused = {centre}, deque([(centre, Placement())]), 0
    while waiting:
        by, placement = waiting.popleft()
        for other in judge.near.get(by, ()):
            if refused == _REFUSED:
                break
            if other in tested or other not in left:
                continue
            tested.add(other)
            guesses = tuple(
                replace(guess, placement=placement.after(guess.placement)) for guess in cluster.guess(by, other)
            )
            like = judge.compare(centre, other, guesses)
            refused = 0 if like else refused + 1
            if like:
                if not _joins(like, parts):
                    continue
                members[other] = like
                waiting += [(other, Placement.between(*like.windows))] if like.relation not in _LAID_OTHERWISE else []
            elif like.spot is not None and like.spot <= _DOUBT:
                doubted[other] = guesses
    for other, guesses in doubted.items():
        if (voted := _voted(judge, centre, other, members, guesses)) is not None:
            members[other] = voted
    return members


def _adopted(
    cluster: Cluster, judge: _Judge, members: Mapping[int, Likeness], left: set[int]
) -> dict[int, tuple[int, Likeness]]:
    """Images that are the same as a member, where the centre is too unlike: with a band below it, or in a collage.

    They bring no others in, so that two steps are the longest way within a group.
    """
    found: dict[int, tuple[int, Likeness]] = {}
    refused = 0
    for other in sorted(left):
        by = [place for place in judge.near.get(other, ()) if place in members and members[place].relation in _TRUE]
        for place in sorted(by, key=lambda place: _size(cluster.images[place]))[:_WAYS]:
            if refused == _REFUSED:
                return found
            like = judge.compare(place, other, cluster.guess(place, other))
            refused = 0 if like else refused + 1
            if like and like.relation is not ImageRelation.MOVING:
                found[other] = place, like
                break
    return found


def _joins(like: Likeness, parts: list[Window]) -> bool:
    """Whether an image has enough in common with each other one that shows a part of the centre only.

    Two photos of a collage are each like a part of it, and not like each other.

    Args:
        like: how it is related to the centre.
        parts: of the centre that others show; that of this one is added.
    """
    new = like.windows[0]
    for part in parts:
        wide = min(new.right, part.right) - max(new.left, part.left)
        high = min(new.bottom, part.bottom) - max(new.top, part.top)
        if min(wide, high) < 0 or wide * high < SHARED * min(new.share, part.share):
            return False
    if new.share < _PART and new not in parts:
        parts.append(new)
    return True


def _voted(
    judge: _Judge, centre: int, other: int, members: Mapping[int, Likeness], guesses: tuple[Guess, ...]
) -> Likeness | None:
    """A likeness for review, where most other members are the same as an image that the centre just refuses."""
    asked = [member for member, like in members.items() if like.safety is Safety.SAFE][:_ASKED]
    voices = []
    for member in asked:
        back = Placement.between(*members[member].windows).turned
        moved = [replace(guess, placement=back.after(guess.placement)) for guess in guesses]
        voices.append(judge.compare(member, other, moved))
    agreeing = [like for like in voices if like and like.safety is Safety.SAFE]
    if not agreeing or 2 * len(agreeing) < len(voices):
        return None
    told = Evidence("pixels", "members that it is the same as", f"{len(agreeing)} of {len(voices)}")
    refused = judge.compare(centre, other, guesses)
    return replace(refused, relation=agreeing[0].relation, safety=Safety.REVIEW, evidence=(*refused.evidence, told))


def _star(cluster: Cluster, judge: _Judge, policy: KeepPolicy, centre: int, members: Mapping[int, Likeness]) -> Star:
    """The group with the image that is kept, and how the others are related to that."""
    keep = _kept(cluster, policy, centre, members)
    likenesses = {}
    for place in (centre, *members):
        if place == keep:
            continue
        likenesses[cluster.images[place].content] = (
            members[place]
            if keep == centre
            else members[keep].turned
            if place == centre
            else _by_way_of(cluster, judge, (keep, centre, place), members)
        )
    return Star(cluster.images[keep].content, likenesses)


def _with(
    cluster: Cluster,
    judge: _Judge,
    star: Star,
    others: Mapping[int, tuple[int, Likeness]],
) -> Star:
    """A group with those that came in by way of a member, and how they are related to the image that is kept."""
    keep = next(place for place, image in enumerate(cluster.images) if image.content == star.keep)
    likenesses = dict(star.likenesses)
    for other, (place, like) in others.items():
        if place != keep:
            like = _onward(cluster, judge, (keep, place, other), (star.likenesses[cluster.images[place].content], like))  # noqa: PLW2901
        likenesses[cluster.images[other].content] = replace(like, safety=Safety.REVIEW)
    return Star(star.keep, likenesses)


def _onward(
    cluster: Cluster, judge: _Judge, places: tuple[int, int, int], likes: tuple[Likeness, Likeness]
) -> Likeness:
    """How an image is related to the one that is kept, by how both are related to a third."""
    keep, between, place = places
    here, there = likes
    guess = Guess(there.distance or 0, Placement.between(*here.windows).after(Placement.between(*there.windows)))
    if there.relation not in _LAID_OTHERWISE and (like := judge.compare(keep, place, [guess])):
        return like
    told = Evidence("pixels", "by way of", cluster.images[between].file)
    return replace(there, safety=Safety.REVIEW, evidence=(*there.evidence, told))


def _kept(cluster: Cluster, policy: KeepPolicy, centre: int, members: Mapping[int, Likeness]) -> int:
    """The image to keep: a whole one, and for the best one none that was only enlarged."""
    images = cluster.images
    choice = [place for place, like in members.items() if like.altered[0]] or [
        centre,
        *(place for place, like in members.items() if like.relation in _WHOLE),
    ]
    if policy.keep in (Keep.BEST, Keep.IN):
        most = max(
            (_area(images[place]) for place, like in members.items() if like.is_enlarged), default=_area(images[centre])
        )
        choice = [place for place in choice if _area(images[place]) <= most or policy.prefers(images[place].file)]
    if policy.keep not in (Keep.FIRST, Keep.SMALLEST):  # a still does not hold what moves
        choice = [place for place in choice if images[place].frames > 1] or choice
    return min(choice, key=lambda place: rank(images[place], policy, place))


def _area(image: ImageRecord) -> int:
    return image.width * image.height


def _by_way_of(
    cluster: Cluster, judge: _Judge, places: tuple[int, int, int], members: Mapping[int, Likeness]
) -> Likeness:
    """How an image is related to the one that is kept, where both were compared with a third."""
    keep, _, place = places
    return _onward(cluster, judge, places, (members[keep].turned, members[place]))


def _member(image: ImageRecord, like: Likeness, twin: ImageRecord) -> Member:
    return Member(
        image.file,
        like.relation or ImageRelation.EDITED,
        like.safety,
        image.width,
        image.height,
        image.size,
        image.format,
        image.frames,
        image.content.hex(),
        like.distance,
        like.windows[0],
        like.evidence,
        twin.file,
    )
