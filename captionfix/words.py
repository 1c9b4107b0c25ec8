"""Words of captions, by language: what opens a credit, what labels a caption for those who cannot see the picture."""

from __future__ import annotations

CREDIT_WORDS = {
    "ar": ("صورة", "الصورة", "تصوير", "المصدر", "مصدر الصورة"),
    "cs": ("zdroj",),
    "da": ("kilde",),
    "de": ("grafik", "quelle", "montage", "screenshot"),
    "el": ("φωτογραφία", "πηγή"),
    "en": ("courtesy", "illustration", "image", "picture", "rights", "source", "via"),
    "es": ("cortesía", "crédito", "créditos", "credito", "fuente", "imagen", "ilustración"),
    "fa": ("عکس", "منبع", "منبع تصویر"),
    "fi": ("kuva", "lähde"),
    "fr": ("crédit", "crédits", "source", "illustration"),
    "he": ("צילום", "קרדיט"),
    "hi": ("फोटो", "फ़ोटो", "तस्वीर", "साभार", "स्रोत"),
    "hu": ("forrás",),
    "id": ("sumber",),
    "is": ("mynd", "ljósmynd", "heimild"),
    "it": ("crediti", "credito", "fonte", "immagine", "ph"),
    "ja": ("写真", "写真提供", "画像", "画像提供", "撮影", "提供", "出典"),
    "ko": ("사진", "사진 제공", "사진제공", "출처", "그래픽", "이미지"),
    "nl": ("beeld", "bron"),
    "pl": ("zdjęcie", "źródło", "grafika", "rys"),
    "pt": ("crédito", "créditos", "fonte", "imagem", "divulgação", "reprodução"),
    "ro": ("sursa",),
    "ru": ("источник", "снимок", "иллюстрация"),
    "sv": ("källa",),
    "th": ("ภาพ", "ที่มา"),
    "tr": ("kaynak", "görsel"),
    "uk": ("джерело", "ілюстрація"),
    "vi": ("ảnh", "nguồn"),
    "zh": ("图", "图片", "图片来源", "图源", "摄影", "摄", "来源", "圖", "圖片", "圖片來源", "攝影", "來源"),
}
"""Words that open a credit, by language: those of the caption corpus, the ten most used of the web, and their
neighbours."""

CREDIT_ROOTS = {
    "de": ("bild", "rechte"),
    "en": ("photo", "credit", "copyright"),
    "hu": ("fotó",),
    "ru": ("фото",),
    "tr": ("fotoğraf",),
    "*": ("foto",),
}
"""Roots of such words: photographer, Bildrechte, fotografía, fotocredit."""

CREDIT_BY = {
    "da": ("af",), "de": ("von",), "en": ("by", "courtesy", "credit"), "es": ("de", "por"), "fr": ("de", "par"),
    "it": ("di",), "nl": ("door", "van"), "pt": ("de", "por"), "sv": ("av",),
}  # fmt: skip
"""Words between such a word and a name."""

AGENCIES = {
    "ar": ("رويترز", "أ ف ب"),
    "en": ("AP", "AFP", "Reuters", "REUTERS", "Getty Images", "Getty", "EPA", "UPI", "Alamy", "Shutterstock", "iStock",
           "PTI", "ANI"),
    "de": ("dpa", "DPA", "APA", "Keystone", "Imago", "imago", "IMAGO", "picture alliance", "ddp", "epd", "KNA"),
    "es": ("EFE", "Europa Press"),
    "fr": ("Belga", "MAXPPP", "SIPA"),
    "it": ("ANSA", "Ansa", "LaPresse"),
    "ja": ("共同", "時事", "ロイター", "Kyodo"),
    "ko": ("연합뉴스", "뉴시스", "뉴스1", "Yonhap"),
    "nl": ("ANP", "HH"),
    "pl": ("PAP", "Forum"),
    "ru": ("ТАСС", "РИА Новости", "TASS", "AP Photo"),
    "sv": ("TT", "NTB", "Ritzau", "Lehtikuva"),
    "tr": ("AA", "DHA", "İHA"),
    "zh": ("新华社", "新華社", "中新社", "视觉中国", "法新社", "路透社", "Xinhua"),
}  # fmt: skip
"""Agencies of pictures, by language, as captions name them."""

