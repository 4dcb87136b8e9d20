"""What of a NITF document becomes the article's, what is kept, and what is refused."""

import pytest

from worker.intake.decode import decode
from worker.intake.formats.nitf import read_nitf_text
from worker.intake.limits import Limits
from worker.intake.retraction import Retraction
from worker.records.article import Article
from worker.records.messages import RawMessage, Reason

HEAD = """
  <title>Beira harbour shut</title>
  <meta name="desk" content="africa"/>
  <docdata><doc-id id-string="tag:sofala.example,2031:77" regsrc="SW"/>
    <urgency ed-urg="3"/><date.issue norm="20310507T184000+0200"/>
    <doc.copyright year="2031" holder="Sofala Wire"/>
    <key-list><keyword key="harbour"/><keyword key="strike"/></key-list>
  </docdata>
  <pubdata name="Sofala Wire" type="web"/>
"""
BODY_HEAD = """
  <hedline><hl1>Beira harbour <em>shut</em></hl1><hl2>Crews walk out</hl2></hedline>
  <byline>By <person>Celeste Mondlane</person> and <person>Rui Tembe</person>,
    <byttl>Reporters</byttl></byline>
  <distributor><org>Sofala News</org></distributor>
  <dateline><location>BEIRA</location><story.date>May 7</story.date></dateline>
  <abstract><p>The harbour is shut.</p></abstract>
"""
CONTENT = "<block><p>The port of Beira was shut on Wednesday.</p></block>"


def nitf(content=CONTENT, head=HEAD, body_head=BODY_HEAD, root='<nitf xml:lang="en-GB">', end=""):
    body = f"<body.head>{body_head}</body.head><body.content>{content}</body.content>{end}"
    return f"{root}<head>{head}</head><body>{body}</body></nitf>"


def read(document, content_type=None):
    headers = (("content-type", content_type),) if content_type else ()
    value = document.encode() if isinstance(document, str) else document
    return decode(
        RawMessage("news.articles.raw.v1", 0, 0, 0, None, value, headers),
        limits=Limits(),
        default_language="en",
    )


def test_the_parts_of_a_document_become_the_articles():
    article = read(nitf())
    assert article == Article(
        id="tag:sofala.example,2031:77",
        headline="Beira harbour shut",
        text="The port of Beira was shut on Wednesday.",
        source="Sofala News",
        language="en-GB",
        published_at="2031-05-07T16:40:00Z",
        authors=("Celeste Mondlane", "Rui Tembe"),
        extra=article.extra,
    )


