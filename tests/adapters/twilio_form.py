"""What Twilio accepts in the form of ``POST /2010-04-01/Accounts/{Sid}/Messages.json``.

Facts written down from Twilio's published OpenAPI description (github.com/twilio/twilio-oai,
``spec/json/twilio_api_v2010.json``, operation ``CreateMessage``, read at commit 00c8d36), not a
copy of it. ``NAMES`` comes from the installed ``twilio`` package, which is generated from it.
E.164 is ITU's; the description only says "phone-number".
"""

import inspect
import re
from typing import Any
from urllib.parse import parse_qsl

import httpx
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageList

from bot.sms.twilio_http import TwilioHttp

PATH = re.compile(r"/2010-04-01/Accounts/AC[0-9a-fA-F]{32}/Messages\.json")
CONTENT_TYPE = "application/x-www-form-urlencoded"
BOOLEAN = re.compile("true|false")
REQUIRED = {"To"}
ONE_OF = [{"From", "MessagingServiceSid"}, {"Body", "MediaUrl", "ContentSid"}]
VALUES = {
    "To": re.compile(r"\+[1-9]\d{1,14}"),
    "From": re.compile(r"\+[1-9]\d{1,14}|\d{5,6}"),
    "MessagingServiceSid": re.compile("MG[0-9a-fA-F]{32}"),
    "StatusCallback": re.compile(r"https?://[^/_\s]+(/\S*)?"),
    "Body": re.compile(r"(?s).{1,1600}"),
    "SmartEncoded": BOOLEAN,
    "ValidityPeriod": re.compile(r"[1-9]\d{0,3}|[12]\d{4}|3[0-5]\d{3}|36000"),
}


def names() -> set[str]:
    """Every field name that the installed client of Twilio can send."""
    seen: set[str] = set()

    def remember(request: httpx.Request) -> httpx.Response:
        seen.update(name for name, _ in parse_qsl(request.content.decode()))
        return httpx.Response(201, json={"sid": "SM" + "0" * 32})

    client = Client(
        "AC" + "0" * 32,
        "token",
        http_client=TwilioHttp(httpx.Client(transport=httpx.MockTransport(remember))),
    )
    lists = {"persistent_action", "media_url"}
    options: dict[str, Any] = {
        name: ["x"] if name in lists else "x"
        for name in inspect.signature(MessageList.create).parameters
        if name != "self"
    }
    client.messages.create(**options)
    return seen


def complaints(request: httpx.Request) -> list[str]:
    """What Twilio's description has against a request; empty when it is valid."""
    found = []
    if request.method != "POST" or not PATH.fullmatch(request.url.path):
        found.append(f"{request.method} {request.url.path}")
    if request.headers["content-type"] != CONTENT_TYPE:
        found.append(request.headers["content-type"])
    pairs = parse_qsl(request.content.decode(), keep_blank_values=True, strict_parsing=True)
    given = dict(pairs)
    if len(given) != len(pairs):
        found.append("a field is there twice")
    found += [f"unknown field {name}" for name in given.keys() - names()]
    found += [f"{name} is missing" for name in REQUIRED - given.keys()]
    found += [f"one of {sorted(some)} is missing" for some in ONE_OF if not some & given.keys()]
    for name, value in given.items():
        if name not in VALUES:
            found.append(f"{name}: write down what may stand in it")
        elif not VALUES[name].fullmatch(value):
            found.append(f"{name}: {value!r}")
    return found
