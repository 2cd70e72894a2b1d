"""Addresses of the pages, relative to the site's root, and how one page links to another."""

LIBRARY = "index.html"
TOPICS = "topics.html"
PEOPLE = "people.html"
FRAMEWORK = "framework.html"
SEARCH = "search.html"
FEED = "feed.xml"
SITEMAP = "sitemap.xml"
ROBOTS = "robots.txt"
MISSING = "404.html"
"""What web servers answer where there is nothing."""


def episode_picture(slug: str) -> str:
    """Return the address of the picture that chats show beside a link to an episode."""
    return f"cards/{slug}.png"


def slice_anchor(ordinal: int) -> str:
    """Return the anchor of a slice by its number, from 0: ``p12`` is the twelfth."""
    return f"p{ordinal + 1}"


def up_from(page: str) -> str:
    """Return what leads from ``page`` to the site's root, such as ``../``."""
    return "../" * page.count("/")
