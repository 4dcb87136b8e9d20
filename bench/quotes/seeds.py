"""Quotes to alter: the project's own sentences, by speaker, with names in braces; and those of files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

_NAME = re.compile(r"\{([^}]*)\}")
# A capital letter within a sentence: good enough to exchange names in quotes that nobody has marked.
_CAPITALISED = re.compile(r"(?<=[\w,] )[A-Z][a-z]{3,}(?: [A-Z][a-z]{2,})*")
UNSPACED_LANGUAGES = frozenset({"zh", "ja", "th"})


@dataclass(frozen=True)
class SeedQuote:
    """A quote to alter. `names`: the names in it, which can be exchanged for others."""

    text: str
    language: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeedSpeaker:
    """Quotes of one speaker, who speaks of one event in all of them."""

    language: str
    quotes: tuple[SeedQuote, ...]


def own_speakers() -> list[SeedSpeaker]:
    """The speakers of `_OWN`."""
    return [
        SeedSpeaker(language, tuple(_marked(text, language) for text in texts)) for language, texts in _OWN
    ]


def speakers_of_files(folder: Path) -> list[SeedSpeaker]:
    """The direct quotes of articles in a folder of JSON lines, an article a group.

    A line has `text` and `attributions` with `kind` and `content`, or `quotes` with `kind` and `text`. A
    quote that is a part of another one in its article is left out: it may be the same utterance.
    """
    found: dict[tuple[str, str], list[SeedQuote]] = defaultdict(list)
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            row = orjson.loads(line)
            texts = [" ".join(text.split()).strip("“”\"'") for text in _direct(row)]
            language = row.get("lang", "en")
            for text in texts:
                if 20 <= len(text) <= 400 and not _is_part(text, texts):
                    names = tuple(_CAPITALISED.findall(text)) if language == "en" else ()
                    found[path.name, row["id"]].append(SeedQuote(text, language, names))
    return [SeedSpeaker(quotes[0].language, tuple(quotes)) for _, quotes in sorted(found.items())]


def _direct(row: dict[str, object]) -> Iterator[str]:
    text, attributions, quotes = row.get("text"), row.get("attributions", []), row.get("quotes", [])
    assert isinstance(attributions, list)
    assert isinstance(quotes, list)
    for one in attributions:
        if one["kind"] == "direct" and isinstance(text, str):
            yield from (text[start:end] for start, end in one["content"])
    yield from (one["text"] for one in quotes if one["kind"] == "direct")


def _is_part(text: str, texts: list[str]) -> bool:
    plain = _plain(text)
    return sum(plain in _plain(other) for other in texts) > 1


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _marked(text: str, language: str) -> SeedQuote:
    return SeedQuote(_NAME.sub(r"\1", text), language, tuple(_NAME.findall(text)))


_OWN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("en", (
        "We brought all 48 passengers ashore before the {Marwick} light went out, and nobody was left there.",
        "The crew did what they were trained to do, and {Captain Oyelaran} was the last to leave the bridge.",
        "I have asked the coastguard to keep two boats off {Penhallow} until the tide has turned twice.",
        "Nobody at the harbour office told us that the beacon had been dark for 11 nights before we sailed.",
        "If the owners knew of the crack in the hull, they will have to answer for it in court, not to me.",
    )),
    ("en", (
        "We will not close a single school in {Tarnby} this year, whatever the auditors may have written.",
        "The council has 3.5 million left in reserve, and I would spend it on teachers rather than paint.",
        "{Ms Lindqvist} asked for an answer by Friday, and she will have one that she can read to pupils.",
        "Parents have every right to be angry, because the letter of 12 March promised them the opposite.",
        "I was not in the room when that was agreed, and I would have voted against it if I had been.",
    )),
    ("en", (
        "Our third quarter was the weakest since 2009, and most of that is the price of copper in {Arica}.",
        "We expect to hire 250 people at the plant near {Dunmore} as soon as the new furnace is running.",
        "There is no plan to sell the shipping business, and there was no talk with {Halvorsen} about it.",
        "Customers are waiting 9 weeks for a pump that used to take two, and we know that this cannot go on.",
        "What the regulator calls a shortage is a delay of a few days, which we have dealt with before.",
    )),
    ("en", (
        "The boys ran themselves empty tonight, and {Adeyemi} could hardly stand when the whistle went.",
        "We gave away 2 goals in the first 15 minutes, and against a side like that you do not come back.",
        "I am not going to talk about the referee, because everybody in the ground saw what happened.",
        "There are 7 matches left and we need 12 points, so do not ask me about next season before then.",
        "{Kowalczyk} trained on his own this morning, and we will see tomorrow whether the knee holds.",
    )),
    ("de", (
        "Wir haben alle 48 Fahrgäste an Land gebracht, ehe das Licht von {Marwick} ausging, keiner fehlt.",
        "Die Mannschaft hat getan, was sie gelernt hat, und {Kapitän Brandt} ging als Letzter von Bord.",
        "Niemand im Hafenamt hat uns gesagt, dass die Bake schon 11 Nächte lang dunkel war.",
        "Wenn die Eigner von dem Riss wussten, dann werden sie sich vor Gericht verantworten müssen.",
    )),
    ("fr", (
        "Nous ne fermerons aucune école à {Valbreuse} cette année, quoi que les contrôleurs aient écrit.",
        "Il reste 3 millions dans la réserve, et je les dépenserai pour des maîtres et non pour la peinture.",
        "{Madame Roussel} a demandé une réponse avant vendredi, et elle l'aura, signée de ma main.",
        "Je n'étais pas dans la salle quand cela fut décidé, et j'aurais voté contre si j'y avais été.",
    )),
    ("es", (
        "No vamos a vender la planta de {Arica}, y nadie de la empresa ha hablado con {Halvorsen} sobre eso.",
        "Esperamos contratar a 250 personas en cuanto el horno nuevo esté funcionando en el puerto.",
        "Los clientes esperan 9 semanas por una bomba que antes tardaba dos, y eso no puede seguir así.",
        "Lo que el regulador llama escasez es un retraso de pocos días que ya hemos tenido otras veces.",
    )),
    ("ru", (
        "Мы вывезли на берег всех 48 пассажиров, прежде чем погас маяк в {Марвике}, и никто не остался.",
        "Экипаж сделал всё, чему его учили, и {капитан Орлов} последним покинул мостик парома.",
        "Никто в порту не сказал нам, что огонь на молу не горел уже 11 ночей подряд.",
        "Если владельцы знали о трещине в корпусе, то отвечать им придётся перед судом, а не передо мной.",
    )),
    ("tr", (
        "Bu yıl {Gökova} ilçesinde tek bir okulu bile kapatmayacağız, denetçiler ne yazmış olursa olsun.",
        "Yedek bütçede 3 milyon lira kaldı ve ben bunu boyaya değil öğretmenlere harcamak isterim.",
        "{Yıldız Hanım} cuma gününe kadar bir cevap istedi, öğrencilerine okuyabileceği bir cevap alacak.",
        "Karar alındığında ben odada değildim, orada olsaydım buna kesinlikle karşı oy verirdim.",
    )),
    ("ar", (
        "لقد أوصلنا جميع الركاب وعددهم 48 إلى الشاطئ قبل أن ينطفئ ضوء {مروان} ولم نترك أحدا خلفنا",
        "فعل الطاقم ما تدرب عليه وكان {القبطان سليم} آخر من غادر جسر السفينة في تلك الليلة",
        "لم يخبرنا أحد في مكتب الميناء أن المنارة كانت مظلمة منذ 11 ليلة قبل أن نبحر",
        "إذا كان المالكون يعرفون بالشق في الهيكل فعليهم أن يجيبوا أمام المحكمة لا أمامي أنا",
    )),
    ("hi", (
        "हम इस साल {रामगढ़} में एक भी स्कूल बंद नहीं करेंगे चाहे लेखा परीक्षकों ने कुछ भी लिखा हो",
        "परिषद के पास अब भी 3 करोड़ रुपये बचे हैं और मैं उन्हें शिक्षकों पर खर्च करना चाहूँगा",
        "{सुनीता वर्मा} ने शुक्रवार तक जवाब माँगा है और उन्हें वह जवाब लिखित रूप में मिलेगा",
        "जब यह तय हुआ तब मैं कमरे में नहीं था और अगर होता तो इसके खिलाफ मतदान करता",
    )),
    ("ko", (
        "우리는 {마윅} 등대의 불이 꺼지기 전에 승객 48 명을 모두 뭍으로 데려왔고 아무도 남기지 않았습니다",
        "선원들은 배운 대로 했으며 {오 선장} 은 마지막으로 함교를 떠난 사람이었다고 들었습니다",
        "항만 사무소의 누구도 우리가 떠나기 전 11 일 밤 동안 등이 꺼져 있었다고 말하지 않았습니다",
        "선주들이 선체의 금을 알고 있었다면 저에게가 아니라 법정에서 답해야 할 것입니다",
    )),
    ("zh", (
        "我们在{马维克}灯塔熄灭之前把全部48名乘客送上了岸没有一个人被留在船上",
        "船员们做了他们受过训练的事情{欧阳船长}是最后一个离开驾驶台的人",
        "港务局没有人告诉我们那座航标在我们出海之前已经黑了11个晚上",
        "如果船东早就知道船体上有裂缝那么他们必须在法庭上给出回答",
    )),
    ("ja", (
        "私たちは{マーウィック}の灯台が消える前に乗客48人全員を岸に運び誰も残しませんでした",
        "乗組員は訓練どおりに動き{大谷船長}が最後に船橋を離れたと聞いています",
        "港の事務所の誰も出航の前に灯標が11日間も消えていたとは教えてくれませんでした",
        "船主が船体のひびを知っていたのなら私ではなく法廷で答えなければなりません",
    )),
    ("th", (
        "เรานำผู้โดยสารทั้งหมด48คนขึ้นฝั่งก่อนที่ประภาคาร{มาร์วิก}จะดับและไม่มีใครถูกทิ้งไว้",
        "ลูกเรือทำตามที่ฝึกมาและ{กัปตันสมชาย}เป็นคนสุดท้ายที่ออกจากสะพานเดินเรือ",
        "ไม่มีใครที่ท่าเรือบอกเราว่าสัญญาณไฟดับมาแล้ว11คืนก่อนที่เราจะออกทะเล",
        "ถ้าเจ้าของเรือรู้เรื่องรอยร้าวในตัวเรือพวกเขาต้องไปตอบในศาลไม่ใช่ตอบกับผม",
    )),
)  # fmt: skip
