"""Staff teach the bot: what they typed is looked through, checked by Rasa, saved, taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.content.examples import language_of
from bot.core.languages import Language
from bot.core.rights import Right
from bot.core.taught import (
    LeadsTo,
    TaughtKind,
    TaughtStatus,
    check_transition,
    is_crisis,
    needed_approval,
)
from bot.core.text_rules import Finding
from bot.crisis.screening import Context
from bot.errors import ConfigError, NotAllowed
from bot.services import review_queue
from bot.services.clinic import Clinic
from bot.services.logins import Visitor
from bot.services.naming import names_in_use, parts
from bot.services.patient_directory import Entry
from bot.services.taught_changes import author, get_change, locked
from bot.storage import sealing
from bot.storage.audit import Audit, record
from bot.storage.tables import TaughtChange
from bot.teaching import advice, saving
from bot.teaching.advice import Lesson, Remark
from bot.teaching.files import Edit
from bot.teaching.identifiers import Kind, Known, find
from bot.teaching.lessons import LONGEST_NAME, TOPIC, Typed, answer_findings, is_clinical
from bot.teaching.words import cleaned
from bot.teaching.workshop import Workshop

_PREFIXES: Mapping[LeadsTo, str] = {
    LeadsTo.SUPPORT: "request_",
    LeadsTo.CALL_BACK: "request_",
    LeadsTo.ALERT_SAME_DAY: "report_",
    LeadsTo.ALERT_WATCH: "report_",
}


@dataclass(frozen=True)
class Reading:
    """What the desk says about a lesson.

    :param answers: what the rules for texts say, by language.
    """

    remarks: Sequence[Remark]
    answers: Mapping[Language, Sequence[Finding]]

    @property
    def refusals(self) -> list[str]:
        """Why it cannot be taught like this."""
        found = [
            f"{remark.cure} ({remark.about})" if remark.about else remark.cure
            for remark in self.remarks
            if remark.hard
        ]
        for findings in self.answers.values():
            found += [finding.cure for finding in findings if finding.hard]
        return found


def tidy(typed: Typed) -> Typed:
    """The same without empty lines and unseen characters."""
    texts = [text for line in typed.texts if (text := cleaned(line))]
    answers = {language: cleaned(text) for language, text in typed.answers.items()}
    vouched = [word.casefold() for word in typed.vouched]
    return replace(
        typed,
        texts=texts,
        answers=answers,
        vouched=vouched,
        title=cleaned(typed.title),
        source=cleaned(typed.source),
    )


def read(
    clinic: Clinic,
    workshop: Workshop,
    entries: Mapping[str, Entry],
    typed: Typed,
    *,
    by: Visitor,
) -> Reading:
    """Everything there is to say about a lesson, while it is typed and again before it is saved.

    :raises NotAllowed: not this person's to teach, or a source is no longer for the desk.
    """
    _refuse_person(typed, by)
    typed = tidy(typed)
    # Pasted by the thousand, it would keep the server busy for minutes.
    if too_much := advice.size_remarks(typed.texts):
        return Reading(too_much, {})
    hers = review_queue.originals(clinic, typed.sources) if typed.sources else {}
    book = workshop.book()
    lesson = Lesson(
        intent=typed.intent,
        texts=typed.texts,
        rows=workshop.meanings(typed.texts),
        known=workshop.known(
            names=names_in_use(clinic, entries),
            hers=parts(entries[one].name for one in hers if one in entries),
        ),
        originals=[cleaned(text) for texts in hers.values() for text in texts],
        dangerous=_dangerous(clinic, typed.texts),
        vouched=frozenset(typed.vouched),
        is_clinician=by.may(Right.TEACH_CRISIS),
        tested=workshop.tested(),
        is_new=typed.kind is not TaughtKind.EXAMPLES,
    )
    languages = [language_of(text) for text in typed.texts]
    remarks = [*advice.remarks(lesson, book)]
    remarks += advice.language_remarks(lesson, book, languages)
    remarks += _title_remarks(typed, lesson.known)
    remarks = [*_name_remarks(typed, book.counts.keys()), *remarks]
    wanted = Language if typed.kind is TaughtKind.QUESTION else ()
    answers = {
        language: answer_findings(typed.answers.get(language, ""), language) for language in wanted
    }
    return Reading(sorted(remarks, key=lambda remark: not remark.hard), answers)


def teach(
    clinic: Clinic,
    workshop: Workshop,
    entries: Mapping[str, Entry],
    typed: Typed,
    *,
    by: Visitor,
    now: datetime,
) -> str:
    """Take a lesson on; it counts when ``carry_out`` has saved it. The change's id.

    :raises NotAllowed: something speaks against it; says what, and what to do about it.
    """
    typed = tidy(typed)
    refusals = read(clinic, workshop, entries, typed, by=by).refusals
    if refusals:
        raise NotAllowed(refusals[0])
    clinical = typed.clinical or is_clinical([typed.title, *typed.texts, *typed.answers.values()])
    with clinic.db.transaction() as db:
        row = TaughtChange(
            kind=typed.kind,
            status=TaughtStatus.CHECKING,
            intent=typed.intent,
            staff_id=by.staff_id,
            at=now,
            checking_at=now,
            files={},
            needs=needed_approval(
                typed.kind,
                typed.intent,
                clinical=clinical and typed.kind is not TaughtKind.EXAMPLES,
                leads_to=typed.leads_to,
            ),
        )
        sealing.put(db, row, lesson=typed.to_json())
        db.add(row)
        db.flush()
        review_queue.mark(
            db, typed.sources, "taught", staff_id=by.staff_id, change_id=row.id, now=now
        )
        details = {"kind": typed.kind, "intent": typed.intent, "examples": len(typed.texts)}
        record(db, Audit(by.actor, "teach", f"taught:{row.id}", details), now=now)
        return row.id


def carry_out(
    clinic: Clinic, workshop: Workshop, change_id: str, *, by: Visitor, now: datetime
) -> None:
    """Check a lesson with Rasa, and save it or say why not. Run twice, it is done once.

    No transaction is open while Rasa looks, and nobody else changes the files meanwhile.
    """
    with saving.one_at_a_time(workshop.project):
        change = get_change(clinic, change_id)
        if change.status is not TaughtStatus.CHECKING:
            return
        try:
            edits = change.typed.edits(workshop.project)
            _check(workshop, edits)
        except ConfigError as error:
            _refuse(clinic, change_id, str(error), now=now)
            return
        written = _write(clinic, workshop, change_id, edits, by=by, now=now)
        message = f"Teach {change.intent}\n\nTaught-Change: {change_id}"
        _commit(clinic, workshop, change_id, list(written), message, by=by, now=now)


def undo(clinic: Clinic, workshop: Workshop, change_id: str, *, by: Visitor, now: datetime) -> None:
    """Take a change back, and nothing that came later.

    :raises NotAllowed: it is not saved, later changes build on it, or it is a clinician's.
    """
    with saving.one_at_a_time(workshop.project):
        change = get_change(clinic, change_id)
        if is_crisis(change.intent) and not by.may(Right.TEACH_CRISIS):
            raise NotAllowed("What means danger is a clinician's to change.")
        if change.status is not TaughtStatus.SAVED:
            raise NotAllowed("There is nothing to take back.")
        try:
            edits = change.typed.undo_edits(workshop.project)
            _refuse_built_on(workshop, change.kind, change.files, edits)
            _check(workshop, edits)
        except ConfigError as error:
            raise NotAllowed(str(error)) from None
        before = _contents(workshop, edits)
        written = saving.write(workshop.project, edits)
        try:
            with clinic.db.transaction() as db:
                row = locked(db, change_id)
                check_transition(TaughtStatus(row.status), TaughtStatus.UNDONE)
                row.status, row.undone_by, row.undone_at = TaughtStatus.UNDONE, by.staff_id, now
                row.files = {**row.files, **written}
                review_queue.release(db, change_id)
                record(db, Audit(by.actor, "undo_taught", f"taught:{change_id}"), now=now)
        except Exception:
            saving.write(workshop.project, before)
            raise
        message = f"Take back {change.intent}\n\nTaught-Change: {change_id}"
        saving.commit(workshop.project, list(written), author=author(by), message=message)


def try_again(clinic: Clinic, change_id: str, *, by: Visitor, now: datetime) -> None:
    """The process that checked it is gone: it may be checked once more."""
    with clinic.db.transaction() as db:
        row = locked(db, change_id)
        if row.status != TaughtStatus.CHECKING:
            return
        row.checking_at = now
        record(db, Audit(by.actor, "check_taught_again", f"taught:{change_id}"), now=now)


def _refuse_person(typed: Typed, by: Visitor) -> None:
    if not by.may(Right.TEACH):
        raise NotAllowed("Your role does not include teaching the bot.")
    if is_crisis(typed.intent) and not by.may(Right.TEACH_CRISIS):
        raise NotAllowed("What means danger is a clinician's to teach.")


def _dangerous(clinic: Clinic, texts: Sequence[str]) -> frozenset[str]:
    """Texts that the screening would bring to a person, in either language."""
    return frozenset(
        text
        for text in texts
        for language in Language
        if clinic.screener.screen(text, Context(language=language)).signals
    )


def _name_remarks(typed: Typed, taken: Sequence[str] | object) -> list[Remark]:
    """Is the name of a new question or intent one that can be used?"""
    if typed.kind is TaughtKind.EXAMPLES:
        if typed.intent in taken:  # type: ignore[operator]  # a view of the intents
            return []
        return [Remark("name", True, "Choose what it means.")]
    found = []
    prefix = "faq_" if typed.kind is TaughtKind.QUESTION else None
    if typed.kind is TaughtKind.INTENT:
        if typed.leads_to is None:
            return [Remark("name", True, "Choose what is to happen.")]
        prefix = _PREFIXES[typed.leads_to]
    name = typed.intent.removeprefix(prefix or "")
    if not typed.intent.startswith(prefix or "") or not TOPIC.fullmatch(name):
        found.append(Remark("name", True, "Name it in small letters, such as waiting_room."))
    if len(typed.intent) > LONGEST_NAME:
        found.append(Remark("name", True, "That name is too long."))
    if typed.intent in taken:  # type: ignore[operator]
        found.append(Remark("name", True, "There is one of that name. Choose another name."))
    if not typed.title:
        found.append(Remark("title", True, "Say in a sentence what it is about."))
    if typed.kind is TaughtKind.QUESTION and not typed.source:
        found.append(Remark("source", True, "Say where the answer comes from."))
    return found


def _title_remarks(typed: Typed, known: Known) -> list[Remark]:
    """The title stands in the file too: nobody's name belongs there."""
    return [
        Remark(
            "identifier",
            True,
            f"'{typed.title[hit.start : hit.end]}' may name somebody.",
            typed.title,
        )
        for hit in find(typed.title, known)
        if not (
            hit.kind is Kind.WORD and typed.title[hit.start : hit.end].casefold() in typed.vouched
        )
    ]


