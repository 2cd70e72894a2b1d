"""The message around a picture of quotes: whose words they are, where they stand, and links that open them."""

from collections.abc import Sequence

from bot.app.quotes import Quoted
from bot.discord.ui.components import QuoteAction
from bot.discord.ui.limits import Detail, fitted
from bot.discord.ui.markup import safe
from bot.discord.ui.parts import (
    Answer,
    Picture,
    Row,
    attribution,
    card_button,
    gallery,
    position_line,
    quotation,
    row,
    share_button,
    title,
)
from bot.i18n.language import Language


def quotes_answer(
    language: Language,
    quotes: Sequence[Quoted],
    action: QuoteAction,
    *,
    is_public: bool,
    picture: Picture | None,
    question: str | None = None,
) -> Answer:
    """Return one quote, or two that answer each other, as a picture; without one, as words.

    Args:
        language: of the answer.
        quotes: one or two.
        action: that shows them.
        is_public: whether everybody sees the answer.
        picture: of the quotes.
        question: that two quotes seem to answer.
    """
    share = QuoteAction(action.slug, action.ordinal, action.key, "mine" if is_public else "share")
    buttons = [share_button(language, share, is_public=is_public)]
    if len(quotes) == 1:
        buttons.insert(0, card_button(language, quotes[0].episode))
    return fitted(lambda detail: _quotes(language, quotes, question, detail, picture, row(*buttons)))


def _quotes(  # noqa: PLR0917
    language: Language,
    quotes: Sequence[Quoted],
    question: str | None,
    detail: Detail,
    picture: Picture | None,
    buttons: Row | None,
) -> Answer:
    said = "\n\n".join(quotation(quoted.excerpt, detail.quote) for quoted in quotes)
    return Answer(
        language.say("counterbalance.question", question=safe(question, detail.name)) if question else None,
        said if picture is None else gallery(picture),
        "\n".join(_source(language, quoted, detail) for quoted in quotes),
        buttons,
        picture=picture,
        instead=said,
    )


def _source(language: Language, quoted: Quoted, detail: Detail) -> str:
    """Return where a quote is from, when and by whom it was said, and its position."""
    place = f"**{title(quoted.episode, detail)}** · {attribution(language, quoted.excerpt, detail)}"
    return f"{place}\n{position_line(language, quoted.record.reading.position)}"
