"""Calendar days as files write them."""

import re
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero",
            "february feb februar février febrero",
            "march mar märz mars marzo",
            "april apr avril abril",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet julio",
            "august aug août agosto",
            "september sep sept septembre septiembre",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = r"(?P<month>[^\W\d_]{3,10})\.?"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})-(?P<m>\d{1,2})-(?P<day>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<year>\d{4})/(?P<m>\d{1,2})/(?P<day>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<year>\d{4})\.(?P<m>\d{1,2})\.(?P<day>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<year>\d{4})年(?P<m>\d{1,2})月(?P<day>\d{1,2})日",
        r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<m>\d{2})(?P<day>\d{2})(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})\.(?P<m>\d{1,2})\.(?P<year>\d{4})(?!\d)",
        rf"{_MONTH}[ ]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[ ]+(?P<year>\d{{4}})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?(?:[ ]+(?:of|de))?[ -]+{_MONTH},?"
        r"(?:[ ]+de)?[ -]+(?P<year>\d{4})(?!\d)",
    )
)
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_LONGEST = 100


def day_in(text: str | None) -> str | None:
    """Return the first calendar day in ``text`` as ``YYYY-MM-DD``, or None where there is none or it is not clear.

    Read are ISO days, days with the year first, ``05.03.2024``, ``March 5, 2024``, ``5 March 2024``, the dates of
    feeds (``Tue, 05 Mar 2024 10:00:00 +0000``) and ``20240305``. Of ``03/05/2024`` nobody can tell day from month;
    it is read only where one of the two is above 12.

    Example:
        >>> day_in("Tue, 05 Mar 2024 10:00:00 +0000")
        '2024-03-05'
    """
    text = (text or "")[:_LONGEST]
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            fields = match.groupdict()
            month = fields.get("m")
            number = int(month) if month else _MONTHS.get((fields.get("month") or "").casefold())
            if number is not None and (day := _iso_day(int(fields["year"]), number, int(fields["day"]))):
                return day
    slashed = _SLASHED.search(text)
    if slashed is None:
        return None
    first, second, year = (int(part) for part in slashed.groups())
    if first == second or second > 12:
        return _iso_day(year, first, second)
    return _iso_day(year, second, first) if first > 12 else None


def _iso_day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
