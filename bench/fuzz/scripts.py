"""News in scripts other than Latin, and characters that are one thing and look like another.

`SCRIPT_TEXTS[name].of(chars)` is such a text of that length. `script_messages(name, chars)` sends it in three ways:
without a language, as the one that it is in, and as English, which makes a pipeline for English read it.
"""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from worker.records.messages import RawMessage

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class ScriptText:
    """A piece of text, which is repeated, and the code of its language."""

    language: str
    piece: str

    def of(self, chars: int) -> str:
        return (self.piece * (chars // len(self.piece) + 1))[:chars]


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


_VIETNAMESE = "Nguyễn Thị Hồng gặp Trần Đức ở Đà Nẵng. “Không,” Nguyễn nói. "
_KOREAN = "김민지 장관은 서울에서 “멈추지 않겠다”고 말했다. 삼성전자는 논평을 거부했다. "
_LATIN = "Zoë Núñez met Håkon Šušteršić in São Paulo. “No,” Núñez said. "

SCRIPT_TEXTS: dict[str, ScriptText] = {
    # Five scripts and more: names, a quotation in the marks of the language, and who said it.
    "Cyrillic": ScriptText(
        "ru", "Министр Анна Ковальчук заявила в Киеве: «Мы не остановимся». Иван Петренко не согласился. "
    ),
    "Arabic": ScriptText("ar", "قالت الوزيرة ليلى حداد في القاهرة: «لن نتوقف». ورفض أحمد منصور التعليق. "),
    "Arabic with its vowels": ScriptText("ar", "قَالَتِ الْوَزِيرَةُ لَيْلَى حَدَّاد فِي الْقَاهِرَةِ: «لَنْ نَتَوَقَّفَ». "),
    "Hebrew with points": ScriptText("he", "השרה מרים לוי אמרה בירושלים: „לא נעצור”. דָּוִד כֹּהֵן מחברת אל־על סירב. "),
    "Devanagari": ScriptText(
        "hi", "मंत्री अनीता शर्मा ने नई दिल्ली में कहा, “हम नहीं रुकेंगे।” राजेश कुमार ने इनकार किया। "
    ),
    "Han": ScriptText("zh", "记者李娜从北京报道：“我们不会停止，”王伟说。阿里巴巴集团拒绝置评。"),
    "Japanese": ScriptText("ja", "田中花子大臣は東京で「やめない」と述べた。ソニーはコメントを控えた。"),
    "Thai": ScriptText("th", "รัฐมนตรีสมชายกล่าวที่กรุงเทพฯว่า“เราจะไม่หยุด”บริษัทปตท.ปฏิเสธ"),
    "Greek": ScriptText("el", "Η υπουργός Ελένη Παπαδοπούλου είπε στην Αθήνα: «Δεν θα σταματήσουμε». "),
    "Korean": ScriptText("ko", _KOREAN),
    "Korean, letter by letter": ScriptText("ko", _decomposed(_KOREAN)),
    # Accents and vowels that are characters of their own.
    "accents apart": ScriptText(ENGLISH, _decomposed(_LATIN)),
    "three accents a vowel, apart": ScriptText("vi", _decomposed(_VIETNAMESE)),
    "marks before and within names": ScriptText(
        ENGLISH, "\u0301Ada \u0301Obi met Bela\u0301\u0323\u0308 Ma\u0301rek of Ken\u0301ya\u20dd. “\u0301No,\u0301” Obi said. "
    ),
    "accents apart on verbs": ScriptText(
        ENGLISH, "Ada Obi announced\u0301 and declared\u0301\u20dd to the court: “no”. “Yes,” insisted\u0301 Obi. "
    ),
    # Cases that are no pairs.
    "dotless and dotted": ScriptText("tr", "İSTANBUL'da Işıl Şahin ile IŞIL ŞAHİN, İlker ile ilker konuştu. "),
    "sharp s": ScriptText("de", "„Groß“, sagte Karl Weiß, KARL WEISS und KARL WEIẞ in der STRASSE, Straße, STRAẞE. "),
    "final sigma": ScriptText("el", "ΟΔΥΣΣΕΑΣ, Οδυσσέας και Οδυσσέασ: «ΟΧΙ», είπε ο ΓΙΩΡΓΟΣ ΣΕΦΕΡΗΣ. "),
    "capitals of two letters": ScriptText("hr", "ǅemal, Ǆemal i ǆemal, Ǉubica i ǈubica; „ne”, rekao je ǅemal. "),
    # What is not seen, or seen in another order.
    "turned around": ScriptText(
        ENGLISH, "\u202eAda Obi\u202c met \u2067Bela Marek\u2069 in \u200fNairobi\u200e. “No,” \u202eObi\u202c said. "
    ),
    "joiners in names": ScriptText(
        ENGLISH, "A\u200dda O\u200cbi met Be\u00adla Mar\u2060ek in Nai\ufeffrobi. “No,” O\u200cbi said. "
    ),
    "joiners that belong": ScriptText("fa", "مریم می\u200cخواهد به تهران\u200cپارس برود و علی\u200cرضا گفت: «نه». "),
    "tags and selectors": ScriptText(
        ENGLISH, "Ada\U000e0041\U000e0042 Obi met Bela\ufe0f Marek\U0001f1f0\U0001f1ea of Kenya\U000e007f. “No,” Obi said. "
    ),
    "spaces of all widths": ScriptText(
        ENGLISH, "Ada\u3000Obi met Bela\u2003Marek in\u00a0New\u202fYork\u1680City. “No,”\u2009Obi\u205fsaid.\u0085"
    ),
    # What looks alike.
    "Cyrillic within Latin": ScriptText(ENGLISH, "Мr Аda Оbi and Ada Obi of Pаypаl in Lоndоn. “Nо,” Оbi sаid. "),
    "letters of other widths": ScriptText(ENGLISH, "Ａｄａ Ｏｂｉ met 𝐀𝐝𝐚 𝐎𝐛𝐢 and Ⓐⓓⓐ Ⓞⓑⓘ in Ｌｏｎｄｏｎ. “Ｎｏ，” Ada Obi said. "),
    "digits of other scripts": ScriptText(
        ENGLISH, "On ٥ May ٢٠٢٤ Ada Obi paid $५ million, १२ percent, £๓,๐๐๐ and ５０ euros in 𝟗 days. “No,” Obi said. "
    ),
    # Words without an end.
    "words as long as sentences": ScriptText(
        "de", "„Nein“, sagte Ute Donau" + "dampfschifffahrts" * 20 + "kapitän-" + "Müller-" * 20 + "Lüdenscheidt. "
    ),
    "a script without spaces, all names": ScriptText("th", "กรุงเทพมหานครอมรรัตนโกสินทร์มหินทรายุธยา"),
}  # fmt: skip


def script_messages(name: str, chars: int) -> Iterator[RawMessage]:
    """The text without a language, with its own, and as English."""
    script = SCRIPT_TEXTS[name]
    for language in (None, script.language, ENGLISH):
        yield script_message(script.of(chars), language)


def script_message(text: str, language: str | None) -> RawMessage:
    """An article whose headline is the beginning of its text."""
    fields = {"text": text, "headline": text[:60]} | ({"language": language} if language else {})
    value = json.dumps(fields, ensure_ascii=False).encode()
    headers = (("content-type", b"application/json"),)
    return RawMessage("news.articles.raw.v1", 0, 0, 1_700_000_000_000, None, value, headers)
