"""Which language an article is in: its field's word for it, or what its text tells, among those allowed."""

import json

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from tests.unit.intake.language_samples import LINES, NEWS
from worker.intake.decode import decode
from worker.intake.language import overruling_language, tell_language
from worker.intake.limits import Limits
from worker.languages import known_languages
from worker.records.messages import RawMessage

ALL = tuple(known_languages())
EN = ("en",)
TURKISH = (
    "Porthaven belediye meclisi pazartesi günü limanın bir hafta daha kapalı kalmasına karar verdi. Belediye "
    "başkanı Lena Okafor, fırtınanın üç vinci devirmesinin ardından rıhtımın güvenli olmadığını söyledi."
)
NYNORSK = "Bystyret i Porthaven vedtok måndag at hamna skal vere stengd i ei veke til, etter stormen."
ARABIC = "قرر مجلس مدينة بورتهافن يوم الاثنين أن يبقى الميناء مغلقا أسبوعا آخر بعد العاصفة التي أسقطت رافعات"
PERSIAN = "شورای شهر پورت‌هیون روز دوشنبه تصمیم گرفت که بندر یک هفته دیگر بسته بماند"
CHINESE = "波特黑文市议会星期一决定港口因暴风雨再关闭一周"
HINDI = "पोर्टहेवन की परिषद ने सोमवार को तय किया कि बंदरगाह एक और सप्ताह बंद रहेगा"
GREEK = "Το λιμάνι του Πορτχέιβεν θα μείνει κλειστό για ακόμη μία εβδομάδα, αποφάσισε το συμβούλιο."


def read(text, language=None, languages=ALL):
    fields = {"text": text} if language is None else {"text": text, "language": language}
    message = RawMessage("news.articles.raw.v1", 0, 0, 0, None, json.dumps(fields).encode())
    return decode(message, limits=Limits(), default_language=languages[0], other_languages=languages[1:])


def test_there_are_samples_in_every_known_language():
    assert tuple(NEWS) == tuple(LINES) == ALL


@pytest.mark.parametrize("code", ALL)
def test_an_article_and_a_line_of_one_are_told_in_every_language(code):
    assert [tell_language(NEWS[code], ALL), tell_language(LINES[code], ALL)] == [code, code]


@pytest.mark.parametrize(
    ("text", "languages", "told"),
    [
        # What can't be told counts as the first.
        ("", ALL, "en"),
        ("OK", ("fr", "en"), "fr"),
        ("1-0 (45+2')", ("fi", "sv"), "fi"),
        ("Okafor", ("de", "en"), "de"),
        ("😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", ("de", "en"), "de"),
        ("x" * 5000, ("de", "en"), "de"),
        # What is surely in a language that is not allowed is told to be in that, and becomes a dead letter.
        (NEWS["es"], EN, "es"),
        (TURKISH, ALL, "tr"),
        (GREEK, ALL, "el"),
        # The languages allowed decide between those that resemble each other.
        (NEWS["hr"], ("en", "hr"), "hr"),
        (NEWS["id"], ("en", "id"), "id"),
        (NEWS["no"], ("da", "no"), "no"),
        (NEWS["da"], ("no", "da"), "da"),
        # So is what has next to nothing of any that is allowed, though several others may be meant.
        (ARABIC, ALL, "ar"),
        (ARABIC[:30], ALL, "ar"),
        (ARABIC, EN, "ar"),
        (PERSIAN, ALL, "fa"),
        (PERSIAN[:40], ALL, "fa"),
        (CHINESE, ALL, "zh"),
        (HINDI[:40], ALL, "hi"),
        ("Liman bir hafta kapalı", ("de", "fr"), "tr"),
        (NYNORSK, EN, "nn"),
        # With one language allowed fewer than forty letters tell nothing, nor do twelve with several.
        (CHINESE, EN, "en"),
        ("港口关闭", ALL, "en"),
        # Nor do letters that no language in particular would have.
        ("\u0374\u2c00 " * 30, EN, "en"),
        # Of two languages, the one that most of the text is in.
        (NEWS["de"] + " “We are not ready,” she said in English.", ALL, "de"),
        (LINES["fr"] + "\n" + NEWS["en"], ALL, "en"),
        # In capitals.
        (NEWS["de"].upper(), ALL, "de"),
        (LINES["ru"].upper(), ALL, "ru"),
    ],
)  # fmt: skip
def test_what_a_text_alone_tells(text, languages, told):
    assert tell_language(text, languages) == told


