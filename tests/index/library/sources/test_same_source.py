"""A source is recognised in every spelling of its address, and two sources stay two."""

import pytest

from index.library.sources import same_source


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("https://axrp.net/feed.xml", "HTTPS://AXRP.net/feed.xml"),
        ("https://axrp.net/feed.xml", "http://axrp.net:80/feed.xml"),
        ("https://axrp.net", "https://axrp.net:443/#episodes"),
        ("https://www.youtube.com/@RobertMilesAI", "https://m.youtube.com/@robertmilesai/videos?app=desktop"),
        ("https://www.youtube.com/playlist?list=PLa1B2", "http://youtube.com/playlist?list=PLa1B2&si=x"),
        ("https://github.com/Lantern/Evenings", "https://GitHub.com/lantern/evenings.git"),
        ("https://git.lantern.example/evenings.git", "https://git.lantern.example/evenings.git/"),
    ],
)
def test_one_source_has_many_spellings(address: str, other: str) -> None:
    assert same_source(address, other)
    assert same_source(other, address)


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("https://axrp.net/feed.xml", "https://axrp.net/Feed.xml"),
        ("https://axrp.net/feed", "https://www.axrp.net/feed"),
        ("https://axrp.net/feed?show=1", "https://axrp.net/feed?show=2"),
        ("https://www.youtube.com/channel/UCabc", "https://www.youtube.com/channel/UCABC"),
        ("https://www.youtube.com/@lantern", "https://www.youtube.com/@lantern/streams"),
        ("https://www.youtube.com/playlist?list=PLa1B2", "https://www.youtube.com/playlist?list=PLA1b2"),
        ("/home/lantern/evenings", "/home/lantern/Evenings"),
    ],
)
def test_two_sources_stay_two(address: str, other: str) -> None:
    assert not same_source(address, other)
