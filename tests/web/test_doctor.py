"""What `tend doctor` says of a deployment: every check can be well, and every one can go wrong."""

import fcntl
import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
from rich.console import Console
from sqlalchemy import select, text

from bot import doctor, gateway, processes
from bot.content.domain import write_domain
from bot.content.texts import load_catalogue
from bot.conversations import cast
from bot.core.languages import Language
from bot.core.rota import Duty, StaffRole
from bot.crisis import model_files
from bot.doctor import audit_chain, carrier, database, files, model, report, web
from bot.doctor import demo as doctor_of_demos
from bot.doctor.findings import Check, Finding, State, Surroundings, shown
from bot.errors import ConfigError
from bot.sandbox import demo as sandbox
from bot.services import housekeeping, staff
from bot.services.clinic import Clinic
from bot.settings import Settings, load_settings
from bot.storage.database import Database
from bot.storage.tables import AuditEvent, AuditSeal, ShiftRecord, Staff
from bot.storage.vault import Vault, save_keys
from bot.training.crisis import CODE as CRISIS_CODE
from bot.training.crisis import fingerprint_of as crisis_fingerprint
from bot.training.one_at_a_time import Kind, alone
from bot.training.progress import nobody as nobody_waits
from bot.training.train import card_of, fingerprint_of
from tests.conftest import DATA, KEYS, ROOT
from tests.crisis.small_model import small_model
from tests.world import MONDAY_10, World

OK, WARNING, WRONG = State.OK, State.WARNING, State.WRONG
SECRETS = {
    "twilio_auth_token": "hush-auth-token",
    "twilio_api_secret": "hush-api-secret",
    "rasa_token": "hush-rasa",
    "action_token": "hush-actions",
}
TWILIO: dict[str, Any] = {
    **SECRETS,
    "sms_provider": "twilio",
    "public_url": "https://sms.example.org",
    "twilio_account_sid": "AC" + "a" * 32,
    "twilio_api_key": "SK" + "b" * 32,
    "twilio_messaging_service": "MG" + "c" * 32,
}
PRODUCTION = {**TWILIO, "production": True}


