"""How the console says things: times, ages, levels, outcomes; and the templates that hold them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.services.staff_names import TEND

HERE = Path(__file__).resolve().parent
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# What a page says after something was done. A fixed list: nothing from an address is shown.
DONE: Mapping[str, str] = {
    "acknowledged": "It is yours. Please phone her now, then write down what was done.",
    "handed_back": "Handed back. It pages again, from the first step.",
    "contact": "Noted. The alert stays with you.",
    "closed": "Closed with its outcome. Thank you.",
    "awaits": "Noted, and the alert is still yours. Write down what came of it when you know.",
    "outcome": "Noted what came of it. Thank you.",
    "still_yours": "Noted. Nobody found her yet, so the alert is still yours.",
    "corrected": "Corrected. What stood before stays on record.",
    "reopened": "Open again, and yours. Phone her, then write down what was done.",
    "called": "The call is noted.",
    "released": "Her sessions may take place again.",
    "taken_over": "You speak with her now. The bot is silent; screening goes on.",
    "handed_to_bot": "The bot may answer her again.",
    "phone_read": "Nothing that she did not ask for goes to her phone. Call her when it is safe.",
    "phone_hers": "What was held for her goes out, and her texts go on.",
    "paused": "Check-ins rest. Reminders of sessions go on, and she may still write.",
    "resumed": "Check-ins go on.",
    "stopped": "No more texts. One last text confirms it to her.",
    "started": "She may be texted again. If she sent STOP herself, she must also text START.",
    "sent": "Your text is on its way.",
    "sent_before": "These very words were sent from this form before. They go to her once.",
    "noted": "Noted.",
    "assigned": "It is yours.",
    "unassigned": "Nobody in particular has it now.",
    "item_closed": "Closed.",
    "item_reopened": "Open again.",
    "shift_added": "The shift is in the rota.",
    "shift_removed": "The shift is out of the rota.",
    "mine": "You are on call from now on, a day at most. See below until when, and who is backup.",
    "disabled": "Disabled and logged off. Alerts of theirs page again.",
    "enabled": "Enabled again.",
    "password": "Your password is changed. Other browsers are logged off.",
    "ended": "Logged off.",
    "dropped": "What was kept is gone.",
    "set_aside": "Set aside: nothing to teach there.",
    "brought_back": "Back in the queue.",
    "taught": "Rasa checks it now; that takes about half a minute. Then it is saved.",
    "undone": "Taken back. The texts it came from wait in the queue again.",
    "approved": "Approved in your name.",
    "training": "The candidate is being made. Patients notice nothing of it.",
    "training_cancelled": "It is being stopped. Nothing has changed.",
    "approved_model": "You stand for what changed in this model. Thank you.",
    "promoting": "It goes live within seconds. Her texts wait meanwhile, and none is lost.",
    "rolling_back": "The model that was live before goes live again within seconds.",
    "question_added": "Every candidate is tested with it from now on.",
    "question_removed": "Candidates are no longer tested with it.",
    "shadow": "It reads along for a day, and answers nobody.",
    "shadow_stopped": "It reads along no longer. What was read is below.",
}
_CATEGORIES = {
    "suicide": "Thoughts of suicide",
    "self_harm": "Hurting herself",
    "harm_baby": "Harm to the baby",
    "intrusive_thoughts": "Unwanted thoughts",
    "harm_others": "Harm to others",
    "psychosis": "Signs of psychosis",
    "infant_emergency": "Infant emergency",
    "overdose": "Overdose",
    "medical_emergency": "Medical emergency",
    "violence": "Violence at home",
    "misuse": "Misuse of medicine",
    "loss": "Loss",
    "alerting_item": "Alerting answer in a check-in",
    "help_keyword": "Asked for help",
    "opt_out": "Opted out in treatment",
    "distress": "Distress",
    "undelivered": "Our text did not reach her",
    "media": "Photo",
    "texts_held": "Texts held, he may read her phone: call her when it is safe",
    "staff": "For staff",
}
_LAYERS = {
    "pattern": "Pattern",
    "classifier": "Classifier",
    "item": "Check-in answer",
    "intent": "Dialogue",
    "keyword": "Carrier word",
    "carrier": "Carrier",
    "silence": "No answer",
    "loss": "She mourns, and says that she will be with the one who died",
    "promise": "A promise not kept",
    "answer": "Her answer",
    "return": "He is near or armed, it happened again, or she asks for a call",
}
_ROLES = {"clinician": "Clinician", "support": "Support worker", "admin": "Administrator"}
_VERBS = {
    "raise": "Alert raised",
    "signal": "Danger seen",
    "lift": "Level raised",
    "page": "Paged",
    "page_failed": "A page failed",
    "asks_if_seen": "She asked whether anybody read her",
    "asks_if_real": "She asked whether a person writes",
    "correct_answer": "She corrected her answer",
    "begin_read_along": "Somebody may read her phone: what she did not ask for is held",
    "end_read_along": "Her phone is hers alone again",
    "take_call": "Took the call by MINE",
    "hold_text": "A text was held: somebody may read her phone",
    "holder_not_told": "Whoever had it could not be told that she wrote: it goes on",
    "no_call_noted": "She waits, and no call was noted: it goes on",
    "staff_not_told": "Our answer to a colleague could not be sent",
    "asks_for_call": "She asks to be called",
    "says_nobody_called": "She says that nobody has called",
    "no_one_on_duty": "Nobody had the duty; everybody is paged",
    "acknowledge": "Acknowledged",
    "hand_back": "Handed back",
    "take_over": "Taken over from whoever had it",
    "resolve": "Closed",
    "await_outcome": "Somebody was sent to her; the outcome is awaited",
    "record_outcome": "Outcome noted",
    "pass_on": "Passed on",
    "record_contact": "Contact noted",
    "add_to_alert": "She wrote again",
    "correct": "Closing corrected",
    "reopen": "Opened again after it was closed",
    "answered_b": "She answered the safety question with no",
}
# Where nobody did it: the software noticed that nobody is at it any more.
_VERBS_OF_OURS = {"hand_back": "Open again"}
# Longer than the plain words, for people.
_PLAIN = {
    "reached_safe": "Reached, and safe",
    "sent_to_emergency": "Sent to emergency care",
    "welfare_check": "Could not reach: welfare check",
    "false_alarm": "False alarm",
    "true": "Right",
    "not_sure": "Not sure",
    "opened_again": "alert opened again",
    "newer_alert": "a newer alert about her",
    "planned_anew": "planned anew",
    "safe": "She is safe",
    "in_care": "She is in care",
    "not_found": "Not found: it stays open",
    "disposition": "How it ended",
    "follow_up": "Follow-up call",
    "day_1": "Next call",
    "day_7": "Call after a week",
    "session_release": "Release a session",
    "staff": "Trouble with paging",
    "may_be_read": "held: somebody may read her phone",
    "overtaken": "not sent: no longer true, another text went instead",
    "person_took_over": "not sent: a person took over before",
    "trouble_opted_out": "A phone said STOP and is only rung",
    "trouble_unreachable": "The carrier cannot reach a phone",
    "trouble_no_one_is_on_call": "Nobody was on call",
    "trouble_no_one_is_backup": "Nobody was backup",
    "trouble_no_one_is_lead": "No lead can be paged",
    "trouble_responder_without_phone": "On call without a phone",
    "trouble_no_backup_planned": "No second person as backup in the next 72 hours",
    "trouble_rota_gap": "Nobody on call in the next 72 hours",
    "trouble_shift_changed_while_open": "The shift changed while an alert was open",
    "trouble_phone_answers_by_itself": "A colleague's phone answers by itself: away?",
    "trouble_clock_set_back": "The machine's clock was set back: what waited was done at once",
    "trouble_no_such_channel": "A way to page that is not set up",
    "trouble_pages_not_sent": "Pages wait and are not sent",
    "trouble_claim_without_lease": "A worker stopped in the middle of its work",
    "trouble_alert_without_next_step": "An open alert that pages nobody",
    "trouble_alert_without_owner": "An alert that is taken and has no owner",
    "trouble_canary_unanswered": "The daily test of paging was not answered",
    "trouble_no_crisis_classifier": "No trained crisis model: danger is found by patterns alone",
    "not_understood": "Not understood",
    "call_back": "Call her back",
    "move_session": "Wants another session time",
    "no_answer": "Waits for an answer",
    "side_effect": "Side effect",
    "missed_check_in": "Missed check-in",
    "forget": "Wants her data erased",
    "fell_back": "Not understood",
    "low_confidence": "The bot was not sure",
    "corrected": "A person corrected it",
    "not_meant": "She said: not what I meant",
    "silence": "She never came back",
    "second_person": "A second person must agree",
    "nobody": "Needs no approval",
    "examples": "Examples",
    "question": "Question and answer",
    "intent": "New intent",
    "support": "Support reads it and answers",
    "alert_same_day": "Same-day alert: a person calls today",
    "alert_watch": "Watch: the next morning's list",
    "phq9": "PHQ-9",
    "phq2": "PHQ-2",
    "gad7": "GAD-7",
    "gad2": "GAD-2",
    "held_out": "Blind set, tidy",
    "noisy": "Blind set, as thumbs type",
    "cross-validated": "All examples, each read by a model that had not seen it",
    "test questions": "Your test questions",
    "macro_f1": "Understood as well as today",
    "test_lines": "No test line was taught",
    "pasted": "Nothing stands under two intents",
    "moved": "Nothing was pasted elsewhere",
    "danger": "No danger in small talk",
    "answers": "Answers that help are whole",
    "wiring": "Danger goes to the screening",
    "safety": "Safety set, the whole path",
    "goldens": "Rehearsed conversations",
    "intents": "No intent given up",
    "approved": "Approved by a second person",
    "cross_validating": "Cross-validating",
}

_RIGHT = {
    "true": "the alert was right",
    "false_alarm": "the alert was wrong",
    "not_sure": "not sure whether the alert was right",
}


@cache
def environment(zone: ZoneInfo) -> Environment:
    """Templates in which everything is escaped: whoever texts chooses the words.

    Made once: to read a template takes longer than to fill it in.

    :param zone: the practice's; every time is said in it.
    """
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        at=lambda moment: at(moment, zone),
        day=lambda moment: day(moment, zone),
        clock=lambda moment: clock(moment, zone),
        clock_in=lambda moment, name: clock(moment, ZoneInfo(name)),
        ended=ended,
        reached=lambda value: {True: ": reached", False: ": tried, not reached"}.get(value, ""),
        skips_days=lambda due, planned: skips_days(due, planned, zone),
        field=lambda moment: f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}",
        age=age,
        until=until,
        plain=plain,
        category=lambda value: _CATEGORIES.get(value, plain(value)),
        layer=lambda value: _LAYERS.get(value, plain(value)),
        happened=happened,
        number=shown_number,
        role=lambda value: _ROLES[value],
    )
    made.globals["done_words"] = DONE
    made.globals["place"] = zone.key.rsplit("/", 1)[-1].replace("_", " ")
    return made


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """A time of day: 3:05 am."""
    local = moment.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


def day(moment: datetime, zone: ZoneInfo) -> str:
    """A day: Mon Jan 5, 2026. Not strftime, whose words follow the machine's locale."""
    local = moment.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {_MONTHS[local.month - 1]} {local.day}, {local.year}"


