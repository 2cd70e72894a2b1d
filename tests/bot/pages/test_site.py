"""Pages in a folder: what is written, what is left alone, what goes, and that foreign text stays text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from bot.pages.site import SiteFolderTaken

from .conftest import SITE, SamplePages, build, write_episode, write_site

DAM = "The dam on the river may fail and the danger is grave"
SCHOOL = "The school in the valley gains a great opportunity and hope"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\" onload='alert(3)' {{ 7 * 7 }}"
ATOM = "{http://www.w3.org/2005/Atom}"


class Tags(HTMLParser):
    """Notes the tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))


@pytest.fixture
async def two(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A library of a dam and a school, its state, and its pages."""
    library, state, site = tmp_path / "library", tmp_path / "state", tmp_path / "site"
    write_episode(library, "the-dam", DAM, published="2026-01-02", summary="Of a dam.")
    write_episode(library, "the-school", SCHOOL, published="2026-01-03")
    await build(library, state)
    await write_site(state, site)
    return library, state, site


async def test_a_second_run_writes_nothing(two: tuple[Path, Path, Path]) -> None:
    _, state, site = two
    stamps = {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}
    report = await write_site(state, site)
    assert report.written == []
    assert report.removed == []
    del stamps[site / ".counterpoint-site.json"]
    assert stamps == {path: path.stat().st_mtime_ns for path in stamps}


async def test_a_new_episode_leaves_pages_that_do_not_tell_of_it(two: tuple[Path, Path, Path]) -> None:
    library, state, site = two
    write_episode(library, "the-mill", "A mill grinds corn by the stream", published="2026-01-04")
    await build(library, state)
    report = await write_site(state, site)
    assert {"episodes/the-mill.html", "cards/the-mill.png", "index.html", "feed.xml", "sitemap.xml"} <= {
        *report.written
    }
    assert not {"cards/the-dam.png", "framework.html", "static/pages.js", "robots.txt"} & {*report.written}


async def test_a_removed_episode_takes_all_of_its_traces_with_it(two: tuple[Path, Path, Path]) -> None:
    library, state, site = two
    (site / "CNAME").write_text("library.example", encoding="utf-8")
    shutil.rmtree(library / "the-dam")
    await build(library, state)
    report = await write_site(state, site)
    assert {"episodes/the-dam.html", "cards/the-dam.png"} <= {*report.removed}
    told = [path for path in site.rglob("*") if path.is_file() and b"the-dam" in path.read_bytes()]
    assert told == []
    shards = [
        json.loads(path.read_text("utf-8")) for path in (site / "search").iterdir() if path.stem != "episodes"
    ]
    assert not any("dam" in shard for shard in shards)
    assert any("school" in shard for shard in shards)
    assert (site / "CNAME").exists()


async def test_what_was_deleted_or_damaged_by_hand_is_written_again(two: tuple[Path, Path, Path]) -> None:
    _, state, site = two
    (site / "episodes" / "the-dam.html").unlink()
    assert (await write_site(state, site)).written == ["episodes/the-dam.html"]
    (site / ".counterpoint-site.json").write_text("{", encoding="utf-8")
    assert "episodes/the-school.html" in (await write_site(state, site)).written


async def test_a_folder_of_somebody_else_is_refused_untouched(
    two: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    _, state, _ = two
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(SiteFolderTaken):
        await write_site(state, taken)
    assert [path.name for path in taken.iterdir()] == ["index.html"]
    assert (taken / "index.html").read_text("utf-8") == "mine"


async def test_without_an_address_there_is_nothing_that_needs_one(
    two: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    _, state, _ = two
    await write_site(state, tmp_path / "plain", None)
    assert not (tmp_path / "plain" / "feed.xml").exists()
    assert not (tmp_path / "plain" / "cards").exists()
    told = (tmp_path / "plain" / "episodes" / "the-dam.html").read_text("utf-8")
    assert "canonical" not in told
    assert "og:image" not in told


async def test_foreign_text_stays_text(tmp_path: Path) -> None:
    library, state, site = tmp_path / "library", tmp_path / "state", tmp_path / "site"
    write_episode(
        library, "hostile", f"<v {HOSTILE}>The dam {HOSTILE} fails", title=HOSTILE, source=HOSTILE, shelf=HOSTILE,
        summary=HOSTILE, why_it_matters=HOSTILE, editor_note=HOSTILE, tags=[HOSTILE], hosts=[HOSTILE], guests=[HOSTILE],
        published="2026-01-02", url="https://recordings.example/a?b=\"c\"&d='e'",
    )  # fmt: skip
    write_episode(library, "the-dam", DAM)
    await build(library, state)
    await write_site(state, site)
    for page in site.rglob("*.html"):
        tags = Tags(page.read_text("utf-8")).tags
        scripts = [attributes for tag, attributes in tags if tag == "script"]
        assert all(
            re.fullmatch(r"(\.\./|/pages/)?static/\w+\.js\?\w+", script["src"] or "") for script in scripts
        ), page
        assert not [tag for tag, _ in tags if tag in {"img", "iframe", "object", "base"}], page
        assert not [
            name for _, attributes in tags for name in attributes if name.startswith("on") or name == "style"
        ], page
    entries = fromstring((site / "feed.xml").read_text("utf-8")).findall(f"{ATOM}entry")
    assert HOSTILE in [entry.findtext(f"{ATOM}title") for entry in entries]


def test_every_page_has_the_policy_and_a_title(sample_pages: SamplePages) -> None:
    for page in sample_pages.folder.rglob("*.html"):
        told = page.read_text("utf-8")
        metas = [attributes for tag, attributes in Tags(told).tags if tag == "meta"]
        policies = [meta["content"] for meta in metas if meta.get("http-equiv") == "Content-Security-Policy"]
        (style,) = re.findall(r"<style>(.*?)</style>", told, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert len(policies) == 1
        assert f"default-src 'none'; script-src 'self'; style-src 'sha256-{digest}';" in (policies[0] or "")
        assert "unsafe" not in (policies[0] or "")
        assert re.search(r"<title>[^<]{3,}</title>", told)


def test_all_links_and_anchors_of_the_site_lead_somewhere(sample_pages: SamplePages) -> None:
    anchors = {}
    pages = sorted(sample_pages.folder.rglob("*.html"))
    for page in pages:
        ids = [attributes["id"] for _, attributes in Tags(page.read_text("utf-8")).tags if "id" in attributes]
        assert len(ids) == len(set(ids)), page
        anchors[page] = set(ids)
    for page in pages:
        for tag, attributes in Tags(page.read_text("utf-8")).tags:
            link = attributes.get("href") or attributes.get("src") or ""
            if tag not in {"a", "link", "script"} or re.match(r"https?:", link):
                continue
            path, _, anchor = link.partition("#")
            if page.name == "404.html":  # answered at any address: from the server's root
                assert path.startswith("/pages/") or not path
                path = path.removeprefix("/pages/")
            target = (page.parent / path.partition("?")[0]).resolve() if path else page
            assert target.is_file(), (page, link)
            assert not anchor or anchor in anchors[target], (page, link)


def test_feed_sitemap_and_robots_are_what_they_claim(sample_pages: SamplePages) -> None:
    feed = fromstring((sample_pages.folder / "feed.xml").read_text("utf-8"))
    assert feed.tag == f"{ATOM}feed"
    updated = [entry.findtext(f"{ATOM}updated") for entry in feed.findall(f"{ATOM}entry")]
    assert len(updated) == 14
    assert updated == sorted(updated, reverse=True)
    sitemap = fromstring((sample_pages.folder / "sitemap.xml").read_text("utf-8"))
    places = [place.text or "" for place in sitemap.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert f"{SITE}/" in places
    for place in places:
        file = place.removeprefix(f"{SITE}/") or "index.html"
        told = (sample_pages.folder / file).read_text("utf-8")
        assert f'<link rel="canonical" href="{place}">' in told
    assert f"Sitemap: {SITE}/sitemap.xml" in (sample_pages.folder / "robots.txt").read_text("utf-8")


def test_the_whole_transcript_stands_on_the_page(sample_pages: SamplePages) -> None:
    told = (
        sample_pages.folder / "episodes" / "josefina-arrate-on-tutors-in-the-valley-schools.html"
    ).read_text("utf-8")
    assert "You get a novelty effect with anything that has a screen." in told
    assert 'class="who">Inês Carvalhal</b>' in told
    assert re.search(r'<span id="s3-2" data-t="\d+\.\d">You get a novelty effect', told)