def test_what_else_the_head_says_is_kept_by_the_names_of_its_elements():
    extra = read(nitf(end="<body.end><tagline>Edited in Chimoio</tagline></body.end>")).extra
    assert extra == {
        "doc-id": "SW",
        "urgency": "3",
        "doc.copyright": {"year": "2031", "holder": "Sofala Wire"},
        "key-list": {"keyword": ["harbour", "strike"]},
        "meta": {"name": "desk", "content": "africa"},
        "pubdata": {"name": "Sofala Wire", "type": "web"},
        "hedline": {"hl2": "Crews walk out"},
        "dateline": {"location": "BEIRA", "story.date": "May 7"},
        "abstract": {"p": "The harbour is shut."},
        "tagline": "Edited in Chimoio",
    }


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>One <em>and</em>\n  two.</p><p>Three.</p>", "One and two.\nThree."),
        ("<block><p>One.</p></block><block><p>Two.</p></block>", "One.\nTwo."),
        ("<block><p>Lead.</p></block><block><p>Lead.</p><p>More.</p></block>", "Lead.\nMore."),
        ("<p>One.</p><p>One.</p>", "One."),
        ("<hl2>Why</h12>", None),
        ("<hl2>Why</hl2><p>One.</p>", "Why\nOne."),
        ("<ul><li>One</li><li><p>Two</p></li></ul><dl><dt>A</dt><dd>B</dd></dl>", "One\nTwo\nA\nB"),
        ("<p><q>We stay,</q> said <person>Rui Tembe</person>.</p>", "“We stay,” said Rui Tembe."),
        ("<p><q>“We stay,”</q> he said.</p>", "“We stay,” he said."),
        ("<p><q>She told me <q>no</q></q>.</p>", "“She told me ‘no’”."),
        ("<bq><block><p>We stay.</p></block><credit>Rui Tembe</credit></bq>", "We stay.\nRui Tembe"),
        ("<p>One<br/>two</p>", "One\ntwo"),
        ("<p>A <frac><numer>1</numer><denom>2</denom></frac> mile</p>", "A 1/2 mile"),
        ("<p>A <frac><numer>1</numer><frac-sep>/</frac-sep><denom>2</denom></frac> mile</p>", "A 1/2 mile"),
        ("<p>One.</p><media><media-caption>A ship</media-caption></media><p>Two.</p>", "One.\nTwo."),
        ("<table><tr><td>1</td></tr></table><fn><p>note</p></fn><p>One.</p>", "One."),
        ("<block><byline>By X</byline><dateline>BEIRA</dateline><p>One.</p></block>", "One."),
        ("Words <b>without</b> a paragraph.", "Words without a paragraph."),
        ("<p>Caf&eacute;&nbsp;&amp; bar, 2 &lt; 3 &#8212; so</p>", "Café\xa0& bar, 2 < 3 — so"),
        ("<p><![CDATA[2 < 3 & &eacute;]]></p>", "2 < 3 & é"),
        ("<blockquote><p>One.</p></blockquote><h3>Two</h3>", "One.\nTwo"),
        ("<p>\x00One.</p>", "\ufffdOne."),
    ],
)
def test_the_text_has_a_line_for_each_paragraph(content, text):
    result = read(nitf(content))
    assert getattr(result, "text", None) == text


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("By Celeste Mondlane", ("Celeste Mondlane",)),
        ("by: Celeste Mondlane, <byttl>Reporter</byttl>", ("Celeste Mondlane",)),
        ("Celeste Mondlane and Rui Tembe", ("Celeste Mondlane", "Rui Tembe")),
        ("<byttl>Staff</byttl>", ()),
        ("<person><name.given>Rui</name.given> <name.family>Tembe</name.family></person>", ("Rui Tembe",)),
        ("Byron Tembe", ("Byron Tembe",)),
    ],
)
def test_a_byline_gives_names_without_by_and_without_jobs(byline, authors):
    assert read(nitf(body_head=f"<byline>{byline}</byline>")).authors == authors


def test_a_document_of_the_least_is_read():
    article = read("<nitf><body><body.content><p>The port is shut.</p></body.content></body></nitf>")
    assert (article.text, article.headline, article.id[:5]) == ("The port is shut.", None, "text-")
    assert article.extra == {}


def test_a_canceled_document_retracts_its_id_and_needs_no_text():
    for status in ("canceled", "cancelled", "killed"):
        canceled = HEAD.replace("<docdata>", f'<docdata management-status="{status}">')
        assert read(nitf("", head=canceled)) == Retraction("tag:sofala.example,2031:77")


@pytest.mark.parametrize(
    ("status", "release", "until"),
    [
        ("withheld", "", None),
        ("embargoed", "", None),
        ("embargoed", '<date.release norm="20310508T060000Z"/>', "2031-05-08T06:00:00Z"),
    ],
)
def test_a_withheld_document_is_a_dead_letter_that_says_until_when(status, release, until):
    held = HEAD.replace("<docdata>", f'<docdata management-status="{status}">{release}')
    rejected = read(nitf(head=held))
    assert (rejected.reason, rejected.until) == (Reason.WITHHELD, until)


def test_an_embargo_that_is_over_is_none():
    over = HEAD.replace(
        "<docdata>", '<docdata management-status="embargoed"><date.release norm="19690508T060000Z"/>'
    )
    assert read(nitf(head=over)).published_at == "2031-05-07T16:40:00Z"


