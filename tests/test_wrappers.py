"""A word in the class of what holds the whole page, or its article, is about the layout, not about what it holds."""

from __future__ import annotations

import pytest

import captionfix

TEXT = "Two hundred lanterns went down the canal on Friday evening, and nearly all of them came back in one piece. "
SAID = "Lanterns drift below the iron bridge on Friday evening"
ARTICLE = f"""{{head}}<div class="text"><p>{TEXT}</p><p>{TEXT * 2}</p>
<figure><img src="/u/lanterns.jpg" alt="{SAID}">
<figcaption>{SAID}</figcaption><div class="caption-s">{SAID}</div></figure>
<p>{TEXT * 3}</p>
<figure><img class="lazy" data-src="/u/boat.jpg" alt=""><noscript><img src="/u/boat.jpg"></noscript></figure>
</div>
<div class="lightbox" hidden><img src="/u/lanterns.jpg" alt=""></div>"""
PAGES = {
    "headline": ARTICLE.format(head="<h1>Lanterns on the canal</h1>"),
    "paragraphs": ARTICLE.format(head="<h3>Lanterns on the canal</h3>"),
    "text": ARTICLE.format(head="<h3>Lanterns on the canal</h3>").replace("<p>", "").replace("</p>", "<br>"),
}
CLASSES = (
    "widget Blog", "content-sidebar-wrap", "has-sidebar", "no-sidebar", "with-sidebar", "right-sidebar", "teaser-full",
    "has-related", "comments-open", "has-comments", "product-template", "sticky-footer", "page-footer-fixed",
    "menu-wrapper", "nav-pushed", "author-page", "recommendations-enabled", "dialog-off-canvas-main-canvas",
    "modal-page", "no-modal", "has-modal", "lightbox-enabled", "promo-hidden", "hentry status-publish tag-products",
    "desktop", "mobile-nav-open", "share-bar-on", "star-rating-theme", "carousel-layout", "caption-style-2",
)  # fmt: skip


def found(page: str) -> list[str]:
    return [finding.code for finding in captionfix.check(page) if finding.applied]


@pytest.mark.parametrize("shape", PAGES)
@pytest.mark.parametrize("name", CLASSES)
def test_a_word_of_an_outer_wrapper_changes_nothing(name: str, shape: str) -> None:
    """A class far around an article, whatever its words, changes nothing that is found."""
    plain = found(f'<html><body><div class="a"><div class="b">{PAGES[shape]}</div></div></body></html>')
    assert plain == ["CF102", "CF101", "CF201", "CF203"]
    assert found(f'<html><body><div class="{name}"><div class="b">{PAGES[shape]}</div></div></body></html>') == plain
    assert found(f'<html><body class="{name}"><div class="a">{PAGES[shape]}</div></body></html>') == plain


@pytest.mark.parametrize("name", ["sidebar", "teaser", "related"])
def test_a_part_beside_the_article_keeps_its_role(name: str) -> None:
    """A teaser's picture beside an article is no copy of the article's."""
    teaser = f'<div class="{name}"><figure><img src="/u/lanterns.jpg" alt="{SAID}"></figure><p>{SAID}</p></div>'
    page = f"<html><body><div>{PAGES['headline']}</div>{teaser}</body></html>"
    assert captionfix.clean(page).html.endswith(f"{teaser}</body></html>")


@pytest.mark.parametrize(
    "name",
    ["elementor-widget elementor-widget-image", "elementor-widget-container", "field field--name-field-teaser-image"],
)
def test_what_a_builder_wraps_around_each_part_has_no_role(name: str) -> None:
    """The boxes of page builders, named after their kind of part, have no role."""
    wrapped = (
        PAGES["headline"].replace("<figure>", f'<div class="{name}"><figure>').replace("</figure>", "</figure></div>")
    )
    assert found(f"<html><body>{wrapped}</body></html>") == ["CF102", "CF101", "CF201", "CF203"]
