"""When routine texts may go out, in her own time zone."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_allowed(moment: datetime, *, zone: ZoneInfo, opens: time, closes: time) -> datetime:
    """The first moment at or after this one at which a routine text may go out.

    :param moment: aware; the answer is aware and in the same zone as the argument.
    :param opens: wall-clock time in her zone from which texts may go; before ``closes``.
    :param closes: wall-clock time from which they may not.

    Wall-clock arithmetic: on the night the clocks change, nine o'clock is nine o'clock.
    """
    local = moment.astimezone(zone)
    if opens <= local.time() < closes:
        return moment
    day = local.date() if local.time() < opens else local.date() + timedelta(days=1)
    return datetime.combine(day, opens, tzinfo=zone).astimezone(moment.tzinfo)
