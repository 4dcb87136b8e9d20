"""A new version of the pipeline beside the old one, in one group, while articles come in."""

import asyncio
from collections import Counter

import orjson
import pytest
import spacy

from tests.faults.account import header, origin, produce_values, read_topic, settled
from tests.faults.workers import REAL
from worker.channels import Channel, topic_name

# An article about nothing has one enriched record and one search document.
OUTPUTS = {Channel.ENRICHED: 1, Channel.SEARCH: 1}


@pytest.fixture
def pipeline(tmp_path):
    """`pipeline("2.0.0")`: where a pipeline of that version is, which finds nothing."""

    def make(version):
        nlp = spacy.blank("en")
        nlp.meta.update(name="test", version=version)
        nlp.to_disk(tmp_path / version)
        return tmp_path / version

    return make


def articles(count):
    text = "The ferry left Porthaven at noon and reached the island before the storm did."
    values = [orjson.dumps({"id": f"a{n}", "text": text, "language": "en"}) for n in range(count)]
    values[3] = b"\xff\xfe no article"
    return values


async def test_two_versions_of_the_pipeline_share_a_group_during_a_rolling_restart(
    brokers, prefix, create_topics, start_worker, pipeline
):
    await create_topics(brokers, prefix, partitions=4)
    raw = topic_name(Channel.RAW, prefix)
    options = {"command": REAL, "PROCESSES": 1, "BATCH_SIZE": 8}
    old = start_worker(prefix, MODEL=pipeline("1.0.0"), **options)
    old.wait_until_ready()
    await produce_values(brokers, raw, articles(100))
    new = start_worker(prefix, MODEL=pipeline("2.0.0"), **options)
    new.wait_until_ready()
    async with asyncio.timeout(60):
        while len(old.status()["assigned"] or ()) != 2:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await produce_values(brokers, raw, articles(100))
    await settled(brokers, prefix, OUTPUTS)
    assert old.stop() == 0
    await produce_values(brokers, raw, articles(20))
    now = await settled(brokers, prefix, OUTPUTS)

    assert now.problems(OUTPUTS) == []
    assert {header(letter, "dead-letter-reason") for letter in now.letters.values()} == {"undecodable"}
    assert len(now.letters) == 3
    enriched = await read_topic(brokers, topic_name(Channel.ENRICHED, prefix))
    assert len({origin(one) for one in enriched}) == len(enriched) == 217
    identities = Counter(orjson.loads(one.value)["pipeline"]["version"] for one in enriched)
    # Each has one fingerprint, whichever of its worker's processes and starts enriched the article.
    assert len(identities) == 2
    by_version = {identity.partition("+")[0]: count for identity, count in identities.items()}
    assert by_version.keys() == {"1.0.0", "2.0.0"}
    assert by_version["2.0.0"] >= 19
    assert new.stop() == 0
