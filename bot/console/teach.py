"""The training desk: the review queue, and a lesson on its way to the bot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from litestar import get, post
from litestar.response import Template
from rich.console import Console

from bot.bootstrap import App
from bot.console.desk import (
    Answer,
    Asked,
    Desk,
    Form,
    Written,
    back_to,
    carry_out,
    desk_of,
    off_loop,
    page,
    text_of,
    visitor_of,
    written_before,
)
from bot.console.doors import needs
from bot.core import taught as core
from bot.core.languages import Language
from bot.core.reading_grade import MOST as HIGHEST_GRADE
from bot.core.reading_grade import grade
from bot.core.reviews import Reason
from bot.core.rights import Right
from bot.core.segments import segments
from bot.core.taught import LeadsTo, TaughtKind
from bot.errors import NotAllowed, NotFound
from bot.services import review_queue, teaching
from bot.services.logins import Visitor
from bot.services.review_queue import Filters, Group
from bot.teaching.lessons import Typed
from bot.teaching.workshop import Workshop
from bot.training.train import validate

FIELDS = ("t1", "t2", "t3", "t4", "t5")
_OTHER_FIELDS = (
    *("sources", "intent", "name", "title", "leads_to", "more", "vouched"),
    *("answer_en", "answer_es", "source", "clinical"),
)
# As many ids as an address may carry; the rest of a large group comes up again.
MOST_IN_A_GROUP = 30
_SHOWN_EXAMPLES = 8
_AREAS = (("faq_", "Questions"), ("request_", "Requests"), ("report_", "Reports"), ("", "Others"))


@dataclass(frozen=True)
class AnswerShown:
    """An answer while it is typed: what it costs, how hard it reads, how it looks on a phone."""

    language: Language
    text: str
    segments: int
    grade: float
    too_hard: bool


def workshop_of(app: App) -> Workshop:
    """The tools of the project whose data this clinic uses."""

    def rasas_checks(project: Path) -> None:
        validate(project, console=Console(quiet=True))

    project = app.settings.data_dir.parent
    return Workshop(project=project, validate=rasas_checks, texts=app.clinic.texts)


@get("/teach", opt=needs(Right.TEACH))
@off_loop
def queue_page(request: Asked) -> Answer:
    """What the bot may have misunderstood."""
    desk, visitor = desk_of(request), visitor_of(request)
    filters = _filters(request.query_params)
    groups = review_queue.look_at(
        desk.clinic,
        desk.workshop,
        desk.directory.entries(),
        filters,
        by=visitor.actor,
        now=desk.now(),
    )
    return page(
        request,
        "teach.html",
        groups=groups,
        filters=filters,
        reasons=list(Reason),
        titles=_titles(desk, visitor),
        most=MOST_IN_A_GROUP,
        undo=request.query_params.get("undo", ""),
    )


@get("/teach/lesson", opt=needs(Right.TEACH))
@off_loop
def lesson_page(request: Asked) -> Answer:
    """One decision: what these texts mean, and what the bot should do."""
    asked = request.query_params
    kept = written_before(request)
    # Of other texts it is another lesson; that one waits until its own page is opened.
    if kept.kept_at and asked.get("sources", "") in ("", kept.fields.get("sources", "")):
        return _lesson(request, kept.fields, written=kept)
    form = {"kind": asked.get("kind", "examples"), "sources": asked.get("sources", "")}
    return _lesson(request, form)


@post("/teach/advice", opt=needs(Right.TEACH))
@off_loop
def advise(request: Asked, data: Form) -> Answer:
    """What the desk says about the form as it stands."""
    desk, visitor = desk_of(request), visitor_of(request)
    context = _advice(desk, visitor, data)
    return Template("teach_advice.html", context={"visitor": visitor, **context})


@post("/teach/save", opt=needs(Right.TEACH, keeps="/teach/lesson"))
@off_loop
def save_lesson(request: Asked, data: Form) -> Answer:
    """Teach it: taken on at once, saved when Rasa has looked."""
    desk, visitor = desk_of(request), visitor_of(request)
    if text_of(data, "kind") not in list(TaughtKind):
        # Taken for another kind it would be taught as what nobody meant.
        return _lesson(request, data, refused=NotAllowed("Choose what kind of lesson it is."))
    if text_of(data, "check"):
        return _lesson(request, data)

    def saved(change_id: str) -> Answer:
        start(desk, change_id, visitor)
        return back_to(f"/teach/changes/{change_id}", done="taught")

    return carry_out(
        request,
        lambda: teaching.teach(
            desk.clinic,
            desk.workshop,
            desk.directory.entries(),
            _typed(data),
            by=visitor,
            now=desk.now(),
        ),
        then=saved,
        refused=partial(_lesson, request, data),
    )


@post("/teach/set-aside", opt=needs(Right.TEACH))
@off_loop
def set_aside(request: Asked, data: Form) -> Answer:
    """There is nothing to teach."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    sources = _sources(data)
    review_queue.set_aside(desk.clinic, sources, staff_id=me, now=desk.now())
    return back_to("/teach", done="set_aside", undo=",".join(sources))


