"""Carries Twilio's requests: one HTTP library for all of Tend, and never an endless wait."""

import logging
from collections.abc import Mapping
from typing import Any

import httpx
from twilio.http import HttpClient  # type: ignore[import-untyped]  # ships no types
from twilio.http.response import Response  # type: ignore[import-untyped]

# The outbox waits for the carrier, and a crisis reply may be next: better to try again soon.
TIMEOUT = httpx.Timeout(10.0, connect=5.0)


class TwilioHttp(HttpClient):  # type: ignore[misc]  # the base class ships no types
    """Lets Twilio's client speak through httpx, with our time-outs and no retries of its own.

    Retries belong to the outbox, which asks again whether she may be texted.

    :param http: replaced in tests; the caller's time-outs then hold.
    """

    def __init__(self, http: httpx.Client | None = None) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False)
        self._http = http or httpx.Client(timeout=TIMEOUT)

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,  # Twilio's own mix of types
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request; nothing of it is logged, since the form holds her number and the text.

        :raises httpx.HTTPError: time-out, or no connection.
        """
        answer = self._http.request(
            method,
            uri,
            params=params,
            data=data,
            headers=headers,
            auth=auth,
            timeout=httpx.USE_CLIENT_DEFAULT if timeout is None else timeout,
            follow_redirects=allow_redirects,
        )
        return Response(answer.status_code, answer.text, answer.headers)
