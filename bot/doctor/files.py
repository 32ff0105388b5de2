"""Checks what clinic people edit, and the key file: all that can be read without a process."""

import stat
from collections.abc import Iterator
from pathlib import Path

from bot.content import yaml_files
from bot.content.crisis import check_examples, load_crisis
from bot.content.domain import domain_is_fresh
from bot.content.escalation import load_policies
from bot.content.instruments import load_instruments
from bot.content.intents import known_actions, lead_nowhere, load_dialogue, say_nothing
from bot.content.protocol import Protocol, load_protocol
from bot.content.texts import load_catalogue
from bot.content.translations import untranslated
from bot.core.levels import Level
from bot.doctor.findings import Finding, State, Surroundings
from bot.errors import ConfigError
from bot.settings import Settings
from bot.storage.vault import load_keys

# Folders of ours in which a file with another ending would be passed over in silence.
_OURS = ("texts", "faq", "instruments", "crisis", "escalation", "protocol", "identifiers")
_NOT_EVERYBODY = 0o077
READABLE = "files under data/"


def protocol_of(settings: Settings) -> Protocol:
    """The clinic's protocol.

    :raises ConfigError: names file, line and cure.
    """
    return load_protocol(settings.data_dir / "protocol" / settings.protocol_file)


def readable(around: Surroundings) -> Iterator[Finding]:
    """Can every file be read, Rasa's own included, and is none passed over?"""
    data, name = around.settings.data_dir, READABLE
    paths = sorted(data.rglob("*.yml"))
    wrong = [sentence for path in paths if (sentence := _unreadable(path))]
    wrong += [
        f"{path}: only files that end in .yml are read. Rename it."
        for path in sorted(data.rglob("*.yaml"))
        if path.relative_to(data).parts[0] in _OURS
    ]
    if not paths:
        wrong.append(f"{data}: there is no file. Check TEND_DATA_DIR.")
    for sentence in wrong:
        yield Finding(name, State.WRONG, sentence)
    if not wrong:
        yield Finding(name, State.OK, f"{len(paths)} files can be read.")


def _unreadable(path: Path) -> str | None:
    try:
        yaml_files.read(path)
    except ConfigError as error:
        return str(error)
    except OSError as error:
        return f"{path}: cannot be opened ({error.strerror}). Check its owner and mode."
    return None


def texts(around: Surroundings) -> Iterator[Finding]:
    """Is the catalogue whole, approved, and what Rasa's domain says?"""
    catalogue = load_catalogue(around.settings.data_dir)
    yield Finding("texts", State.OK, f"{len(catalogue.ids)} texts in each language.")
    try:
        catalogue.approved(production=True)
        yield Finding("texts approved", State.OK, "Each has the name of an approver.")
    except ConfigError as error:
        yield Finding("texts approved", _unsigned(around.settings), str(error))
    if domain_is_fresh(around.project / "domain.yml", catalogue):
        yield Finding("domain.yml", State.OK, "It says what the catalogue says.")
    else:
        sentence = "domain.yml is older than the texts. Run `tend texts domain`, then train."
        yield Finding("domain.yml", State.WRONG, sentence)
    for sentence in untranslated(catalogue):
        yield Finding("texts in Spanish", State.WRONG, sentence)


def rules(around: Surroundings) -> Iterator[Finding]:
    """Does something follow every intent, and is everything there that a rule says?"""
    data, name = around.settings.data_dir, "intents and rules"
    dialogue = load_dialogue(data)
    known = known_actions(around.project / "domain.yml", data / "texts")
    wrong = [*lead_nowhere(dialogue, shown=data), *say_nothing(dialogue, known, shown=data)]
    for sentence in wrong:
        yield Finding(name, State.WRONG, sentence)
    if not wrong:
        sentence = f"Each of {len(dialogue.taught)} intents leads to an answer that there is."
        yield Finding(name, State.OK, sentence)


def protocol(around: Surroundings) -> Iterator[Finding]:
    """Is the protocol whole and approved, and are the numbers for sessions signed?"""
    found = protocol_of(around.settings)
    yield Finding("protocol", State.OK, f"{around.settings.protocol_file} can be used.")
    try:
        found.approved(production=True)
        yield Finding("protocol approved", State.OK, "Each part has the name of an approver.")
    except ConfigError as error:
        yield Finding("protocol approved", _unsigned(around.settings), str(error))
    if found.session_flow_signed:
        yield Finding("numbers for sessions", State.OK, "All are signed.")
        return
    open_numbers = [key for key, number in found.clinical_numbers.items() if not number.signed]
    sentence = (
        f"Not signed: {', '.join(open_numbers) or 'all'}. What a session needs of them stays "
        "switched off until a physician signs each in the protocol file."
    )
    yield Finding("numbers for sessions", State.WARNING, sentence)


def instruments(around: Surroundings) -> Iterator[Finding]:
    """Do the instruments prove their own examples, and has a person compared the Spanish?"""
    found = load_instruments(around.settings.data_dir)
    yield Finding("instruments", State.OK, f"{', '.join(sorted(found))}: all examples hold.")
    unchecked = sorted(name for name, one in found.items() if not one.spanish_checked)
    if not unchecked:
        yield Finding("instruments in Spanish", State.OK, "Compared with the official wording.")
        return
    sentence = (
        f"Nobody has compared {', '.join(unchecked)} with the official Spanish wording. Do so, "
        "line by line, then set spanish_checked in data/instruments."
    )
    yield Finding("instruments in Spanish", State.WARNING, sentence)


def policies(around: Surroundings) -> Iterator[Finding]:
    """Has every level a policy, and does it keep the protocol's word?"""
    found = load_policies(around.settings.data_dir / "escalation")
    yield Finding("escalation policies", State.OK, "Every level has one.")
    try:
        promised = protocol_of(around.settings).safety.unacknowledged_minutes
    except ConfigError:
        return  # the protocol's own line says what is wrong with it
    for level, minutes in promised.items():
        tell = found[Level(level)].tell_patient_after
        if tell is None or tell.total_seconds() != minutes * 60:
            sentence = (
                f"{level}: tell_patient_after_minutes in data/escalation is not the protocol's "
                f"safety.unacknowledged_minutes ({minutes}). Make them the same."
            )
            yield Finding("escalation and protocol", State.WRONG, sentence)


def crisis(around: Surroundings) -> Iterator[Finding]:
    """Can the crisis patterns be read, and do they find what their examples say?"""
    rules = load_crisis(around.settings.data_dir / "crisis")
    failing = check_examples(rules)
    if not failing:
        sentence = f"{len(rules.patterns)} patterns, and every example of theirs holds."
        yield Finding("crisis patterns", State.OK, sentence)
        return
    for example in failing:
        sentence = f"{example} Mend the pattern or its example."
        yield Finding("crisis patterns", State.WRONG, sentence)


def key_file(around: Surroundings) -> Iterator[Finding]:
    """Is the key file there, whole, and closed to everybody else?"""
    path = around.settings.key_file
    if not path.exists() and not around.settings.production:
        sentence = f"{path}: not there yet; the first start makes it. Then back it up."
        yield Finding("key file", State.WARNING, sentence)
        return
    load_keys(path, create=False)
    if stat.S_IMODE(path.stat().st_mode) & _NOT_EVERYBODY:
        sentence = f"{path}: others on this machine can read it. Run `chmod 600 {path}`."
        yield Finding("key file", State.WRONG, sentence)
        return
    yield Finding("key file", State.OK, "Only its owner can read it. Is it in your backup?")


def _unsigned(settings: Settings) -> State:
    return State.WRONG if settings.production else State.WARNING
