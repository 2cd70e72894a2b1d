"""A show begins with what will be said later: the place where something was said is the later one."""

from ..conftest import House

SAID = "The captain kept the first hour of every morning free to learn how the new engine thinks. "
OPENING = "Today we hear of harbours and of hard winters. " + SAID + "Nobody wanted to sail that year. "
BETWEEN = "The nets were mended in the shed while the rain fell on the quay and on the boats. " * 90
LATER = "We asked about his days. " + SAID + "After that he walked to the quay and spoke with everybody. "


async def test_an_excerpt_before_the_talk_is_no_place_where_it_was_said(real_house: House) -> None:
    real_house.put("voyage", OPENING + BETWEEN + LATER)
    real_house.put("other", "The teacher and the children read all afternoon in the garden. " * 60)
    await real_house.build()
    searcher = await real_house.open()
    found = await searcher.find("captain keeps mornings free to learn how the engine thinks")
    (passage,) = (passage for passage in found.passages if "captain" in passage.text)
    assert "After that he walked to the quay" in passage.text
    assert "hour of every morning" in passage.quote.text


async def test_what_is_said_at_the_beginning_alone_is_found_there(real_house: House) -> None:
    real_house.put("voyage", OPENING + BETWEEN + LATER.replace(SAID, "He is a captain and has an engine. "))
    real_house.put("other", "The teacher and the children read all afternoon in the garden. " * 60)
    await real_house.build()
    searcher = await real_house.open()
    found = await searcher.find("captain keeps mornings free to learn how the engine thinks")
    assert "Nobody wanted to sail" in found.passages[0].text