@post("/teach/bring-back", opt=needs(Right.TEACH))
@off_loop
def bring_back(request: Asked, data: Form) -> Answer:
    """Set aside by mistake."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    review_queue.bring_back(desk.clinic, _sources(data), staff_id=me, now=desk.now())
    return back_to("/teach", done="brought_back")


def start(desk: Desk, change_id: str, visitor: Visitor) -> None:
    """Let Rasa check a change, and save it, while the page goes on."""
    desk.in_background(
        lambda: teaching.carry_out(
            desk.clinic, desk.workshop, change_id, by=visitor, now=desk.now()
        )
    )


def _lesson(
    request: Asked,
    form: Mapping[str, str],
    *,
    refused: NotAllowed | None = None,
    written: Written | None = None,
) -> Answer:
    desk, visitor = desk_of(request), visitor_of(request)
    sources = _sources(form)
    group = _group(desk, visitor, sources) if sources else None
    kept = {name: text_of(form, name) for name in (*FIELDS, *_OTHER_FIELDS)}
    return page(
        request,
        "teach_lesson.html",
        refused=refused,
        written=written or Written(),
        group=group,
        form=kept,
        kind=_kind(form),
        fields=FIELDS,
        areas=_areas(_titles(desk, visitor)),
        leads_to=list(LeadsTo),
        **_advice(desk, visitor, form),
    )


def _group(desk: Desk, visitor: Visitor, sources: Sequence[str]) -> Group:
    try:
        return review_queue.look_at_group(
            desk.clinic,
            desk.workshop,
            desk.directory.entries(),
            sources,
            by=visitor.actor,
            now=desk.now(),
        )
    except NotFound:
        raise NotAllowed(
            "These texts are no longer in the queue: somebody was quicker, or an alert is open."
        ) from None


def _advice(
    desk: Desk, visitor: Visitor, form: Mapping[str, str]
) -> dict[str, Any]:  # what a template is given
    """What the fragment beside the form shows."""
    typed = teaching.tidy(_typed(form))
    book = desk.workshop.book()
    hidden = core.is_crisis(typed.intent) and not visitor.may(Right.TEACH_CRISIS)
    reading = None
    if typed.texts or any(typed.answers.values()):
        try:
            reading = teaching.read(
                desk.clinic, desk.workshop, desk.directory.entries(), typed, by=visitor
            )
        except NotAllowed as refusal:
            return {"reading": None, "refusal": str(refusal), "shown": [], "chosen": None}
    chosen = None
    if typed.intent and typed.kind is TaughtKind.EXAMPLES and not hidden:
        chosen = {
            "intent": typed.intent,
            "title": desk.workshop.titles().get(typed.intent, ""),
            "count": book.counts[typed.intent],
            "examples": [one.text for one in book.of(typed.intent, most=_SHOWN_EXAMPLES)],
        }
    return {
        "reading": reading,
        "refusal": "",
        "chosen": chosen,
        "shown": [_shown(language, text) for language, text in typed.answers.items() if text],
    }


def _shown(language: Language, text: str) -> AnswerShown:
    found = grade(text, language)
    return AnswerShown(language, text, segments(text).count, found, found > HIGHEST_GRADE)


def _titles(desk: Desk, visitor: Visitor) -> dict[str, str]:
    """The intents that this person may teach."""
    return {
        intent: title
        for intent, title in desk.workshop.titles().items()
        if visitor.may(Right.TEACH_CRISIS) or not core.is_crisis(intent)
    }


def _areas(titles: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    left = dict(titles)
    danger = [(name, left.pop(name)) for name in titles if core.is_crisis(name)]
    found = []
    for prefix, area in _AREAS:
        names = sorted(name for name in left if name.startswith(prefix))
        found.append((area, [(name, left.pop(name)) for name in names]))
    return [*found, ("Danger", danger)] if danger else found


def _kind(form: Mapping[str, str]) -> TaughtKind:
    wanted = text_of(form, "kind")
    return TaughtKind(wanted) if wanted in list(TaughtKind) else TaughtKind.EXAMPLES


def _sources(form: Mapping[str, str]) -> list[str]:
    return [one for one in text_of(form, "sources").split(",") if one][:MOST_IN_A_GROUP]


def _typed(form: Mapping[str, str]) -> Typed:
    kind = _kind(form)
    leads = text_of(form, "leads_to")
    leads_to = LeadsTo(leads) if kind is TaughtKind.INTENT and leads in list(LeadsTo) else None
    name = text_of(form, "name").strip()
    intent = text_of(form, "intent")
    if kind is TaughtKind.QUESTION:
        intent = f"faq_{name}"
    elif kind is TaughtKind.INTENT:
        intent = teaching.intent_name(name, leads_to) if leads_to else name
    answers = {
        language: text_of(form, f"answer_{language}")
        for language in Language
        if kind is TaughtKind.QUESTION
    }
    return Typed(
        kind=kind,
        intent=intent,
        texts=[*(text_of(form, field) for field in FIELDS), *text_of(form, "more").splitlines()],
        vouched=text_of(form, "vouched").replace(",", " ").split(),
        sources=_sources(form),
        title=text_of(form, "title"),
        answers=answers,
        source=text_of(form, "source"),
        clinical=text_of(form, "clinical") != "no",
        leads_to=leads_to,
    )


def _filters(asked: Mapping[str, str]) -> Filters:
    reason, language = asked.get("reason", ""), asked.get("language", "")
    days, below = asked.get("days", ""), asked.get("below", "")
    return Filters(
        days=min(int(days), 365) if days.isdigit() and int(days) else 30,
        reason=Reason(reason) if reason in list(Reason) else None,
        intent=asked.get("intent", ""),
        language=Language(language) if language in list(Language) else None,
        below=int(below) / 100 if below.isdigit() and int(below) <= 100 else 1.0,
    )


HANDLERS = [queue_page, lesson_page, advise, save_lesson, set_aside, bring_back]
