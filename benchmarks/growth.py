"""How the time and memory of cleaning a page grow with its size, over families of pages made to be hard.

    python benchmarks/growth.py [--only NAME ...] [--scale 1.0] [--most SECONDS]

Each family is cleaned at a size, at twice and at four times that size, each in a process of its own, the best of three;
figures are CPU seconds of the cleaning, and the memory that the process had at most beyond what it starts with. Where
time is linear, the last columns are 2; what is above 2.3 is marked. A page that takes longer than ``--most`` is given
up.
"""

from __future__ import annotations

import argparse
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from captionfix.pipeline import clean_page
from captionfix.settings import Settings

Family = Callable[[int], str]
CAPTION = "The lighthouse of the harbour, seen from the pier"
BLANK = "data:image/gif;base64,R0lGOD"
LINEAR = 2.3
"""What doubling may cost where time is linear: the parser's tables grow by doubling too."""


def _figure(number: int = 0, caption: str = CAPTION) -> str:
    return f'<figure><img src="/u/a{number}.jpg" alt="{caption}"><figcaption>{caption}</figcaption></figure>\n'


def _each(count: int, write: Callable[[int], str], around: str = "article") -> str:
    return f"<{around}>" + "".join(map(write, range(count))) + f"</{around}>"


def braces(n: int) -> str:
    """Braces in a row, which may open a template's statement."""
    return "{" * n + _figure()


def declarations(n: int) -> str:
    """Tags that might declare an encoding, none closed, on a page that is not UTF-8."""
    return "<meta <?xml " * n + "\xff<p>" + _figure()


def comments(n: int) -> str:
    """Comments between a picture and its caption."""
    return _figure().replace("<figcaption>", "<!-- mark -->" * n + "<figcaption>")


def open_scripts(n: int) -> str:
    """Scripts that open within a comment and never close, between two captions."""
    return (
        f"<figure><img src=a.jpg><figcaption>{CAPTION}</figcaption><!--{'<script ' * n}{{if -->"
        f"<figcaption>{CAPTION}</figcaption></figure>"
    )


def open_listings(n: int) -> str:
    """Listings whose end tags do not end, and a template's mark behind them."""
    return _figure() + "<pre></pre " * n + "<?= x ?>"


def nested_figures(n: int) -> str:
    """Figures in figures, none closed, one caption in the innermost."""
    return f'<figure><img src="/u/a.jpg" alt="{CAPTION}">' * n + f"<figcaption>{CAPTION}</figcaption>"


def one_in_paragraphs(n: int) -> str:
    """One picture among paragraphs."""
    text = _each(n, lambda at: f"<p>Line {at} of a story that goes on and on.</p>\n")
    return text.replace("</article>", _figure() + "</article>")


def same_in_paragraphs(n: int) -> str:
    """One picture again and again, each time with its line of text."""
    return _each(n, lambda at: f'<p><img src="/u/a.jpg" alt="{CAPTION}"></p><p>{at} {CAPTION}</p>\n')


def lazy_pairs(n: int) -> str:
    """Lazy pictures, each with its copy in noscript."""
    return _each(
        n,
        lambda at: (
            f'<img class="lazy" src="{BLANK}" data-src="/u/a{at}.jpg" alt="x {at}">'
            f'<noscript><img src="/u/a{at}.jpg" alt="x {at}"></noscript>\n'
        ),
    )


def dialogs(n: int) -> str:
    """Pictures that open dialogs, and the dialogs, each with the picture once more."""
    shown = _each(n, lambda at: f'<p><a href="#d{at}"><img src="/u/a{at}.jpg" alt="Number {at} of all"></a></p>\n')
    closed = (f'<div class="modal" id="d{at}" hidden><img src="/u/a{at}.jpg" alt=""></div>\n' for at in range(n))
    return shown + "".join(closed)


def slider(n: int) -> str:
    """The slides of one slider, and its strip of thumbnails."""
    slides = _each(n, lambda at: f'<div class="slide"><img src="/u/a{at}.jpg" alt="Number {at} of all"></div>', "div")
    strip = _each(n, lambda at: f'<li><img src="/u/a{at}-150x100.jpg" alt=""></li>', "ul class=thumbs")
    return f'<div class="slider">{slides}{strip.replace("</ul class=thumbs>", "</ul>")}</div>'


def table_cells(n: int) -> str:
    """Cells of one row, a picture and its text in turn."""
    cells = _each(n, lambda at: f'<td><img src=a{at}.jpg alt="{CAPTION}"></td><td>{CAPTION}</td>', "tr")
    return f"<table>{cells}</table>"


def equal_captions(n: int) -> str:
    """Pictures that all have the same caption."""
    return _each(n, _figure)


