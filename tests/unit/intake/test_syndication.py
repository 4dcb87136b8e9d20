"""What of an RSS or Atom document of one entry becomes the article's, and what several or none are."""

import pytest

from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.records.article import Article
from worker.records.messages import RawMessage, Reason

WORDS = "The port of Beira was shut on Wednesday, and the crews of forty ships wait outside the harbour."
SPACES = """xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" """
CHANNEL = """<title>Sofala Wire</title><link>https://sofala.example/</link><language>en-GB</language>
  <atom:link rel="self" href="https://sofala.example/feed"/>"""
ITEM = f"""<title>Harbour shut &amp;amp; ships wait</title><link>https://sofala.example/77</link>
  <guid isPermaLink="false">sw-77</guid><dc:creator>Celeste Mondlane and Rui Tembe</dc:creator>
  <pubDate>Wed, 07 May 2031 18:40:00 +0200</pubDate><category>Ports</category><category>Strikes</category>
  <description>The port is shut.</description><media:title>A ship</media:title>
  <content:encoded><![CDATA[<p>{WORDS}</p>\n<p>{WORDS} “We wait,” said Rui Tembe.</p>]]></content:encoded>"""
TEXT = f"<description>{WORDS}</description>"
BODY = f"<content>{WORDS}</content>"
SOURCE = "<source><title>Post</title><author><name>X</name></author></source>"
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
ENTRY = f"""<id>tag:sofala.example,2031:77</id><title type="html">Harbour &lt;b&gt;shut&lt;/b&gt;</title>
  <link rel="enclosure" href="https://sofala.example/77.mp3"/><link href="https://sofala.example/77"/>
  <author><name>Celeste Mondlane</name><uri>https://sofala.example/cm</uri></author>
  <author><name>Rui Tembe</name></author>
  <updated>2031-05-08T10:00:00Z</updated><published>2031-05-07T18:40:00+02:00</published>
  <category term="ports"/><summary>The port is shut.</summary>
  <content type="html">&lt;p&gt;{WORDS}&lt;/p&gt;&lt;p&gt;{WORDS}&lt;/p&gt;</content>"""


def rss(*items, channel=CHANNEL):
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0" {SPACES}><channel>{channel}{inside}</channel></rss>'


