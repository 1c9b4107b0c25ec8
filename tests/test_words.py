"""Credits and labels by language: what opens a credit, what stands before a caption."""

from __future__ import annotations

import pytest

from captionfix.text import is_credit, is_figure_number, says, without_label
from captionfix.words import CREDIT_ROOTS, CREDIT_WORDS, LABELS

CREDITS = {
    "ar": "تصوير: رويترز",
    "de": "Foto: dpa",
    "en": "Photo by: A. Person",
    "es": "Imagen: EFE",
    "fr": "Crédit photo : AFP",
    "hi": "फोटो: पीटीआई",
    "is": "Mynd/Vísir",
    "it": "Crediti: Ansa",
    "ja": "（写真提供：共同）",
    "ko": "사진=연합뉴스",
    "nl": "Beeld: ANP",
    "pl": "Fot. Jan Kowalski",
    "pt": "Foto: Divulgação",
    "ru": "Фото: ТАСС",
    "sv": "Bild: TT",
    "tr": "Fotoğraf: AA",
    "zh": "图片来源：新华社",
}
LABELLED = {
    "ar": "تعليق الصورة، ",
    "de": "Bildunterschrift: ",
    "en": "Image caption ",
    "es": "Pie de foto, ",
    "fr": "Légende: ",
    "is": "Myndatexti: ",
    "it": "Didascalia: ",
    "ja": "写真の説明：",
    "nl": "Bijschrift: ",
    "pl": "Podpis pod zdjęciem: ",
    "pt": "Legenda da foto, ",
    "ru": "Подпись к фото, ",
    "sv": "Bildtext: ",
    "zh": "图片说明：",
}
CORPUS = {"ar", "de", "en", "es", "fr", "is", "it", "ja", "pt", "sv"}
MOST_USED = {"de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru"}


def test_every_language_of_the_corpus_and_the_most_used_have_words() -> None:
    """Credits and labels are known in every language of the corpus and in the most used ones."""
    for words in ({*CREDIT_WORDS, *CREDIT_ROOTS}, set(LABELS), set(CREDITS), set(LABELLED)):
        assert words >= CORPUS | MOST_USED


@pytest.mark.parametrize("credit", CREDITS.values(), ids=CREDITS)
def test_a_credit_is_told_from_a_caption(credit: str) -> None:
    """A credit is one, a caption is none, and the two together say the caption."""
    caption = "Boats leave the harbour at dawn"
    assert is_credit(credit)
    assert not is_credit(caption)
    assert says(f"{caption}. {credit}", caption) == "equal but for a credit"


@pytest.mark.parametrize("label", LABELLED.values(), ids=LABELLED)
def test_a_label_in_front_is_no_part_of_a_caption(label: str) -> None:
    """A label before a caption does not count when captions are compared."""
    assert without_label(f"{label}Boats leave") == "Boats leave"


@pytest.mark.parametrize("text", ["Image of the day", "Source of life", "Photographers at the gate", "图书馆"])
def test_words_alone_make_no_credit(text: str) -> None:
    """A word that credits use makes no credit of a text by itself."""
    assert not is_credit(text)
    assert without_label(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Figure 1.",
        "Fig. 2a",
        "FIG. IV",
        "Abb. 3:",
        "Figura 4",
        "Рис. 5",
        "図6",
        "图 7",
        "Şekil 8.",
        "9. ábra",
        "(Bild 10)",
    ],
)
def test_a_figure_s_number_is_told(text: str) -> None:
    """A word for figure and a number, in whatever language, is a label."""
    assert is_figure_number(text)


@pytest.mark.parametrize("text", ["Figure 1. Boats leave", "Boats 1", "Figures of speech", "1911", "Fig tree", "Bild"])
def test_what_is_more_or_less_than_a_number_is_none(text: str) -> None:
    """Words behind the number, another word before it, or no number make it a text."""
    assert not is_figure_number(text)
