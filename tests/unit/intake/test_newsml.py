"""What of a NewsML-G2 document becomes the article's, what is kept, and what is refused."""

import pytest

from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.intake.retraction import Retraction
from worker.records.article import Article
from worker.records.messages import RawMessage, Reason

NAR = 'xmlns="http://iptc.org/std/nar/2006-10-01/" standard="NewsML-G2" standardversion="2.34"'
ITEM_META = """<itemClass qcode="ninat:text"/><provider qcode="nprov:SW"><name>Sofala Wire</name></provider>
  <versionCreated>2031-05-07T19:00:00+02:00</versionCreated><firstCreated>2031-05-07T18:40:00+02:00</firstCreated>
  <title>Harbour</title>"""
CONTENT_META = """<contentCreated>2031-05</contentCreated><urgency>3</urgency>
  <creator role="drol:writer"><name>Celeste Mondlane</name></creator><language tag="pt-MZ"/>
  <slugline>harbour-strike</slugline><headline role="hld:sub">Crews walk out</headline>
  <headline>Beira harbour shut</headline>"""
NITF = """<inlineXML contenttype="application/nitf+xml"><nitf xmlns="http://iptc.org/std/NITF/2006-10-18/"><body>
  <body.head><hedline><hl1>Shut</hl1></hedline><byline>By Rui Tembe</byline></body.head>
  <body.content><p>The port is shut.</p><p>Nobody knows why.</p></body.content></body></nitf></inlineXML>"""
WORDS = "The port of Beira was shut on Wednesday, and the crews of forty ships wait outside the harbour."
PAGE = f"""<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head>
  <title>x</title></head><body><article><p>{WORDS}</p><p>{WORDS} “We wait,” said Rui Tembe.</p></article>
  </body></html></inlineXML>"""


def item(content=NITF, *, item_meta=ITEM_META, content_meta=CONTENT_META, guid="tag:sofala.example,2031:77"):
    return f"""<newsItem {NAR} guid="{guid}" version="2" xml:lang="en"><catalogRef href="x"/>
      <rightsInfo><copyrightHolder literal="Sofala Wire"/></rightsInfo><itemMeta>{item_meta}</itemMeta>
      <contentMeta>{content_meta}</contentMeta><contentSet>{content}</contentSet></newsItem>"""


def message(*items):
    return (
        f"<newsMessage {NAR}><header><sent>x</sent></header><itemSet>{''.join(items)}</itemSet></newsMessage>"
    )


def read(document, content_type=None):
    headers = (("content-type", content_type),) if content_type else ()
    raw = RawMessage("news.articles.raw.v1", 0, 0, 0, None, document.encode(), headers)
    return decode(raw, limits=Limits(), default_language="en")


@pytest.mark.parametrize("document", [item(), message(item())])
@pytest.mark.parametrize("content_type", [None, b"application/vnd.iptc.g2.newsitem+xml", b"text/xml"])
def test_the_parts_of_an_item_become_the_articles(document, content_type):
    article = read(f'<?xml version="1.0" encoding="UTF-8"?>\n{document}', content_type)
    assert article == Article(
        id="tag:sofala.example,2031:77",
        headline="Beira harbour shut",
        text="The port is shut.\nNobody knows why.",
        source="Sofala Wire",
        language="pt-MZ",
        published_at="2031-05-07T16:40:00Z",
        authors=("Celeste Mondlane",),
        extra={
            "itemClass": "ninat:text",
            "versionCreated": "2031-05-07T19:00:00+02:00",
            "title": "Harbour",
            "contentCreated": "2031-05",
            "urgency": "3",
            "slugline": "harbour-strike",
            "headline": {"role": "hld:sub", "text": "Crews walk out"},
            "copyrightHolder": "Sofala Wire",
            "version": "2",
        },
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (PAGE, f"{WORDS}\n{WORDS} “We wait,” said Rui Tembe."),
        (f'<inlineData contenttype="text/plain">\n{WORDS}\n\n{WORDS}\n</inlineData>', f"{WORDS}\n\n{WORDS}"),
        (f"<inlineData>{WORDS}</inlineData>", WORDS),
        (f'<remoteContent href="x.jpg"/><inlineData>{WORDS}</inlineData>', WORDS),
        (f"<inlineData>{WORDS}</inlineData>{NITF}", "The port is shut.\nNobody knows why."),
        (
            f'<inlineData contenttype="text/html">&lt;p&gt;{WORDS}&lt;/p&gt;&lt;p&gt;{WORDS}&lt;/p&gt;'
            "</inlineData>",
            f"{WORDS}\n{WORDS}",
        ),
    ],
)  # fmt: skip
def test_the_text_may_be_nitf_xhtml_or_plain(content, text):
    assert read(item(content)).text == text


