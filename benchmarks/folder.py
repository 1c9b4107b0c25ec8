"""Speed and memory over a large folder: whole runs of the command line, as users start them.

    python benchmarks/folder.py [--pages 20000] [--pictures 200] [--jobs 1,2] [--keep FOLDER]

Writes pages in several shapes and small pictures into a temporary folder, then
runs `check`, `clean -o`, `clean -i` and `undo` on it, each in processes of its
own. Memory is the largest of any process, sampled while they run, for a tenth
of the pages and for all of them: flat means that both are alike. The first
`check` of each number of jobs decodes the pictures, the second finds them in
the cache that the first has filled.
Figures are wall-clock seconds, beside them the CPU time
of all processes together: where that is far below the number of cores times the
seconds of a run on all cores, other work or the disk stood in the way.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

TEXT = (
    "harbour boats leave dawn lighthouse old north town season market stalls quay fish net rain morning ferry captain "
    "island winter bridge river crowd square station museum garden tower square mayor vote council school teacher road"
)
WORDS = TEXT.split()
LEADS = 0.2
"""Share of pages whose lead picture stands again in the text, in another file: for these, pixels are looked at."""


@dataclass
class Run:
    """One run of the command line: its seconds, its CPU time, its largest process, its exit code."""

    seconds: float
    cpu: float
    megabytes: float
    code: int


def sentence(rng: random.Random, length: int) -> str:
    return " ".join(rng.choices(WORDS, k=length)).capitalize() + "."


def picture(path: Path, rng: random.Random, width: int = 320, height: int = 214) -> None:
    """A scene of sky, ground and some boxes, different for each seed."""
    image = Image.new("RGB", (width, height), tuple(rng.randrange(120, 255) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    horizon = rng.randrange(height // 3, 2 * height // 3)
    draw.rectangle((0, horizon, width, height), fill=tuple(rng.randrange(0, 140) for _ in range(3)))
    for _ in range(12):
        x, y = rng.randrange(width), rng.randrange(height)
        box = (x, y, x + rng.randrange(10, 90), y + rng.randrange(10, 60))
        draw.rectangle(box, fill=tuple(rng.randrange(256) for _ in range(3)))
    image.save(path, quality=80)
    image.save(path.with_stem(f"again-{path.stem}"), quality=70)
    image.resize((width // 2, height // 2)).save(path.with_stem(path.stem + f"-{width // 2}x{height // 2}"), quality=80)


def figure(rng: random.Random, pictures: int) -> str:
    """A picture in one of the shapes of real pages: half of them say or show something twice."""
    caption = sentence(rng, rng.randrange(6, 14))
    name = f"../img/{rng.randrange(pictures)}"
    lazy = f'<img class="lazy" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" data-src="{name}.jpg" alt="">'
    return rng.choice(
        (
            f'<figure><img src="{name}.jpg" alt="{caption}"><figcaption>{caption}</figcaption></figure>',
            f'<figure><img src="{name}.jpg" alt=""><figcaption>{caption}</figcaption></figure>',
            f'<figure>{lazy}<noscript><img src="{name}.jpg"></noscript><figcaption>{caption}</figcaption></figure>',
            f'<p><img src="{name}-160x107.jpg" alt="{sentence(rng, 4)}"></p>\n<p>{caption}</p>',
        )
    )


def page(rng: random.Random, pictures: int) -> str:
    title = sentence(rng, 6)
    paragraphs = [f"<p>{sentence(rng, rng.randrange(40, 90))}</p>" for _ in range(rng.randrange(6, 24))]
    for _ in range(rng.randrange(0, 4)):
        paragraphs.insert(rng.randrange(len(paragraphs)), figure(rng, pictures))
    if rng.random() < LEADS:
        number = rng.randrange(pictures)
        caption = f"<figcaption>{sentence(rng, 8)}</figcaption>"
        paragraphs.insert(0, f'<img src="../img/{number}.jpg" alt="">')
        paragraphs.append(f'<figure><img src="../img/again-{number}.jpg" alt="">{caption}</figure>')
    menu = "".join(f'<li><a href="/{word}/">{word}</a></li>' for word in WORDS[:20])
    body = "\n".join(paragraphs)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n<body>\n'
        f"<nav><ul>{menu}</ul></nav>\n<main><article><h1>{title}</h1>\n{body}\n</article></main>\n</body></html>\n"
    )


def write_site(folder: Path, pages: int, pictures: int) -> int:
    """Write a site and return how many bytes its pages have."""
    (folder / "img").mkdir(parents=True)
    for number in range(pictures):
        picture(folder / "img" / f"{number}.jpg", random.Random(number))
    size = 0
    for number in range(pages):
        path = folder / f"{number // 500:04}" / f"{number}.html"
        path.parent.mkdir(exist_ok=True)
        size += path.write_bytes(page(random.Random(1_000_000 + number), pictures).encode())
    return size


def resident(pid: int) -> float:
    """Megabytes that a process has used at most, 0 once it is gone; Linux only."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                found += family(int(child))
        except OSError:
            continue
    return found


