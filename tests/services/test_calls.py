"""Pages by phone: 1 takes, 2 passes on; a machine, silence and the practice acknowledge nothing."""

from datetime import timedelta

import pytest

from bot.core.calls import spelled
from bot.core.escalation import PageChannel
from bot.core.ids import new_alert_code
from bot.errors import NotAllowed, NotFound, NumberUnreachable, ProviderUnavailable
from bot.services import link_clicks, links
from bot.storage import sealing
from bot.storage.tables import Page, Staff
from tests.engines import SQLITE_ONLY
from tests.services.clinic_day import pages, pass_time, resolve
from tests.services.test_alerts import paged, staff_id
from tests.services.test_rota import troubles
from tests.world import number_of

OVERDOSE = "took all the pills"


def called(world) -> list[str]:
    """Whose phones rang, in order."""
    names = {number_of(name): name for name in ("Dr Bose", "Dr Ruiz", "Dr Lund", "practice")}
    return [names[call.to_number] for call in world.voice.sent]


def test_an_emergency_rings_and_texts_at_once(world):
    world.text("Bea", OVERDOSE)
    assert (called(world), paged(world)) == (["Dr Bose"], ["Dr Bose"])
    [call] = world.voice.sent
    assert "an open alert for your patients" in call.body
    assert "Press 1" in call.body
    assert "Bea" not in call.body


@SQLITE_ONLY
def test_a_call_says_the_code_slowly_and_twice(world):
    world.text("Bea", OVERDOSE)
    [call] = world.voice.sent
    code = spelled(world.alert("Bea").code)
    before_the_keys = call.body.partition("Press 1")[0]
    assert before_the_keys.count(code) == 2
    assert ". " in code, "a pause after each sign"


@SQLITE_ONLY
def test_the_code_that_was_heard_takes_the_alert_by_text(world):
    """Whoever loses the call can still answer."""
    world.text("Bea", OVERDOSE)
    heard = world.voice.sent[-1].body.partition("code: ")[2].partition(". Again")[0]
    signs = [part.split(",")[0] for part in heard.split(". ")]
    world.text("Dr Bose", f"ACK {''.join(signs)}")
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Bose")


@SQLITE_ONLY
def test_the_practice_hears_the_code_for_the_clinician(world):
    world.text("Bea", OVERDOSE)
    code = spelled(world.alert("Bea").code)
    for _ in range(3):
        pass_time(world, minutes=5)
    assert called(world)[-1] == "practice"
    assert world.voice.sent[-1].body.count(code) == 2


@pytest.mark.parametrize(
    ("code", "said"), [("K7", "K, Kilo. 7"), ("b27", "B, Bravo. 2. 7"), ("X9", "X, X-ray. 9")]
)
def test_a_code_is_read_sign_by_sign(code, said):
    assert spelled(code) == said


def test_every_letter_a_code_may_have_can_be_said():
    drawn = {new_alert_code()[0] for _ in range(1000)}
    assert all(", " in spelled(letter) for letter in drawn)


@SQLITE_ONLY
def test_an_urgent_alert_only_texts(world):
    world.text("Bea", "want to die")
    assert called(world) == []


def test_one_takes_the_alert(world):
    world.text("Bea", OVERDOSE)
    words = world.press("Dr Bose", "1")
    assert words.startswith("Thank you. The alert is yours.")
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Bose")
    pass_time(world, minutes=20)
    assert paged(world) == ["Dr Bose"]


@SQLITE_ONLY
def test_one_pressed_twice_is_the_same_answer(world):
    world.text("Bea", OVERDOSE)
    assert world.press("Dr Bose", "1") == world.press("Dr Bose", "1")


@SQLITE_ONLY
def test_two_pages_the_next_person_at_once(world):
    world.text("Bea", OVERDOSE)
    world.press("Dr Bose", "2")
    assert called(world) == ["Dr Bose", "Dr Ruiz"]
    assert world.alert("Bea").status == "open"


@SQLITE_ONLY
def test_a_machine_that_answers_has_acknowledged_nothing(world):
    world.delivers = False
    world.text("Bea", OVERDOSE)
    world.press("Dr Bose", answered="machine", because="")
    [text, call] = pages(world, "Bea")
    assert (call.channel, call.failed_because) == (PageChannel.VOICE, "machine")
    assert text.failed_at is None
    assert world.alert("Bea").status == "open"


@SQLITE_ONLY
def test_the_ladder_moves_on_at_once_when_neither_call_nor_text_arrives(world):
    world.carrier.refuses[number_of("Dr Bose")] = NumberUnreachable()
    world.text("Bea", OVERDOSE)
    assert called(world) == ["Dr Bose"]
    world.press("Dr Bose", answered="machine")
    assert called(world) == ["Dr Bose", "Dr Ruiz"]


@SQLITE_ONLY
def test_whoever_picks_up_and_says_nothing_has_acknowledged_nothing(world):
    world.text("Bea", OVERDOSE)
    world.press("Dr Bose")
    assert pages(world, "Bea")[1].failed_because == "no_key"
    assert world.alert("Bea").status == "open"


@SQLITE_ONLY
def test_a_wrong_key_is_asked_again(world):
    world.text("Bea", OVERDOSE)
    assert "Press 1" in world.press("Dr Bose", "7")
    assert world.alert("Bea").status == "open"


@SQLITE_ONLY
def test_a_call_says_so_when_somebody_was_quicker(world):
    world.text("Bea", OVERDOSE)
    world.text("Dr Ruiz", f"ack {world.alert('Bea').code}")
    assert world.press("Dr Bose", "1").startswith("Somebody has this alert already.")
    assert world.alert("Bea").acknowledged_by == staff_id(world, "Dr Ruiz")


