"""What is read from a page as the article's text: what a reader sees of it, and nothing else."""

import pytest

from worker.intake.webpage import read_page

LEAD = "The lock at Hornu was closed on Tuesday, after a barge had struck its lower gate and bent it."
QUOTE = "“We heard it in the kitchen,” said Odile Framont, who keeps the lock with her two sons."
MORE = "Eleven barges wait above the lock, four of them with grain that has to be in Antwerp on Friday."
END = "The canal office expects divers in the morning, and an answer about the gate by the evening."
PARAGRAPHS = (LEAD, QUOTE, MORE, END)


def page(*inside, head="", before="", after="", lang="en"):
    body = "\n".join(part if part.startswith("<") else f"<p>{part}</p>" for part in inside)
    return (
        f"<!DOCTYPE html><html lang={lang}><head><title>Barge strikes lock</title>{head}</head><body>"
        f"<nav><a href=/>Home</a></nav>{before}<article>{body}</article>{after}</body></html>"
    )


def lines(html):
    return read_page(html).text.split("\n")


def test_an_ordinary_page_gives_its_paragraphs():
    assert lines(page(*PARAGRAPHS)) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    ("style", "css"),
    [
        ("<p hidden>{}</p>", ""),
        ("<template><p>{}</p></template>", ""),
        ("<dialog><p>{}</p></dialog>", ""),
        ("<p style='display:none'>{}</p>", ""),
        ("<p style='DISPLAY : none !important'>{}</p>", ""),
        ("<p style='visibility:hidden'>{}</p>", ""),
        ("<p style='opacity:0'>{}</p>", ""),
        ("<p style='font-size:0'>{}</p>", ""),
        ("<div style='font-size:0px'><p>{}</p></div>", ""),
        ("<p style='font: 0/0 a'>{}</p>", ""),
        ("<p style='position:absolute; left:-9999px'>{}</p>", ""),
        ("<p style='position:fixed; top:-2000px'>{}</p>", ""),
        ("<p style='text-indent:-9999px'>{}</p>", ""),
        ("<p style='height:0; overflow:hidden'>{}</p>", ""),
        ("<p style='clip:rect(0,0,0,0);position:absolute'>{}</p>", ""),
        ("<p style='transform:translateX(-10000px)'>{}</p>", ""),
        ("<p style='color:#fff'>{}</p>", ""),
        ("<p style='color:#fefefe;background:white'>{}</p>", ""),
        ("<div style='background-color:#123456'><p style='color:rgb(18, 52, 86)'>{}</p></div>", ""),
        ("<p style='color:transparent'>{}</p>", ""),
        ("<p><font color=white>{}</font></p>", ""),
        ("<p class=visually-hidden>{}</p>", ""),
        ("<p class=ghost>{}</p>", ".ghost{display:none}"),
        ("<p class='a ghost'>{}</p>", "/* x */ p{color:#222} p.a.ghost , .z {visibility : hidden}"),
        ("<p id=ghost>{}</p>", "@media screen{#ghost{font-size:0}}"),
        ("<div class=box><p>{}</p></div>", "article .box p{position:absolute;left:-999em}"),
        ("<p class=ghost>{}</p>", ".ghost{color:#fff;background:#fff}"),
        ("<p class=ghost>{}</p>", ".ghost{display:block} .ghost{display:none}"),
    ],
)
def test_text_that_no_reader_sees_is_no_text(style, css):
    hidden = style.format("Melchior Abendroth sold the barge on Monday, it was said.")
    html = page(LEAD, QUOTE, hidden, MORE, END, head=f"<style>{css}</style>")
    assert lines(html) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    ("around", "css"),
    [
        ("<div style='opacity:0;transform:translateY(20px)'>{}</div>", ""),
        ("<div class=reveal>{}</div>", ".reveal{opacity:0;transition:opacity .6s}"),
        ("<div class=ghost>{}</div>", "@media print{.ghost{display:none}}"),
        ("<div class=ghost>{}</div>", "@media (max-width:600px){.ghost{display:none}}"),
        ("<div class=ghost>{}</div>", ".ghost:hover{display:none}"),
        ("<div class=ghost>{}</div>", ".no-js .ghost{display:none}"),
        ("<div class=ghost>{}</div>", ".ghost{display:none} .ghost{display:block}"),
        ("<div class=ghost>{}</div>", "aside .ghost{display:none}"),
        ("<div hidden=until-found>{}</div>", ""),
        ("<div style='background:#000'><div style='color:#fff'>{}</div></div>", ""),
        ("<div style='background:url(x.png)'><div style='color:#fff'>{}</div></div>", ""),
        ("<div style='font-size:0'><div class=big>{}</div></div>", ""),
        ("<div style='visibility:hidden'><div style='visibility:visible'>{}</div></div>", ""),
        ("<div style='position:relative;left:-2px'>{}</div>", ""),
    ],
)
def test_text_that_a_reader_sees_stays(around, css):
    html = page(LEAD, QUOTE, around.format(f"<p>{MORE}</p><p>{END}</p>"), head=f"<style>{css}</style>")
    assert lines(html) == list(PARAGRAPHS)