@pytest.mark.parametrize(
    "root",
    [
        '<?xml version="1.0" encoding="iso-8859-1"?>\n<nitf>',
        '<!DOCTYPE nitf SYSTEM "http://www.nitf.org/nitf-3-2.dtd">\n<nitf>',
        '<?xml version="1.0"?><!DOCTYPE nitf PUBLIC "-//IPTC//DTD NITF 3.4//EN" "nitf-3-4.dtd" []><nitf>',
        '<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/" version="-//IPTC//DTD NITF 3.6//EN">',
    ],
)
@pytest.mark.parametrize(
    "content_type", [None, b"text/xml", b"application/nitf+xml", b"application/xml; charset=utf-8"]
)
def test_a_document_is_read_with_any_prologue_and_media_type_of_xml(root, content_type):
    assert read(nitf(root=root), content_type).headline == "Beira harbour shut"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (nitf(), "The port of Beira was shut on Wednesday."),
        (CONTENT, "The port of Beira was shut on Wednesday."),
        ("<body.content><p>One.</p></body.content>", "One."),
        ("<body><body.content><p>One.</p></body.content></body>", "One."),
        ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
        ("Plain <em>words</em>.", "Plain words."),
    ],
)
def test_nitf_in_a_string_may_be_a_part_of_a_document(text, found):
    assert read_nitf_text(text).fields["text"] == found


BOMB = "<!DOCTYPE nitf [<!ENTITY a 'aaaaaaaaaa'>{}]>".format(
    "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
)


@pytest.mark.parametrize(
    ("document", "reason", "said"),
    [
        (f"{BOMB}{nitf('<p>&j;</p>', root='<nitf>')}", Reason.UNDECODABLE, "DOCTYPE declares entities"),
        (BOMB + nitf(root='<nitf a="&j;">'), Reason.UNDECODABLE, "DOCTYPE declares entities"),
        (
            f"<!DOCTYPE nitf [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>{nitf('<p>&x;</p>')}",
            Reason.UNDECODABLE,
            "DOCTYPE declares entities",
        ),
        (
            "<!-- [ --><?x [?><!DOCTYPE nitf SYSTEM \"]>\" [<!ENTITY % x SYSTEM 'http://127.0.0.1/x'> %x;]>"
            + nitf(),
            Reason.UNDECODABLE,
            "DOCTYPE declares entities",
        ),
        (
            f'<!DOCTYPE nitf SYSTEM "http://127.0.0.1/nitf.dtd">{nitf("<p>&x;</p>")}',
            Reason.UNDECODABLE,
            "an entity that it does not declare: &x;",
        ),
        (nitf("<p>&x;</p>"), Reason.UNDECODABLE, "Entity 'x' not defined"),
        (nitf("<p>Ada & Bo</p>"), Reason.UNDECODABLE, "not well-formed XML"),
        (nitf()[:-9], Reason.UNDECODABLE, "not well-formed XML"),
        (nitf("<p>\x02</p>"), Reason.UNDECODABLE, "not well-formed XML"),
        (nitf("<a>" * 120 + "</a>" * 120), Reason.TOO_LARGE, "levels of nesting, the limit is 100"),
        (nitf("<a>" * 9000 + "</a>" * 9000), Reason.TOO_LARGE, "levels of nesting than the limit, 100"),
        (nitf("<p/>" * 25_000), Reason.TOO_LARGE, "elements, the limit is 20000"),
        (nitf(""), Reason.INVALID, "takes a text in body.content"),
        (nitf("<media><media-caption>A ship</media-caption></media>"), Reason.INVALID, "body.content"),
        ("<nitf/>", Reason.UNDECODABLE, "NITF without body.content"),
        ("<story><p>One.</p></story>", Reason.UNDECODABLE, "XML with the root element story"),
        ('<?xml version="1.0"?><x:story xmlns:x="u"/>', Reason.UNDECODABLE, "the root element story"),
        ('<NewsML Version="1.2"/>', Reason.UNDECODABLE, "XML with the root element NewsML"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_said(document, reason, said):
    rejected = read(document)
    assert rejected.reason is reason
    assert said in rejected.error