def rdf(*items):
    inside = "".join(f'<item rdf:about="{n}">{item}</item>' for n, item in enumerate(items))
    return f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      {SPACES}><channel rdf:about="x"><title>Sofala Wire</title></channel>{inside}</rdf:RDF>"""


def feed(*entries, head="<id>x</id><title>Sofala Wire</title>"):
    inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed {ATOM} xml:lang="en-GB">{head}{inside}</feed>'


def read(document, content_type=None):
    headers = (("content-type", content_type),) if content_type else ()
    raw = RawMessage("news.articles.raw.v1", 0, 0, 0, None, document.encode(), headers)
    return decode(raw, limits=Limits(), default_language="en")


@pytest.mark.parametrize("prologue", ["", '<?xml version="1.0" encoding="UTF-8"?>\n', "<!-- made -->\n"])
@pytest.mark.parametrize("content_type", [None, b"application/rss+xml", b"text/xml; charset=utf-8"])
def test_the_parts_of_an_rss_item_become_the_articles(prologue, content_type):
    assert read(prologue + rss(ITEM), content_type) == Article(
        id="sw-77",
        url="https://sofala.example/77",
        headline="Harbour shut & ships wait",
        text=f"{WORDS}\n{WORDS} “We wait,” said Rui Tembe.",
        source="Sofala Wire",
        language="en-GB",
        published_at="2031-05-07T16:40:00Z",
        authors=("Celeste Mondlane", "Rui Tembe"),
        extra={
            "category": ["Ports", "Strikes"],
            "description": "The port is shut.",
            "media:title": "A ship",
            "channel": {
                "title": "Sofala Wire",
                "link": "https://sofala.example/",
                "language": "en-GB",
                "atom:link": {"rel": "self", "href": "https://sofala.example/feed"},
            },
        },
    )


@pytest.mark.parametrize(
    ("item", "field", "value"),
    [
        (TEXT, "text", WORDS),
        (f"<description>&lt;p&gt;{WORDS} &amp;amp; so&lt;/p&gt;</description>", "text", f"{WORDS} & so"),
        (f"<description><p>{WORDS}</p></description>", "text", WORDS),
        (TEXT + "<content:encoded/>", "text", WORDS),
        (TEXT + "<guid>https://x.example/7</guid>", "url", "https://x.example/7"),
        (TEXT + "<guid>https://x.example/7</guid>", "id", "https://x.example/7"),
        (TEXT + "<guid isPermaLink='false'>https://x.example/7</guid>", "url", None),
        (TEXT + "<source url='x'>Beira Post</source>", "source", "Beira Post"),
        (TEXT + "<author>ada@x.example (Ada Obi)</author>", "authors", ("Ada Obi",)),
        (TEXT + "<dc:date>2031-05-07</dc:date>", "published_at", "2031-05-07T00:00:00Z"),
        (TEXT + "<pubDate>07/05/2031</pubDate>", "published_at", None),
        (TEXT + "<dc:language>pt</dc:language>", "language", "pt"),
        (TEXT + "<media:title>A ship</media:title>", "headline", None),
    ],
)  # fmt: skip
def test_an_rss_item_may_say_it_otherwise(item, field, value):
    assert getattr(read(rss(item)), field) == value
    assert getattr(read(rdf(item)), field) == value


@pytest.mark.parametrize("content_type", [None, b"application/atom+xml", b"application/xml"])
def test_the_parts_of_an_atom_entry_become_the_articles(content_type):
    assert read(feed(ENTRY), content_type) == Article(
        id="tag:sofala.example,2031:77",
        url="https://sofala.example/77",
        headline="Harbour shut",
        text=f"{WORDS}\n{WORDS}",
        source="Sofala Wire",
        language="en-GB",
        published_at="2031-05-07T16:40:00Z",
        authors=("Celeste Mondlane", "Rui Tembe"),
        extra={
            "link": {"rel": "enclosure", "href": "https://sofala.example/77.mp3"},
            "author": {"uri": "https://sofala.example/cm"},
            "updated": "2031-05-08T10:00:00Z",
            "category": "ports",
            "summary": "The port is shut.",
            "feed": {"id": "x", "title": "Sofala Wire"},
        },
    )


@pytest.mark.parametrize(
    ("entry", "field", "value"),
    [
        (f"<content>{WORDS} 2 &lt; 3</content>", "text", f"{WORDS} 2 < 3"),
        (f"<summary>{WORDS}</summary><content src='x'/>", "text", WORDS),
        (f"<summary>{WORDS}</summary><content type='image/png'>AAAA</content>", "text", WORDS),
        (
            f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{WORDS}</p><p>2 &lt; 3<br/>'
            "so</p></div></content>",
            "text",
            f"{WORDS}\n2 < 3\nso",
        ),
        (
            f'<content type="xhtml"><x:div xmlns:x="http://www.w3.org/1999/xhtml"><x:p>{WORDS}</x:p></x:div></content>',
            "text",
            WORDS,
        ),
        (BODY + "<title>2 &lt; 3</title>", "headline", "2 < 3"),
        (BODY + "<title type='xhtml'><b>Shut</b>!</title>", "headline", "Shut!"),
        (BODY + "<updated>2031-05-07</updated>", "published_at", "2031-05-07T00:00:00Z"),
        (f"<content xml:lang='pt'>{WORDS}</content>", "language", "pt"),
        (BODY + SOURCE, "source", "Post"),
        (BODY + SOURCE, "authors", ("X",)),
    ],
)  # fmt: skip
def test_an_atom_entry_may_say_it_otherwise(entry, field, value):
    assert getattr(read(feed(entry)), field) == value
    assert getattr(read(f"<entry {ATOM} xml:lang='en-GB'>{entry}</entry>"), field) == value


@pytest.mark.parametrize(
    ("document", "reason", "said"),
    [
        (rss(ITEM, ITEM), Reason.UNDECODABLE, "an RSS document with 2 of item"),
        (rss(), Reason.UNDECODABLE, "an RSS document with no item"),
        (rdf(ITEM, ITEM, ITEM), Reason.UNDECODABLE, "an RSS document with 3 of item"),
        (feed(ENTRY, ENTRY), Reason.UNDECODABLE, "an Atom feed with 2 of entry"),
        (feed(), Reason.UNDECODABLE, "an Atom feed with no entry"),
        (rss("<title>x</title>"), Reason.INVALID, "text in content:encoded or description"),
        (rss("<description> </description>"), Reason.INVALID, "text in content:encoded or description"),
        (feed("<title>x</title>"), Reason.INVALID, "text in content or summary"),
        (rss(ITEM)[:-9], Reason.UNDECODABLE, "not well-formed XML"),
        ("<rdf:RDF xmlns:rdf='x'><a/></rdf:RDF>", Reason.UNDECODABLE, "the root element RDF"),
        ("<feed><product/></feed>", Reason.UNDECODABLE, "the root element feed"),
    ],
)  # fmt: skip
def test_several_or_none_and_what_has_no_text_are_refused_and_said(document, reason, said):
    rejected = read(document)
    assert rejected.reason is reason
    assert said in rejected.error