IDENTIFIER = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def told_before(text):
    """The rule of the time when one language was allowed at most."""
    if sum(character.isalpha() for character in text[:2000]) < 40:
        return "en"
    code, confidence = IDENTIFIER.classify(text[:2000])
    return code if confidence >= 0.9 else "en"


def test_with_one_language_allowed_texts_in_it_and_surely_in_another_are_told_as_ever():
    texts = [NEWS["en"], LINES["en"], TURKISH, GREEK, "", "OK", "A quiet day.", "x" * 50]
    assert [tell_language(text, EN) for text in texts] == [told_before(text) for text in texts]


@pytest.mark.parametrize("code", [code for code in ALL if code != "en"])
def test_an_article_in_another_language_than_the_one_allowed_is_never_taken_for_that_one(code):
    # The Croatian one may be Bosnian too, so that neither is sure; English it is not.
    assert tell_language(NEWS[code], EN) != "en"


@pytest.mark.parametrize("code", ALL)
def test_a_right_field_is_never_overruled(code):
    text = NEWS[code]
    for sample in (LINES[code], text, text * 5, text.upper()):
        assert read(sample, code).language == code


@pytest.mark.parametrize("code", [code for code in ALL if code != "en"])
def test_a_wrong_field_is_overruled_by_an_article_and_not_by_a_line(code):
    article = read(NEWS[code], "en-GB")
    assert (article.language, article.extra) == (code, {"named_language": "en-GB"})
    assert read(NEWS["en"], code).language == "en"
    line = read(LINES[code], "en-GB")
    assert (line.language, line.extra) == ("en-GB", {})


@pytest.mark.parametrize(
    ("text", "field", "languages", "taken"),
    [
        # Tags of every form are kept as they are given.
        (NEWS["pt"], "pt-BR", ALL, "pt-BR"),
        (NEWS["no"], "nb", ALL, "nb"),
        (NEWS["no"], "nn-NO", ALL, "nn-NO"),
        (NEWS["no"], "no", ALL, "no"),
        (NEWS["id"], "ind", ALL, "id"),
        (NEWS["de"], "German", ALL, "de"),
        ("港口关闭", "zh-Hans", ALL, "zh-Hans"),
        # The field alone says whether an article is taken: nothing overrules a language that is not allowed.
        (NEWS["en"], "tr", ALL, "tr"),
        (NEWS["de"], "en", EN, "en"),
        (NEWS["en"], "de", EN, "de"),
        (NEWS["en"], "Klingonese", ALL, "Klingonese"),
        # Nor does a language that is not allowed overrule.
        (TURKISH, "en", ALL, "en"),
        (NEWS["de"], "en", ("en", "fr"), "en"),
        # An article that begins or ends with a long quotation in another language is what its field says.
        (NEWS["es"] * 3 + "\n" + NEWS["en"] * 3, "en", ALL, "en"),
        (NEWS["en"] * 3 + "\n" + NEWS["es"] * 3, "en", ALL, "en"),
        (NEWS["es"] * 3 + "\n" + NEWS["en"] * 3, "es", ALL, "es"),
        (NEWS["es"] + "\n" + NEWS["en"], "en", ALL, "en"),
        # No field at all.
        (NEWS["de"], None, ALL, "de"),
        (NEWS["de"], "und", ALL, "de"),
        (NEWS["de"], " ", ALL, "de"),
        (NEWS["de"], None, EN, "de"),
    ],
)  # fmt: skip
def test_the_field_is_believed_unless_all_of_the_text_is_clearly_in_another(text, field, languages, taken):
    assert read(text, field, languages).language == taken


def test_a_text_is_not_looked_at_where_one_language_is_allowed():
    assert overruling_language(NEWS["de"], "en", EN) is None


def test_what_is_said_of_the_field_wins_over_the_publisher_s_own():
    message = json.dumps({"text": NEWS["de"], "language": "en", "named_language": "x"}).encode()
    article = decode(
        RawMessage("t", 0, 0, 0, None, message),
        limits=Limits(),
        default_language="en",
        other_languages=("de",),
    )
    assert article.extra == {"named_language": "en"}