def test_a_page_that_shows_nothing_yet_waits_for_a_script_and_is_read():
    html = page(*PARAGRAPHS, head="<style>article{opacity:0}</style>")
    assert lines(html) == list(PARAGRAPHS)


def test_names_in_hidden_text_do_not_count_because_there_is_much_of_it():
    hidden = "Melchior Abendroth sold the barge on Monday, it was said in the harbour of Ghent. " * 40
    assert lines(page(*PARAGRAPHS, f"<div style='display:none'><p>{hidden}</p></div>")) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "tag", ["time", "label", "button", "output", "meter", "data", "legend", "mark", "bdi"]
)
def test_an_element_within_a_sentence_is_a_word_of_it(tag):
    html = page(LEAD.replace("Tuesday", f"<{tag}>Tuesday</{tag}>"), QUOTE, MORE, END)
    assert lines(html) == list(PARAGRAPHS)


def test_an_element_within_a_sentence_may_be_emphasized():
    html = page(LEAD, QUOTE.replace("Odile Framont", "<b><label>Odile Framont</label></b>"), MORE, END)
    assert lines(html) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "control",
    [
        "<button>Share this</button>",
        "<label>Your address <input></label>",
        "<p>Published: <time>2 March</time></p>",
        "<p><time>2 March, 6.45</time></p>",
    ],
)
def test_controls_and_bylines_are_no_words(control):
    assert lines(page(LEAD, control, *PARAGRAPHS[1:])) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    ("lang", "given", "text"),
    [
        ("en", "<q>We heard it</q>, said", "“We heard it”, said"),
        ("en-GB", "<q>He said <q>no</q> twice</q>, said", "“He said ‘no’ twice”, said"),
        ("de-AT", "<q>We heard it</q>, said", "„We heard it“, said"),
        ("fr", "<q>We heard it</q>, said", "«We heard it», said"),
        ("en", "<q>“We heard it”</q>, said", "“We heard it”, said"),
        ("en", "<q><b>We</b> heard it</q>, said", "“We heard it”, said"),
    ],
)
def test_marks_that_a_browser_shows_around_q_are_in_the_text(lang, given, text):
    rest = " Odile Framont, who keeps the lock with her two sons and her brother."
    assert lines(page(LEAD, given + rest, MORE, END, lang=lang))[1] == text + rest


@pytest.mark.parametrize(
    "linked",
    [
        "<p><a href=/people/framont>{}</a></p>",
        "<p><strong><a href=/people/framont>{}</a></strong></p>",
        "<a href=/people/framont><p>{}</p></a>",
    ],
)
def test_a_paragraph_that_is_a_link_is_a_paragraph(linked):
    assert lines(page(LEAD, linked.format(QUOTE), MORE, END)) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "stranger",
    [
        "<p><strong>READ MORE: <a href=/9>Berta Oxenholm wins the rowing cup of Namur</a></strong></p>",
        "<p>Related: <a href=/9>Berta Oxenholm wins the rowing cup of Namur</a></p>",
        "<p>[Zum Thema: <a href=/9>Berta Oxenholm wins the rowing cup of Namur</a>]</p>",
        "<p><a href=/9>Lire aussi : Berta Oxenholm wins the rowing cup of Namur.</a></p>",
        "<p><a href=/9>Berta Oxenholm wins the rowing cup of Namur</a></p>",
        "<div><a href=/9>SEE ALSO: Berta Oxenholm wins the rowing cup of Namur</a></div>",
        "<p>Sign up for the Oxenholm newsletter, every Thursday in your inbox.</p>",
        "<p>Subscribe to continue reading what Berta Oxenholm says.</p>",
        "<p>We use cookies to learn what readers of Berta Oxenholm like.</p>",
        "<p>Advertisement</p>",
        "<figure><img src=a.jpg><figcaption>Berta Oxenholm at the lock.</figcaption></figure>",
        "<img src=a.jpg alt='Berta Oxenholm sees the bent gate.'><p>Berta Oxenholm sees the bent gate.</p>",
        "<article class=teaser><h3><a href=/9>Oxenholm wins</a></h3><p>Berta Oxenholm won.</p></article>",
    ],
)
def test_what_tells_of_other_things_is_left_out(stranger):
    assert lines(page(LEAD, QUOTE, stranger, MORE, END)) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "kept",
    [
        "She said: <a href=/9>“We will not wait until Friday for them.”</a>",
        "Subscribe to the theory or not, the gate is bent, <a href=/9>said the lock keeper's son</a>.",
        "“Sign up for the newsletter, they told me,” said Odile Framont, who did not.",
        "The report is <a href=/9>here, with all of its annexes and the photographs</a>, the office said.",
    ],
)
def test_a_sentence_with_a_link_or_such_words_stays(kept):
    text = kept.replace("<a href=/9>", "").replace("</a>", "")
    assert lines(page(LEAD, QUOTE, kept, MORE, END)) == [LEAD, QUOTE, text, MORE, END]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<aside class=content>", "</aside>"),
        ("<form><fieldset>", "</fieldset></form>"),
        ("<table><tr><td width=100><a href=/>Home</a></td><td>", "</td></tr></table>"),
        ("<table role=presentation><tbody><tr><td>", "</td></tr></tbody></table>"),
        ("<table><tr><td><table><tr><td>", "</td></tr></table></td></tr></table>"),
        ("<label>", "</label>"),
    ],
)
def test_an_article_in_an_unusual_place_is_found(before, after):
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    html = f"<html><head><title>Barge</title></head><body>{before}{body}{after}</body></html>"
    assert lines(html) == list(PARAGRAPHS)


