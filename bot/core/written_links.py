"""Which words of a text a phone would turn into a link, or a person would type as one.

A link is refused unless it is the clinic's own address, letter for letter: what only looks like it
(``https://tend.example.org.evil.example``), or leads on from it (``?next=``), is not hers to judge.
"""

import re
import unicodedata
from collections.abc import Iterator

# Endings of addresses that are no words of a sentence.
_STRANGE = re.compile(
    r"aero|apk|app|asia|bet|bid|biz|bond|buzz|cat|cfd|com|coop|dev|edu|eus|exe|fit|fun|fyi|"
    r"gal|gdn|gov|icu|inc|info|ink|int|io|jobs|kim|lat|lol|ltd|mil|mobi|mov|name|net|ninja|"
    r"nyc|onion|org|php|pro|pub|quest|rest|rip|sbs|tech|tel|tokyo|uno|vip|wang|wiki|win|xin|"
    r"xyz|zip"
)
# Endings that are words too: "today.Click here" only lacks a space, "evil.click" does not.
_WORDS = re.compile(
    r"academy|agency|art|baby|bar|best|bio|bot|business|cam|care|cash|casino|center|chat|city|"
    r"click|clinic|clothing|cloud|club|codes|coffee|community|company|cool|credit|cyou|date|"
    r"deals|digital|direct|doctor|download|earth|email|express|faith|family|fans|finance|fund|"
    r"game|games|gift|gives|global|group|guide|guru|health|help|homes|hospital|host|house|how|"
    r"institute|kids|land|life|link|live|loan|loans|love|market|media|medical|men|mom|money|"
    r"monster|network|news|now|one|online|page|party|pharmacy|photos|pics|place|plus|press|"
    r"racing|red|rent|report|review|reviews|rocks|run|sale|school|science|services|sex|shop|"
    r"show|site|social|solutions|space|store|stream|study|style|support|surf|systems|team|"
    r"tips|today|tools|top|trade|trading|travel|tube|video|watch|web|webcam|website|win|work|"
    r"works|world|yoga|zone"
)
# Of the endings of countries, those that may begin a sentence in English or Spanish.
_LITTLE = re.compile(
    r"ad|ah|al|am|an|as|at|be|by|de|do|el|en|es|gt|he|hi|id|if|in|is|it|la|le|lo|me|mi|my|no|"
    r"of|oh|ok|on|or|pm|se|si|so|su|te|to|tu|un|up|us|va|ve|we|ya|yo"
)
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]*:/|https?:|www\d*\.|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\d)", re.I
)
_DOTTED = re.compile(r"(?=([\w-]*\w)\.(\w[\w-]+)(/|[?#:]\w)?)")
_SPELLED = re.compile(
    r"[\w-]+\s*[(\[{<]\s*(?:dot|punto|\.)\s*[)\]}>]\s*\w{2,}"
    r"|[\w-]+ (?:dot|punto) (?:com|net|org|info|io|xyz)\b"
    r"|\w\s*\.\s+(?:com|net|org)\b|\w\s+\.\s*(?:com|net|org)\b",
    re.IGNORECASE,
)
_BEFORE, _AFTER = "\"'(<[", ".,;:!?)]}>\"'"
_PATH = re.compile(r"(?:/[A-Za-z0-9_-]+)*/?")


def plain_signs(words: str) -> str:
    """The text with look-alikes of signs (fullwidth letters, other dots) as what they look like."""
    folded = unicodedata.normalize("NFKC", words).replace("\u3002", ".")
    return "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")


def strange_links(words: str, *, own: str) -> Iterator[str]:
    """Every link in a text that is not the clinic's own, as far as it is to be shown.

    :param own: the address of the console, such as ``https://tend.example.org``.
    """
    plain = plain_signs(words)
    for token in plain.split():
        if _is_link(token) and not _is_own(token, own.rstrip("/")):
            yield token[:60]
    for hit in _SPELLED.finditer(plain):
        yield hit[0][:60]


def _is_own(token: str, own: str) -> bool:
    link = token.lstrip(_BEFORE).rstrip(_AFTER)
    for start in (own, own.partition("://")[2]):
        if start and link.startswith(start) and _PATH.fullmatch(link[len(start) :]):
            return True
    return False


def _is_link(token: str) -> bool:
    if _ADDRESS.search(token):
        return True
    return any(_is_address(hit[1], hit[2], hit[3]) for hit in _DOTTED.finditer(token))


def _is_address(label: str, ending: str, path: str | None) -> bool:
    """Is ``label.ending`` an address, and not two sentences without a space between them?"""
    low = ending.lower()
    begins_sentence = ending[0].isupper() and not ending[1:].isupper()
    if _STRANGE.fullmatch(low) or low.startswith("xn--"):
        return True
    if not low.isascii() and any("\u0370" <= sign <= "\ud7ff" for sign in low):
        return True  # letters that are neither English nor Spanish
    if label.isdecimal() and low in ("am", "pm"):
        return False
    if len(low) == 2 and low.isascii() and low.isalpha():
        return not (begins_sentence and _LITTLE.fullmatch(low) and not path)
    if _WORDS.fullmatch(low):
        return not begins_sentence or path is not None
    # No ending that we know, but a path behind it: "evil.whatever/x".
    return path is not None and low.isalpha() and not begins_sentence
