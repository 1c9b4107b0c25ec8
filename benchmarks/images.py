"""Speed, memory and accuracy of finding images that are the same picture, against other programs.

    python benchmarks/images.py FOLDER [--truth groups.json] [--parts hashing,job,growth,processes]
        [--rounds 5] [--files 90] [--sizes 1000,10000] [--large]
    python benchmarks/images.py --data FOLDER --truth groups.json [--rounds 5]

*Hashing*: JPEGs of FOLDER with a longer side of 600 to 2,000 pixels, at most
`--files` of them, drawn by a fixed seed; every contender goes over the same
ones, their bytes in the system's cache. *Job*: from FOLDER to groups, with the
accuracy beside it where a truth is given (its form: `grouping.py`). *Growth*:
runs of `captionfix images` over painted images, a tenth of them copies, with
`--large` over 100,000 too. *Processes*: the same over FOLDER in one process
and in two.

Every figure is CPU time (user and system, all threads), but for the ratio of
processes, which is of seconds on the wall. Each contender runs in a process of
its own, in rounds that begin with another contender each; ratios are taken
round by round; medians are printed with their range. What is not installed in
this Python (czkawka, imagededup, pdqhash, opencv-contrib-python-headless) is
left out by name. imagededup is run without its neural half, which hashing does
not need, and without its processes.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import io
import json
import math
import os
import random
import resource
import statistics
import subprocess
import sys
import time
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import grouping  # noqa: E402 the paths come first

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
LEAST, MOST = 600, 2_000
BASE = "imagehash phash, as commonly used"
SEED = 20_261
PDQ_QUALITY = 50
"""Below, ThreatExchange leaves a picture out."""
Hasher = Callable[[str], object]
Groups = list[list[str]]


def used() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    mine, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


def megabytes(most: int) -> float:
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


# Hashing ------------------------------------------------------------------------------------------------------------


def captionfix_hash() -> Hasher:
    from captionfix.pictures.fingerprint import phash

    return lambda path: phash(Path(path).read_bytes())


def captionfix_fingerprint() -> Hasher:
    from captionfix.pictures.fingerprint import fingerprint

    return lambda path: fingerprint(Path(path).read_bytes())


def captionfix_views() -> Hasher:
    from captionfix.pictures.crop_hashes import crop_hashes
    from captionfix.pictures.fingerprint import fingerprint

    return lambda path: crop_hashes(fingerprint(Path(path).read_bytes()))


def imagehash_plain() -> Hasher:
    import imagehash
    from PIL import Image

    return lambda path: imagehash.phash(Image.open(path))


def imagehash_thumbnail() -> Hasher:
    import imagehash
    from PIL import Image

    def run(path: str) -> object:
        image = Image.open(path)
        image.thumbnail((64, 64))
        return imagehash.phash(image)

    return run


def drafted(path: str, mode: str, side: int) -> Any:
    from PIL import Image

    image = Image.open(path)
    image.draft(mode, (side, side))
    return image.convert(mode)


def imagehash_draft() -> Hasher:
    import imagehash

    return lambda path: imagehash.phash(drafted(path, "L", 64))


def pdq(side: int = 0) -> Hasher:
    import numpy as np
    import pdqhash
    from PIL import Image

    if side:
        return lambda path: pdqhash.compute(np.asarray(drafted(path, "RGB", side)))
    return lambda path: pdqhash.compute(np.asarray(Image.open(path).convert("RGB")))


def imagededup() -> Any:
    """Its hashing half: the neural one would load PyTorch."""
    import logging

    for name, attribute in (
        ("imagededup.methods.cnn", "CNN"),
        ("imagededup.utils.models", "CustomModel"),
        ("imagededup.utils.plotter", "plot_duplicates"),
        ("sklearn.metrics.pairwise", "cosine_similarity"),
    ):
        stub: Any = types.ModuleType(name)
        setattr(stub, attribute, None)
        sys.modules[name] = stub
    sys.modules.setdefault("sklearn", types.ModuleType("sklearn"))
    sys.modules.setdefault("sklearn.metrics", types.ModuleType("sklearn.metrics"))
    logging.disable(logging.WARNING)
    from imagededup.methods import PHash

    return PHash(verbose=False)


def imagededup_plain() -> Hasher:
    method = imagededup()
    return lambda path: method.encode_image(image_file=path)


def imagededup_draft() -> Hasher:
    import numpy as np

    method = imagededup()
    return lambda path: method.encode_image(image_array=np.asarray(drafted(path, "L", 64)))


def czkawka_hash() -> Hasher:
    from czkawka import ImageSimilarity

    return ImageSimilarity().hash_image


def opencv(flag: str) -> Hasher:
    import cv2

    cv2.setNumThreads(1)
    method = cv2.img_hash.PHash_create()
    return lambda path: method.compute(cv2.imread(path, getattr(cv2, flag)))


HASHERS: dict[str, tuple[Callable[[], Hasher], str]] = {
    BASE: (imagehash_plain, "imagehash"),
    "imagehash phash, thumbnail 64": (imagehash_thumbnail, "imagehash"),
    "imagehash phash, draft L 64": (imagehash_draft, "imagehash"),
    "captionfix: its hash": (captionfix_hash, "captionfix"),
    "captionfix: fingerprint": (captionfix_fingerprint, "captionfix"),
    "captionfix: fingerprint, all views": (captionfix_views, "captionfix"),
    "imagededup PHash": (imagededup_plain, "imagededup"),
    "imagededup PHash, draft L 64": (imagededup_draft, "imagededup"),
    "pdqhash": (pdq, "pdqhash"),
    "pdqhash, draft RGB 128": (lambda: pdq(128), "pdqhash"),
    "czkawka hash_image": (czkawka_hash, "czkawka"),
    "OpenCV img_hash.PHash": (lambda: opencv("IMREAD_COLOR"), "cv2"),
    "OpenCV img_hash.PHash, reduced 8": (lambda: opencv("IMREAD_REDUCED_GRAYSCALE_8"), "cv2"),
}


@dataclass(frozen=True)
class Jpeg:
    """A file to be hashed."""

    path: str
    width: int
    height: int
    length: int
    progressive: bool


def jpegs(folder: Path, most: int) -> list[Jpeg]:
    """Distinct JPEGs of the sizes of lead pictures, at most so many, drawn by a fixed seed."""
    from PIL import Image

    found: dict[bytes, Jpeg] = {}
    for path in sorted(each for each in folder.rglob("*") if each.suffix.lower() in (".jpg", ".jpeg")):
        data = path.read_bytes()
        with contextlib.suppress(Exception), Image.open(io.BytesIO(data)) as image:
            if image.format == "JPEG" and LEAST <= max(image.size) <= MOST:
                progressive = bool(image.info.get("progressive"))
                found[hashlib.sha256(data).digest()] = Jpeg(str(path), *image.size, len(data), progressive)
    files = list(found.values())
    return random.Random(SEED).sample(files, min(most, len(files)))


def hash_all(name: str, files: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Hash lists of files in this process; the seconds that each list takes, and what could not be hashed."""
    hasher = HASHERS[name][0]()
    seconds, gave_up = [], 0
    for part in files:
        for path in part[:3]:  # what is loaded at first use
            with contextlib.suppress(Exception):
                hasher(path)
    for part in files:
        begun = used()
        for path in part:
            try:
                hasher(path)
            except Exception:
                gave_up += 1
        seconds.append(used() - begun)
    return {"seconds": seconds, "gave_up": gave_up}


