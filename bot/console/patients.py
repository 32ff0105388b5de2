"""Patients: the list, and one patient's page with everything that staff do there."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from math import ceil

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from bot.console import charts
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
    writer_of,
)
from bot.console.doors import needs
from bot.core.alerts import AlertStatus
from bot.core.enrolments import EnrolmentStatus
from bot.core.logins import NoteKind
from bot.core.rights import Right
from bot.errors import NotAllowed
from bot.services import (
    form_keys,
    notes,
    patient_care,
    patient_list,
    patient_pages,
    records_out,
    sessions,
)
from bot.services.clinic import Clinic
from bot.services.patient_directory import Entry

_PER_PAGE = 50
_HER_PAGE = "/patients/{patient_id}"
_SHOWS = ("all", "alert", "human")


@get("/patients", opt=needs(Right.SEE_PATIENTS))
@off_loop
def patients_page(request: Asked, show: FromQuery[str] = "all", at: FromQuery[int] = 1) -> Answer:
    """All patients, by name."""
    desk = desk_of(request)
    show = show if show in _SHOWS else "all"
    entries = desk.directory.everybody()
    if show != "all":
        find = patient_list.with_open_alert if show == "alert" else patient_list.with_person
        wanted = find(desk.clinic)
        entries = [entry for entry in entries if entry.id in wanted]
    return _list(request, entries, show=show, at=at)


@post("/patients/search", opt=needs(Right.SEE_PATIENTS), status_code=200)
@off_loop
def search_patients(request: Asked, data: Form) -> Answer:
    """By name or number. A form and no address: names do not stand in a browser's history."""
    wanted = text_of(data, "words")[:80]
    at = int(found) if (found := text_of(data, "at")).isdecimal() else 1
    return _list(
        request, desk_of(request).directory.search(wanted), show="search", at=at, words=wanted
    )


@get("/patients/{patient_id:str}", opt=needs(Right.SEE_PATIENTS))
@off_loop
def patient_page(request: Asked, patient_id: FromPath[str], before: FromQuery[str] = "") -> Answer:
    """One patient in full."""
    return _page(request, patient_id, before=before)


@get("/patients/{patient_id:str}/check-ins.csv", opt=needs(Right.SEE_SCORES))
@off_loop
def check_ins_csv(request: Asked, patient_id: FromPath[str]) -> Answer:
    """Her check-ins as a table."""
    desk, by = desk_of(request), visitor_of(request).actor
    content = records_out.check_ins_csv(desk.clinic, patient_id, by=by, now=desk.now())
    return _file(content, f"check-ins-{patient_id}.csv", "text/csv")


@get("/patients/{patient_id:str}/check-ins.fhir", opt=needs(Right.SEE_SCORES))
@off_loop
def check_ins_fhir(request: Asked, patient_id: FromPath[str]) -> Answer:
    """Her check-ins as health records."""
    desk, by = desk_of(request), visitor_of(request).actor
    content = records_out.check_ins_fhir(desk.clinic, patient_id, by=by, now=desk.now())
    return _file(content, f"check-ins-{patient_id}.json", "application/fhir+json")


@post("/patients/{patient_id:str}/notes", opt=needs(Right.SEE_PATIENTS, keeps=_HER_PAGE))
@off_loop
def write_note(request: Asked, patient_id: FromPath[str], data: Form) -> Answer:
    """A note that colleagues read."""
    desk, me = desk_of(request), visitor_of(request).staff_id
    words, about = text_of(data, "words"), notes.About(patient_id=patient_id)
    key = text_of(data, "key")

    def write() -> None:
        now, clinic = desk.now(), desk.clinic
        notes.write(clinic, NoteKind.NOTE, about, words, staff_id=me, now=now, key=key)

    return _done(request, patient_id, write, "noted")


@post("/patients/{patient_id:str}/texts", opt=needs(Right.WRITE_TEXTS, keeps=_HER_PAGE))
@off_loop
def write_text(request: Asked, patient_id: FromPath[str], data: Form) -> Answer:
    """A text in a person's own words."""
    desk, by = desk_of(request), writer_of(request, data)
    words, key = text_of(data, "words"), text_of(data, "key")
    return carry_out(
        request,
        lambda: patient_care.write_text(
            desk.clinic, patient_id, words, key=key, by=by, now=desk.now()
        ),
        then=lambda queued: back_to(
            f"/patients/{patient_id}", done="sent" if queued else "sent_before"
        ),
        refused=partial(_page, request, patient_id),
    )