def nobody(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("hush: refused")


class Clinics:
    """A project folder of its own, and what the checks look at there."""

    def __init__(self, folder: Path) -> None:
        self.project = folder
        self.data = folder / "data"
        self.models = folder / "models"
        self.keys = folder / "keys.json"
        self.database = f"sqlite:///{folder / 'tend.db'}"
        self.now = MONDAY_10
        self.free = 500 * 1024**3
        self.answers: Callable[[httpx.Request], httpx.Response] = nobody

    def settings(self, **changes: Any) -> Settings:
        given = {
            "data_dir": self.data,
            "models_dir": self.models,
            "key_file": self.keys,
            "database_url": self.database,
        }
        return load_settings(**(given | changes))

    def around(self, **changes: Any) -> Surroundings:
        return Surroundings(
            settings=self.settings(**changes),
            http=httpx.Client(transport=httpx.MockTransport(self.answers)),
            now=lambda: self.now,
            project=self.project,
            free_bytes=lambda _: self.free,
        )

    def finds(self, check: Check, **changes: Any) -> dict[str, Finding]:
        around = self.around(**changes)
        found: dict[str, Finding] = {}
        for one in report.attempt("the check", check, around):
            before = found.get(one.name)
            said = f"{before.sentence} {one.sentence}" if before else one.sentence
            found[one.name] = replace(one, sentence=said)
        return found

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.project / path
        before = file.read_text(encoding="utf-8")
        assert old in before
        file.write_text(before.replace(old, new), encoding="utf-8")

    def train(self) -> Path:
        """Leave a model with its card, as training does."""
        path = self.models / "tend-1.tar.gz"
        path.touch()
        card_of(path).write_text(json.dumps({"fingerprint": fingerprint_of(self.project)}))
        return path

    def train_crisis(self, *, fingerprint: str = "") -> Path:
        """Leave a crisis classifier, as training does; the card's path."""
        known = fingerprint or crisis_fingerprint(self.project)
        return model_files.save(replace(small_model({}), fingerprint=known), self.models, about={})


@pytest.fixture(scope="session")
def whole_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with nothing wrong in it, made once and never changed."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(DATA, folder / "data")
    shutil.copy(ROOT / "domain.yml", folder)
    write_domain(folder / "domain.yml", load_catalogue(folder / "data"))
    for file in CRISIS_CODE:  # what decides the classifier: the list itself, so that it cannot age
        (folder / "bot" / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "bot" / file, folder / "bot" / file)
    rasa = folder / "deploy/rasa/.venv"
    for file in ("bin/python", "lib/python3.10/site-packages/rasa/__init__.py"):
        (rasa / file).parent.mkdir(parents=True, exist_ok=True)
        (rasa / file).touch()
    return folder


@pytest.fixture
def here(whole_project: Path, tmp_path: Path) -> Clinics:
    """A clinic on whose disk all is well."""
    shutil.copytree(whole_project, tmp_path, dirs_exist_ok=True)
    clinics = Clinics(tmp_path)
    clinics.models.mkdir()
    save_keys(clinics.keys, KEYS)
    clinics.train()
    clinics.train_crisis()
    return clinics


@pytest.fixture
def db(here: Clinics, sqlite_template: Path) -> Iterator[Database]:
    """The database of that clinic, of this version's schema; one engine says it all here."""
    shutil.copy(sqlite_template, here.project / "tend.db")
    opened = Database(here.database, Vault(KEYS))
    yield opened
    opened.close()


@pytest.fixture
def open_clinic(here: Clinics, db: Database, signed: dict[str, object]) -> Clinic:
    """That clinic with the cast, a sealed audit chain and a worker that is alive."""
    clinic = Clinic(db=db, **signed)  # type: ignore[arg-type]  # as read by ``signed``
    cast.seed(clinic, now=here.now)
    housekeeping.seal_audit(clinic)
    housekeeping.beat(clinic, "worker", now=here.now)
    return clinic


# --- files --------------------------------------------------------------------------------------


type Harm = Callable[[Clinics], object]


def say_in_english(clinics: Clinics, text_id: str) -> None:
    """Leave the Spanish text in English."""
    texts = load_catalogue(clinics.data)
    english, spanish = (texts.get(text_id, language).text for language in Language)
    clinics.edit("data/texts/es.yml", spanish, english)


BROKEN_FILES: list[tuple[str, Check, str, State, str, Harm]] = [
    ("broken YAML", files.readable, "files under data/", WRONG, "smalltalk.yml",
     lambda c: (c.data / "nlu/smalltalk.yml").write_text("nlu: [")),
    ("other ending", files.readable, "files under data/", WRONG, "Rename",
     lambda c: (c.data / "faq/new.yaml").write_text("nlu: []")),
    ("no data", files.readable, "files under data/", WRONG, "TEND_DATA_DIR",
     lambda c: shutil.rmtree(c.data)),
    ("text missing", files.texts, "the check", WRONG, "help_reply",
     lambda c: c.edit("data/texts/es.yml", "help_reply:", "helf_reply:")),
    ("texts of the demo", files.texts, "texts approved", WARNING, "demo", lambda c: None),
    ("stale domain", files.texts, "domain.yml", WRONG, "tend texts domain",
     lambda c: c.edit("domain.yml", "  utter_greet:", "  utter_greeting:")),
    ("no domain", files.texts, "the check", WRONG, "missing",
     lambda c: (c.project / "domain.yml").unlink()),
    ("Spanish text in English", files.texts, "texts in Spanish", WRONG, "help_reply",
     lambda c: say_in_english(c, "help_reply")),
    ("action that is not there", files.rules, "intents and rules", WRONG,
     "Did you mean utter_faq_cost?",
     lambda c: c.edit("data/faq/cost.yml", "action: utter_faq_cost", "action: utter_faq_csot")),
    ("action of the actions", files.rules, "intents and rules", WRONG, "action_request_cal.",
     lambda c: c.edit("data/rules/requests.yml", "action_request_call", "action_request_cal")),
    ("question without a rule", files.rules, "intents and rules", WRONG,
     "no rule says what follows faq_cost",
     lambda c: c.edit("data/faq/cost.yml", "rules:\n- rule: answer faq_cost\n  steps:\n"
                      "  - intent: faq_cost\n  - action: utter_faq_cost\n", "")),
    ("rule of another question", files.rules, "intents and rules", WRONG,
     "no rule says what follows faq_cost",
     lambda c: c.edit("data/faq/cost.yml", "  - intent: faq_cost", "  - intent: faq_csot")),
    ("protocol broken", files.protocol, "the check", WRONG, "round_up_minutes",
     lambda c: c.edit("data/protocol/demo.yml", "round_up_minutes: 15", "round_up_minutes: 0")),
    ("protocol of the demo", files.protocol, "protocol approved", WARNING, "demo", lambda c: None),
    ("numbers unsigned", files.protocol, "numbers for sessions", WARNING, "systolic_limit",
     lambda c: None),
    ("instrument broken", files.instruments, "the check", WRONG, "phq2.yml",
     lambda c: c.edit("data/instruments/phq2.yml", "given: [0, 3], total: 3",
                      "given: [0, 3], total: 4")),
    ("Spanish unchecked", files.instruments, "instruments in Spanish", WARNING, "phq2",
     lambda c: None),
    ("policy missing", files.policies, "the check", WRONG, "emergency",
     lambda c: (c.data / "escalation/emergency.yml").unlink()),
    ("policy breaks a promise", files.policies, "escalation and protocol", WRONG, "urgent",
     lambda c: c.edit("data/escalation/urgent.yml", "tell_patient_after_minutes: 30",
                      "tell_patient_after_minutes: 45")),
    ("crisis file missing", files.crisis, "the check", WRONG, "classes.yml",
     lambda c: (c.data / "crisis/classes.yml").unlink()),
    ("key file open", files.key_file, "key file", WRONG, "chmod 600",
     lambda c: c.keys.chmod(0o640)),
    ("key file garbled", files.key_file, "the check", WRONG, "backup",
     lambda c: c.keys.write_text("{}")),
    ("no key file yet", files.key_file, "key file", WARNING, "first start",
     lambda c: c.keys.unlink()),
    ("no Rasa environment", model.environment, "the check", WRONG, "make setup",
     lambda c: shutil.rmtree(c.project / "deploy")),
    ("half a Rasa environment", model.environment, "Rasa's environment", WRONG, "make clean setup",
     lambda c: shutil.rmtree(c.project / "deploy/rasa/.venv/lib")),
    ("no model", model.trained, "dialogue model", WRONG, "make train",
     lambda c: shutil.rmtree(c.models)),
    ("no card", model.trained, "dialogue model", WRONG, "no card",
     lambda c: card_of(c.train()).unlink()),
    ("garbled card", model.trained, "dialogue model", WRONG, "no card",
     lambda c: card_of(c.train()).write_text("[]")),
    ("model of other data", model.trained, "dialogue model", WARNING, "make train",
     lambda c: (c.data / "faq/new.yml").write_text("nlu: []")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "name", "state", "says", "harm"),
    [row[1:] for row in BROKEN_FILES],
    ids=[row[0] for row in BROKEN_FILES],
)
def test_it_is_found_when_a_file_is_not_as_it_should_be(
    here: Clinics, check: Check, name: str, state: State, says: str, harm: Harm
) -> None:
    harm(here)

    finding = here.finds(check)[name]

    assert (finding.state, says in finding.sentence) == (state, True), finding


@pytest.mark.parametrize(
    ("harm", "state", "cure"),
    [
        (lambda card: card.unlink(), WRONG, "models: no crisis classifier"),
        (lambda card: card.unlink(), WRONG, "Run `make train`."),
        (lambda card: card.write_text("{"), WRONG, "tend train crisis --force"),
        (lambda card: card.with_suffix(".npz").write_bytes(b"x"), WRONG, "its card describes"),
    ],
    ids=["none, with the folder", "none, with the cure", "garbled card", "changed numbers"],
)
def test_it_is_found_when_danger_is_looked_for_by_patterns_alone(
    here: Clinics, harm: Callable[[Path], object], state: State, cure: str
) -> None:
    harm(here.train_crisis())

    found = here.finds(model.crisis_classifier)["crisis classifier"]

    assert found.state is state
    assert cure in found.sentence


def test_a_classifier_of_other_data_is_to_look_at(here: Clinics) -> None:
    here.train_crisis(fingerprint="f" * 64)

    found = here.finds(model.crisis_classifier)["crisis classifier"]

    assert found.state is WARNING


@pytest.mark.parametrize(
    ("kind", "check", "name"),
    [
        (Kind.CRISIS, model.crisis_classifier, "crisis classifier"),
        (Kind.DIALOGUE, model.trained, "dialogue model"),
    ],
)
def test_nobody_is_told_to_train_while_a_training_runs(
    here: Clinics, kind: Kind, check: Check, name: str
) -> None:
    for file in here.models.iterdir():
        file.unlink()
    assert "Run `make train`." in here.finds(check)[name].sentence

    with alone(here.models, kind, at=nobody_waits):
        found = here.finds(check)[name]

    assert found.state is WRONG
    assert "A training is running here" in found.sentence
    assert "make train" not in found.sentence


def test_a_crisis_pattern_is_wrong_when_its_own_example_fails(here: Clinics) -> None:
    file = here.data / "crisis/patterns.en.yml"
    head, key, rest = file.read_text(encoding="utf-8").partition("    must_match: |\n")
    file.write_text(f"{head}{key}      what a lovely morning\n{rest}", encoding="utf-8")

    finding = here.finds(files.crisis)["crisis patterns"]

    assert finding.state == WRONG
    assert "must match 'what a lovely morning'" in finding.sentence


@pytest.mark.parametrize(
    ("check", "name"), [(files.texts, "texts approved"), (files.protocol, "protocol approved")]
)
def test_what_nobody_approved_is_wrong_in_production(
    here: Clinics, check: Check, name: str
) -> None:
    assert here.finds(check, **PRODUCTION)[name].state == WRONG


def test_signed_files_are_well(here: Clinics) -> None:
    for file in [*here.data.rglob("*.yml")]:
        words = file.read_text(encoding="utf-8")
        words = words.replace("approver: demo", "approver: Dr Lund").replace(
            "value: null", "value: 1"
        )
        words = words.replace("approver: null", "approver: Dr Lund")
        words = words.replace("spanish_checked: false", "spanish_checked: true")
        file.write_text(words, encoding="utf-8")

    for check in (files.texts, files.protocol, files.instruments):
        assert {f.state for f in here.finds(check, **PRODUCTION).values()} == {OK}


def test_a_missing_key_file_is_wrong_in_production(here: Clinics) -> None:
    here.keys.unlink()

    assert here.finds(files.key_file, **PRODUCTION)["the check"].state == WRONG
    assert not here.keys.exists()


def test_model_and_environment_may_be_elsewhere_when_rasa_is(here: Clinics) -> None:
    shutil.rmtree(here.models)
    shutil.rmtree(here.project / "deploy")

    for check in (model.environment, model.trained):
        (finding,) = here.finds(check, rasa_url="http://rasa:5005").values()
        assert finding.state == OK


# --- the database -------------------------------------------------------------------------------


def test_the_database_is_well_when_a_worker_runs_and_somebody_is_on_call(
    here: Clinics, open_clinic: Clinic
) -> None:
    found = here.finds(database.check)

    assert {f.name for f in found.values() if f.state == OK} == {
        "database", "schema", "audit chain", "worker", "rota",
    }  # fmt: skip
    assert {f.state for f in found.values()} == {OK}


@pytest.mark.parametrize("end", ["", "-wal", "-gate"])
def test_a_database_that_everybody_on_the_machine_can_read_is_named(
    here: Clinics, open_clinic: Clinic, end: str
) -> None:
    file = here.project / f"tend.db{end}"
    file.chmod(0o640)
    assert "database file" not in here.finds(database.check), "a group is the operator's wish"
    file.chmod(0o644)
    found = here.finds(database.check)["database file"]
    assert (found.state, f"chmod o-rwx {file}" in found.sentence) == (WARNING, True), found
    assert here.finds(database.check, **PRODUCTION)["database file"].state == WRONG


def test_a_missing_database_is_found_and_not_made(here: Clinics) -> None:
    assert here.finds(database.check)["database"].state == WRONG
    assert not (here.project / "tend.db").exists()


def test_no_password_is_shown_when_the_database_does_not_answer(here: Clinics) -> None:
    found = here.finds(
        database.check, database_url="postgresql+psycopg://tend:hush-db@127.0.0.1:1/tend"
    )

    assert found["database"].state == WRONG
    assert "127.0.0.1:1/tend" in found["database"].sentence
    assert "hush-db" not in str(found)


def test_an_address_that_is_none_stops_before_the_doctor_comes(here: Clinics) -> None:
    with pytest.raises(ConfigError, match="TEND_DATABASE_URL") as said:
        here.settings(database_url="hush-db")
    assert "hush-db" not in str(said.value)


def on_everybody(**values: object) -> Callable[[Clinics, Clinic], None]:
    def harm(_here: Clinics, clinic: Clinic) -> None:
        with clinic.db.transaction(audited=False) as db:
            for person in db.scalars(select(Staff)):
                for name, value in values.items():
                    setattr(person, name, value)

    return harm


def no_more_shifts(hours: float, duty: Duty) -> Callable[[Clinics, Clinic], None]:
    def harm(here: Clinics, clinic: Clinic) -> None:
        with clinic.db.transaction(audited=False) as db:
            for shift in db.scalars(select(ShiftRecord).where(ShiftRecord.duty == duty)):
                shift.ends_at = here.now + timedelta(hours=hours)

    return harm


def a_shift_without_phone(here: Clinics, clinic: Clinic) -> None:
    """Somebody who cannot be paged takes over in an hour: the newest shift wins."""
    with clinic.db.transaction() as db:
        person = staff.add_staff(
            db, name="Dr New", phone=None, role=StaffRole.CLINICIAN, by="test", now=here.now
        )
        starts, ends = here.now + timedelta(hours=1), here.now + timedelta(hours=3)
        staff.add_shift(
            db, staff_id=person.id, duty=Duty.ON_CALL, starts_at=starts, ends_at=ends,
            by="test", now=here.now,
        )  # fmt: skip


def statement(sql: str) -> Callable[[Clinics, Clinic], None]:
    def harm(_here: Clinics, clinic: Clinic) -> None:
        with clinic.db.engine.begin() as connection:
            # Whoever can change a row can also drop what guards it.
            query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for (trigger,) in connection.execute(text(query)).all():
                connection.execute(text(f"DROP TRIGGER {trigger}"))
            connection.execute(text(sql))

    return harm


def later(**time: float) -> Callable[[Clinics, Clinic], None]:
    def harm(here: Clinics, _clinic: Clinic) -> None:
        here.now += timedelta(**time)

    return harm


BROKEN_DATABASE: list[tuple[str, str, State, str, Callable[[Clinics, Clinic], None]]] = [
    ("old schema", "schema", WRONG, "tend db upgrade",
     statement("UPDATE alembic_version SET version_num = '0000'")),
    ("audit event changed", "audit chain", WRONG, "changed",
     statement("UPDATE audit_events SET actor = 'cli:mallory' WHERE id = 2")),
    ("seal removed", "audit chain", WRONG, "missing",
     statement("DELETE FROM audit_seals WHERE number = 3")),
    ("no key file", "audit chain", WARNING, "key file", lambda here, _: here.keys.unlink()),
    ("no worker yet", "worker", WRONG, "Start", statement("DELETE FROM heartbeats")),
    ("worker silent", "worker", WRONG, "5 minutes", later(minutes=5)),
    ("clock behind", "worker", WRONG, "clock", later(minutes=-5)),
    ("no clinician", "rota", WRONG, "No clinician",
     on_everybody(role=StaffRole.SUPPORT)),
    ("no phone", "rota", WRONG, "No clinician",
     on_everybody(phone_index=None)),
    ("no one on call", "rota", WRONG, "now and for the rest", no_more_shifts(-1, Duty.ON_CALL)),
    ("a gap to come", "rota", WRONG, "from 2026-01-07 10:00", no_more_shifts(48, Duty.ON_CALL)),
    ("on call without phone", "rota", WRONG, "2026-01-05 13:00", a_shift_without_phone),
    ("no backup", "rota: backup", WARNING, "now", no_more_shifts(0, Duty.BACKUP)),
    ("nobody leads", "rota: lead", WARNING, "leads", on_everybody(leads=False)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "state", "says", "harm"),
    [row[1:] for row in BROKEN_DATABASE],
    ids=[row[0] for row in BROKEN_DATABASE],
)
def test_it_is_found_when_the_database_holds_something_wrong(
    here: Clinics,
    open_clinic: Clinic,
    name: str,
    state: State,
    says: str,
    harm: Callable[[Clinics, Clinic], None],
) -> None:
    harm(here, open_clinic)

    finding = here.finds(database.check)[name]

    assert (finding.state, says in finding.sentence) == (state, True), finding


def test_the_rota_is_well_when_the_next_shift_follows_without_a_gap(
    here: Clinics, open_clinic: Clinic
) -> None:
    no_more_shifts(5, Duty.ON_CALL)(here, open_clinic)
    with open_clinic.db.transaction() as db:
        lead = db.scalars(select(Staff).where(Staff.leads)).one()
        staff.add_shift(
            db, staff_id=lead.id, duty=Duty.ON_CALL, by="test", now=here.now,
            starts_at=here.now + timedelta(hours=5), ends_at=here.now + timedelta(hours=80),
        )  # fmt: skip

    assert here.finds(database.check)["rota"].state == OK


def test_only_the_newest_events_are_walked(here: Clinics, open_clinic: Clinic) -> None:
    statement("UPDATE audit_events SET actor = 'cli:mallory' WHERE id = 2")(here, open_clinic)
    with open_clinic.db.reading() as db:
        total = len(db.scalars(select(AuditSeal)).all())
        assert audit_chain.verify_newest(db, count=total - 2) == (total - 2, None)
        assert audit_chain.verify_newest(db, count=total - 1)[1] is not None
        assert len(db.scalars(select(AuditEvent)).all()) == total


@pytest.mark.parametrize(("gigabytes", "state"), [(500, OK), (1, WARNING), (0.1, WRONG)])
def test_the_disk_is_wrong_before_no_text_can_be_stored(
    here: Clinics, gigabytes: float, state: State
) -> None:
    here.free = int(gigabytes * 1024**3)

    assert here.finds(database.disk)["disk"].state == state


# --- processes that speak HTTP ------------------------------------------------------------------

READY = {"database": True, "dialogue": True, "worker": True}
MODEL = {"model_file": "/srv/models/tend-1.tar.gz"}


def answers(
    status: int = 200, body: object = None, *, post: int = 403, without_token: int = 401
) -> Callable[[httpx.Request], httpx.Response]:
    """One answer for all, but for posts and for Rasa's status without a token."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(post)
        if request.url.path == "/status" and not request.url.query:
            return httpx.Response(without_token)
        return httpx.Response(status, json=body)

    return handle


def no_certificate(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")


def too_slow(_request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("timed out")


type Answers = Callable[[httpx.Request], httpx.Response]
KNOCKS: list[tuple[str, Check, str, State, str, Answers]] = [
    ("well", web.gateway, "gateway", OK, "ready", answers(200, READY)),
    ("down", web.gateway, "gateway", WRONG, "tend gateway", nobody),
    ("slow", web.gateway, "gateway", WRONG, "in time", too_slow),
    ("no database", web.gateway, "gateway", WRONG, "the database",
     answers(503, READY | {"database": False})),
    ("no Rasa", web.gateway, "gateway", WARNING, "Rasa", answers(200, READY | {"dialogue": False})),
    ("somebody else", web.gateway, "gateway", WRONG, "not our gateway", answers(200, {"hi": 1})),
    ("no JSON object", web.gateway, "gateway", WRONG, "not our gateway", answers(200, [1])),
    ("well", web.public_address, "public address", OK, "ready", answers(200, READY)),
    ("well", web.public_address, "unsigned texts", OK, "refused", answers(200, READY)),
    ("down", web.public_address, "public address", WRONG, "Mend", nobody),
    ("certificate", web.public_address, "public address", WRONG, "certificate", no_certificate),
    ("takes anything", web.public_address, "unsigned texts", WRONG, "without a signature",
     answers(200, READY, post=200)),
    ("proxy hides it", web.public_address, "unsigned texts", WRONG, "404",
     answers(200, READY, post=404)),
    ("well", web.actions, "action server", OK, "answers", answers(200, {"status": "ok"})),
    ("down", web.actions, "action server", WRONG, "tend actions", nobody),
    ("ill", web.actions, "action server", WRONG, "500", answers(500)),
    ("well", web.rasa, "Rasa", OK, "tend-1.tar.gz", answers(200, MODEL)),
    ("down", web.rasa, "Rasa", WRONG, "tend rasa", nobody),
    ("other token", web.rasa, "Rasa", WRONG, "TEND_RASA_TOKEN", answers(401)),
    ("no model", web.rasa, "Rasa", WRONG, "tend train", answers(409)),
    ("model of no name", web.rasa, "Rasa", WRONG, "tend train", answers(200, {})),
    ("ill", web.rasa, "Rasa", WRONG, "500", answers(500)),
    ("open to all", web.rasa, "Rasa's token", WRONG, "without a token",
     answers(200, MODEL, without_token=200)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "name", "state", "says", "answer"),
    [row[1:] for row in KNOCKS],
    ids=[f"{row[2]}: {row[0]}" for row in KNOCKS],
)
def test_it_is_found_how_a_process_answers(
    here: Clinics, check: Check, name: str, state: State, says: str, answer: Answers
) -> None:
    here.answers = answer

    finding = here.finds(check, public_url="https://sms.example.org")[name]

    assert (finding.state, says in finding.sentence) == (state, True), finding


def test_the_public_address_is_wrong_without_https_and_not_asked_on_this_machine(
    here: Clinics,
) -> None:
    found = here.finds(web.public_address, public_url="http://sms.example.org")

    assert found["public address"].state == WRONG
    assert here.finds(web.public_address) == {}


@pytest.mark.parametrize("check", [web.gateway, web.actions])
def test_a_process_may_be_elsewhere_when_rasa_is(here: Clinics, check: Check) -> None:
    (finding,) = here.finds(check, rasa_url="http://rasa:5005").values()

    assert finding.state == WARNING


def test_a_real_gateway_and_a_real_action_server_are_well(
    here: Clinics, db: Database, signed: dict[str, object]
) -> None:
    world = World(Clinic(db=db, **signed))  # type: ignore[arg-type]  # as read by ``signed``
    housekeeping.beat(world.clinic, "worker", now=world.now)
    servers = [
        processes.Server(gateway.build(world.app), host="127.0.0.1", port=0, name="gateway"),
        processes.Server(
            processes.actions_app(lambda: world.app, "token"),
            host="127.0.0.1", port=0, name="actions",
        ),
    ]  # fmt: skip
    here.now = world.now
    public, acts = [server.start().port for server in servers]
    around = Surroundings(
        settings=here.settings(gateway_port=public, actions_port=acts),
        http=httpx.Client(trust_env=False),
        now=lambda: here.now,
    )
    try:
        assert [f.state for f in (*web.gateway(around), *web.actions(around))] == [OK, OK]
        assert web._turns_away(around.http, f"http://127.0.0.1:{public}").state == OK
    finally:
        for server in servers:
            server.stop()


# --- the carrier, and the report ----------------------------------------------------------------


def test_nothing_is_asked_of_a_carrier_in_the_sandbox(here: Clinics) -> None:
    assert here.finds(carrier.check)["carrier"].state == OK


def test_twilio_is_asked_with_our_settings(here: Clinics) -> None:
    asked: list[httpx.URL] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(401, json={"code": 20003})

    here.answers = handle
    found = here.finds(carrier.check, **TWILIO)

    assert found["Twilio: auth token"].state == WRONG
    assert any(TWILIO["twilio_messaging_service"] in url.path for url in asked)
    assert "202-555-0100" in found["Twilio: answer to HELP"].sentence


def test_no_secret_is_printed_when_everything_is_wrong(here: Clinics) -> None:
    shutil.rmtree(here.data)
    here.models.rename(here.project / "gone")
    settings = {
        **PRODUCTION,
        "database_url": "postgresql+psycopg://tend:hush-db@127.0.0.1:1/tend",
        "public_url": "https://user:hush-url@sms.example.org",
        "rasa_url": "http://user:hush-url@127.0.0.1:5005",
    }

    well, printed = printed_report(here, files_only=False, **settings)

    assert not well
    assert "hush" not in printed
    assert "Traceback" not in printed
    # Nothing stopped at the first problem: the last check, which asks the carrier, reported too.
    assert "Twilio told no time" in printed


def test_a_check_that_breaks_is_a_line_and_hides_no_other(here: Clinics) -> None:
    def breaks(_around: Surroundings) -> Iterator[Finding]:
        yield Finding("before", OK, "seen")
        raise RuntimeError("hush")

    before, broken = report.attempt("breaks", breaks, here.around())

    assert before.name == "before"
    assert (broken.state, "hush" in broken.sentence) == (WRONG, False)


def test_the_report_is_well_when_no_file_is_wrong_and_some_are_to_look_at(here: Clinics) -> None:
    well, printed = printed_report(here, files_only=True)

    assert well
    assert "0 wrong" in printed
    assert "database" not in printed


def test_brackets_of_a_file_name_are_printed_as_they_are() -> None:
    out = io.StringIO()
    finding = Finding("files", WRONG, "data/[red]x.yaml")

    assert not report._print(iter([finding]), Console(file=out, width=100))
    assert "[red]x.yaml" in out.getvalue()


def test_an_address_is_shown_without_what_it_hides() -> None:
    assert shown("https://user:hush@sms.example.org:8443/a?token=hush") == (
        "https://sms.example.org:8443/a"
    )


def test_settings_that_do_not_fit_stop_before_the_doctor_comes() -> None:
    with pytest.raises(ConfigError, match="sandbox cannot carry"):
        load_settings(production=True)


def printed_report(here: Clinics, *, files_only: bool, **changes: Any) -> tuple[bool, str]:
    out = io.StringIO()
    around = here.around(**changes)
    console = Console(file=out, width=500)
    well = doctor.run(around.settings, console=console, files_only=files_only, around=around)
    return well, out.getvalue()


def test_a_narrow_or_piped_output_cuts_no_place(here: Clinics) -> None:
    place = f"{here.data}/texts/en.yml:1234"
    finding = Finding("texts", WRONG, f"{place}: {'a long sentence ' * 20}")
    out = io.StringIO()
    report._print(iter([finding]), Console(file=out, width=40))
    assert place in out.getvalue()
    assert finding.sentence in out.getvalue()


def test_everything_that_is_wrong_in_a_part_is_said_at_once(here: Clinics) -> None:
    here.edit("data/escalation/urgent.yml", "stale_after_minutes: 60", "stale_after_minutes: x")
    here.edit("data/escalation/urgent.yml", "level: urgent", "level: soon")
    here.edit("data/escalation/watch.yml", "level: watch", "level: later")
    around = here.around()
    found = [f.sentence for f in report.attempt("escalation", files.policies, around)]
    assert len(found) == 3
    assert [sentence.count(".yml:") for sentence in found] == [1, 1, 1]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("data/protocol/demo.yml", "protocol"),
        ("data/faq/cost.yml", "texts"),
        ("data/escalation/urgent.yml", "escalation policies"),
        ("data/instruments/phq2.yml", "instruments"),
        ("data/crisis/classes.yml", "crisis patterns"),
        ("data/nlu/smalltalk.yml", "files under data/"),
    ],
)
def test_a_broken_file_is_said_once_and_under_its_own_name(
    here: Clinics, path: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Trying thousands of examples says nothing of whether a file can be read.
    monkeypatch.setattr(files, "check_examples", lambda _rules: [])
    with (here.project / path).open("a", encoding="utf-8") as file:
        file.write('\nopen: "\n')

    found = [f for f in report.examine(here.around(), files_only=True) if path in f.sentence]

    assert [(f.name, f.state) for f in found] == [(name, WRONG)]


def test_a_protocol_that_cannot_be_used_is_no_fault_of_the_policies(here: Clinics) -> None:
    here.edit("data/protocol/demo.yml", "round_up_minutes: 15", "round_up_minutes: 0")

    found = here.finds(files.policies)

    assert {f.state for f in found.values()} == {OK}


def test_file_and_line_of_a_wrong_rule_are_said(here: Clinics) -> None:
    here.edit("data/faq/cost.yml", "action: utter_faq_cost", "action: utter_faq_csot")
    words = (here.data / "faq/cost.yml").read_text(encoding="utf-8")
    line = words[: words.index("action: utter_faq_csot")].count("\n") + 1

    sentence = here.finds(files.rules)["intents and rules"].sentence

    assert sentence.startswith(f"{here.data}/faq/cost.yml:{line}: ")


def test_every_text_that_breaks_a_rule_is_named(here: Clinics) -> None:
    for text_id in ("utter_greet", "utter_goodbye"):
        here.edit("data/texts/en.yml", f"\n{text_id}:\n", f"\n{text_id}:\n  tone: glad\n")
    found = [f.sentence for f in report.attempt("texts", files.texts, here.around())]
    assert [name for name in ("utter_greet", "utter_goodbye") if any(name in s for s in found)] == [
        "utter_greet",
        "utter_goodbye",
    ]


# --- beside a demo ------------------------------------------------------------------------------


@pytest.fixture
def demo_lock(here: Clinics) -> Iterator[IO[str]]:
    """What a demo leaves in its folder; held while it runs."""
    lock = here.project / "var" / "sandbox" / "running.lock"
    lock.parent.mkdir(parents=True)
    with lock.open("a", encoding="utf-8") as file:
        yield file


def of_a_demo(request: httpx.Request) -> httpx.Response:
    """A healthy demo: everything answers, and Rasa wants a token that nobody else has."""
    if request.url.path == "/status":
        return httpx.Response(401)
    return httpx.Response(200, json={"database": True, "dialogue": True, "worker": True})


def processes_of(here: Clinics, **changes: Any) -> dict[str, Finding]:
    around = here.around(**changes)
    return {
        one.name: one
        for name, check in report._processes(around)
        for one in report.attempt(name, check, around)
    }


def test_beside_a_healthy_demo_nothing_is_wrong(here: Clinics, demo_lock: IO[str]) -> None:
    here.answers = of_a_demo
    fcntl.flock(demo_lock, fcntl.LOCK_EX)

    found = processes_of(here)

    assert {one.state for one in found.values()} == {OK}, found
    assert "It runs in this folder" in found["demo"].sentence
    assert "answers; only the demo has its token" in found["Rasa"].sentence
    assert found.keys() >= {"gateway", "action server"}
    assert "database" not in found


def test_a_demo_whose_parts_do_not_answer_is_wrong(here: Clinics, demo_lock: IO[str]) -> None:
    fcntl.flock(demo_lock, fcntl.LOCK_EX)

    found = processes_of(here)

    assert {name for name, one in found.items() if one.state is WRONG} == {
        "gateway", "action server", "Rasa",
    }  # fmt: skip


def test_a_demo_that_was_stopped_is_one_line_to_look_at(here: Clinics, demo_lock: IO[str]) -> None:
    found = processes_of(here)

    assert {name: one.state for name, one in found.items()} == {"demo": WARNING, "disk": OK}
    assert "nothing is deployed" in found["demo"].sentence


@pytest.mark.parametrize(
    "changes", [TWILIO, PRODUCTION, {"database_url": "postgresql+psycopg://127.0.0.1:1/tend"}]
)
def test_a_deployment_is_told_all_whatever_demo_is_there(
    here: Clinics, demo_lock: IO[str], changes: dict[str, Any]
) -> None:
    assert report._processes(here.around(**changes)) == report.PROCESSES


def test_a_deployment_with_a_database_is_told_all_beside_a_demo(
    here: Clinics, open_clinic: Clinic, demo_lock: IO[str]
) -> None:
    assert report._processes(here.around()) == report.PROCESSES


def test_without_a_demo_all_is_looked_at(here: Clinics) -> None:
    assert report._processes(here.around()) == report.PROCESSES


def test_the_demo_holds_the_file_that_the_doctor_looks_at(here: Clinics) -> None:
    folder = here.project / "var" / "sandbox"
    with sandbox._hold_folder(here.settings(database_url=f"sqlite:///{folder / 'tend.db'}")):
        assert doctor_of_demos.beside(here.around()) is doctor_of_demos.Demo.RUNS
    assert doctor_of_demos.beside(here.around()) is doctor_of_demos.Demo.STOPPED
