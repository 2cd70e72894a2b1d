"""Which episodes would gain by a second text is said, until it is there."""

PUBLISHED = """# On the mill

**Ada Lind:** The mill stood still for a whole winter, and nobody in the valley knew who ought to pay for the wheel.

**Bo Berg:** And in spring the river rose again, so that the question was forgotten until the next great frost came.
"""
SPOKEN = (
    "The mill stood still for a whole winter, and nobody in the valley knew who ought to pay for the wheel. "
    "And in spring the river rose again, so that the question was forgotten until the next great frost came."
)


def test_who_would_gain_by_a_second_text_is_said_by_add_and_doctor_until_it_is_there(house, put) -> None:
    ran = house.run("add", put("mill.md", PUBLISHED), "--title", "On the mill")
    assert "1 episode has words without seconds, so its quotes open no moment: on-the-mill." in ran.said
    assert house.run("add", put("mill.md", PUBLISHED), "--dry-run", "--json").lines[0]["wants"] == "captions"
    assert house.run("index").code == 0
    assert "second text: 1 episode has words without seconds" in house.run("doctor").said
    words = SPOKEN.split()
    cues = [
        f"00:{n:02}.000 --> 00:{n + 1:02}.000\n{' '.join(words[4 * n : 4 * n + 4])}"
        for n in range((len(words) + 3) // 4)
    ]
    captions = put("mill.en.vtt", "WEBVTT\n\n" + "\n\n".join(cues) + "\n")
    joined = house.run("add", captions, "--slug", "on-the-mill")
    assert "1 joined to an episode." in joined.out, joined.said
    assert "without seconds" not in joined.said
    assert house.run("index").code == 0
    assert "second text" not in house.run("doctor").said