LABELS = {
    "ar": ("تعليق الصورة", "التعليق على الصورة", "شرح الصورة"),
    "da": ("billedtekst",),
    "de": ("bildunterschrift", "bildbeschreibung", "bildtext"),
    "en": ("image caption", "caption", "media caption", "photo caption", "picture caption"),
    "es": ("pie de foto", "pie de imagen"),
    "fa": ("توضیح تصویر",),
    "fi": ("kuvateksti",),
    "fr": ("légende", "légende image", "légende de l'image", "légende de la photo"),
    "hi": ("इमेज कैप्शन", "तस्वीर का कैप्शन"),
    "id": ("keterangan gambar",),
    "is": ("myndatexti",),
    "it": ("didascalia",),
    "ja": ("画像の説明", "画像説明", "写真の説明", "写真説明", "キャプション"),
    "ko": ("사진 설명", "사진설명", "이미지 설명"),
    "nl": ("bijschrift", "fotobijschrift", "onderschrift"),
    "no": ("bildetekst",),
    "pl": ("podpis zdjęcia", "podpis pod zdjęciem", "opis zdjęcia"),
    "pt": ("legenda", "legenda da foto", "legenda da imagem"),
    "ru": ("подпись к фото", "подпись к изображению"),
    "sv": ("bildtext",),
    "tr": ("fotoğraf altı yazısı", "resim yazısı"),
    "uk": ("підпис до фото",),
    "vi": ("chú thích ảnh", "chụp lại hình ảnh"),
    "zh": ("图片说明", "图像加注文字", "图注", "圖片說明", "圖像加註文字", "圖註"),
}
"""What pages put in front of a caption for those who cannot see the picture, by language."""

COUNTER_WORDS = {
    "cs": ("z",),
    "da": ("af",),
    "de": ("von",),
    "en": ("of",),
    "es": ("de",),
    "fr": ("sur",),
    "it": ("di",),
    "nl": ("van",),
    "no": ("av",),
    "ru": ("из",),
    "uk": ("з",),
}
"""What galleries put between a picture's number and how many there are, besides a stroke, by language."""

FIGURE_WORDS = {
    "ar": ("الشكل", "شكل"),
    "cs": ("obrázek", "obr"),
    "da": ("figur", "billede"),
    "de": ("abbildung", "abb", "bild", "tafel", "foto", "grafik"),
    "el": ("εικόνα", "εικ", "σχήμα"),
    "en": ("figure", "fig", "image", "illustration", "photo", "photograph", "picture", "plate", "exhibit"),
    "es": ("figura", "imagen", "ilustración", "lámina"),
    "fa": ("شکل", "تصویر"),
    "fi": ("kuva", "kuvio"),
    "fr": ("figure", "illustration", "planche", "document", "doc"),
    "hi": ("चित्र", "आकृति"),
    "hu": ("ábra", "kép"),
    "id": ("gambar",),
    "is": ("mynd",),
    "it": ("figura", "immagine", "tavola", "tav"),
    "ja": ("図", "写真"),
    "ko": ("그림", "사진"),
    "nl": ("figuur", "afbeelding", "afb", "foto"),
    "no": ("figur", "bilde"),
    "pl": ("rysunek", "rys", "rycina", "ryc", "zdjęcie", "fot"),
    "pt": ("figura", "imagem"),
    "ro": ("figura", "imaginea"),
    "ru": ("рисунок", "рис", "фото", "иллюстрация", "илл"),
    "sv": ("figur", "bild"),
    "th": ("ภาพที่", "รูปที่"),
    "tr": ("şekil", "resim"),
    "uk": ("рисунок", "рис", "малюнок", "мал"),
    "vi": ("hình",),
    "zh": ("图", "圖"),
}
"""What a figure's number stands behind, by language."""
