"""A set of pictures of the project's own making, with its truth: copies of every kind, and what only looks alike.

    python benchmarks/made.py FOLDER [--scenes 24]

Writes `FOLDER/images` and `FOLDER/groups.json`, in the form that `grouping.py` reads: painted scenes, of each some
twenty copies, and below `hard_negatives` the pictures of `tests/likenesses.py` and `tests/painted.py` that share a
template, a place or a mark. Then `python benchmarks/images.py --data FOLDER/images --truth FOLDER/groups.json`
compares programs.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from images import saved
from likenesses import LOOKALIKES, MARKS, laid_over, scene
from painted import TEMPLATES, font, headline

MARKER = 0xFF
WRONG = 4
MIDDLE = 128
SIZES = ((640, 427), (480, 480), (420, 560))
Copy = Callable[[Any, int], bytes]


def part(left: float, top: float, right: float, bottom: float) -> Copy:
    def cut(image: Any, _: int) -> bytes:
        wide, high = image.size
        return jpeg(image.crop((round(left * wide), round(top * high), round(right * wide), round(bottom * high))))

    return cut


def jpeg(image: Any, quality: int = 85) -> bytes:
    data: bytes = saved(image.convert("RGB"), quality=quality)
    return data


def shrunk(image: Any, share: float) -> Any:
    return image.resize([round(side * share) for side in image.size], 1)


def captioned(image: Any, seed: int) -> Any:
    """With a band of text below it, that covers nothing."""
    whole = Image.new("RGB", (image.width, image.height + image.height // 6), "white")
    whole.paste(image)
    ImageDraw.Draw(whole).text((20, image.height + 14), headline(seed, 3), fill="black", font=font(image.height / 14))
    return whole


def collage(image: Any, seed: int) -> Any:
    """The upper left of four pictures."""
    wide, high = image.size
    whole = Image.new("RGB", (2 * wide, 2 * high))
    for place, each in enumerate([image, *(scene(9000 + 3 * seed + other, wide, high) for other in range(3))]):
        whole.paste(each, (place % 2 * wide, place // 2 * high))
    return shrunk(whole, 0.75)


def healed(image: Any, seed: int) -> Any:
    """Something of a tenth to a sixth of a side is gone: what is around it was drawn over it."""
    chance, copy = random.Random(seed), image.copy()
    side = round(min(image.size) * chance.uniform(0.1, 0.16))
    left, top = (chance.randrange(side, length - 2 * side) for length in image.size)
    around = image.crop((left - side // 2, top - side // 2, left + side * 3 // 2, top + side * 3 // 2))
    smooth = around.filter(ImageFilter.GaussianBlur(side / 3)).crop(
        (side // 2, side // 2, side * 3 // 2, side * 3 // 2)
    )
    copy.paste(
        smooth, (left, top), Image.radial_gradient("L").resize((side, side)).point(lambda far: 255 * (far < MIDDLE))
    )
    return copy


def cloned(image: Any, seed: int) -> Any:
    """A patch of the picture stands on another place of it once more, as with a stamp tool."""
    chance, copy = random.Random(seed * 7), image.copy()
    side = round(min(image.size) * chance.uniform(0.1, 0.16))
    (left, top), (to_left, to_top) = ([chance.randrange(0, length - side) for length in image.size] for _ in range(2))
    soft = Image.new("L", (side, side)), side // 6
    mask = ImageOps.expand(Image.new("L", (side - 2 * soft[1],) * 2, 255), soft[1]).filter(
        ImageFilter.GaussianBlur(soft[1] / 2)
    )
    copy.paste(image.crop((left, top, left + side, top + side)), (to_left, to_top), mask)
    return copy


def hued(image: Any, turn: int) -> Any:
    """Each colour is another one, as far along the wheel as said, of 256."""
    hue, *rest = image.convert("HSV").split()
    return Image.merge("HSV", (hue.point(lambda value: (value + turn) % 256), *rest)).convert("RGB")


def toned(image: Any) -> Any:
    """Sepia."""
    return ImageOps.colorize(image.convert("L"), (30, 18, 8), (255, 240, 205))


def matted(image: Any) -> Any:
    """A white mat within a dark frame."""
    return ImageOps.expand(ImageOps.expand(image, 20, (250, 248, 240)), 12, (60, 36, 20))


def beside(image: Any, seed: int) -> Any:
    """The left of two pictures."""
    whole = Image.new("RGB", (2 * image.width + 8, image.height), "white")
    whole.paste(image)
    whole.paste(scene(9500 + seed, *image.size), (image.width + 8, 0))
    return shrunk(whole, 0.8)


def flipped(image: Any, seed: int) -> bytes:
    data, chance = bytearray(jpeg(image)), random.Random(seed)
    for _ in range(WRONG):
        at = chance.randrange(len(data) // 3, len(data) - 2)
        if MARKER not in data[at - 1 : at + 2]:
            data[at] = (data[at] + chance.randrange(1, 254)) % 255
    return bytes(data)


KINDS: dict[str, Copy] = {
    "resize": lambda image, _: jpeg(shrunk(image, 0.5)),
    "recompress": lambda image, _: jpeg(image, 55),
    "format": lambda image, _: saved(image, "WEBP", quality=80),
    "crop": part(0.12, 0.0, 0.88, 1.0),
    "crop_small": lambda image, _: jpeg(ImageOps.fit(image, (150, 150), 1)),
    "crop_edge": part(0.0, 0.25, 1.0, 1.0),
    "detail": part(0.2, 0.2, 1.0, 1.0),
    "frame": lambda image, _: jpeg(ImageOps.expand(image, 24, "black")),
    "caption": lambda image, seed: jpeg(captioned(image, seed)),
    "collage": lambda image, seed: jpeg(collage(image, seed)),
    "frame, mat": lambda image, _: jpeg(matted(image)),
    "collage, of two": lambda image, seed: jpeg(beside(image, seed)),
    "retouched, healed": lambda image, seed: jpeg(healed(image, seed)),
    "retouched, cloned": lambda image, seed: jpeg(cloned(image, seed)),
    "recoloured, hue": lambda image, seed: jpeg(hued(image, 20 + seed * 37 % 216)),
    "recoloured, tone": lambda image, _: jpeg(toned(image)),
    "recoloured, vivid": lambda image, seed: jpeg(ImageEnhance.Color(image).enhance(1.8 if seed % 2 else 0.4)),
    "contrast": lambda image, seed: jpeg(ImageEnhance.Contrast(image).enhance(1.4 if seed % 2 else 0.6)),
    "grey": lambda image, _: jpeg(image.convert("L")),
    "faded": lambda image, _: jpeg(Image.blend(image, Image.new("RGB", image.size, "white"), 0.4)),
    "brighter": lambda image, _: jpeg(ImageEnhance.Brightness(image).enhance(1.15)),
    "stretched": lambda image, _: jpeg(image.resize((image.width * 3 // 4, image.height), 1)),
    "blurred": lambda image, _: jpeg(image.filter(ImageFilter.GaussianBlur(2))),
    "mirrored": lambda image, _: jpeg(ImageOps.mirror(image)),
    "turned": lambda image, seed: jpeg(shrunk(image, 0.7).rotate(90 * (1 + seed % 3), expand=True)),
    **{
        f"marked, {kind}": lambda image, seed, kind=kind: jpeg(shrunk(laid_over(image, kind, seed, 0.25), 0.8))
        for kind in MARKS
    },
    "damaged, cut": lambda image, _: (data := jpeg(image))[: len(data) * 7 // 10],
    "damaged, flipped": flipped,
}


def written(folder: Path, scenes: int) -> Iterator[dict[str, Any]]:
    """Write scenes and their copies, and yield the groups."""
    for number in range(1, scenes + 1):
        image = scene(400 + number, *SIZES[number % 3])
        first = f"{number:03}.jpg"
        (folder / first).write_bytes(jpeg(image))
        files, pairs = [first], []
        for place, (kind, copy) in enumerate(KINDS.items()):
            name = f"{number:03}-{place:02}" + (".webp" if kind == "format" else ".jpg")
            (folder / name).write_bytes(copy(image, number))
            files.append(name)
            pairs.append((first, name, kind))
        others = [(one, other, "between copies") for one, other in combinations(files[1:], 2)]
        yield {"files": files, "pairs": pairs, "between": others}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scenes", type=int, default=24)
    options = parser.parse_args()
    images = options.folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    groups = list(written(images, options.scenes))
    ignored = [pair[:2] for group in groups for pair in group.pop("between")]
    hard = []
    alike = {
        **LOOKALIKES,
        **{paint.__name__: [paint(seed) for seed in range(6)] for paint in TEMPLATES if paint.__name__ != "card"},
    }
    for kind, pictures in alike.items():
        names = [f"{kind}-{place:02}.jpg" for place in range(len(pictures))]
        for name, picture in zip(names, pictures, strict=True):
            (images / name).write_bytes(jpeg(picture))
        hard += [(*pair, kind) for pair in combinations(names, 2)]
    truth = {"groups": groups, "ignore": ignored, "hard_negatives": hard}
    (options.folder / "groups.json").write_text(json.dumps(truth), encoding="utf-8")
    print(f"{sum(1 for _ in images.iterdir())} files, {len(groups)} groups, {len(hard)} pairs that only look alike")


if __name__ == "__main__":
    main()
