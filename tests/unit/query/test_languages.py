"""Rules and searches find the same words, phrases and names in whatever language an article is."""

import pytest

from tests.unit.alerts.alert_articles import article, entity
from tests.unit.alerts.alert_articles import quote as said
from tests.unit.search.search_documents import document, find, index, quote
from worker.alerts.evaluate import holds
from worker.alerts.facts import Facts
from worker.alerts.text import condition_from_text
from worker.alerts.work import Allowance

GERMAN = "Die Außenministerin kam nach Gießen. „Wir schließen die Straße“, sagte Ärztin Änne Weiß."
SPANISH = "La ministra llegó a Cádiz. «Los niños no irán mañana», dijo Íñigo Núñez en el año nuevo."
RUSSIAN = "Мэр Йошкар-Олы Пётр Соловьёв заявил: «Подъём начнётся завтра»."
POLISH = "Łódź czeka. – Źle się stało – powiedział Żółć."
TURKISH = "İstanbul'da konuşan Bakan Yıldız, IĞDIR yolunun kapandığını söyledi."
ARABIC = "قال الرئيس مُحَمَّد في القاهرة إن المفاوضات ستبدأ غدا."
HEBREW = "ראש הממשלה אמר שָׁלוֹם בירושלים."
HINDI = "प्रधानमंत्री ने हिन्दी में समाचार दिया।"
CHINESE = "東京都知事在北京发表讲话。"
JAPANESE = "首相は東京で、オリンピックについて語った。"
THAI = "นายกรัฐมนตรีไทยกล่าวที่กรุงเทพ"
KOREAN = "대통령은 서울에서 말했다."


@pytest.mark.parametrize(
    ("language", "text", "query", "is_found"),
    [
        ("de", GERMAN, "AUSSENMINISTERIN", True),
        ("de", GERMAN, '"wir schliessen die STRASSE"', True),
        ("de", GERMAN, '"straße wir"~2', True),
        ("de", GERMAN, '"straße wir"~1', False),
        ("de", GERMAN, "ärztin", True),
        ("de", GERMAN, "A\u0308RZTIN", True),
        ("de", GERMAN, "arztin", False),
        ("de", GERMAN, "minister", False),
        ("de", GERMAN, "ärztin language:de", True),
        ("de", GERMAN, "ärztin language:es", False),
        ("de", GERMAN, "“wir schließen”", True),
        ("es", SPANISH, "NIÑOS", True),
        ("es", SPANISH, "nin\u0303os", True),
        ("es", SPANISH, "ninos", False),
        ("es", SPANISH, '"año nuevo" AND "íñigo núñez"', True),
        ("es", SPANISH, "«no irán mañana»", True),
        ("es", SPANISH, '"mañana niños"~2', True),
        ("ru", RUSSIAN, "ПЁТР", True),
        ("ru", RUSSIAN, "и\u0306ошкар", True),
        ("ru", RUSSIAN, '"йошкар-олы"', True),
        ("ru", RUSSIAN, '"подъём завтра"~1', True),
        ("pl", POLISH, "łódź żółć", True),
        ("pl", POLISH, "lodz", False),
        ("tr", TURKISH, "istanbul", True),
        ("tr", TURKISH, "İSTANBUL", True),
        ("tr", TURKISH, "ISTANBUL", True),
        ("tr", TURKISH, '"bakan yıldız"', True),
        ("tr", TURKISH, '"BAKAN YILDIZ"', True),
        ("tr", TURKISH, "ığdır", True),
        ("tr", TURKISH, "i\u0307stanbul", True),
        ("ar", ARABIC, "القاهرة", True),
        ("ar", ARABIC, "مُحَمَّد", True),
        ("ar", ARABIC, "م", False),
        ("ar", ARABIC, '"الرئيس القاهرة"~2', True),
        ("he", HEBREW, "שָׁלוֹם", True),
        ("he", HEBREW, "ש", False),
        ("hi", HINDI, "हिन्दी", True),
        ("hi", HINDI, '"हिन्दी में समाचार"', True),
        ("hi", HINDI, "न", False),
        ("zh", CHINESE, "東京", True),
        ("zh", CHINESE, "北京", True),
        ("zh", CHINESE, "京東", False),
        ("zh", CHINESE, '"讲话 北京"~2', True),
        ("ja", JAPANESE, "東京", True),
        ("ja", JAPANESE, "オリンピック", True),
        ("ja", JAPANESE, "リンピ", False),
        ("th", THAI, "กรุงเทพ", True),
        ("th", THAI, "ไทย", True),
        ("th", THAI, "กุรงเทพ", False),
        ("ko", KOREAN, "서울에서", True),
        ("ko", KOREAN, "서울", False),
    ],
)  # fmt: skip
def test_a_rule_and_a_search_find_the_same_words_in_any_script(tmp_path, language, text, query, is_found):
    facts = Facts(article(text, language=language))
    assert holds(condition_from_text(query), facts, Allowance()) is is_found
    built = index(tmp_path / "index.sqlite", [document(text, language=language)])
    assert find(built, query) == ["a1"] * is_found


@pytest.mark.parametrize(
    ("text", "name", "asked"),
    [
        (GERMAN, "Änne Weiß", ["änne weiß", "ÄNNE WEISS", "Änne Weiss"]),
        (SPANISH, "Íñigo Núñez", ["íñigo núñez", "ÍÑIGO NÚÑEZ", "I\u0301ñigo Nu\u0301ñez"]),
        (RUSSIAN, "Пётр Соловьёв", ["ПЁТР СОЛОВЬЁВ"]),
        (TURKISH, "Yıldız", ["yıldız", "YILDIZ", "yildiz"]),
        (CHINESE, "東京", ["東京"]),
    ],
)
def test_entities_and_speakers_are_found_by_their_names_in_any_letter_case(tmp_path, text, name, asked):
    person = entity(text, "PERSON", name)
    facts = Facts(article(text, entities=[person], quotes=[said(text, text[:20], name, person)]))
    quotes = [quote(text[:20], speaker=name)]
    built = index(tmp_path / "index.sqlite", [document(text, people=[name], speakers=[name], quotes=quotes)])
    for asked_name in asked:
        for field in ("entity", "speaker"):
            condition = condition_from_text(f'{field}:"{asked_name}"')
            assert holds(condition, facts, Allowance()), (field, asked_name)
        assert find(built, f'speaker:"{asked_name}"') == ["a1"], asked_name
