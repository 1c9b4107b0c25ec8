"""Every link, button and label that has a name keeps one, and ids stay one of a kind."""

from __future__ import annotations

from collections import Counter
from html import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html
from pages import by_rule, cases, failing, parse, rebuild, shapes, why_of

from captionfix.accessible_names import decide_with_names
from captionfix.layout.page import Page
from captionfix.markup.html import HtmlTree
from captionfix.markup.source import read_source
from captionfix.model import Proposal, Remove, Safety
from captionfix.pipeline import clean_page, clean_tree
from captionfix.settings import ALT_CHOICES, Settings

FEW = settings(
    max_examples=200, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
MANY = settings(FEW, max_examples=6000)
CAPTIONS = (
    "Boats leave the harbour at dawn",
    "Boats leave the harbour at noon",
    "A slide of the gallery, with its author",
    "港を出る漁船と見送る人々",
    "Le marché d\u2019été & de brume",
)
ADDRESSES = ("/u/pic.jpg", "", "#", "#box", "/story", "/?attachment_id=4", "javascript:open()")
SILENT = {"script", "style", "template", "noscript"}


@st.composite
def figure(draw: st.DrawFn) -> str:
    """A picture with its caption in one of the ways that pages join and name them."""
    said = escape(draw(st.sampled_from(CAPTIONS)))

    def sometimes(written: str, often: int = 2) -> str:
        return written if draw(st.integers(0, 3)) < often else ""

    picture = f'<img src="/u/pic-300x200.jpg"{sometimes(f" alt={chr(34)}{said}{chr(34)}", 3)}'
    picture += sometimes(f' title="{said}"', 1) + ">"
    if draw(st.booleans()):
        picture = f"<div><span>{picture}</span></div>"
    picture += sometimes("<span class=icon></span>") + sometimes("<b>Enlarge</b>", 1)
    name = sometimes(f' title="{said}"') + sometimes(' aria-label="Enlarge"', 1)
    name += sometimes(f' aria-labelledby="{draw(st.sampled_from(("c0", "c1", "none")))}"', 1)
    holder = draw(
        st.sampled_from(
            (
                *(f'a href="{address}"' for address in ADDRESSES),
                'a class="lightbox" href="/view"', "button", "label", "summary", "h3", 'span role="link"', "span",
            )
        )
    )  # fmt: skip
    linked = f"<{holder}{name}>{picture}</{holder.split()[0]}>"
    own = sometimes(f' id="{draw(st.sampled_from(("c0", "c1", "cap-boats-leave-the-harbour-at-dawn")))}"', 1)
    caption = draw(
        st.sampled_from(
            (
                f"<figcaption{own}>{said}</figcaption>",
                f'<p class="caption"{own}>{said} Photo: A. Person</p>',
                f'<p class="caption"{own}>{said}</p><p class="caption mobile">{said}</p>',
                f'<div class="caption" aria-hidden="true"{own}>{said}</div>',
                f"<br>{said}",
                f"<details><p{own} class=caption>{said}</p></details>",
            )
        )
    )
    around = draw(st.sampled_from(("figure", "div", "td", "noscript")))
    return f"<{around}>{linked}{caption}</{around}>"


@st.composite
def pages(draw: st.DrawFn) -> bytes:
    """A page of some such figures, with running text between them."""
    figures = draw(st.lists(figure(), min_size=1, max_size=4))
    between = "<p>Nothing of it is about the sea, and the town has never had a quay of its own.</p>"
    return f"<!DOCTYPE html><meta charset=utf-8><title>Notes</title><h1>Notes</h1>{between.join(figures)}".encode()


def is_named_element(node):
    named = node.tag in ("button", "label", "summary", "h1", "h2", "h3") or node.get("role") in ("link", "button")
    return named or (node.tag == "a" and node.get("href") is not None)


def says(node, root, *, scripts):
    """Whether an element's content gives it a name, by the standard's steps as far as these pages need them."""
    if (node.text or "").strip():
        return True
    for kid in node:
        if isinstance(kid.tag, str) and kid.get("aria-hidden") != "true":
            silent = kid.tag in SILENT - (set() if scripts else {"noscript"})
            if kid.tag == "img":
                alt = kid.get("alt")
                found = bool((kid.get("title") or "") if alt is None else alt)
            else:
                found = not silent and (
                    bool(kid.get("aria-label") or kid.get("title")) or says(kid, root, scripts=scripts)
                )
            if found:
                return True
        if (kid.tail or "").strip():
            return True
    return False


def has_name(node, root, *, scripts):
    ids = {each.get("id") for each in root.iter()}
    if any(name in ids for name in (node.get("aria-labelledby") or "").split()):
        return True
    return bool(node.get("aria-label") or node.get("title")) or says(node, root, scripts=scripts)


def spoken(node):
    """An element and what is in it, less what screen readers pass by."""
    if isinstance(node.tag, str) and node.get("aria-hidden") != "true":
        yield node
        for kid in node:
            yield from spoken(kid)


def names(root):
    """Which of the elements that should have a name have one, in order, with scripts and without."""
    return [
        (node.tag, node.get("href"), has_name(node, root, scripts=True), has_name(node, root, scripts=False))
        for node in root.iter()
        if isinstance(node.tag, str) and is_named_element(node)
    ]


def lost(before, after):
    """The names that are there before and not afterwards; what is gone from the page needs none."""
    rest = names(after)
    had = Counter((tag, href, mode) for tag, href, *both in names(before) for mode in (0, 1) if both[mode])
    none = Counter((tag, href, mode) for tag, href, *both in rest for mode in (0, 1) if not both[mode])
    none_before = Counter((tag, href, mode) for tag, href, *both in names(before) for mode in (0, 1) if not both[mode])
    return [key for key in none if none[key] > none_before[key] and had[key]]


def check(raw, chosen):
    cleaned = clean_page(raw, chosen)
    before, after = parse(raw, override_encoding="utf-8"), parse(cleaned.result, override_encoding="utf-8")
    assert lost(before, after) == []
    ids = [Counter(node.get("id") for node in root.iter() if node.get("id")) for root in (before, after)]
    assert all(count <= max(1, ids[0][name]) for name, count in ids[1].items())
    pointed = [
        {name for node in root.iter() for name in (node.get("aria-labelledby") or "").split()}
        for root in (before, after)
    ]
    assert pointed[1] - set(ids[1]) <= pointed[0] - set(ids[0])
    new = pointed[1] - pointed[0]
    assert all(name.isascii() and ids[1][name] == 1 for name in new)
    heard = {node.get("id"): node for node in spoken(after.find("body"))}
    assert all(heard[name].find(".//img") is None for name in new)
    assert clean_page(cleaned.result, chosen).result is cleaned.result
    assert clean_page(raw, chosen).result == cleaned.result
    assert rebuild(raw, cleaned.findings) == cleaned.result


@pytest.mark.slow
@given(pages(), st.sampled_from(ALT_CHOICES), st.booleans())
@FEW
def test_names_survive(raw, alt, review):
    """Whatever names a link, one that had a name has one afterwards; ids are unique, and a second run finds nothing."""
    check(raw, Settings(alt=alt, review_level=review))


@pytest.mark.full
@given(pages(), st.sampled_from(ALT_CHOICES), st.booleans())
@MANY
def test_names_survive_on_many_pages(raw, alt, review):
    """The same on many more."""
    check(raw, Settings(alt=alt, review_level=review))


@pytest.mark.slow
@given(pages())
@FEW
def test_trees_lose_no_name_either(raw):
    """A tree that a scraper holds is named as its bytes are, and a second call changes nothing."""
    root = lxml_html.document_fromstring(raw.decode())
    before = parse(lxml_html.tostring(root, encoding="unicode"))
    clean_tree(root, Settings())
    written = lxml_html.tostring(root, encoding="unicode")
    assert lost(before, parse(written)) == []
    clean_tree(root, Settings())
    assert lxml_html.tostring(root, encoding="unicode") == written


@pytest.mark.parametrize("rule", by_rule([*cases(), *shapes()]))
def test_fixtures_lose_no_name(rule):
    """On every page of our own each link, button and label that had a name has one."""
    pages = by_rule([*cases(), *shapes()])[rule]
    read_by_people = (page for page in pages if page.before_path.suffix == ".html" and not page.settings.extractor)
    assert failing(loses_no_name, read_by_people, why_of) == {}


def loses_no_name(case):
    if case.cleaned.changed:
        assert lost(parse(case.before), parse(case.cleaned.result)) == []


LINK = (
    '<figure><a href="boat.jpg" title="{0}"><img src="boat-300.jpg" alt="{0}"></a><figcaption>{0}</figcaption></figure>'
)
SAID = "Boats leave the harbour"


def test_a_tree_is_named_as_its_bytes_are():
    """Both doors give the link the same reference, and the caption the same id."""
    page = LINK.format(SAID)
    root = lxml_html.fragment_fromstring(page)
    findings = clean_tree(root, Settings())
    by_bytes = lxml_html.fragment_fromstring(clean_page(page.encode(), Settings()).result.decode())
    assert {finding.code for finding in findings if finding.applied} == {"CF102", "CF103"}
    assert [dict(node.attrib) for node in root.iter()] == [dict(node.attrib) for node in by_bytes.iter()]
    assert root.find("a").get("aria-labelledby") == root.find("figcaption").get("id")


def test_a_tree_without_edits_is_not_named():
    """What is only asked for changes nothing."""
    root = etree.HTML(LINK.format(SAID))
    before = etree.tostring(root)
    assert [finding.applied for finding in clean_tree(root, Settings(), apply=False)] == [True, True]
    assert etree.tostring(root) == before


def test_one_caption_is_pointed_to_by_all_its_links():
    """Two links with the same picture get the caption's one new id."""
    page = "<figure>{0}{0}<figcaption>{1}</figcaption></figure>".format(
        f'<a href="boat.jpg"><img src="boat-300.jpg" alt="{SAID}"><i class="icon"></i></a>', SAID
    )
    result = clean_page(page.encode(), Settings(ignore=("CF2",))).result.decode()
    assert result.count('aria-labelledby="cap-boats-leave-the-harbour"') == 2
    assert result.count(' id="cap-boats-leave-the-harbour"') == 1


@pytest.mark.parametrize("tag", ["a href=/story", "button", "label", "summary", "h2", 'div role="tab"'])
def test_a_removal_that_takes_a_last_name_is_only_shown(tag):
    """A copy stays where what holds it, and is not empty without it, would have no name."""
    source = f'<p><img src=a.jpg alt="{SAID}"></p><{tag}><img src=a.jpg alt="{SAID}"><svg></svg></{tag.split()[0]}>'
    tree = HtmlTree(read_source(source.encode()))
    page = Page(tree)
    kept, duplicate = tree.search("img")
    proposal = Proposal("CF206", duplicate, kept, "the same picture", (), Safety.SAFE, (Remove(duplicate),))
    (decision,) = decide_with_names([proposal], Settings(), page, tree)
    assert (decision.actions, decision.proposal.safety) == ((), Safety.SHOW)
    assert "no name" in str(decision.proposal.evidence[-1])


def test_a_caption_that_is_not_heard_names_no_link():
    """Asked to apply what is for review, too, the alt stays where screen readers pass the caption by."""
    page = LINK.format(SAID).replace(f' title="{SAID}"', "").replace("<figcaption>", "<figcaption hidden>")
    cleaned = clean_page(page.encode(), Settings(review_level=True))
    assert not cleaned.changed
    assert [(finding.code, finding.safety) for finding in cleaned.findings] == [("CF102", Safety.SHOW)]


def test_readers_without_scripts_keep_their_name():
    """What names a link in noscript only is its name for those who read that."""
    source = f'<p><img src=a.jpg alt="{SAID}"></p><a href=/story><svg></svg><noscript><img src=a.jpg alt="{SAID}">'
    tree = HtmlTree(read_source(f"{source}</noscript></a>".encode()))
    kept, duplicate = tree.search("img")
    proposal = Proposal("CF206", duplicate, kept, "the same picture", (), Safety.SAFE, (Remove(duplicate),))
    (decision,) = decide_with_names([proposal], Settings(), Page(tree), tree)
    assert (decision.actions, decision.proposal.safety) == ((), Safety.SHOW)


def test_a_removal_beside_words_goes():
    """Where words are left in the link, the copy goes."""
    source = f'<p><img src=a.jpg alt="{SAID}"></p><a href=/story><img src=a.jpg alt="{SAID}"> Read on</a>'
    tree = HtmlTree(read_source(source.encode()))
    kept, duplicate = tree.search("img")
    proposal = Proposal("CF206", duplicate, kept, "the same picture", (), Safety.SAFE, (Remove(duplicate),))
    (decision,) = decide_with_names([proposal], Settings(), Page(tree), tree)
    assert decision.actions == (Remove(duplicate),)


def test_an_id_of_a_removed_part_is_not_carried_for_its_own_references():
    """A whole figure goes though it points to its own caption; nothing outside speaks of the id."""
    named = (
        LINK.format(SAID)
        .replace("<a ", '<a aria-labelledby="own-words" ')
        .replace("<figcaption>", '<figcaption id="own-words">')
    )
    page = f"<figure>{LINK.format(SAID)[8:]}<p>Text between the two.</p>{named}"
    tree = HtmlTree(read_source(page.encode()))
    kept, duplicate = tree.search("figure")
    proposal = Proposal("CF205", duplicate, kept, "the same figure", (), Safety.SAFE, (Remove(duplicate),))
    (decision,) = decide_with_names([proposal], Settings(), Page(tree), tree)
    assert decision.actions == (Remove(duplicate),)
