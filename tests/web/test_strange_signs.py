"""A control character in a webhook costs her nothing: stored, screened, alerted on, both ways."""

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from bot import gateway
from bot.storage import sealing
from bot.storage.tables import InboundMessage
from tests.services.conftest import signed
from tests.web.test_gateway import a_text, post

__all__ = ["signed"]


def bodies(world) -> list[str]:
    with world.clinic.db.reading() as db:
        rows = db.scalars(select(InboundMessage).order_by(InboundMessage.id))
        return [sealing.get(db, row, "body") for row in rows]


@pytest.mark.parametrize("body", ["i want\x00 to d\x00ie", "\u2067i want to \u202edie\u202c"])
def test_a_text_with_signs_that_nobody_typed_is_stored_and_screened(world, body):
    with TestClient(gateway.build(world.app), raise_server_exceptions=False) as client:
        assert post(client, "/sms/inbound", a_text(body, "Bea", "SM\x001")).status_code == 200
    assert bodies(world) == ["i want to die"]
    assert world.alert("Bea").category == "suicide"