def doubled_captions(n: int) -> str:
    """Pictures whose captions, no two alike, stand twice by each."""

    def figure(at: int) -> str:
        caption = f"{CAPTION}, on day {at} of the year"
        doubled = f"<figcaption>{caption}</figcaption><p class=caption>{caption}</p>"
        return f'<figure><img src="/u/a{at}.jpg" alt="">{doubled}</figure>\n'

    return _each(n, figure)


def doubled_figures(n: int) -> str:
    """Figures, no two alike, and all of them once more."""
    once = "".join(_figure(at, f"{CAPTION}, on day {at} of the year") for at in range(n))
    return f"<article>{once}<p>And again.</p>{once}</article>"


def equal_paragraphs(n: int) -> str:
    """Paragraphs twice in a row behind one picture."""
    return _figure() + _each(n, lambda at: f"<p>Line {at} of a story, told twice.</p>" * 2)


def screen_pairs(n: int) -> str:
    """Pictures once for wide and once for narrow screens."""
    return _each(
        n,
        lambda at: (
            f'<div class="d-none d-md-block"><img src="/u/a{at}.jpg" alt="x {at}"></div>'
            f'<div class="d-md-none"><img src="/u/a{at}-300x200.jpg" alt="x {at}"></div>\n'
        ),
    )


def class_lists(n: int) -> str:
    """One box of many classes around a figure whose caption is doubled."""
    names = " ".join(f"k{at}" for at in range(n))
    return f'<style>.k0 {{ color: red }}</style><div class="{names}">{doubled_captions(1)}</div>'


def sheets(n: int) -> str:
    """A style sheet of many rules, and as many boxes that they name."""
    rules = "".join(f".k{at} {{ display: none }}" for at in range(n))
    return f"<style>{rules}</style>" + _each(n, lambda at: f'<div class="k{at}">x</div>') + doubled_captions(1)


def inline_styles(n: int) -> str:
    """One style of many declarations around a figure."""
    return f'<div style="{"margin: 0;" * n}">{doubled_captions(1)}</div>'


def backgrounds(n: int) -> str:
    """One style that speaks of backgrounds again and again, between two captions."""
    return doubled_captions(1).replace("<p ", f"<div style='{'background' * n}'></div><p ")


def srcsets(n: int) -> str:
    """One picture of many files, and its copy in noscript."""
    files = ", ".join(f"/u/a-{at + 1}.jpg {at + 1}w" for at in range(n))
    picture = f'<img class="lazy" src="{BLANK}" data-srcset="{files}" alt="x">'
    return f'<p>{picture}<noscript><img srcset="{files}" alt="x"></noscript></p>'


def long_attributes(n: int) -> str:
    """One alt of many words, and a caption that says them."""
    return _figure(0, "harbour and lighthouse " * n)


def references(n: int) -> str:
    """One alt of many references, and a caption that says them."""
    return _figure(0, "&eacute;&amp;&#101; " * n)


def long_urls(n: int) -> str:
    """One URL of many parts, and its copy in noscript."""
    url = "/u/" + "a-1x1/" * n + "b.jpg?" + "w=1&" * n
    return f'<p><img src="{BLANK}" data-src="{url}"><noscript><img src="{url}"></noscript></p>'


def depth(n: int) -> str:
    """One figure very deep in boxes."""
    return "<div>" * n + _figure() + "</div>" * n


def deep_caption(n: int) -> str:
    """A caption in boxes, and again beside them."""
    nested = "<div>" * n + CAPTION + "</div>" * n
    return f"<figure><img src=/u/a.jpg><figcaption>{nested}</figcaption><figcaption>{CAPTION}</figcaption></figure>"


def ids(n: int) -> str:
    """Lazy pairs whose copies have ids that links lead to."""
    return _each(n, lambda at: f'<a href="#p{at}">to {at}</a>') + lazy_pairs(n).replace(
        "<noscript><img", "<noscript><img id=p0"
    )


def unclosed(n: int) -> str:
    """Doubled captions in formatting that never closes, so that hardly an edit can be proved."""
    return _each(n, lambda at: f"<b><i><p><img src=/u/a{at}.jpg alt='{CAPTION} {at}'></b>{CAPTION} {at}</p>")


def openers(n: int) -> str:
    """Pictures that scripts enlarge, and the boxes that these open, named in one script."""
    script = "".join(f'$("#d{at}").show();' for at in range(n))
    shown = _each(n, lambda at: f"<p><img src=/u/a{at}.jpg></p>")
    closed = "".join(f"<div id=d{at} class=modal hidden><img src=/u/a{at}.jpg></div>" for at in range(n))
    return f"<script>{script}</script>{shown}{closed}"


