"""One approval of a candidate is also the approval of every lesson that went into it.

Otherwise an answer would be live and still wait for somebody on the desk's pages and in its file.
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime

from bot.core.gates import Change
from bot.core.taught import may_approve
from bot.errors import NotAllowed
from bot.services import model_proof, taught_changes
from bot.services.clinic import Clinic
from bot.services.logins import Visitor
from bot.services.taught_changes import Change as Lesson
from bot.teaching.workshop import Workshop


def approve(clinic: Clinic, workshop: Workshop, name: str, *, by: Visitor, now: datetime) -> None:
    """Somebody has read everything that changed in a candidate, and stands for it.

    Lessons that are not in it word for word, or are not this person's to agree to, stay as
    they are: the candidate's own approval is what its gate asks for.

    :raises NotAllowed: nothing of it is proved yet.
    """
    model_proof.approve(clinic, name, staff_id=by.staff_id, now=now)
    changes = model_proof.look_at(clinic, name).changes
    for lesson in taught_changes.list_unapproved(clinic):
        made_it = lesson.staff_id == by.staff_id
        mine = may_approve(lesson.needs, role=by.role, made_it=made_it)
        if mine and _is_in(changes, lesson):
            # Somebody has edited the file since, or was quicker: then it waits, or is done.
            with contextlib.suppress(NotAllowed):
                taught_changes.approve(clinic, workshop, lesson.id, by=by, now=now)


def _is_in(changes: Sequence[Change], lesson: Lesson) -> bool:
    """Is every word of the lesson among what was shown as new?"""
    named = {lesson.intent, *(f"utter_{lesson.intent} ({one})" for one in lesson.typed.answers)}
    shown = {
        " ".join(words.split())
        for change in changes
        if change.what in named
        for words in (*change.added, change.after)
    }
    wanted = [*lesson.typed.texts, *lesson.typed.answers.values()]
    return all(" ".join(words.split()) in shown for words in wanted)
