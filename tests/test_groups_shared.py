"""Groups of labelled real images, which are not part of the project; `-s` prints the scores."""

import sys
from importlib import util

import pytest
from pages import ROOT, SHARED

from captionfix.pictures.records import KeepPolicy
from captionfix.runs.images import survey
from captionfix.runs.roots import Roots
from captionfix.settings import Settings

GROUPS = SHARED / "image-groups"
SPEC = util.spec_from_file_location("grouping", ROOT / "benchmarks" / "grouping.py")
grouping = util.module_from_spec(SPEC)
sys.modules[SPEC.name] = grouping
SPEC.loader.exec_module(grouping)

BARS = {
    "resize": 0.98, "crop": 0.97, "crop_small": 0.9, "edit": 0.6, "identical": 1.0, "format": 1.0, "recompress": 1.0,
}  # fmt: skip


def test_scores_count_pairs_groups_and_images():
    """A pair of one claim is right, wrong or left out; images count by the cluster that claims make."""
    relations = {frozenset(pair): kind for pair, kind in (("ab", "crop"), ("ac", "crop"), ("bc", "resize"))}
    truth = grouping.Truth(
        frozenset("abcdefg"),
        (frozenset("abc"),),
        relations,
        frozenset([frozenset("de")]),
        frozenset([frozenset("fg")]),
        dict.fromkeys("abcd", "one") | dict.fromkeys("efg", "two"),
    )
    perfect = grouping.score(["abc", "de"], truth)
    assert (perfect.f1, perfect.bcubed_f1, perfect.group_recall, perfect.hard) == (1.0, 1.0, 1.0, 0)
    poor = grouping.score(["ab", "fg"], truth)
    assert (poor.precision, poor.recall, poor.group_precision) == (0.5, pytest.approx(1 / 3), 0.5)
    assert (poor.share("crop"), poor.share("resize"), poor.hard) == (0.5, 0.0, 1)
    assert poor.false == (("f", "g"),)
    assert poor.bcubed == (pytest.approx(6 / 7), pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 4) / 7))
    assert grouping.score(["ab"], truth.without("two")).precision == 1.0
    assert grouping.score(["fg"], truth.without("one")).recall == 1.0


@pytest.fixture(scope="module")
def truth():
    """Which of the labelled images are the same picture."""
    return grouping.read_truth(GROUPS / "groups.json", [path.name for path in (GROUPS / "images").iterdir()])


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the program makes of them."""
    cache = tmp_path_factory.mktemp("cache") / "cache.sqlite3"
    return survey(Roots([GROUPS / "images"]), Settings(cache_path=str(cache)), KeepPolicy())


@pytest.mark.full
@pytest.mark.skipif(not GROUPS.is_dir(), reason="the labelled images are not here")
def test_scores_on_labelled_images(truth, found):
    """Precision, recall of each relation and groups stay above their bars, and no hard negative is joined."""
    groups = [group.files for group in found.groups]
    score = grouping.score(groups, truth)
    told = [f"{len(truth.files)} images, {len(truth.groups)} groups", f"all                 {score.line()}"]
    told += [
        f"all but {site:12}{grouping.score(groups, truth.without(site)).line()}"
        for site in sorted(set(truth.sites.values()))
    ]
    told += [
        f"{kind:12} {right / number:.3f}  {right} of {number}" for kind, (right, number) in score.by_relation.items()
    ]
    told.append(f"not the same picture: {', '.join(' '.join(pair) for pair in score.false)}")
    sys.stdout.write("\n".join(("", *told, "")))
    assert not found.bad
    assert score.hard == 0
    assert score.precision >= 0.985
    assert score.f1 >= 0.98
    assert score.bcubed_f1 >= 0.985
    assert {relation: score.share(relation) for relation in BARS if score.share(relation) < BARS[relation]} == {}


@pytest.mark.full
@pytest.mark.skipif(not GROUPS.is_dir(), reason="the labelled images are not here")
def test_scores_without_any_one_site(truth, found):
    """No site carries the others: without any one of them the scores stay about the same."""
    groups = [group.files for group in found.groups]
    for site in sorted(set(truth.sites.values())):
        score = grouping.score(groups, truth.without(site))
        assert score.precision >= 0.98, site
        assert score.f1 >= 0.97, site