def clones(n: int) -> str:
    """A slider whose slides all stand once more, cloned."""
    cloned = "".join(f'<div class="slide slick-cloned"><img src=/u/a{at}.jpg></div>' for at in range(n))
    return f'<div class="slider slick">{cloned}{cloned.replace(" slick-cloned", "")}</div>'


def one_link(n: int) -> str:
    """One link around many pictures and their captions."""
    picture = "<img src=/u/a{0}.jpg alt='{1}, {0}'><i class=caption>{1}, {0}</i>"
    return _each(n, lambda at: picture.format(at, CAPTION), "a").replace("<a>", "<a href=/x>")


def siblings(n: int) -> str:
    """One picture beside itself."""
    return "<img src=/u/b.jpg>" * n + _figure()


FAMILIES: dict[Family, int] = {
    braces: 200_000, declarations: 40_000, comments: 20_000, open_scripts: 40_000, open_listings: 20_000,
    nested_figures: 2_000, one_in_paragraphs: 4_000, same_in_paragraphs: 1_000, lazy_pairs: 1_000, dialogs: 500,
    slider: 500, table_cells: 500, equal_captions: 500, doubled_captions: 500, doubled_figures: 300,
    equal_paragraphs: 2_000, screen_pairs: 300, class_lists: 20_000, sheets: 20_000, inline_styles: 50_000,
    srcsets: 10_000, backgrounds: 10_000, long_attributes: 50_000, references: 50_000, long_urls: 20_000, depth: 25_000,
    deep_caption: 200, ids: 500, unclosed: 50, openers: 1_000, clones: 2_000, one_link: 1_000,
    siblings: 5_000,
}  # fmt: skip
"""The families, each with a size that takes a tenth of a second or so where time is linear."""


def page(family: Family, size: int) -> bytes:
    """A page of a family; one sign of it is no UTF-8 where the family says so."""
    return family(size).encode("latin-1" if family is declarations else "utf-8")


def measure(name: str, size: int, most: float) -> None:
    """Print CPU seconds, bytes of the page and KiB of memory for one page of a family; end by a signal after a time."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(most) + 2, int(most) + 3))
    raw = page(by_name()[name], size)
    clean_page(_figure().encode(), Settings())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    clean_page(raw, Settings())
    seconds = time.process_time() - start
    print(seconds, len(raw), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory)


def by_name() -> dict[str, Family]:
    return {family.__name__: family for family in FAMILIES}


def figures(name: str, size: int, most: float) -> tuple[float, int, int] | str:
    """The best of three measurements, each in a process of its own, or why there is none."""
    best = (float("inf"), 0, 0)
    for _ in range(3):
        command = [sys.executable, __file__, "--one", name, str(size), "--most", str(most)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == -signal.SIGXCPU:
            return f"> {most:g} s"
        if done.returncode:
            return (done.stderr.strip().splitlines() or ["it ended by a signal"])[-1][:60]
        seconds, length, memory = done.stdout.split()
        now = (float(seconds), int(length), int(memory))
        best = min(best, now)
        if now[0] > 1:
            break
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=by_name(), default=[*by_name()])
    parser.add_argument("--scale", type=float, default=1.0, help="of all sizes")
    parser.add_argument("--most", type=float, default=30.0, help="seconds for one page")
    parser.add_argument("--one", nargs=2, metavar=("NAME", "SIZE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        measure(chosen.one[0], int(chosen.one[1]), chosen.most)
        return
    print(f"{'family':20} {'n':>8} {'KB at n':>8}  {'n':>7} {'2n':>7} {'4n':>7} s   {'x':>5} {'x':>5}   MB at 4n")
    for name in chosen.only:
        size = max(int(FAMILIES[by_name()[name]] * chosen.scale), 1)
        print(f"{name:20} {size:8} ", end="", flush=True)
        report(name, size, chosen.most)


def report(name: str, size: int, most: float) -> None:
    """Print the line of one family."""
    found: list[tuple[float, int, int]] = []
    for factor in (1, 2, 4):
        now = figures(name, size * factor, most)
        if isinstance(now, str):
            print(" ".join(f"{seconds:.3f}" for seconds, *_ in found), f"at {factor}n: {now}")
            return
        found.append(now)
    (one, length, _), (two, *_), (four, _, memory) = found
    times = [two / max(one, 1e-6), four / max(two, 1e-6)]
    mark = "  more than linear" if max(times) > LINEAR else ""
    print(
        f"{length / 1000:8.0f}  {one:7.3f} {two:7.3f} {four:7.3f}     {times[0]:5.2f} {times[1]:5.2f}  "
        f"{memory / 1024:8.0f}{mark}"
    )


if __name__ == "__main__":
    main()