def measure_hashing(folder: Path, rounds: int, most: int) -> None:
    files = jpegs(folder, most)
    parts = [[each.path for each in files if each.progressive is kind] for kind in (False, True)]
    sides = statistics.quantiles([max(each.width, each.height) for each in files], n=10)
    pixels = statistics.mean(each.width * each.height for each in files) / 1e6
    size = statistics.mean(each.length for each in files) / 1e3
    print(
        f"\nHashing: {len(files)} JPEGs, {len(parts[1])} of them progressive; longer side {sides[0]:.0f}, "
        f"{sides[4]:.0f}, {sides[8]:.0f} (first decile, median, last); mean {pixels:.2f} megapixels, {size:.0f} KB; "
        f"{rounds} rounds"
    )
    names = installed(HASHERS)
    done = in_rounds(names, rounds, lambda name: child("hash", name, parts))
    print(f"{'':38} {'images/CPU-s':>12} {'x imagehash, median (range)':>28} {'baseline':>9} {'progressive':>12}")
    for name in names:
        columns = [sum, lambda two: two[0], lambda two: two[1]]
        ratios = [
            [column(base["seconds"]) / column(mine["seconds"]) if column(mine["seconds"]) else math.nan
             for mine, base in zip(done[name], done[BASE], strict=True)]
            for column in columns
        ]  # fmt: skip
        rate = len(files) / statistics.median(sum(each["seconds"]) for each in done[name])
        failed = f"  gave up on {done[name][0]['gave_up']}" if done[name][0]["gave_up"] else ""
        print(
            f"{name:38} {rate:12.0f} {spread(ratios[0]):>28} {statistics.median(ratios[1]):9.2f} "
            f"{statistics.median(ratios[2]):12.2f}{failed}",
            flush=True,
        )


