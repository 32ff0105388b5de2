"""Settings that follow from other settings."""

from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.settings import load_settings


@pytest.fixture
def at_other_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEND_GATEWAY_PORT", "9270")
    monkeypatch.setenv("TEND_CONSOLE_PORT", "9290")


def test_a_port_of_its_own_is_named_once(at_other_ports: None) -> None:
    settings = load_settings()

    assert settings.public_url == "http://127.0.0.1:9270"
    assert settings.console_url == "http://127.0.0.1:9290"


def test_an_address_that_was_given_wins_over_a_port(
    at_other_ports: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEND_CONSOLE_URL", "https://console.example.org")

    assert load_settings().console_url == "https://console.example.org"


# --- what is wrong with settings ------------------------------------------------------------------


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file `.env` in the folder where the program starts."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".env"


def refused(**given: object) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as said:
        load_settings(**given)
    return said.value.sentences


def test_everything_that_is_wrong_is_said_at_once_with_its_place(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file.write_text("# ours\n\nTEND_GATEWAY_PORT=seventy\nexport TEND_CANARY=perhaps\n")
    monkeypatch.setenv("TEND_PROTOKOL_FILE", "ours.yml")
    monkeypatch.setenv("TEND_LOG_LEVEL", "loud")

    see = "See docs/reference/settings.md."
    assert set(refused()) == {
        "the environment: TEND_PROTOKOL_FILE: there is no such setting. Did you mean "
        f"TEND_PROTOCOL_FILE? {see}",
        "the environment: TEND_LOG_LEVEL: must be DEBUG, INFO, WARNING or ERROR; it is 'loud'. "
        f"{see}",
        f".env:3: TEND_GATEWAY_PORT: must be a number from 0 to 65535; it is 'seventy'. {see}",
        f".env:4: TEND_CANARY: must be true or false; it is 'perhaps'. {see}",
    }


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TEND_GATEWAY_PORT", "70000", "must be a number from 0 to 65535; it is '70000'"),
        ("TEND_CONSOLE_PORT", "", "must be a number from 0 to 65535; it is empty"),
        ("TEND_RASA_TIMEOUT_SECONDS", "0", "must be a number above 0, up to 60; it is '0'"),
        ("TEND_SMS_PROVIDER", "pigeon", "must be sandbox or twilio; it is 'pigeon'"),
    ],
)
def test_what_a_value_must_be_is_said_in_plain_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)

    (sentence,) = refused()

    assert f"{name}: {says}." in sentence


def test_the_environment_wins_over_the_file_and_is_named(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file.write_text("TEND_GATEWAY_PORT=9270\n")
    monkeypatch.setenv("TEND_GATEWAY_PORT", "x")

    assert refused()[0].startswith("the environment: TEND_GATEWAY_PORT")


def test_no_value_that_may_be_a_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEND_TWILIO_AUTH_TOKN", "hush")
    monkeypatch.setenv("TEND_DATABASE_URL", "postgresql://u:hush@host/db")

    assert "hush" not in " ".join(refused())


def test_what_does_not_fit_together_is_said_beside_a_wrong_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEND_LOG_LEVEL", "loud")

    said = " ".join(refused(production=True))

    for part in ("TEND_LOG_LEVEL", "TEND_SMS_PROVIDER", "TEND_RASA_TOKEN", "TEND_ACTION_TOKEN"):
        assert part in said


def test_a_wrong_provider_is_not_blamed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEND_SMS_PROVIDER", "pigeon")

    said = [s for s in refused(production=True) if "TEND_SMS_PROVIDER" in s]

    assert len(said) == 1
