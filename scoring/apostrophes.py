"""The signs that people, phones and typesetters write for one apostrophe."""

_PLAIN = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\uff07\u00b4`", "'"))


def with_plain_apostrophes(text: str) -> str:
    """Return ``text`` with ``'`` for every apostrophe, one for one: what stands where stays.

    Example:
        >>> with_plain_apostrophes("We don’t.")
        "We don't."
    """
    return text if text.isascii() and "`" not in text else text.translate(_PLAIN)