# The whole job ------------------------------------------------------------------------------------------------------


def captionfix_job(folder: Path, state: Path) -> Groups:
    from captionfix.pictures.records import KeepPolicy
    from captionfix.runs.images import survey
    from captionfix.runs.roots import Roots
    from captionfix.settings import Settings

    found = survey(Roots([folder]), Settings(cache_path=str(state / "cache.sqlite3")), KeepPolicy())
    return [list(group.files) for group in found.groups]


def imagehash_job(folder: Path, radius: int) -> Groups:
    import warnings

    import imagehash
    from PIL import Image

    warnings.simplefilter("ignore")
    hashes = {}
    for path in files_of(folder):
        with contextlib.suppress(Exception), Image.open(path) as image:
            hashes[path.name] = imagehash.phash(image)
    return [[one, other] for one, other in combinations(hashes, 2) if hashes[one] - hashes[other] <= radius]


def nearest_job(hashes: dict[str, Any], apart: Callable[[Any, Any], float], radii: Sequence[int], truth: str) -> Groups:
    """The pairs within the radius at which a hash does best by the truth, which no user knows."""
    pairs = [(apart(hashes[one], hashes[other]), one, other) for one, other in combinations(hashes, 2)]
    near = [pair for pair in pairs if pair[0] <= radii[-1]]
    within = {radius: [[one, other] for distance, one, other in near if distance <= radius] for radius in radii}
    if not truth:
        return within[radii[-1]]
    known = grouping.read_truth(Path(truth), hashes)
    return max(within.values(), key=lambda groups: grouping.score(groups, known).f1)


def imagehash_best(folder: Path, kind: str, truth: str) -> Groups:
    import warnings

    import imagehash
    from PIL import Image

    warnings.simplefilter("ignore")
    hashes = {}
    for path in files_of(folder):
        with contextlib.suppress(Exception), Image.open(path) as image:
            hashes[path.name] = int(str(getattr(imagehash, kind)(image)), 16)
    return nearest_job(hashes, lambda one, other: (one ^ other).bit_count(), range(21), truth)


def pdq_best(folder: Path, truth: str) -> Groups:
    import numpy as np

    hasher, hashes = pdq(), {}
    for path in files_of(folder):
        with contextlib.suppress(Exception):
            vector, quality = hasher(str(path))
            if quality >= PDQ_QUALITY:
                hashes[path.name] = int("".join(map(str, np.asarray(vector, int))), 2)
    return nearest_job(hashes, lambda one, other: (one ^ other).bit_count(), range(0, 81, 4), truth)


