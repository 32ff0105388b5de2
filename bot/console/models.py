"""Models: train a candidate, see the proof, approve, promote, go back, let it read along."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from bot.console import confusion
from bot.console.desk import (
    Answer,
    Asked,
    Form,
    back_to,
    carry_out,
    desk_of,
    off_loop,
    page,
    text_of,
    visitor_of,
)
from bot.console.doors import needs
from bot.core.gates import Teaching
from bot.core.rights import Right
from bot.core.training_jobs import JobStatus
from bot.errors import ConfigError, NotAllowed
from bot.services import (
    model_approval,
    model_proof,
    promotion,
    shadow,
    taught_changes,
    training_jobs,
)
from bot.training.examples import intents_of

_JOBS = 5


@get("/models", opt=needs(Right.TRAIN_MODELS))
@off_loop
def models_page(request: Asked) -> Answer:
    """Every model, the job that runs, and the staff's own test questions."""
    return _list_page(request)


@get("/models/progress", opt=needs(Right.TRAIN_MODELS, listens=True))
@off_loop
def progress_part(request: Asked) -> Answer:
    """The job that runs, alone: an open page asks for it again and again."""
    return page(request, "models_job.html", **_jobs(request))


@post("/models/train", opt=needs(Right.TRAIN_MODELS))
@off_loop
def train_model(request: Asked) -> Answer:
    """Train and prove a candidate of what was taught."""
    desk, by = desk_of(request), visitor_of(request).actor
    return carry_out(
        request,
        lambda: training_jobs.ask(desk.clinic, by=by, now=desk.now()),
        then=back_to("/models", done="training"),
        refused=partial(_list_page, request),
    )


@post("/models/jobs/{job_id:str}/cancel", opt=needs(Right.TRAIN_MODELS))
@off_loop
def cancel_job(request: Asked, job_id: FromPath[str]) -> Answer:
    """Somebody does not want this model any more."""
    desk, by = desk_of(request), visitor_of(request).actor
    return carry_out(
        request,
        lambda: training_jobs.cancel(desk.clinic, job_id, by=by, now=desk.now()),
        then=back_to("/models", done="training_cancelled"),
        refused=partial(_list_page, request),
    )


@post("/models/rollback", opt=needs(Right.TRAIN_MODELS))
@off_loop
def roll_back(request: Asked) -> Answer:
    """Go back to the model that was live before."""
    desk, by = desk_of(request), visitor_of(request).actor
    return carry_out(
        request,
        lambda: promotion.roll_back(desk.clinic, by=by, now=desk.now()),
        then=back_to("/models", done="rolling_back"),
        refused=partial(_list_page, request),
    )


@post("/models/questions", opt=needs(Right.TRAIN_MODELS, keeps="/models"))
@off_loop
def add_question(request: Asked, data: Form) -> Answer:
    """From now on every candidate is tested with this text."""
    desk, by = desk_of(request), visitor_of(request).actor
    text, intent = text_of(data, "text"), text_of(data, "intent")

    def add() -> None:
        if intent not in _intents(request):
            raise NotAllowed("Choose what the text means.")
        model_proof.add_question(desk.clinic, text, intent, by=by, now=desk.now())

    return carry_out(
        request,
        add,
        then=back_to("/models", done="question_added"),
        refused=partial(_list_page, request, form=data),
    )


@post("/models/questions/{question_id:str}/remove", opt=needs(Right.TRAIN_MODELS))
@off_loop
def remove_question(request: Asked, question_id: FromPath[str]) -> Answer:
    """Candidates are no longer tested with it."""
    desk, by = desk_of(request), visitor_of(request).actor
    model_proof.remove_question(desk.clinic, question_id, by=by, now=desk.now())
    return back_to("/models", done="question_removed")


@get("/models/{name:str}", opt=needs(Right.TRAIN_MODELS))
@off_loop
def model_page(request: Asked, name: FromPath[str]) -> Answer:
    """One model with its proof."""
    return _model_page(request, name)