def test_a_table_of_figures_stays_out():
    table = "<table><tr><th>Day</th><th>Barges</th></tr><tr><td>Tuesday</td><td>11</td></tr></table>"
    assert lines(page(LEAD, QUOTE, table, MORE, END)) == list(PARAGRAPHS)


def test_a_first_paragraph_above_the_article_belongs_to_it():
    head = f"<div class=top><h1>Barge strikes lock</h1><p class=standfirst>{LEAD}</p></div>"
    assert lines(page(*PARAGRAPHS[1:], before=head)) == list(PARAGRAPHS)


def test_a_summary_that_the_page_gives_of_itself_stays_out():
    deck = "A lock on the canal is closed, and eleven barges have to wait for divers."
    html = page(
        *PARAGRAPHS,
        head=f'<meta name="description" content="{deck}">',
        before=f"<div><h1>Barge strikes lock</h1><p>{deck}</p></div>",
    )
    assert lines(html) == list(PARAGRAPHS)


def test_a_headline_and_a_heading_under_it_are_no_text():
    html = page(f"<header><h1>Barge strikes lock</h1><h2>{END}</h2></header>", LEAD, QUOTE, MORE)
    assert lines(html) == [LEAD, QUOTE, MORE]


def test_a_second_article_without_a_headline_goes_on():
    html = page(LEAD, QUOTE, after=f"<div>Advertisement</div><article><p>{MORE}</p><p>{END}</p></article>")
    assert lines(html) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "other",
    [
        "<article><h3><a href=/9>Cup won</a></h3><p>Berta Oxenholm won the cup of Namur.</p></article>",
        "<article><h1>Cup won</h1><p>Berta Oxenholm won the cup of Namur, said the club.</p></article>",
        "<a href=/9><article><p>Berta Oxenholm won the cup of Namur, said the club.</p></article></a>",
    ],
)
@pytest.mark.parametrize("place", ["before", "after"])
def test_an_article_of_another_story_stays_out(other, place):
    assert lines(page("<h1>Barge strikes lock</h1>", *PARAGRAPHS, **{place: other})) == list(PARAGRAPHS)


def test_parts_behind_an_advertisement_belong_to_the_article():
    parts = "<div class=ad><p>Buy the boat of your dreams today.</p></div>".join(
        f"<div class=chunk><div class=article-body>{''.join(f'<p>{p}</p>' for p in two)}</div></div>"
        for two in (PARAGRAPHS[:2], PARAGRAPHS[2:])
    )
    assert lines(page(f"<div>{parts}</div>")) == list(PARAGRAPHS)


def test_a_live_blog_keeps_its_order():
    updates = "".join(
        f"<article id=u{n} class=update><h3><a href=#u{n}>At {9 - n}.00</a></h3><p>{p}</p></article>"
        for n, p in enumerate(PARAGRAPHS)
    )
    found = [line for line in lines(page(f"<div class=live>{updates}</div>")) if line in PARAGRAPHS]
    assert found == list(PARAGRAPHS)


def test_a_comment_does_not_part_a_paragraph():
    html = page(LEAD, QUOTE.replace(" said ", " said <!-- --> "), MORE, END)
    assert lines(html) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "html", [page(*PARAGRAPHS), page(LEAD, f"<q>{QUOTE}</q>", MORE), "<p>a</p>", "<q></q>"]
)
def test_the_same_page_gives_the_same_twice(html):
    assert read_page(html) == read_page(html)


def test_control_characters_do_not_stop_extraction():
    html = page(LEAD, QUOTE, "<div><button>Share</button>a\x01b</div>", MORE, END)
    assert [line for line in lines(html) if line in PARAGRAPHS] == list(PARAGRAPHS)