def run(arguments: list[str], state: Path) -> Run:
    command = [sys.executable, "-m", "captionfix", *arguments, "--quiet"]
    environment = {**os.environ, "CAPTIONFIX_STATE_DIR": str(state)}
    most = 0.0
    done = threading.Event()

    def watch(pid: int) -> None:
        nonlocal most
        while not done.wait(0.05):
            most = max([most, *map(resident, family(pid))])

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        watcher = threading.Thread(target=watch, args=(process.pid,))
        watcher.start()
        code = process.wait()
        seconds = time.perf_counter() - begun
        done.set()
        watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, cpu, most, code)


def tell(name: str, done: Run, pages: int, pictures: int) -> None:
    speed = f"{pages / done.seconds:8.0f} pages/s {pictures / done.seconds:8.0f} pictures/s"
    print(
        f"{name:34} {done.seconds:7.1f} s {done.cpu:7.1f} s CPU {speed} {done.megabytes:6.0f} MB  exit {done.code}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--jobs", default="1,2")
    parser.add_argument("--keep", type=Path, help="use this folder and leave it; pages are written if it is not there")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="captionfix-bench-"))
    try:
        measure(folder, options.pages, options.pictures, [int(jobs) for jobs in options.jobs.split(",")])
    finally:
        if options.keep is None:
            shutil.rmtree(folder)


def measure(folder: Path, pages: int, pictures: int, jobs: list[int]) -> None:
    site, small, state = folder / "site", folder / "small", folder / "state"
    for place, count in ((site, pages), (small, pages // 10)):
        if not place.exists():
            size = write_site(place, count, pictures)
            print(f"{place.name}: {count} pages, {size / 1e6:.0f} MB, {3 * pictures} picture files")
    if Path("/proc/self/status").exists():
        tell(f"check, {pages // 10} pages, 1 process", run(["check", str(small)], state), pages // 10, pictures)
    checks: dict[str, Run] = {}
    for count in jobs:
        turns = []
        for turn in ("first", "second"):
            cache = str(folder / f"cache-{count}.db")
            turns.append(run(["check", str(site), "--jobs", str(count), "--cache", cache], state))
            tell(f"check, {turn} run, --jobs {count}", turns[-1], pages, pictures)
        compare("check", checks, min(turns, key=lambda turn: turn.seconds))
    copies: dict[str, Run] = {}
    replaced: dict[str, Run] = {}
    for count in jobs:
        done = run(["clean", str(site), "-o", str(folder / "out"), "--jobs", str(count)], state)
        shutil.rmtree(folder / "out")
        tell(f"clean -o, --jobs {count}", done, pages, pictures)
        compare("clean -o", copies, done)
        done = run(["clean", "-i", str(site), "--jobs", str(count)], state)
        tell(f"clean -i, --jobs {count}", done, pages, pictures)
        compare("clean -i", replaced, done)
        tell("undo", run(["undo"], state), pages, pictures)


def compare(name: str, before: dict[str, Run], now: Run) -> None:
    """Say how much faster a run is than the first of its kind."""
    if name in before:
        print(f"{'':34} {before[name].seconds / now.seconds:.2f} x as fast as with the first number of jobs")
    before.setdefault(name, now)


if __name__ == "__main__":
    main()