def imagededup_job(folder: Path, radius: int) -> Groups:
    found = imagededup().find_duplicates(
        image_dir=str(folder), max_distance_threshold=radius, num_enc_workers=0, num_dist_workers=0
    )
    return [[one, other] for one, others in found.items() for other in others]


def czkawka_job(folder: Path, level: int) -> Groups:
    from czkawka import ImageSimilarity

    finder = ImageSimilarity()
    finder.set_directories([folder])
    finder.set_similarity(level)
    return [[Path(file).name for file in group] for group in finder.find_similar()]


def files_of(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def truth_of(state: Path) -> str:
    """Where the truth is, as the parent has left it; empty where there is none."""
    told = state / "truth"
    return told.read_text(encoding="utf-8") if told.exists() else ""


FIRST, AGAIN = "captionfix, nothing in its cache", "captionfix, once more"
JOBS: dict[str, tuple[Callable[[Path, Path], Groups], str]] = {
    FIRST: (captionfix_job, "captionfix"),
    AGAIN: (captionfix_job, "captionfix"),
    **{
        f"imagehash phash, each with each, <= {radius}": (
            lambda folder, _, radius=radius: imagehash_job(folder, radius),
            "imagehash",
        )
        for radius in (8, 10, 14)
    },
    **{
        f"imagehash {kind}, at its best radius": (
            lambda folder, state, kind=kind: imagehash_best(folder, kind, truth_of(state)),
            "imagehash",
        )
        for kind in ("phash", "dhash")
    },
    "pdqhash, at its best radius": (lambda folder, state: pdq_best(folder, truth_of(state)), "pdqhash"),
    **{
        f"imagededup PHash, <= {radius}": (
            lambda folder, _, radius=radius: imagededup_job(folder, radius),
            "imagededup",
        )
        for radius in (10, 14)
    },
    **{
        f"czkawka find_similar, level {level}": (lambda folder, _, level=level: czkawka_job(folder, level), "czkawka")
        for level in (5, 10, 20)
    },
}


def do_job(name: str, given: Sequence[str]) -> dict[str, Any]:
    folder, state = Path(given[0]), Path(given[1])
    if name == AGAIN:
        captionfix_job(folder, state)
    begun = used()
    groups = JOBS[name][0](folder, state)
    return {
        "seconds": used() - begun,
        "megabytes": megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss),
        "groups": groups,
    }


def measure_job(folder: Path, truth: Path | None, rounds: int) -> None:
    files = [path.name for path in files_of(folder)]
    known = grouping.read_truth(truth, files) if truth is not None else None
    print(f"\nThe whole job: {len(files)} files, from folder to groups; {rounds} rounds")
    names = installed(JOBS)

    def run(name: str) -> dict[str, Any]:
        with TemporaryDirectory() as state:
            if truth is not None:
                Path(state, "truth").write_text(str(truth.resolve()), encoding="utf-8")
            return child("job", name, [str(folder), state], home=state)

    done = in_rounds(names, rounds, run)
    for name in names:
        seconds = [each["seconds"] for each in done[name]]
        memory = max(each["megabytes"] for each in done[name])
        groups = done[name][0]["groups"]
        score = grouping.score(groups, known) if known is not None else None
        told = score.line() if score is not None else f"{len(groups)} groups or pairs"
        print(f"{name:42} {spread(seconds):>20} s {memory:5.0f} MB  {told}", flush=True)
        if score is not None and name == FIRST:
            print("  recall: " + ", ".join(f"{kind} {score.share(kind):.2f}" for kind in score.by_relation))


# Growth -------------------------------------------------------------------------------------------------------------

SHAPES = ((240, 160), (160, 240), (240, 180), (200, 200), (240, 135))
TOGETHER = 10
"""Of so many images, the last is a copy of the one before."""


