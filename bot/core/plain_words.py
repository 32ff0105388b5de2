"""One shape for the many ways in which a phone may write the same words."""

import unicodedata

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("'’‘`´ʼ′", ""),
        "🔟": " 10 ",
        "👍": " yes ",
        "✅": " yes ",
        "&": " and ",
        **dict.fromkeys("–—−‒‑", "-"),
        "⁄": "/",
    }
)


def unaccented(text: str) -> str:
    """Accents off, compatibility forms made ordinary ("２", "ﬁ"); everything else as it was."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(character)
    )


def plain(text: str) -> str:
    """Lower case, compatibility forms made ordinary ("２", "2️⃣"), accents and emoji signs off."""
    text = unicodedata.normalize("NFKD", text.translate(_SIGNS)).translate(_SIGNS).casefold()
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if unicodedata.category(character) not in {"Mn", "Mc", "Me", "Cf"}
    )
