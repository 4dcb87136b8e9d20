"""What an article costs in each language: words a second of CPU time of all the work on it.

    python -m bench.languages_cost [--words 500] [--articles 12] [--rounds 3]

The texts are put together from paragraphs of `seeds/quality`. In each round every language has its turn;
figures are medians of the rounds.
"""

import argparse
import time
from statistics import median

from bench.command_line import argument_parser, as_markdown
from bench.texts import articles_of_length
from worker.channels import Channel
from worker.enrichment import Enricher
from worker.enrichment_config import EnrichmentConfig
from worker.languages import known_languages
from worker.records.messages import RawMessage, Rejected
from worker.settings import Settings


def main() -> None:
    options = _arguments()
    every = list(known_languages())
    settings = Settings.from_env({"DATELINE_LANGUAGES": ",".join(every)})
    enricher = Enricher(EnrichmentConfig.from_settings(settings))
    articles = {
        language: _messages(language, options.articles, options.words)
        for language in options.languages or every
    }
    for messages in articles.values():
        _seconds(enricher, messages[:1])
    rounds = [
        {language: _seconds(enricher, messages) for language, messages in articles.items()}
        for _ in range(options.rounds)
    ]
    words = options.articles * options.words
    speeds = {language: median(words / one[language] for one in rounds) for language in articles}
    rows = [
        [language, f"{speed:,.0f}", f"{speed / speeds['en']:.2f}" if "en" in speeds else ""]
        for language, speed in speeds.items()
    ]
    print(as_markdown(["language", "words a second of CPU", "of English"], rows))


def _messages(language: str, count: int, words: int) -> list[RawMessage]:
    return [
        RawMessage(str(Channel.RAW), 0, offset, 0, key.encode(), value, ())
        for offset, (key, value) in enumerate(articles_of_length(count, words, language=language))
    ]


def _seconds(enricher: Enricher, messages: list[RawMessage]) -> float:
    """The CPU time that all work on these takes. Raises ValueError where one is refused."""
    began = time.process_time()
    for message in messages:
        outcome = enricher(message)
        if isinstance(outcome, Rejected):
            raise ValueError(f"an article that is measured was refused: {outcome}")
    return time.process_time() - began


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, default=12)
    parser.add_argument("--words", type=int, default=500, help="of each article")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("languages", nargs="*", help="codes; all that have an encoder unless given")
    return parser.parse_args()


if __name__ == "__main__":
    main()
