"""What a text without a content type is taken for, by how it begins."""

import pytest

from worker.intake.formats.format import Syntax
from worker.intake.sniff import sniff

WORDS = "The harbour stays shut, <b>officials</b> said."


@pytest.mark.parametrize(
    "text",
    [
        f"<!DOCTYPE html><title>x</title>{WORDS}",
        f'<!doctype HTML PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x">{WORDS}',
        f'<?xml version="1.0"?>\n<!-- made by x -->\n<html xmlns="http://www.w3.org/1999/xhtml">{WORDS}</html>',
        f'<?xml version="1.0"?><article>{WORDS}</article>',
        f"<!-- a --><!-- b -->\n<div>{WORDS}",
        f"<P>{WORDS}",
        f"<h4 class=x>{WORDS}</h4>",
        f"<strong>BEIRA</strong> {WORDS}",
        f"<span style='x'>BEIRA</span> {WORDS}",
        f"<a href=/x>BEIRA</a> {WORDS}",
        f"<blockquote>{WORDS}</blockquote>",
        f"<figure><img src=x></figure>{WORDS}",
        f"<ol><li>{WORDS}",
        f"<li>{WORDS}",
        f"<br>{WORDS}",
        f"<img src=x/>{WORDS}",
        f"<time datetime=x>Monday</time> {WORDS}",
        f"<em>Correction:</EM > {WORDS}",
        f"<main>{WORDS}",
        f"<story-card id=7>{WORDS}</story-card>",
        f"<table><tr><td>{WORDS}",
        f"<style>p {{}}</style><p>{WORDS}",
    ],
)
def test_a_page_begins_with_any_element_of_html(text):
    assert sniff(text) is Syntax.HTML


@pytest.mark.parametrize(
    "text",
    [
        "<nitf/>",
        "<nitf><head>",
        "<rss version='2.0'><channel>",
        "<feed xmlns='http://www.w3.org/2005/Atom'>",
        "<entry xmlns='http://www.w3.org/2005/Atom'>",
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>",
        "<x:story xmlns:x='urn:x'>",
        "<newsItem guid='x'>",
        '<?xml version="1.0" encoding="utf-8"?><story>x</story>',
        '<?xml version="1.0"?><story>x',
        '<?xml version="1.0"?>words',
        '<?xml-stylesheet href="x"?><story>x</story>',
        "<!DOCTYPE story SYSTEM 'story.dtd'><story>x</story>",
        "<!DOCTYPE lolz [<!ENTITY lol 'lol'>]><lolz>&lol;</lolz>",
        "<story><head>x</head></story>",
        "<story>x</story>\n<!-- the end -->\n",
        "<story/>",
        "<my:story>x</my:story >",
        "<svg xmlns='http://www.w3.org/2000/svg'><path/></svg>",
    ],
)
def test_what_is_no_page_and_one_element_is_xml(text):
    assert sniff(text) is Syntax.XML


@pytest.mark.parametrize(
    "text",
    [
        "<3 you, said the mayor.",
        "<b> is the tag for bold, said Ada Obi.",
        "<i>",
        "<ada@example.org> wrote: the harbour stays shut.",
        "<https://example.org/a> has the report.",
        "<Reuters> - The harbour stays shut.",
        "<unknown> called the newsroom.",
        "<unknown>",
        "<unknown>x</unknown> is what the caller said.",
        "<story-card> is an element of its own.",
        "<< Back to the harbour",
        "< p >Not a tag",
        "<p",
        "<!-- nothing but a comment -->",
        "<!-- an open comment",
        "<?php echo 1; ?> is how a script begins.",
        "<!DOCTYPE",
        "<-- see there",
        "a < b, and b > c: <p>no page</p>",
        "The tag <nitf> is IPTC's.",
    ],
)
def test_words_in_angle_brackets_are_text(text):
    assert sniff(text) is Syntax.TEXT


@pytest.mark.parametrize("text", ['{"a": 1}', '[{"a": "<p>"}]', '"<p>x</p>"', "12", "null", "[1, 2]"])
def test_json_stays_json(text):
    assert sniff(text) is Syntax.JSON


@pytest.mark.parametrize("text", ["\x01", "<unknown> \x02 said", "PK\x03\x04"])
def test_control_characters_are_no_text(text):
    assert sniff(text) is None
