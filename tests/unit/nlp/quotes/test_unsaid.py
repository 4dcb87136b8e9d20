"""What nobody said is no quote; what was said after all, or denied, is one."""

import pytest

from tests.unit.nlp.marked import doc_of
from worker.nlp.quotes.component import tag_quotes
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.unsaid import Unsaid, said_reports, unsaid_marks


def unsaid(text: str) -> list[str]:
    """The words in curly marks that were not said."""
    spans, at = [], 0
    while (start := text.find("“", at)) >= 0:
        at = text.index("”", start)
        spans.append(QuoteSpan(start + 1, at, "mixed", 0.9))
    return [text[each.quote.start : each.quote.end] for each in unsaid_marks(text, spans)]


@pytest.mark.parametrize(
    "text",
    [
        "Oluwaseun Bello has never described the flood as “an act of God”.",
        "Maja Lindahl refused to call the vote “a defeat”.",
        "No minister in Quito has called the strike “illegal”.",
        "None of the four doctors said that the water was “fit to drink”.",
        "Without calling it “a war”, General Ismail Hakim described how the town had burned.",
        "If Sunil Perera had told the police that the door was “wide open”, nobody would have been charged.",
        "Had the bank called the loan “a gift”, it would owe no tax.",
        "“The dam is safe,” nobody said in Nurek on Sunday.",
        "Ana Petrović denied calling her rival “a thief”.",
        "Samir Khoury would have called it “a miracle”.",
        "Thandiwe Nkosi won't say that the mine is “finished”.",
        "Not one of the bishops in Manila has called the law “a sin”.",
        "Juan Carlos Ibarra avoided calling the ruling “unjust”.",
        "The report stops short of using the word “genocide”.",
        "Nor did Katya Morozova tell the jury that she had been “pushed”.",
        "There is no evidence that Rashid Al-Amri ever called the king “a fool”.",
        "Were Mayor Lopez to call the plan “a swindle”, her own party would vote for it.",
        "Mei Ling Chan cannot be said to have called the exam “a joke”.",
        "At no point did the envoy, Paul Okello, say “we surrender”.",
        "Tupou Vea has yet to call the storm “a catastrophe”.",
        "Rather than call it “a bailout”, Finance Minister Nora Weiss spoke of a bridge.",
        "“We are bankrupt” is not something Diego Farias ever said.",
        "“Genocide”, a word that Ines Duarte never used, was on every placard.",
        "Nobody at the port who saw the crane has said that it was “sound”.",
    ],
)
def test_words_that_were_not_said_are_no_quote(text):
    assert len(unsaid(text)) == 1


def test_a_denial_reaches_over_or():
    text = "Aisha Bukar never said the well was “poisoned” or that the herders were “murderers”."
    assert unsaid(text) == ["poisoned", "murderers"]


@pytest.mark.parametrize(
    "text",
    [
        "Ivan Dimitrov did not hesitate to call the plan “a crime against the coast”.",
        "Esra Yilmaz did not just call it “a mistake”, she called it “a sin”.",
        "Kofi Asante never tires of saying that “rain follows the plough”.",
        "Nobody but Tuva Berg said that the ice was “as thin as paper”.",
        "Had she not said “stop the train”, Lin Mei would be dead.",
        "Zeynep Aksoy did not call it “a coup” until Friday.",
        "Farid Rahimi declined to comment on the case, saying that it was “before the courts”.",
        "Zanele Khumalo denied that the party was “for sale”.",
        "Pavel Kuzma didn't mince his words, calling the plan “madness”.",
        "Emma Ricci, who had not slept, called the night “endless”.",
        "Not only did Joon-ho Park call it “a fraud”, he sued.",
        "Nobody was hurt, and Captain Liam Byrne called it “a miracle”.",
        "Neither Ali Khan nor Mario Ruiz has won a state and Ms Reyes said they “should drop out”.",
        "No sooner had Ali Reza said “enough” than the lights went out.",
        "Hugo Strand never stopped calling her “the queen of Malmö”.",
        "He decided not to recommend a trial even though he found “proof”.",
        "Sergeant Colin Reid did not tell the truth when he said the car was “empty”.",
    ],
)
def test_what_was_said_after_all_stays_a_quote(text):
    assert unsaid(text) == []


def test_of_not_this_but_that_the_second_was_said():
    assert unsaid("Jorge Rivas did not say “never” but “not yet”.") == ["never"]


def test_the_component_leaves_out_what_was_not_said():
    text = (
        "The harbour master did not say “yes, the strike is over”. “I said maybe,” [Rui Tavares|PERSON] said."
    )
    doc = tag_quotes(doc_of(text))
    assert [doc.text[quote.start : quote.end] for quote in doc._.quotes] == ["I said maybe,"]


@pytest.mark.parametrize(
    ("text", "cue", "is_said"),
    [
        ("Sefo Lauti did not say that the ferry would sail again.", "did not say", False),
        ("Aroha Ngata declined to say whether the ferry would sail.", "declined to say", False),
        ("Hemi Walker denied that the club was bankrupt.", "denied", True),
        ("Mr Walker was not asked whether the club was bankrupt.", "asked", True),
        ("The union has resisted calls that it should end the strike.", "calls", True),
    ],
)
def test_a_report_without_marks_is_held_to_the_same(text, cue, is_said):
    at = text.index(cue)
    report = QuoteSpan(at + len(cue) + 1, len(text) - 1, "indirect", 0.9, cue=(at, at + len(cue)))
    assert said_reports(text, [report], []) == [report] * is_said


def test_a_report_of_a_denial_was_said():
    text = "Chipo Moyo said she had never called the president “a crocodile”."
    start, verb = text.index("she had"), text.index("called")
    mark = QuoteSpan(text.index("a crocodile"), len(text) - 2, "mixed", 0.9)
    whole = QuoteSpan(start, len(text) - 1, "indirect", 0.9, cue=(start - 5, start - 1))
    part = QuoteSpan(mark.start - 1, len(text) - 1, "indirect", 0.9, cue=(start - 5, start - 1))
    assert unsaid_marks(text, [mark]) == [Unsaid(mark, verb)]
    assert said_reports(text, [whole, part], [Unsaid(mark, verb)]) == [whole]
