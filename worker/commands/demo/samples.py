"""The sample articles and rules, and how they come into the embedded broker."""

from collections.abc import Sequence
from pathlib import Path

from aiokafka import AIOKafkaProducer, TopicPartition

from worker.channels import Channel
from worker.commands.articles.documents import ENDINGS, InputDocument, InputDocuments
from worker.commands.shell.cluster import asking
from worker.commands.shell.terminal import Problem
from worker.records.rules import Rule, rule_to_bytes
from worker.settings import Settings
from worker.topology import topic_use

# `worker/seeds` is a link to the repository's seeds/ in a checkout, and a folder in an installed package.
SAMPLE_ARTICLES = Path(__file__).resolve().parents[2] / "seeds"
SAMPLE_RULES = SAMPLE_ARTICLES / "rules" / "watchlist.jsonl"


async def make_demo_topics(
    client: AIOKafkaProducer, settings: Settings, shown: Sequence[Channel] = ()
) -> list[TopicPartition]:
    """Asks for each topic, which makes the mock cluster create it. Returns the partitions of those shown."""
    for channel in topic_use(settings).needed:
        async with asking(settings):
            await client.partitions_for(settings.topic(channel))
    return [
        TopicPartition(topic, partition)
        for topic in map(settings.topic, shown)
        for partition in await client.partitions_for(topic)
    ]


async def put_sample_rules(client: AIOKafkaProducer, settings: Settings, rules: list[Rule]) -> None:
    for rule in rules:
        async with asking(settings):
            await client.send_and_wait(
                settings.topic(Channel.RULES), key=rule.id.encode(), value=rule_to_bytes(rule)
            )


async def feed_samples(client: AIOKafkaProducer, settings: Settings, seeds: str) -> dict[str, str]:
    """Sends the samples to the raw topic. Returns the name of each record's file, by the record's origin."""
    fed = {}
    for document in InputDocuments(sample_paths(seeds), max_bytes=settings.max_record_bytes):
        if not isinstance(document, InputDocument):
            raise Problem(f"{document.place}: {document.error}")
        headers = list(document.raw_headers)
        async with asking(settings):
            at = await client.send_and_wait(
                settings.topic(Channel.RAW), key=document.key, value=document.value, headers=headers
            )
        fed[f"{at.topic}/{at.partition}/{at.offset}"] = document.place.removeprefix(f"{seeds}/")
    if not fed:
        raise Problem(f"no articles in {seeds}")
    return fed


def sample_paths(seeds: str) -> tuple[str, ...]:
    """The articles directly in the folder. Its subfolders, which hold rules and gold data, are left out."""
    if not Path(seeds).is_dir():
        return (seeds,)
    files = (path for path in Path(seeds).iterdir() if path.suffix in ENDINGS and path.is_file())
    return tuple(sorted(map(str, files)))
