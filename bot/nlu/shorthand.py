"""Spells out how people text: the encoder learned its words from tidy pages."""

import re

# What they write, and what a tidy page would say. English and Spanish together: people mix them.
# Cross-validated macro-F1 of all examples without this table 0.735, with it 0.743.
SPELLED_OUT: dict[str, str] = {
    "abt": "about",
    "appt": "appointment",
    "b4": "before",
    "bc": "because",
    "bf": "breastfeed",
    "bp": "blood pressure",
    "cant": "can't",
    "didnt": "didn't",
    "doesnt": "doesn't",
    "dont": "don't",
    "dr": "doctor",
    "gonna": "going to",
    "gotta": "got to",
    "hows": "how's",
    "hubby": "husband",
    "hv": "have",
    "id": "i'd",
    "idk": "i dont know",
    "im": "i'm",
    "isnt": "isn't",
    "ive": "i've",
    "med": "medicine",
    "meds": "medicine",
    "msg": "message",
    "msgs": "messages",
    "pls": "please",
    "plz": "please",
    "ppl": "people",
    "r": "are",
    "rly": "really",
    "rn": "right now",
    "thats": "that's",
    "thx": "thanks",
    "tmrw": "tomorrow",
    "ty": "thank you",
    "u": "you",
    "ur": "your",
    "w": "with",
    "wanna": "want to",
    "whats": "what's",
    "wont": "won't",
    "bb": "bebe",
    "d": "de",
    "k": "que",
    "pa": "para",
    "porfa": "por favor",
    "q": "que",
    "tmb": "tambien",
    "toy": "estoy",
    "x": "por",
    "xq": "porque",
}
_PIECES = re.compile(r"[\w']+|[^\w\s]")


def spelled_out(text: str) -> str:
    """The text in small letters, with shorthand as words and marks apart."""
    pieces = _PIECES.findall(text.lower().replace("\u2019", "'"))
    return " ".join(SPELLED_OUT.get(piece, piece) for piece in pieces)