@post("/patients/{patient_id:str}/{act:str}", opt=needs(Right.WRITE_TEXTS))
@off_loop
def act_on_patient(request: Asked, patient_id: FromPath[str], act: FromPath[str]) -> Answer:
    """Take over, hand to the bot; and for clinicians the rest."""
    desk, visitor = desk_of(request), visitor_of(request)
    verbs = {**_CONVERSATION, **(_ENROLMENT if visitor.may(Right.CHANGE_ENROLMENTS) else {})}
    if act not in verbs:
        raise NotAllowed("Your role does not include this.")
    verb, done = verbs[act]
    return _done(
        request,
        patient_id,
        lambda: verb(desk.clinic, patient_id, staff_id=visitor.staff_id, now=desk.now()),
        done,
    )


def _release(clinic: Clinic, patient_id: str, *, staff_id: str, now: datetime) -> None:
    sessions.release(clinic, patient_id=patient_id, staff_id=staff_id, now=now)


_Verb = Callable[..., None]
_CONVERSATION: dict[str, tuple[_Verb, str]] = {
    "take-over": (patient_care.take_over, "taken_over"),
    "hand-to-bot": (patient_care.hand_to_bot, "handed_to_bot"),
}
_ENROLMENT: dict[str, tuple[_Verb, str]] = {
    "pause": (patient_care.pause, "paused"),
    "resume": (patient_care.resume, "resumed"),
    "stop": (patient_care.stop_texts, "stopped"),
    "start": (patient_care.start_texts, "started"),
    "phone-is-read": (patient_care.phone_is_read, "phone_read"),
    "phone-is-hers": (patient_care.phone_is_hers, "phone_hers"),
    "release-sessions": (_release, "released"),
}


def _list(request: Asked, entries: list[Entry], *, show: str, at: int, words: str = "") -> Answer:
    desk, visitor = desk_of(request), visitor_of(request)
    pages = max(1, ceil(len(entries) / _PER_PAGE))
    at = min(max(at, 1), pages)
    rows = patient_list.list_rows(
        desk.clinic,
        entries[(at - 1) * _PER_PAGE : at * _PER_PAGE],
        with_scores=visitor.may(Right.SEE_SCORES),
        about=f"{show} {at}",
        by=visitor.actor,
        now=desk.now(),
    )
    return page(
        request,
        "patients.html",
        rows=rows,
        total=len(entries),
        show=show,
        at=at,
        pages=pages,
        words=words,
    )


def _done(request: Asked, patient_id: str, act: Callable[[], None], done: str) -> Answer:
    then = back_to(f"/patients/{patient_id}", done=done)
    return carry_out(request, act, then=then, refused=partial(_page, request, patient_id))


def _page(
    request: Asked, patient_id: str, *, before: str = "", refused: NotAllowed | None = None
) -> Answer:
    desk, visitor = desk_of(request), visitor_of(request)
    full = patient_pages.look_at(
        desk.clinic,
        patient_id,
        before=_moment(before),
        with_scores=visitor.may(Right.SEE_SCORES),
        by=visitor.actor,
        now=desk.now(),
    )
    chart = None
    if visitor.may(Right.SEE_SCORES) and full.check_ins:
        chart = charts.draw(full, desk.clinic.instruments, zone=desk.zone, now=desk.now())
    return page(
        request,
        "patient.html",
        refused=refused,
        patient=full,
        chart=chart,
        open_alerts=[one for one in full.alerts if one.status != AlertStatus.RESOLVED],
        instruments=desk.clinic.instruments,
        statuses=EnrolmentStatus,
        key=form_keys.give(desk.clinic, visitor.staff_id),
        before=before,
    )


def _moment(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _file(content: str, name: str, media_type: str) -> Answer:
    return Response(
        content,
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


HANDLERS = [
    patients_page,
    search_patients,
    patient_page,
    check_ins_csv,
    check_ins_fhir,
    write_note,
    write_text,
    act_on_patient,
]
