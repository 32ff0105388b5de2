"""Calls of the pretend phone company: a phone rings until a key is pressed, or nobody comes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.core.calls import CallMoment
from bot.errors import NotFound, ProviderUnavailable

# Where the gateway hears of a call; as with the real carrier, a path for each moment.
ANSWER_PATH, KEY_PATH, ENDED_PATH = "/voice/answer", "/voice/key", "/voice/ended"

type Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
type Show = Callable[["Call"], None]


@dataclass(frozen=True)
class Call:
    """One call to one phone.

    :param words: what was heard last.
    """

    id: str
    number: str
    reference: str
    words: str
    ringing: bool = True


class Calls:
    """Every call that rings; safe to use from any thread.

    :param ask: tells the gateway of a moment, and gives back what the call says next.
    :param show: a call began to ring, or is over: the phone shows it.
    """

    def __init__(self, ask: Ask, show: Show) -> None:
        self._ask = ask
        self._show = show
        self._lock = threading.Lock()
        self._ringing: dict[str, Call] = {}

    def ring(self, call: Call) -> None:
        """A phone begins to ring."""
        with self._lock:
            self._ringing[call.id] = call
        self._show(call)

    def ringing_at(self, number: str) -> Call | None:
        """The call that has rung longest at this phone, if any."""
        with self._lock:
            return next((call for call in self._ringing.values() if call.number == number), None)

    def clear(self) -> None:
        """No phone rings any more."""
        with self._lock:
            self._ringing.clear()

    def answer(self, number: str, *, presses: str | None, answers: str | None) -> str:
        """What happens at a ringing phone; the last words that are heard there.

        :param presses: somebody picks up and presses this key; none: picks up and hangs up.
        :param answers: ``machine`` or ``nobody``, where no person picks up.
        :raises NotFound: this phone does not ring.
        """
        call = self.ringing_at(number)
        if call is None:
            raise NotFound("this phone does not ring")
        with self._lock:
            self._ringing.pop(call.id, None)
        words, because = "", ""
        if answers == "nobody":
            because = "no_answer"
        elif answers == "machine":
            self._tell(ANSWER_PATH, call, CallMoment.MACHINE)
            because = "machine"
        else:
            words = self._tell(ANSWER_PATH, call, CallMoment.ANSWERED)
            if presses is not None:
                words = self._tell(KEY_PATH, call, CallMoment.KEY, key=presses)
        self._tell(ENDED_PATH, call, CallMoment.ENDED, because=because)
        self._show(replace(call, words=words or call.words, ringing=False))
        return words

    def _tell(self, path: str, call: Call, moment: CallMoment, **more: str) -> str:
        content = {"id": call.id, "reference": call.reference, "moment": moment.value, **more}
        try:
            return str(self._ask(path, content).get("words", ""))
        except ProviderUnavailable:
            return ""  # as with a real carrier, a moment that nobody hears of is lost