@SQLITE_ONLY
def test_a_call_about_a_closed_alert_takes_nothing(world):
    world.text("Bea", OVERDOSE)
    resolve(world, "Bea")
    world.text("Bea", OVERDOSE)
    old = world.voice.sent[0]
    world.voice.sent.append(old)
    assert world.press("Dr Bose", "1").startswith("Somebody has this alert already.")
    assert world.alert("Bea").status == "open"


@SQLITE_ONLY
def test_the_practice_hears_it_and_the_alert_stays_open(world):
    world.text("Bea", OVERDOSE)
    pass_time(world, minutes=5)
    pass_time(world, minutes=5)
    pass_time(world, minutes=5)
    assert called(world)[-1] == "practice"
    assert world.press("practice", "1").startswith("Thank you. The alert stays open")
    assert world.alert("Bea").status == "open"
    pass_time(world, minutes=1)
    assert sorted(called(world)[-3:]) == ["Dr Bose", "Dr Lund", "Dr Ruiz"]


@SQLITE_ONLY
def test_a_carrier_of_calls_that_is_down_does_not_hold_up_the_text(world):
    world.voice.fails_with = ProviderUnavailable()
    world.text("Bea", OVERDOSE)
    assert paged(world) == ["Dr Bose"]
    assert pages(world, "Bea")[0].delivered_at is not None
    world.voice.fails_with = None
    pass_time(world, seconds=30)
    assert called(world) == ["Dr Bose"]


@SQLITE_ONLY
def test_a_way_of_paging_that_is_not_set_up_is_trouble_and_the_text_still_goes(world):
    object.__setattr__(world.app, "channels", {})
    world.text("Bea", OVERDOSE)
    assert paged(world) == ["Dr Bose"]
    assert troubles(world) == ["no_such_channel"]


# --- e-mail and its link ------------------------------------------------------------------------


@pytest.fixture
def mailed(world):
    """Dr Bose has an e-mail address, and urgent alerts page by text and by e-mail."""
    with world.clinic.db.transaction(audited=False) as db:
        bose = db.get_one(Staff, staff_id(world, "Dr Bose"))
        sealing.put(db, bose, email="bose@example.org")
    policy = world.clinic.policies["urgent"]
    step = policy.steps[0]
    both = type(step)(step.recipient, (PageChannel.SMS, PageChannel.EMAIL), step.wait)
    changed = type(policy)(**{**vars(policy), "steps": (both, *policy.steps[1:])})
    edited = {**world.clinic.policies, policy.level: changed}
    object.__setattr__(world.clinic, "policies", edited)
    world.text("Bea", "want to die")
    return world


def token(world) -> str:
    return world.email.sent[-1].body.rsplit(links.PATH, 1)[1]


def click(world, name: str, written: str):
    return link_clicks.acknowledge_by_link(
        world.clinic, written, staff_id=staff_id(world, name), now=world.now
    )


def test_an_e_mail_holds_a_link_and_nothing_about_her(mailed):
    [mail] = mailed.email.sent
    assert mail.to_number == "bose@example.org"
    assert links.PATH in mail.body
    for word in ("Bea", mailed.alert("Bea").code, "urgent", "suicide"):
        assert word not in mail.body


def test_the_link_acknowledges_once_for_whom_it_was_sent_to(mailed):
    written = token(mailed)
    with pytest.raises(NotAllowed, match="somebody else"):
        click(mailed, "Dr Ruiz", written)
    assert click(mailed, "Dr Bose", written).acknowledged
    assert mailed.alert("Bea").acknowledged_by == staff_id(mailed, "Dr Bose")
    with pytest.raises(NotAllowed, match="used already"):
        click(mailed, "Dr Bose", written)


@SQLITE_ONLY
def test_a_forged_link_is_refused(mailed):
    written = token(mailed)
    forged = ["", "x", written[:-1] + ("0" if written[-1] != "0" else "1"), written[:28] + "-"]
    for bad in forged:
        with pytest.raises(NotFound):
            click(mailed, "Dr Bose", bad)
    assert mailed.alert("Bea").status == "open"


@SQLITE_ONLY
def test_the_link_of_one_page_does_not_open_another(mailed):
    with mailed.clinic.db.reading() as db:
        other = db.query(Page).filter(Page.channel == "sms").first()
    with pytest.raises(NotFound):
        click(mailed, "Dr Bose", other.id + token(mailed)[28:])


@SQLITE_ONLY
def test_an_old_link_takes_nothing(mailed):
    written = token(mailed)
    mailed.clock.time += timedelta(hours=13)
    with pytest.raises(NotAllowed, match="too old"):
        click(mailed, "Dr Bose", written)


@SQLITE_ONLY
def test_a_link_says_so_when_somebody_was_quicker(mailed):
    written = token(mailed)
    mailed.text("Dr Ruiz", "ack")
    assert not click(mailed, "Dr Bose", written).acknowledged
    assert mailed.alert("Bea").acknowledged_by == staff_id(mailed, "Dr Ruiz")


@SQLITE_ONLY
def test_nobody_is_mailed_who_has_no_address(world):
    world.text("Bea", "want to die")
    assert world.email.sent == []


@SQLITE_ONLY
def test_a_2_after_pass_by_text_does_not_push_it_past_the_one_who_was_paged_since(world):
    world.text("Bea", OVERDOSE)
    world.text("Dr Bose", "PASS")
    assert called(world) == ["Dr Bose", "Dr Ruiz"]
    world.press("Dr Bose", "2")
    assert called(world) == ["Dr Bose", "Dr Ruiz"]
    assert world.alert("Bea").status == "open"
