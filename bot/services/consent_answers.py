"""Reads her answer to the invitation: 1 start, 2 no texts, 3 call me."""

import re
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.core.languages import Language
from bot.core.messages import Lane
from bot.core.spoken_language import language_not_known, language_to_answer
from bot.services import enrolments, outbox
from bot.services.clinic import Clinic
from bot.storage import messages
from bot.storage.tables import Patient

_CHOICE = re.compile(
    r"^\W*(?:(?:yes|yeah|s[ií]|ok|okay)\W+)?([123])\W*"
    r"(?:start|no texts?|call( me)?|empezar|ll[aá]me\w*)?\W*$",
    re.I,
)
# A yes in her words, which for carriers may mean START; it agrees to nothing, and is not nothing.
_YES = re.compile(
    r"^\W*(?:(?:yes|yess*|yea+h?|yep|yup|ya|sure|ok|okay|okey|fine|of course|absolutely|i agree|"
    r"i do|i want to|sounds good|lets do it|lets go|go ahead|y)|"
    r"(?P<spanish>si+|s[ií]|claro(?: que s[ií])?|bueno|sale|dale|vale|de acuerdo|acepto|"
    r"est[aá] bien|por supuesto|quiero))\b",
    re.I,
)
_NAMES_LANGUAGE = re.compile(
    r"\W*\b(?:pero |but )?(?:(?:en|in) )?"
    r"(?P<name>espa[nñ]ol|castellano|spanish|english|ingl[eé]s)\b"
    r"(?:\W+(?:por ?fa(?:vor|s)?|please|pls|plz))?",
    re.I,
)
# "what is this", "who r u", "quien es": she wants to know who writes before she chooses.
_WHO = re.compile(
    r"\b(wh?o+|whos|hoo) ?('?s|is|are|r|dis|this|u|you|da)?\b.*(this|dis|u|you|ya|texting|it|tis|"
    r"sender|line|number)\b|\bwh?(at|ut|ats|uts|at's)\b.{0,12}\b(this|dis|it|u|you|tend|about|"
    r"4|for)\b|"
    r"\b(wat|wut|wats|wuts|whats)\b|^\W*(who|what|huh|que|qu[eé]|qui[eé]n|kien)\W*$|"
    r"\bdo i know (you|u)\b|\bwhich (doctor|dr|office|clinic|company)\b|\bwhere (is|"
    r"are) (this|you|u)\b|"
    r"\bis this (a |the )?(real|scam|spam|bot|robot|legit|doctor|dr|clinic|person|for real)|"
    r"\bhow (did|do) (you|u) (get|have|know)\b|\b(scam|spam|legit)\b|\bname\??$|\bnew phone\b|"
    r"\b(qui[eé]n(es)?|kien(es)?|quen) (es|eres|son|sos|me|habla|escribe|manda|anda|est[aá])\b|"
    r"\b(qu[eé]|k|q|ke) (es|son|eres)\b|\bde (parte de qui[eé]n|qui[eé]n|d[oó]nde|qu[eé])\b|"
    r"\b(esto|eso) (qu[eé]|para qu[eé])\b|\bpara qu[eé]\b|\b(estafa|fraude|broma)\b|"
    r"\bc[oó]mo (tiene|tienen|consigui\w+) mi\b|\b(no s[eé]|nose) qui[eé]n\b|\bnumero es\b|"
    r"\bn[uú]mero es\b|"
    r"\bde qu[eé] se trata\b|\bla? (conozco|conosco)\b|\bes (un robot|una persona|real|verdad|"
    r"de verdad)\b",
    re.IGNORECASE,
)
# Asked again, but not after every word: nobody who has not agreed is to be flooded.
_AGAIN_EVERY = timedelta(hours=1)
# Whoever says yes means to start, and is told how each time but in one burst.
_YES_EVERY = timedelta(minutes=5)


def read_choice(text: str) -> int | None:
    """1, 2 or 3 when the text is that, perhaps with a language. A carrier's YES starts nothing."""
    found = _CHOICE.match(_NAMES_LANGUAGE.sub("", text, count=1))
    return int(found.group(1)) if found else None


def asks_who(text: str) -> bool:
    """Does she ask who writes to her, or what this is?"""
    return bool(_WHO.search(text.replace("’", "'")))


def says_yes(text: str) -> bool:
    """Does she agree in words of her own, without one of the choices?"""
    return bool(_YES.match(text))


def language_in(text: str, *, own: Language) -> Language:
    """The language to go on in: the one that she names, or clearly writes."""
    unknown = language_not_known(text)
    if unknown is not None:
        return Language.SPANISH if unknown is Language.ENGLISH else Language.ENGLISH
    named = _NAMES_LANGUAGE.search(text)
    if named is not None:
        english = (
            named["name"].casefold().startswith("ing") or named["name"].casefold() == "english"
        )
        return Language.ENGLISH if english else Language.SPANISH
    yes = _YES.match(text)
    if yes is not None and yes["spanish"]:
        return Language.SPANISH
    return language_to_answer(text, own=own)


def take(
    clinic: Clinic,
    db: Session,
    patient: Patient,
    text: str,
    source: enrolments.Source,
    *,
    now: datetime,
) -> None:
    """Do what she chose, or ask again with the choices; in her language from now on."""
    own = Language(patient.language)
    spoken = language_in(text, own=own)
    if spoken is not own:
        enrolments.set_language(db, patient, spoken, now=now)
    choice = read_choice(text)
    if choice == 1:
        enrolments.start(clinic, db, patient, source, now=now)
    elif choice in (2, 3):
        enrolments.decline(clinic, db, patient, source, call=choice == 3, now=now)
    else:
        # Words of the first text again: who we are, and the choices.
        text_id, every = _fitting(text)
        slot = int(now.timestamp() // every.total_seconds())
        key = f"{text_id}:{patient.id}:{slot}"
        if spoken is not own:
            # What she had before was in the other language.
            key += f":{spoken}"
        if not messages.has_outbound(db, key):
            outbox.queue(
                clinic,
                db,
                outbox.Text(id=text_id, key=key, lane=Lane.REPLY, in_reply_to=source.inbound_id),
                outbox.to_patient(db, patient),
                now=now,
            )


def _fitting(text: str) -> tuple[str, timedelta]:
    """What to answer words that are no choice, and how long it is not said again."""
    if asks_who(text):
        return "consent_who", _AGAIN_EVERY
    if says_yes(text):
        return "consent_yes", _YES_EVERY
    return "consent_again", _AGAIN_EVERY