def intent_name(name: str, leads_to: LeadsTo) -> str:
    """A new intent's name with the beginning that says what it leads to."""
    return _PREFIXES[leads_to] + name


def typed_name(typed: Typed) -> str:
    """The name of a lesson as its author typed it, without the beginning that we put there."""
    if typed.leads_to is not None:
        return typed.intent.removeprefix(_PREFIXES[typed.leads_to])
    return typed.question.topic


def _check(workshop: Workshop, edits: Sequence[Edit]) -> None:
    """Our own checks first, for they take a second; then Rasa's."""
    if not edits:
        return
    with saving.tried_out(workshop.project, edits) as copy:
        saving.check_quickly(copy)
        workshop.validate(copy)


def _contents(workshop: Workshop, edits: Sequence[Edit]) -> list[Edit]:
    """The files as they are, to put back."""
    found = []
    for edit in edits:
        path = workshop.project / edit.path
        found.append(Edit(edit.path, path.read_text("utf-8") if path.exists() else None))
    return found


def _write(
    clinic: Clinic,
    workshop: Workshop,
    change_id: str,
    edits: Sequence[Edit],
    *,
    by: Visitor,
    now: datetime,
) -> dict[str, str | None]:
    """Files and record together: when one fails, neither has changed."""
    before = _contents(workshop, edits)
    written = saving.write(workshop.project, edits)
    try:
        with clinic.db.transaction() as db:
            row = locked(db, change_id)
            check_transition(TaughtStatus(row.status), TaughtStatus.SAVED)
            row.status, row.saved_at, row.files = TaughtStatus.SAVED, now, written
            details = {"files": sorted(written)}
            record(db, Audit(by.actor, "save_taught", f"taught:{change_id}", details), now=now)
    except Exception:
        saving.write(workshop.project, before)
        raise
    return written


