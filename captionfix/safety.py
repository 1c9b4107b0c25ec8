"""The table that turns what a rule has seen into how far its finding may go, with the reason.

A rule joins evidence and names the case it found; this table, and nothing
else, says whether such a case is fixed (safe), fixed when asked (review) or
only told (show). Equal text, an equal URL or an equal hash is no case by
itself: each row is about what stands where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from captionfix.checks import captions, losses, pictures, strips
from captionfix.layout import texts
from captionfix.model import CaseCheck, Evidence, Proposal, Safety

Check = Callable[[Any], bool]
_MEDIUM = f"needs {captions.MEDIUM} letters"
_BESIDE = f"needs {captions.MEDIUM} letters by a picture, {captions.LONG} elsewhere"
SAFE, REVIEW, SHOW = FARTHEST_FIRST = Safety.SAFE, Safety.REVIEW, Safety.SHOW


@dataclass(frozen=True, slots=True)
class Row:
    """One case of one rule.

    Attributes:
        code: the rule.
        case: what the rule calls it.
        safety: how far a finding of this case may go.
        says: what a finding tells about it.
        reason: why it may go so far, and no further.
        check: tells of what the rule has found whether the case holds; None where the rule tells.
        needs: the lengths that decide besides.
    """

    code: str
    case: str
    safety: Safety
    says: str
    reason: str
    check: Check | None = None
    needs: str = ""

    @property
    def evidence(self) -> Evidence:
        """What a finding tells about it, as a piece of its evidence."""
        return Evidence("markup", self.says)

    @property
    def described(self) -> str:
        """The case with the lengths that it needs."""
        return f"{self.says}; {self.needs}" if self.needs else self.says

    def checked(self, *, held: bool) -> CaseCheck:
        """Return the case as one that was asked."""
        return CaseCheck(self.code, self.case, held, self.safety, self.described, self.reason)


def always(_: object) -> bool:
    """Return that the last case of a rule holds where no other does."""
    return True


TABLE = (
    Row("CF101", "headline", SHOW, "one of the two is a headline", "a caption may be the headline, and then both stay",
        losses.is_headline),
    Row("CF101", "name", SHOW, "the copy is what a link or a button says", "it would have no name, or another",
        losses.is_name),
    Row("CF101", "no element", SHOW, "the text is no element of its own", "what else is in the element would go too",
        losses.is_no_element),
    Row("CF101", "holds more", SHOW, "the copy holds more than its text", "a film, a form or a drawing would be lost",
        losses.holds_other_things),
    Row("CF101", "item", SHOW, "the text is one of a list, a table, a quotation or a form", "these repeat on purpose",
        losses.is_item),
    Row("CF101", "own link", SHOW, "the copy holds a link that the other does not", "the link would be lost",
        losses.has_own_link),
    Row("CF101", "own markup", SHOW, "the copy's markup says what the other's does not",
        "an exponent, a date or what is behind an abbreviation would be lost", losses.has_own_meaning),
    Row("CF101", "own words", SHOW, "the copy bears a credit that stands nowhere near the other",
        "the credit would be lost", losses.says_more),
    Row("CF101", "parted", SHOW, "each may belong to something else that shows there",
        "a film, a drawing or a box for a script between them may be what one is about", losses.is_parted),
    Row("CF101", "own part", SHOW, "the copy stands in a hidden part of the page that has a text of its own",
        "a part that says more than the other is no copy of it", losses.is_in_own_part,
        f"its text needs {texts.OWN} letters"),
    Row("CF101", "other file", REVIEW,
        "the copy is in a closed dialog, by another file that is probably the same picture",
        "whether the file is the same picture, names alone do not tell", losses.may_be_one_file, _MEDIUM),
    Row("CF101", "two pictures", SHOW, "each has a picture of its own", "several pictures may have one caption",
        losses.shows_others),
    Row("CF101", "row", SHOW, "the two stand behind two pictures in a row",
        "each picture may have its own", losses.has_picture_each),
    Row("CF101", "tab", REVIEW, "the copy stands on another tab", "who turns to it sees what stands there alone",
        losses.is_on_another_tab),
    Row("CF101", "styled", REVIEW, "what stays is hidden from some who get the copy",
        "on some screens, or on paper, they would get neither", losses.is_kept_from_some),
    Row("CF101", "machines", REVIEW, "the copy is marked for machines, and what stays is not",
        "who reads the page's data would miss it", losses.is_for_machines),
    Row("CF101", "site widths", REVIEW, "by a class of the site's own, what stays is for some screens only",
        "what such a class does, a sheet elsewhere says", losses.may_be_kept_from_some),
    Row("CF101", "more pictures", REVIEW, "the copy's closed box shows pictures that do not stand outside of it",
        "it may be a gallery of its own", captions.shows_more_pictures),
    Row("CF101", "hidden", SAFE, "the copy is hidden or in a closed dialog by the same picture",
        "a reader who sees one does not see the other", captions.is_closed_copy,
        f"{_MEDIUM} where the file is another size, or none"),
    Row("CF101", "one figure", SAFE, "both stand in one figure", "a figure holds no text of the article",
        captions.are_in_one_figure),
    Row("CF101", "both marked", SAFE, "both are marked as captions of one picture",
        "the markup says twice what it is", captions.are_marked),
    Row("CF101", "by width", SAFE, "each screen shows one of the two", "each reader gets one", captions.is_by_width,
        f"needs {captions.LEAST_BY_WIDTH} letters, {captions.MEDIUM} where only one of the two is for a width"),
    Row("CF101", "credited", SAFE, "one is marked as a caption, the other bears a credit or has one beside it",
        "a caption bears a credit, a sentence of the article does not", captions.is_credited),
    Row("CF101", "own box", SAFE, "both stand in a box of their picture's own", "no text of the article stands there",
        captions.are_in_own_box, _MEDIUM),
    Row("CF101", "picture's box", SAFE, "it is all that the picture's box says, and the caption stands beside that",
        "no text of the article stands there", captions.is_in_picture_box, _MEDIUM),
    Row("CF101", "no picture", SAFE, "both are marked as captions, and the copy has no picture of its own",
        "a caption without a picture is that of the other's", captions.has_no_picture, _MEDIUM),
    Row("CF101", "alone", SAFE, "both are marked as captions, with no picture near, and nothing stands between",
        "the picture is that of both", captions.are_alone, _MEDIUM),
    Row("CF101", "shortcode", REVIEW, "it stands right behind a shortcode for a caption that no server rendered",
        "it may be the article's paragraph", captions.is_behind_shortcode, _MEDIUM),
    Row("CF101", "running", REVIEW, "nothing stands between the two, but others of their kind stand beside them",
        "verse, dialogues and chats say a line twice", captions.are_running, _BESIDE),
    Row("CF101", "like lines", REVIEW,
        "nothing stands between two short texts by a picture, and nothing tells that they are captions",
        "refrains, prayers and steps say a line twice", captions.are_like_lines, f"needs {captions.LONG} letters"),
    Row("CF101", "neighbours", SAFE, "nothing stands between the two", "read in a row, the second says nothing",
        captions.are_neighbours, _BESIDE),
    Row("CF101", "no paragraph", SAFE,
        "it stands right by the caption in the midst of an article whose paragraphs are others",
        "the article's text is in paragraphs, and this is none", captions.is_behind_caption,
        f"{_MEDIUM}, a paragraph {captions.LONG}"),
    Row("CF101", "paragraph", REVIEW,
        "it stands right by the caption in the midst of an article, and may be its paragraph",
        "a caption may be a sentence of the article, and then both stay", captions.may_be_paragraph,
        f"{_MEDIUM}, a paragraph before it {captions.LONG}"),
    Row("CF101", "one text", SHOW, "one text says the same twice, with no element of its own for the second time",
        "an element goes whole, or not at all"),
    Row("CF101", "text only", SHOW, "only the text joins the two", "equal text alone is wrong on a third of pages",
        always),
    Row("CF102", "kept", SHOW, "alt is kept by the settings", "asked for"),
    Row("CF102", "linked", SHOW, "alt of linked pictures is kept by the settings", "asked for"),
    Row("CF102", "unprinted", SHOW, "the extractor passes the caption by", "it would print neither"),
    Row("CF102", "name", SHOW, "alt is the name of a link, a button, a heading or whatever else has no other",
        "a screen reader would have no name for it"),
    Row("CF102", "map", SHOW, "alt is the name of an image map", "a screen reader would have no name for it"),
    Row("CF102", "script", SHOW, "a script shows the alt", "it would have nothing to show"),
    Row("CF102", "unheard", REVIEW, "screen readers pass the caption by", "they would get neither"),
    Row("CF102", "caption", SAFE, "the caption is there for everybody", "the HTML standard's mark is an empty alt"),
    Row("CF103", "unprinted", SHOW, "the extractor passes the caption by", "it would print neither"),
    Row("CF103", "script", SHOW, "a script shows the title", "it would have nothing to show"),
    Row("CF103", "unheard", REVIEW, "screen readers pass the caption by", "they would get neither"),
    Row("CF103", "caption", SAFE, "the caption is there for everybody", "the tooltip adds nothing"),
    Row("CF104", "shown", SHOW, "the page's own style sheet shows titles as text", "the title may be the caption"),
    Row("CF104", "script", SHOW, "a script shows the title", "it would have nothing to show"),
    Row("CF104", "content", SAFE, "a content picture", "the alt says the same to whom the tooltip speaks"),
    Row("CF105", "printed", SAFE, "the extractor prints both", "the text stays, and nobody else gets the page"),
    Row("CF105", "before", SAFE, "the extractor has printed it with the picture before", "nobody else gets the page"),
    Row("CF201", "copy", SAFE, "the copy says no more than what stays", "what stays loads the file by itself"),
    Row("CF201", "differs", REVIEW, "the copy has another alt, shape or size", "one of the two would be lost"),
    Row("CF202", "copy", SAFE, "the copy says no more than what stays", "a screen shows one of the two"),
    Row("CF202", "hidden", SHOW, "what stays is hidden from some who get the copy", "they would get neither"),
    Row("CF202", "own words", REVIEW,
        "a class of the site's own speaks of screens, and the page does not say what it does",
        "another file may show each on other screens"),
    Row("CF202", "differs", REVIEW, "the two differ in words or shape, or only a size behind the names joins them",
        "words, a crop or another picture might be lost"),
    Row("CF203", "does more", SHOW, "the copy does more than show", "what it does would be lost", pictures.does_more),
    Row("CF203", "own link", SHOW, "the copy holds a link that the other does not", "the link would be lost",
        pictures.has_own_link),
    Row("CF203", "not loaded", SHOW, "what stays does not load the file", "nobody would see it",
        pictures.is_not_loaded),
    Row("CF203", "for machines", SHOW, "the copy is data for machines, or stands in the panel of a tab",
        "a machine, or the tab, has no other", pictures.is_for_machines),
    Row("CF203", "slide", SHOW, "its closed box is one of several of a kind that show pictures",
        "of a gallery not all shows at once", pictures.is_slide),
    Row("CF203", "own part", SHOW, "its closed box shows or says something of its own",
        "a part that shows more than the other is no copy of it", pictures.is_in_own_part),
    Row("CF203", "unproven", REVIEW, "only a size behind the names, or the next number, joins the two",
        "it may be another picture", pictures.is_unproven),
    Row("CF203", "more pictures", REVIEW, "its closed box shows pictures that do not stand outside of it",
        "it may be a gallery of its own", pictures.shows_more_pictures),
    Row("CF203", "gallery", REVIEW, "it and others in its box are linked to their files", "a gallery is no enlargement",
        pictures.is_in_gallery),
    Row("CF203", "own caption", REVIEW, "only the copy has a caption", "the caption would be left alone",
        pictures.is_captioned_alone),
    Row("CF203", "differs", REVIEW, "the two differ in words or shape", "words or a crop might be lost",
        pictures.differs),
    Row("CF203", "copy", SAFE, "the copy says no more than what stays", "nobody sees it before a script opens it",
        always),
    Row("CF204", "text", SHOW, "one of the two parts is the text of an article",
        "the text was written around its pictures", strips.is_of_text),
    Row("CF204", "does more", SHOW, "a picture of the strip does more than show", "what it does would be lost",
        strips.does_more),
    Row("CF204", "own link", SHOW, "a picture of the strip holds a link that the slide does not",
        "the link would be lost", strips.has_own_link),
    Row("CF204", "not loaded", SHOW, "a slide does not load its file", "it would not be seen", strips.is_not_loaded),
    Row("CF204", "alike", REVIEW, "the two parts look alike, or differ in words", "which is the control is not told",
        strips.is_alike),
    Row("CF204", "control", REVIEW, "thumbnails of the strip are what a person chooses by",
        "who reads without the script would have nothing to go by", strips.is_control),
    Row("CF204", "aside", REVIEW, "the page itself keeps slides out of sight",
        "without the script, and on paper, the strip is all there is to see of them", strips.is_aside),
    Row("CF204", "sizes", REVIEW, "only sizes tell the two parts apart, and no class speaks of a slider",
        "a press kit, or a comparison, shows both sizes on purpose", strips.is_by_size),
    Row("CF204", "own words", REVIEW, "words stand by the strip's pictures that do not stand by the slides",
        "captions would be left without their pictures", strips.has_own_words),
    Row("CF204", "strip", SAFE, "one part is evidently the strip of the other", "the strip is a control, not content",
        always),
    Row("CF204", "words", REVIEW, "all of it is said beside the slide", "a strip's words may name what it opens"),
    Row("CF204", "clone", SAFE, "its class says that it is a clone", "the slider made it, for its endless turn"),
    Row("CF205", "list", SHOW, "one of the two stands in a list of pictures that the article shows",
        "the text was written around its pictures", pictures.is_of_list),
    Row("CF205", "does more", SHOW, "the copy does more than show", "what it does would be lost", pictures.does_more),
    Row("CF205", "own link", SHOW, "the copy holds a link that the other does not", "the link would be lost",
        pictures.has_own_link),
    Row("CF205", "not loaded", SHOW, "what stays does not load the file", "it would not be seen",
        pictures.is_not_loaded),
    Row("CF205", "hidden", REVIEW, "the copy stands in a hidden part of the page",
        "a part in other words, or for paper, may need its picture", pictures.is_hidden_apart),
    Row("CF205", "differs", REVIEW, "the two differ in alt, in shape or in data", "words or a crop might be lost",
        pictures.figures_differ),
    Row("CF205", "sections", REVIEW, "each may belong to what stands around it",
        "a step, an answer or a section may need its picture again", pictures.are_parted),
    Row("CF205", "copy", SAFE, "the copy says no more than what stays", "all of it stands in the article before",
        always),
    Row("CF206", "list", SHOW, "one of the two stands in a list of pictures that the article shows",
        "the text was written around its pictures", pictures.is_of_list),
    Row("CF206", "does more", SHOW, "the copy does more than show", "what it does would be lost", pictures.does_more),
    Row("CF206", "own link", SHOW, "the copy holds a link that the other does not", "the link would be lost",
        pictures.has_own_link),
    Row("CF206", "not loaded", SHOW, "what stays does not load the file", "it would not be seen",
        pictures.is_not_loaded),
    Row("CF206", "own caption", SHOW, "each has a caption of its own", "a caption would be lost",
        pictures.has_own_caption),
    Row("CF206", "larger crop", SHOW, "the pixels show the copy to hold more than the other",
        "part of the picture would be lost", pictures.holds_more),
    Row("CF206", "crop", REVIEW, "the pixels show the copy to be a part of the other",
        "a crop may be there to show something of it", pictures.is_part),
    Row("CF206", "hidden", REVIEW, "the copy stands in a hidden part of the page",
        "a part in other words, or for paper, may need its picture", pictures.is_hidden_apart),
    Row("CF206", "differs", REVIEW, "only the file's name, or not all that they say, joins the two",
        "whether the copy is there on purpose, markup does not tell", pictures.is_uncertain),
    Row("CF206", "card", REVIEW, "the later of the two stands in a small box with a headline or a link of its own",
        "a teaser or an offer shows what it is about", pictures.is_of_card),
    Row("CF206", "sections", REVIEW, "each may belong to what stands around it",
        "a step, an answer or a section may need its picture again", pictures.are_parted),
    Row("CF206", "copy", SAFE, "the pixels are the same, or the lead's file stands once more without a caption",
        "one article needs one copy", always),
    Row("CF207", "preload", SAFE, "its own style hides it, and it has nothing but a file", "nobody sees or hears it"),
    Row("CF207", "twice", SAFE, "two equal tags with nothing between", "the second shows what the first shows"),
    Row("CF301", "twice", SAFE, "exactly two in a row", "nothing stands between the two"),
    Row("CF301", "refrain", SHOW, "no prose, or more often than twice", "verse, lists and refrains repeat on purpose"),
    Row("CF302", "line", SAFE, "the next line behind the image", "the line stays"),
    Row("CF303", "line", SAFE, "the line behind the image says it", "the line stays"),
    Row("CF303", "text", SAFE, "the image's text is the same", "the text stays"),
    Row("CF302", "kept", SHOW, "alt is kept by the settings", "asked for"),
    Row("*", "editor", SHOW, "it stands in what a person edits", "what is written there is its author's"),
    Row("*", "control", SHOW, "a control would be left without it, and none that leads to the same stays",
        "a button without its picture has no name, and nobody else does what it did"),
    Row("*", "face", REVIEW, "what stays is the face of a control, and the copy is not",
        "readers that leave out buttons would get neither"),
    Row("*", "hidden", REVIEW, "what stays is hidden from some who get the copy", "they would get neither"),
    Row("*", "printed", REVIEW, "one of the two is on paper only, or on screens only",
        "who prints the page would miss it"),
    Row("*", "last name", SHOW, "without it a link, a button, a heading or a label would have no name",
        "a screen reader could not tell what it is"),
    Row("*", "opens without scripts", REVIEW, "the copy is in a box that opens without scripts",
        "every reader may open it, and would find it empty"),
    Row("*", "scripted", REVIEW, "a script of the page that can run may open or turn what holds the copy",
        "the script would find nothing to show"),
    Row("*", "unprinted", SHOW, "the extractor passes by what would stay", "it would print neither"),
    Row("*", "other pixels", SHOW, "the pixels are of different pictures", "pixels overrule names, words and places"),
)  # fmt: skip
"""Every case there is. Of the cases of one rule that hold, the rule takes the first in this order."""

_ROWS = {(row.code, row.case): row for row in TABLE}


def rate(code: str, case: str) -> Row:
    """Return what a case of a rule is worth, or of all rules where that has no row for it.

    >>> rate("CF101", "text only").safety
    <Safety.SHOW: 'show'>
    """
    return _ROWS.get((code, case)) or _ROWS["*", case]


def judge(code: str, found: object) -> Row:
    """Return the first case of a rule that holds for what it has found; the last one always does."""
    return next(row for row, holds in explain(code, found) if holds)


def explain(code: str, found: object) -> Iterator[tuple[Row, bool]]:
    """Yield the cases of a rule in their order, each with whether it holds for what the rule has found.

    What is left where no other case holds does not hold beside one.
    """
    is_first = True
    for row in TABLE:
        if row.code == code and row.check is not None:
            holds = is_first if row.check is always else row.check(found)
            is_first = is_first and not holds
            yield row, holds


def checks_of(proposal: Proposal, *, every: bool) -> tuple[CaseCheck, ...]:
    """Return the cases of its rule's table that were asked about a repeat.

    Args:
        proposal: what the rule has seen.
        every: all cases, rather than only the one that decided.
    """
    if not proposal.case:
        return ()
    if every and proposal.found is not None:
        return tuple(row.checked(held=holds) for row, holds in explain(proposal.code, proposal.found))
    return (rate(proposal.code, proposal.case).checked(held=True),)


def overruled(proposal: Proposal, row: Row, *evidence: Evidence) -> Proposal:
    """Return a repeat about which another case decides.

    Args:
        proposal: what was seen.
        row: the case.
        evidence: what is told of it.
    """
    return replace(
        proposal,
        evidence=(*proposal.evidence, *evidence),
        safety=row.safety,
        case=row.case,
        checks=(*proposal.checks, row.checked(held=True)),
    )