@post("/models/{name:str}/approve", opt=needs(Right.TRAIN_MODELS))
@off_loop
def approve_model(request: Asked, name: FromPath[str]) -> Answer:
    """Somebody has read what changed, and stands for it."""
    desk, visitor = desk_of(request), visitor_of(request)
    return carry_out(
        request,
        lambda: model_approval.approve(
            desk.clinic, desk.workshop, name, by=visitor, now=desk.now()
        ),
        then=back_to(f"/models/{name}", done="approved_model"),
        refused=partial(_model_page, request, name),
    )


@post("/models/{name:str}/promote", opt=needs(Right.TRAIN_MODELS))
@off_loop
def promote_model(request: Asked, name: FromPath[str]) -> Answer:
    """Make it live, if nothing stops it."""
    desk, by = desk_of(request), visitor_of(request).actor
    return carry_out(
        request,
        lambda: promotion.promote(
            desk.clinic, name, by=by, now=desk.now(), taught=_taught(request)
        ),
        then=back_to(f"/models/{name}", done="promoting"),
        refused=partial(_model_page, request, name),
    )


@post("/models/{name:str}/shadow", opt=needs(Right.TRAIN_MODELS))
@off_loop
def start_shadow(request: Asked, name: FromPath[str]) -> Answer:
    """Let it read along for a day."""
    desk, by = desk_of(request), visitor_of(request).actor
    return carry_out(
        request,
        lambda: shadow.start(desk.clinic, name, by=by, now=desk.now()),
        then=back_to(f"/models/{name}", done="shadow"),
        refused=partial(_model_page, request, name),
    )


@post("/models/{name:str}/shadow/stop", opt=needs(Right.TRAIN_MODELS))
@off_loop
def stop_shadow(request: Asked, name: FromPath[str]) -> Answer:
    """It reads along no longer."""
    desk, by = desk_of(request), visitor_of(request).actor
    shadow.stop(desk.clinic, by=by, now=desk.now())
    return back_to(f"/models/{name}", done="shadow_stopped")


def _list_page(
    request: Asked, *, refused: NotAllowed | None = None, form: Form | None = None
) -> Answer:
    desk = desk_of(request)
    return page(
        request,
        "models.html",
        refused=refused,
        cards=model_proof.list_seen(desk.clinic, taught=_taught(request)),
        live=promotion.look_at(desk.clinic),
        questions=model_proof.list_questions(desk.clinic),
        intents=_intents(request),
        form=form or {},
        **_jobs(request),
    )


def _jobs(request: Asked) -> dict[str, Any]:  # what a template is given
    desk = desk_of(request)
    jobs = training_jobs.list_seen(desk.clinic, most=_JOBS, now=desk.now())
    at_work = [job for job in jobs if job.status in (JobStatus.QUEUED, JobStatus.RUNNING)]
    return {
        "job": at_work[0] if at_work else None,
        "jobs": [job for job in jobs if job not in at_work],
        "who": lambda actor: model_proof.who(desk.clinic, actor),
    }


def _model_page(request: Asked, name: str, *, refused: NotAllowed | None = None) -> Answer:
    desk, visitor = desk_of(request), visitor_of(request)
    clinic, now = desk.clinic, desk.now()
    taught = _taught(request)
    card = model_proof.look_at(clinic, name, taught=taught)
    return page(
        request,
        "model.html",
        refused=refused,
        card=card,
        live=promotion.look_at(clinic),
        picture=confusion.draw(card.proof.get("confusions", ())),
        shadow=shadow.look_at(clinic, name, by=visitor.actor, now=now),
        may_approve=model_proof.would_help(
            clinic, name, staff_id=visitor.staff_id, role=visitor.role, taught=taught
        ),
        who=lambda actor: model_proof.who(clinic, actor),
    )


def _taught(request: Asked) -> Sequence[Teaching]:
    """Acts of teaching on record, with the approvals that they carry themselves."""
    return taught_changes.on_record(desk_of(request).clinic)


def _intents(request: Asked) -> Sequence[str]:
    try:
        return intents_of(desk_of(request).app.settings.data_dir)
    except ConfigError:
        return ()


HANDLERS = [
    models_page,
    progress_part,
    train_model,
    cancel_job,
    roll_back,
    add_question,
    remove_question,
    model_page,
    approve_model,
    promote_model,
    start_shadow,
    stop_shadow,
]
