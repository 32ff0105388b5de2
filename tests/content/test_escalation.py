"""What a policy file may say about paging."""

import shutil
from pathlib import Path

import pytest

from bot.content.escalation import load_policies
from bot.errors import ConfigError

POLICIES = Path(__file__).resolve().parents[2] / "data" / "escalation"


def test_a_way_of_paging_that_nobody_can_carry_out_is_refused(tmp_path):
    shutil.copytree(POLICIES, tmp_path / "escalation")
    urgent = tmp_path / "escalation" / "urgent.yml"
    urgent.write_text(urgent.read_text().replace("by: [sms]", "by: [canary]"))
    with pytest.raises(ConfigError, match=r"urgent\.yml.*sms or voice"):
        load_policies(tmp_path / "escalation")


def test_the_policies_of_the_repository_load():
    assert load_policies(POLICIES)
