"""Try a text with the live model and a candidate side by side; nobody is texted."""

from pathlib import Path

from litestar import get, post

from bot.console.desk import Answer, Asked, Form, desk_of, off_loop, page, text_of, visitor_of
from bot.console.doors import needs
from bot.content.live_model import live_model
from bot.core.rights import Right
from bot.errors import ConfigError, NotAllowed
from bot.services import kept_forms, model_proof
from bot.training.beside import Tried


@get("/models/try", opt=needs(Right.TRAIN_MODELS))
@off_loop
def try_page(request: Asked) -> Answer:
    """An empty line to write in."""
    return _page(request)


@post("/models/try", opt=needs(Right.TRAIN_MODELS, keeps="/models/try"), status_code=200)
@off_loop
def try_text(request: Asked, data: Form) -> Answer:
    """What both make of it."""
    desk = desk_of(request)
    text, wanted = text_of(data, "text"), text_of(data, "candidate")
    try:
        if not text.strip():
            raise NotAllowed("Write a text, as she would.")
        candidate = _file(request, wanted) if wanted else None
        live = _live(request)
    except (NotAllowed, ConfigError) as refusal:
        return _page(request, refused=NotAllowed(str(refusal)), form=data)
    tried = desk.beside.try_text(text, live=live, candidate=candidate)
    me = visitor_of(request).staff_id
    kept_forms.drop(desk.clinic, me, request.url.path, now=desk.now())
    return _page(request, form=data, tried=tried)


def _page(
    request: Asked,
    *,
    refused: NotAllowed | None = None,
    form: Form | None = None,
    tried: Tried | None = None,
) -> Answer:
    cards = model_proof.list_seen(desk_of(request).clinic, most=20)
    return page(
        request,
        "try.html",
        refused=refused,
        form=form or {},
        tried=tried,
        candidates=[card.name for card in cards if not card.is_live],
    )


def _file(request: Asked, name: str) -> Path:
    """The model's file, for a name that is on record; nothing else is ever opened."""
    desk = desk_of(request)
    if name not in {card.name for card in model_proof.list_seen(desk.clinic)}:
        raise NotAllowed("Choose a candidate.")
    model = desk.app.settings.models_dir / f"{name}.tar.gz"
    if not model.exists():
        raise NotAllowed("This model is not on this machine.")
    return model


def _live(request: Asked) -> Path | None:
    try:
        return live_model(desk_of(request).app.settings.models_dir)
    except ConfigError:
        return None


HANDLERS = [try_page, try_text]
