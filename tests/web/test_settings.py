"""Settings that follow from other settings."""

import pytest

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