def test_what_the_metadata_leaves_open_is_taken_from_the_content():
    article = read(item(item_meta="", content_meta=""))
    assert (article.headline, article.authors, article.language, article.published_at) == (
        "Shut",
        ("Rui Tembe",),
        "en",
        None,
    )


def test_of_a_message_the_one_text_is_read_beside_pictures():
    picture = item("<remoteContent/>", item_meta='<itemClass qcode="ninat:picture"/>', guid="p")
    assert read(message(picture, item(), picture)).id == "tag:sofala.example,2031:77"


def test_a_canceled_item_retracts_its_guid_and_needs_no_text():
    for status in ("stat:canceled", "http://cv.iptc.org/newscodes/pubstatusg2/canceled"):
        name = "qcode" if status.startswith("stat") else "uri"
        canceled = item("", item_meta=f'{ITEM_META}<pubStatus {name}="{status}"/>')
        assert read(canceled) == read(message(canceled)) == Retraction("tag:sofala.example,2031:77")


@pytest.mark.parametrize(
    ("more", "until"),
    [
        ('<pubStatus qcode="stat:withheld"/>', None),
        ("<embargoed>2031-05-08T06:00:00Z</embargoed>", "2031-05-08T06:00:00Z"),
        ('<embargoed>2031-05-08T06:00:00Z</embargoed><pubStatus qcode="x:usable"/>', "2031-05-08T06:00:00Z"),
        ("<embargoed>until noon</embargoed>", None),
    ],
)  # fmt: skip
def test_a_withheld_item_is_a_dead_letter_that_says_until_when(more, until):
    rejected = read(item(item_meta=ITEM_META + more))
    assert (rejected.reason, rejected.until) == (Reason.WITHHELD, until)


@pytest.mark.parametrize("more", ["<embargoed/>", '<pubStatus qcode="stat:usable"/>'])
def test_an_item_that_names_no_embargo_is_read(more):
    assert isinstance(read(item(item_meta=ITEM_META + more)), Article)


@pytest.mark.parametrize(
    ("document", "reason", "said"),
    [
        (message(item(), item(guid="b")), Reason.UNDECODABLE, "2 news items that are texts"),
        (message(), Reason.UNDECODABLE, "no news items that are texts"),
        (f"<packageItem {NAR} guid='p'/>", Reason.UNDECODABLE, "the root element packageItem"),
        (item(""), Reason.INVALID, "content found: none"),
        (item('<remoteContent contenttype="image/jpeg"/>'), Reason.INVALID, "content found: image/jpeg"),
        (item('<inlineData contenttype="a/b" encoding="base64">QQ==</inlineData>'), Reason.INVALID, "a/b"),
        (item('<inlineXML contenttype="application/nitf+xml"/>'), Reason.INVALID, "application/nitf+xml"),
        (item(NITF.replace("p>", "note>")), Reason.INVALID, "body.content"),
    ],
)  # fmt: skip
def test_what_has_no_one_readable_text_is_refused_and_said(document, reason, said):
    rejected = read(document)
    assert rejected.reason is reason
    assert said in rejected.error