def _commit(
    clinic: Clinic,
    workshop: Workshop,
    change_id: str,
    paths: Sequence[str],
    message: str,
    *,
    by: Visitor,
    now: datetime,
) -> None:
    made = saving.commit(workshop.project, paths, author=author(by), message=message)
    if made is None:
        return
    with clinic.db.transaction() as db:
        locked(db, change_id).git_commit = made
        details = {"commit": made}
        record(db, Audit("system", "commit_taught", f"taught:{change_id}", details), now=now)


def _refuse(clinic: Clinic, change_id: str, why: str, *, now: datetime) -> None:
    with clinic.db.transaction() as db:
        row = locked(db, change_id)
        check_transition(TaughtStatus(row.status), TaughtStatus.REFUSED)
        row.status = TaughtStatus.REFUSED
        sealing.put(db, row, said=why)
        # Nothing was taught: the texts that it came from wait again.
        review_queue.release(db, change_id)
        record(db, Audit("system", "refuse_taught", f"taught:{change_id}"), now=now)


def _refuse_built_on(
    workshop: Workshop,
    kind: TaughtKind,
    left: Mapping[str, str | None],
    edits: Sequence[Edit],
) -> None:
    """A question's file goes as a whole: not when somebody has worked on it since."""
    if kind is not TaughtKind.QUESTION:
        return
    for edit in edits:
        if saving.digest_of(workshop.project, str(edit.path)) != left.get(str(edit.path)):
            raise ConfigError("It was changed since. Take the later changes back first.")
