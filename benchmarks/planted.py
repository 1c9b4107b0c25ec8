"""What is found of copies that were changed on purpose, and what of changed texts is refused.

    python benchmarks/planted.py FOLDER [--truth groups.json] [--pictures 115] [--only NAME,NAME]

Takes images of FOLDER of at least 120 pixels a side that have something to be
seen on white, one of each group of the truth, where one is given (its form:
`grouping.py`), drawn by a fixed seed. Of each, a copy of every kind is made,
saved as JPEG with quality 85 where nothing else is said, and looked for among
all images and all copies of that kind. *Found* is what `Candidates` names,
*accepted* what `verify` calls one picture, *other pairs* are those accepted
besides; both see pixels as the package does.

Texts are drawn upon the images in Pillow's own font, 10 to 40 pixels large; the
second copy has half to full size, quality 80, and one digit, one number or one
word changed, or nothing. Sizes are of the font, in the copy; a digit has about
seven tenths of it.
"""

from __future__ import annotations

import argparse
import io
import random
import resource
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import grouping
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from captionfix.errors import PictureError
from captionfix.pictures.candidates import Candidates, Guess
from captionfix.pictures.comparable import ComparableImage
from captionfix.pictures.crop_hashes import CropHashes, Table, crop_hashes
from captionfix.pictures.decode import decode
from captionfix.pictures.fingerprint import fingerprint
from captionfix.pictures.local_difference import SIDE
from captionfix.pictures.relations import Likeness
from captionfix.pictures.verify import verify

LEAST = 120
SEED = 20_262
QUALITY = 85
Change = Callable[[Any], Any]


def cut(left: float, top: float, right: float, bottom: float) -> Change:
    """A part of an image, in shares of its sides."""
    return lambda image: image.crop(
        (
            round(left * image.width),
            round(top * image.height),
            round(right * image.width),
            round(bottom * image.height),
        )
    )


def sized(wide: float, high: float) -> Change:
    return lambda image: image.resize((max(1, round(image.width * wide)), max(1, round(image.height * high))), 1)


def faded(share: float) -> Change:
    """Towards white: how much of it is left."""
    return lambda image: Image.blend(Image.new("RGB", image.size, "white"), image, share)


def letterbox(image: Any) -> Any:
    band = image.height // 8
    return ImageOps.expand(image, (0, band, 0, band), "black")


def thumbnail(image: Any) -> Any:
    return ImageOps.fit(image, (min(150, *image.size),) * 2, 1)