def scene(number: int) -> Any:
    """A painted image: a sky above a ground, soft patches of two sizes, some boxes; another for each number."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(number)
    width, height = SHAPES[int(rng.integers(len(SHAPES)))]
    share = rng.uniform(0.3, 0.7)
    coarse, fine = (
        np.asarray(
            Image.fromarray(rng.integers(0, 256, (rows, rows, 3), np.uint8)).resize((width, height), 3), np.int16
        )
        for rows in (4, 16)
    )
    down = np.linspace(60, -60, height, dtype=np.float32)[:, None, None]
    pixels = 128 + down * share + (coarse - 128) * 0.6 + (fine - 128) * 0.35
    for _ in range(5):
        left, top = int(rng.integers(width)), int(rng.integers(height))
        right, bottom = left + int(rng.integers(8, width // 3)), top + int(rng.integers(8, height // 3))
        pixels[top:bottom, left:right] = rng.integers(0, 256, 3)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def copied(image: Any, kind: int) -> tuple[Any, int]:
    """A copy and its quality: the same file, half the size, saved worse, a square from the middle."""
    width, height = image.size
    if kind == 1:
        return image.resize((width // 2, height // 2), 1), 80
    if kind == 3:  # noqa: PLR2004 the numbers are names
        side = min(width, height)
        return image.crop(((width - side) // 2, (height - side) // 2, (width + side) // 2, (height + side) // 2)), 80
    return image, 60 if kind == 2 else 80  # noqa: PLR2004 the same


def file_of(number: int) -> str:
    return f"{number // 1000:03}/{number:06}.jpg"


def paint(folder: Path, count: int) -> None:
    for number in range(count):
        path = folder / file_of(number)
        path.parent.mkdir(exist_ok=True, parents=True)
        if number % TOGETHER == TOGETHER - 1:
            image, quality = copied(scene(number - 1), number // TOGETHER % 4)
        else:
            image, quality = scene(number), 80
        image.save(path, quality=quality)


def command(arguments: Sequence[str]) -> dict[str, float]:
    """Run `captionfix images`: its seconds on the wall and of the CPU, and its largest memory."""
    run = [sys.executable, "-m", "captionfix", "images", *arguments, "--quiet"]
    before, begun = used(), time.perf_counter()
    with subprocess.Popen(run, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"captionfix images gave {process.returncode}")
    return {
        "wall": time.perf_counter() - begun,
        "seconds": used() - before,
        "megabytes": megabytes(usage.ru_maxrss),
    }


def measure_growth(sizes: Iterable[int], keep: Path | None) -> None:
    print("\nGrowth: captionfix images over painted images, a tenth of them copies, in one process")
    last: dict[str, tuple[int, float]] = {}
    for size in sizes:
        with TemporaryDirectory() as place:
            folder = (keep or Path(place)) / str(size)
            if not folder.exists():
                child("paint", str(size), [str(folder)])
            report = Path(place, "report.json")
            for turn in ("first", "again"):
                arguments = [str(folder), "--cache", str(Path(place, "cache")), "--format", "json", "-o", str(report)]
                done = command(arguments)
                grown = ""
                if turn in last:
                    before, seconds = last[turn]
                    grown = f"  growth {math.log(done['seconds'] / seconds) / math.log(size / before):.2f}"
                last[turn] = size, done["seconds"]
                each = done["seconds"] / size * 1e3
                print(
                    f"{size:8,} images, {turn:5} {done['seconds']:9.1f} s CPU {each:7.2f} ms each"
                    f" {done['megabytes']:5.0f} MB  {judged(report, size)}{grown}",
                    flush=True,
                )


def judged(report: Path, size: int) -> str:
    groups = json.loads(report.read_text(encoding="utf-8"))["groups"]
    files = [sorted(member["file"] for member in group["members"]) for group in groups]
    said = {pair for group in files for pair in combinations(group, 2)}
    true = {(file_of(number - 1), file_of(number)) for number in range(TOGETHER - 1, size, TOGETHER)}
    return f"{len(said & true)} of {len(true)} copies, {len(said - true)} false pairs"


def measure_processes(folder: Path, rounds: int) -> None:
    print(f"\nProcesses: captionfix images over {folder.name}, nothing kept; {rounds} rounds; {os.cpu_count()} cores")
    load = os.getloadavg()[0]
    done = in_rounds(["1", "2"], rounds, lambda jobs: command([str(folder), "--no-cache", "--jobs", jobs]))
    for jobs, each in done.items():
        wall, cpu = ([one[key] for one in each] for key in ("wall", "seconds"))
        print(f"--jobs {jobs}: {spread(wall)} s on the wall, {spread(cpu)} s CPU")
    ratios = [one["wall"] / two["wall"] for one, two in zip(done["1"], done["2"], strict=True)]
    print(f"two processes are {spread(ratios)} times as fast; load of the machine before: {load:.1f}")


# Runs ---------------------------------------------------------------------------------------------------------------


def installed(contenders: dict[str, tuple[Any, str]]) -> list[str]:
    missing = dict.fromkeys(module for _, module in contenders.values() if importlib.util.find_spec(module) is None)
    for module in missing:
        print(f"{module} is left out: it is not installed")
    return [name for name, (_, module) in contenders.items() if module not in missing]


def in_rounds(
    names: Sequence[str], rounds: int, run: Callable[[str], dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """Run all, round after round, each round beginning with another one."""
    done: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for turn in range(rounds):
        at = turn % len(names)
        for name in (*names[at:], *names[:at]):
            done[name].append(run(name))
    return done


def child(part: str, name: str, given: Collection[Any], home: str | None = None) -> dict[str, Any]:
    """Run a part of this script in a process of its own, and return what it prints."""
    environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
    if home is not None:  # where others keep caches
        environment |= {"HOME": home, "XDG_CACHE_HOME": home, "XDG_CONFIG_HOME": home}
    run = [sys.executable, __file__, "--run", part, name]
    done = subprocess.run(run, env=environment, input=json.dumps(given), stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def act(part: str, name: str) -> None:
    given = json.load(sys.stdin)
    if part == "paint":
        paint(Path(given[0]), int(name))
        print("{}")
    else:
        print("\n" + json.dumps(hash_all(name, given) if part == "hash" else do_job(name, given)))


def spread(figures: Sequence[float]) -> str:
    return f"{statistics.median(figures):.2f} ({min(figures):.2f}-{max(figures):.2f})"


def versions() -> str:
    names = (
        "pillow",
        "imagehash",
        "numpy",
        "scipy",
        "imagededup",
        "pdqhash",
        "czkawka",
        "opencv-contrib-python-headless",
    )
    found = []
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found.append(f"{name} {metadata.version(name)}")
    return f"Python {sys.version.split()[0]}, " + ", ".join(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--data", type=Path, help="the same, of which only the whole job is measured")
    parser.add_argument("--truth", type=Path, help="which images are the same picture")
    parser.add_argument("--parts", default="")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--files", type=int, default=90)
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--large", action="store_true", help="100,000 painted images too")
    parser.add_argument("--painted", type=Path, help="keep painted images in this folder, and use those that are there")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        act(*options.run)
        return
    if options.folder is None and options.data is None:
        parser.error("name a folder of images")
    folder = (options.folder or options.data).resolve()
    parts = (options.parts or ("hashing,job,growth,processes" if options.data is None else "job")).split(",")
    print(versions())
    if "hashing" in parts:
        measure_hashing(folder, options.rounds, options.files)
    if "job" in parts:
        measure_job(folder, options.truth, options.rounds)
    if "processes" in parts:
        measure_processes(folder, options.rounds)
    if "growth" in parts:
        sizes = [int(size) for size in options.sizes.split(",") if size] + [100_000] * options.large
        measure_growth(sizes, options.painted)


if __name__ == "__main__":
    main()
