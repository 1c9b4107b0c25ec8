"""Scores of groups of images against a truth; a part of other benchmarks, and of tests.

The truth is JSON: `groups`, each with `files`, perhaps a `site`, and `pairs` as
[file, file, relation] or one `relation` for all; `ignore`, pairs that do not
count; `hard_negatives`, pairs that nobody may join. A `manifest.json` beside it
may name the `repo` of every `file`.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

Pair = frozenset[str]


@dataclass(frozen=True)
class Truth:
    """What is the same picture: the relation of each true pair, and what does not count.

    Attributes:
        files: all images.
        groups: of the same picture.
        relations: of true pairs.
        ignored: pairs that do not count.
        hard: pairs that look alike and are not the same.
        sites: of those files of which it is known.
    """

    files: frozenset[str]
    groups: tuple[frozenset[str], ...]
    relations: Mapping[Pair, str]
    ignored: frozenset[Pair] = frozenset()
    hard: frozenset[Pair] = frozenset()
    sites: Mapping[str, str] | None = None

    def without(self, site: str) -> Truth:
        """Return it without the files of one site."""
        left = frozenset(file for file in self.files if (self.sites or {}).get(file) != site)
        return Truth(
            left,
            tuple(group for group in self.groups if group <= left),
            {pair: relation for pair, relation in self.relations.items() if pair <= left},
            self.ignored,
            frozenset(pair for pair in self.hard if pair <= left),
            self.sites,
        )


def read_truth(path: Path, files: Iterable[str]) -> Truth:
    """Return the truth of a file, over images of these names."""
    told = json.loads(path.read_text(encoding="utf-8"))
    relations: dict[Pair, str] = {}
    for group in told["groups"]:
        most = group.get("relation", "same")
        pairs = group.get("pairs") or [(*pair, most) for pair in combinations(group["files"], 2)]
        relations |= {frozenset(pair[:2]): pair[2] for pair in pairs}
    return Truth(
        frozenset(files),
        tuple(frozenset(group["files"]) for group in told["groups"]),
        relations,
        frozenset(frozenset(pair[:2]) for pair in told.get("ignore", ())),
        frozenset(frozenset(pair[:2]) for pair in told.get("hard_negatives", ())),
        _sites(told["groups"], path.with_name("manifest.json")),
    )


def _sites(groups: Iterable[Mapping[str, Any]], manifest: Path) -> dict[str, str]:
    """The sites of files in groups, and of those that come from the same repository."""
    sites = {file: group["site"] for group in groups if "site" in group for file in group["files"]}
    if manifest.exists():
        repos = {each["file"]: each["repo"] for each in json.loads(manifest.read_text(encoding="utf-8"))}
        known = {repos[file]: site for file, site in sites.items() if file in repos}
        sites |= {file: known[repo] for file, repo in repos.items() if repo in known and file not in sites}
    return sites


@dataclass(frozen=True)
class Score:
    """How groups or pairs compare with the truth.

    Attributes:
        precision: of pairs.
        recall: of pairs.
        group_recall: mean over true groups.
        group_precision: mean over found groups, 1 where there are none.
        bcubed: precision and recall over images, where images joined by any chain are one group.
        by_relation: found and true pairs.
        false: pairs that are not the same picture.
        hard: pairs joined that nobody may join.
    """

    precision: float
    recall: float
    group_recall: float
    group_precision: float
    bcubed: tuple[float, float]
    by_relation: Mapping[str, tuple[int, int]]
    false: tuple[tuple[str, ...], ...]
    hard: int

    @property
    def f1(self) -> float:
        return _mean(self.precision, self.recall)

    @property
    def bcubed_f1(self) -> float:
        return _mean(*self.bcubed)

    def share(self, relation: str) -> float:
        """Return the recall of one relation, 1 where there is no such pair."""
        found, true = self.by_relation.get(relation, (1, 1))
        return found / true

    def line(self) -> str:
        return (
            f"P {self.precision:.3f} R {self.recall:.3f} F1 {self.f1:.3f}  groups P {self.group_precision:.3f} "
            f"R {self.group_recall:.3f}  B-cubed F1 {self.bcubed_f1:.3f}  hard {self.hard}"
        )


def score(groups: Iterable[Collection[str]], truth: Truth) -> Score:
    """Score groups, of which every pair is a claim; a pair alone is a group of two."""
    claims = [[file for file in group if file in truth.files] for group in groups]
    each = [{frozenset(pair) for pair in combinations(claim, 2)} - truth.ignored for claim in claims]
    said: set[Pair] = set().union(*each)
    right = said & truth.relations.keys()
    total, found = Counter(truth.relations.values()), Counter(truth.relations[pair] for pair in right)
    return Score(
        len(right) / len(said) if said else 1.0,
        len(right) / len(truth.relations) if truth.relations else 1.0,
        _average([_share([frozenset(pair) for pair in combinations(group, 2)], right) for group in truth.groups]),
        _average([_share(pairs, right) for pairs in each if pairs]),
        _bcubed(said, truth),
        {relation: (found[relation], number) for relation, number in sorted(total.items())},
        tuple(sorted(tuple(sorted(pair)) for pair in said - truth.relations.keys())),
        len(said & truth.hard),
    )


def _share(pairs: Collection[Pair], right: Collection[Pair]) -> float:
    return sum(pair in right for pair in pairs) / len(pairs)


def _average(figures: Collection[float]) -> float:
    return sum(figures) / len(figures) if figures else 1.0


def _mean(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _bcubed(pairs: Iterable[Pair], truth: Truth) -> tuple[float, float]:
    cluster = {file: {file} for file in truth.files}
    for one, other in map(tuple, pairs):
        if cluster[one] is not cluster[other]:
            cluster[one] |= cluster[other]
            for file in cluster[other]:
                cluster[file] = cluster[one]
    true = {file: group & truth.files for group in truth.groups for file in group}
    shared: dict[str, list[float]] = defaultdict(list)
    for file in truth.files:
        mine, same = cluster[file], true.get(file, {file})
        both = len(mine & same)
        shared["precision"].append(both / len(mine))
        shared["recall"].append(both / len(same))
    return _average(shared["precision"]), _average(shared["recall"])