KINDS: dict[str, Change] = {
    "half size": sized(0.5, 0.5),
    "saved at quality 40": lambda image: image,
    "grey": lambda image: image.convert("L").convert("RGB"),
    "faded, 70 % left": faded(0.7),
    "faded, 50 % left": faded(0.5),
    "faded, 30 % left": faded(0.3),
    "brighter by 15 %": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "darker by 15 %": lambda image: ImageEnhance.Brightness(image).enhance(0.85),
    "blurred, radius 2": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "stretched, width x .75": sized(0.75, 1.0),
    "stretched, width x .6": sized(0.6, 1.0),
    "letterbox, an eighth": letterbox,
    "border, 5 %": lambda image: ImageOps.expand(image, max(2, min(image.size) // 20), "white"),
    "square thumbnail": thumbnail,
    "left 75 %": cut(0.0, 0.0, 0.75, 1.0),
    "top 75 %": cut(0.0, 0.0, 1.0, 0.75),
    "right 75 %": cut(0.25, 0.0, 1.0, 1.0),
    "bottom 75 %": cut(0.0, 0.25, 1.0, 1.0),
    "middle, 80 % a side": cut(0.1, 0.1, 0.9, 0.9),
    "upper left, 80 % a side": cut(0.0, 0.0, 0.8, 0.8),
    "upper left, 78 % a side": cut(0.0, 0.0, 0.78, 0.78),
    "upper left, 85 % a side": cut(0.0, 0.0, 0.85, 0.85),
    "upper right, 80 % a side": cut(0.2, 0.0, 1.0, 0.8),
    "lower left, 80 % a side": cut(0.0, 0.2, 0.8, 1.0),
    "lower right, 80 % a side": cut(0.2, 0.2, 1.0, 1.0),
    "mirrored": ImageOps.mirror,
}
QUALITIES = {"saved at quality 40": 40}


def saved(image: Any, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


class Seen:
    """An image as the package sees it."""

    def __init__(self, data: bytes) -> None:
        found = fingerprint(data)
        self.crop_hashes: CropHashes = crop_hashes(found)
        self.comparable = ComparableImage(found, lambda: np.asarray(decode(data, side=SIDE).grey))


def chosen(folder: Path, truth: Path | None, most: int) -> Iterator[bytes]:
    """Images of one picture each, with enough to be seen, drawn by a fixed seed."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    random.Random(SEED).shuffle(paths)
    group_of: dict[str, int] = {}
    if truth is not None:
        groups = grouping.read_truth(truth, [path.name for path in paths]).groups
        group_of = {file: number for number, group in enumerate(groups) for file in group}
    taken: set[int] = set()
    number = 0
    for path in paths:
        group = group_of.get(path.name, -1)
        if number == most or group in taken:
            continue
        data = path.read_bytes()
        try:
            found = fingerprint(data)
        except PictureError:
            continue
        if min(found.width, found.height) >= LEAST and not found.plain and not found.ground:
            taken |= {group} - {-1}
            number += 1
            yield data


def opened(data: bytes) -> Any:
    """All pixels, upright, on white."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    layers = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers).convert("RGB")


class Compared:
    """Images and their copies, compared as the package does: the copy of an image has its place plus their number."""

    def __init__(self, images: Sequence[Seen], copies: Sequence[Seen | None]) -> None:
        self.number = len(images)
        self._all = [*images, *(copy or image for copy, image in zip(copies, images, strict=True))]
        self._copies = copies
        self.guesses = candidates(self._all)

    def is_found(self, place: int) -> bool:
        return (place, place + self.number) in self.guesses

    def likeness(self, one: int, other: int) -> Likeness:
        return verify(self._all[one].comparable, self._all[other].comparable, self.guesses[one, other])

    def others(self) -> int:
        """Accepted pairs of an image and the copy of another."""
        return sum(
            bool(self.likeness(one, other))
            for one, other in self.guesses
            if one < self.number <= other != one + self.number and self._copies[other - self.number] is not None
        )


def candidates(images: Sequence[Seen]) -> dict[tuple[int, int], tuple[Guess, ...]]:
    """Where one image may lie in another, for all pairs that may be one picture."""
    table = Table()
    for each in images:
        table.add(each.crop_hashes)
    everything = range(len(images))
    return Candidates(table, everything).within(everything)


def plant(images: Sequence[Seen], pictures: Sequence[Any], names: Sequence[str]) -> None:
    print(f"\n{'':28} {'copies':>6} {'found':>6} {'accepted':>9}  other pairs  called")
    for name in names:
        copies: list[Seen | None] = []
        for picture in pictures:
            try:
                copies.append(Seen(saved(KINDS[name](picture), QUALITIES.get(name, QUALITY))))
            except PictureError:
                copies.append(None)
        compared = Compared(images, copies)
        places = [place for place, copy in enumerate(copies) if copy is not None]
        found = [place for place in places if compared.is_found(place)]
        likeness = [compared.likeness(place, place + compared.number) for place in found]
        kinds = Counter(each.relation.value for each in likeness if each.relation is not None)
        called = ", ".join(f"{kind} {number}" for kind, number in kinds.most_common())
        print(
            f"{name:28} {len(places):6} {len(found) / len(places):6.2f} {kinds.total() / len(places):9.2f} "
            f"{compared.others():12}  {called}",
            flush=True,
        )


# Texts --------------------------------------------------------------------------------------------------------------

WORDS = ("Harbour", "Lights", "Market", "Summer", "Concert", "Town", "Night", "Museum", "River", "Garden", "Winter")
BANDS = (0, 10, 16, 30, 41)
CHANGES = ("digit", "number", "word", "nothing")


def text_of(rng: random.Random, length: int) -> list[str]:
    """A number, a word, and more words up to a length."""
    return [str(rng.randrange(10, 100)), *(rng.choice(WORDS) for _ in range(length - 1))]


def changed(text: Sequence[str], change: str, rng: random.Random) -> list[str]:
    number, word, *rest = text
    if change == "digit":
        number = number[0] + rng.choice([digit for digit in "0123456789" if digit != number[1]])
    elif change == "number":
        number = rng.choice([str(each) for each in range(10, 100) if not set(str(each)) & set(number)])
    elif change == "word":
        word = rng.choice([other for other in WORDS if other != word])
    return [number, word, *rest]


def lettered(picture: Any, words: Sequence[str], size: int, rng: random.Random) -> Any:
    """A picture with a text upon it: on a plain band, or on the picture itself."""
    image = picture.copy()
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    text = " ".join(words)
    width = draw.textlength(text, font)
    left = rng.uniform(0.02, 0.1) * image.width
    top = rng.uniform(0.1, 0.8) * (image.height - size * 1.4)
    ink, ground = rng.choice((("white", "black"), ("black", "white"), ("white", "navy"), ("yellow", None)))
    if ground is not None:
        draw.rectangle((left - size / 3, top - size / 6, left + width + size / 3, top + size * 1.3), fill=ground)
    draw.text((left, top), text, ink, font, stroke_width=0 if ground else 1, stroke_fill="black")
    return image


def fitting(picture: Any, rng: random.Random) -> tuple[list[str], int] | None:
    """A text that has room on a picture, and its size; None where none has."""
    size = rng.randint(10, 40)
    for length in (4, 3, 2):
        words = text_of(rng, length)
        if ImageFont.load_default(size).getlength(" ".join(words)) < 0.88 * picture.width:
            return words, size
    return None


def letter(pictures: Sequence[Any]) -> None:
    same: dict[tuple[str, int], list[bool]] = {}
    for number, picture in enumerate(pictures):
        for change in CHANGES:
            rng = random.Random(f"{SEED} {number} {change}")
            text = fitting(picture, rng)
            if text is None:
                continue
            words, size = text
            place = rng.randrange(2**32)
            share = rng.uniform(0.5, 1.0)
            copy = lettered(picture, changed(words, change, rng), size, random.Random(place))
            pair = [
                Seen(saved(lettered(picture, words, size, random.Random(place)), QUALITY + 5)),
                Seen(saved(sized(share, share)(copy), 80)),
            ]
            guesses = candidates(pair)
            is_one = bool(guesses) and bool(verify(pair[0].comparable, pair[1].comparable, guesses[0, 1]))
            band = max(each for each in BANDS if each <= size * share)
            same.setdefault((change, band), []).append(is_one)
    print(f"\n{'text upon an image':28} {'pairs':>6}  kept as one picture, by the font's pixels in the copy")
    bands = [f"below {BANDS[1]}", *(f"{low}-{high - 1}" for low, high in pairwise(BANDS[1:]))]
    print(f"{'':28} {'':6} {'all':>12}" + "".join(f"{band:>14}" for band in bands))
    rows = {**{f"one {change} changed": [change] for change in CHANGES[:3]}, "any of these": CHANGES[:3]}
    for name, changes in {**rows, "the same text": CHANGES[3:]}.items():
        parts = [[one for change in changes for one in same.get((change, band), ())] for band in BANDS[:-1]]
        everything = [one for part in parts for one in part]
        print(
            f"{name:28} {len(everything):6} {shares(everything):>12}" + "".join(f"{shares(part):>14}" for part in parts)
        )


def shares(kept: Sequence[bool]) -> str:
    return f"{sum(kept) / len(kept):.3f} /{len(kept):4}" if kept else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--truth", type=Path, help="which images are the same picture")
    parser.add_argument("--pictures", type=int, default=115)
    parser.add_argument("--only", default="", help="names of kinds, or parts of them; text for the texts")
    options = parser.parse_args()
    files = list(chosen(options.folder, options.truth, options.pictures))
    pictures = [opened(data) for data in files]
    parts = options.only.split(",")
    print(f"{len(files)} images of {options.folder.name}")
    names = [name for name in KINDS if any(part in name for part in parts)]
    if names:
        plant([Seen(data) for data in files], pictures, names)
    if any(part in "text" for part in parts):
        letter(pictures)
    spent = resource.getrusage(resource.RUSAGE_SELF)
    print(f"\n{spent.ru_utime + spent.ru_stime:.0f} s CPU")


if __name__ == "__main__":
    main()