def skips_days(due: datetime, planned: datetime, zone: ZoneInfo) -> bool:
    """Is it due on a later day than the one after it was planned? Nobody is there in between."""
    return (due.astimezone(zone).date() - planned.astimezone(zone).date()).days > 1


def at(moment: datetime, zone: ZoneInfo) -> str:
    """A moment: Mon Jan 5, 3:05 am."""
    return f"{day(moment, zone)[:-6]}, {clock(moment, zone)}"


def age(moment: datetime, now: datetime) -> str:
    """How long ago: 4 min, 3 h, 2 days."""
    return _span(now - moment)


def until(moment: datetime, now: datetime) -> str:
    """How soon: in 4 min; or how late: 3 h ago."""
    if moment >= now:
        return f"in {_span(moment - now)}"
    return f"{_span(now - moment)} ago"


def _span(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        hours, minutes = divmod(seconds // 60, 60)
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
    return f"{seconds // 86400} days"


def plain(value: object) -> str:
    """One of our codes as people say it."""
    words = str(value)
    if words in _PLAIN:
        return _PLAIN[words]
    words = words.replace("_", " ").replace("-", "-")
    return words[:1].upper() + words[1:]


def happened(verb: str, actor: str) -> str:
    """What happened to an alert: "Handed back" by a person is "Open again" where nobody did it.

    :param actor: by name.
    """
    ours = _VERBS_OF_OURS.get(verb) if actor == TEND else None
    return ours or _VERBS.get(verb, plain(verb))


def ended(codes: str) -> str:
    """How an alert ended, and whether it was right: "false alarm; the alert was right"."""
    how, _, right = codes.partition(", ")
    said = plain(how).lower()
    return f"{said}; {_RIGHT[right]}" if right in _RIGHT else said


def shown_number(number: str) -> str:
    """A number as people write it: 202-555-0111."""
    if number.startswith("+1") and len(number) == 12:
        return f"{number[2:5]}-{number[5:8]}-{number[8:]}"
    return number
