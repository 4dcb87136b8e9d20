"""`dateline stories follow`: a line for each story as it begins, grows, becomes a part of another or ends."""

from collections.abc import Collection

from worker.channels import Channel
from worker.commands.shell.cluster import asking, consumer
from worker.commands.shell.output import print_json, print_line, say
from worker.commands.shell.part_reader import value_of
from worker.commands.shell.reading import partitions_of, read_records, seek
from worker.commands.shown.cards import printable
from worker.commands.shown.story_cards import story_in_a_line
from worker.commands.stories.topics import StoryJson, open_story_topics
from worker.settings import Settings


class Followed:
    """The stories that are followed: all, or those with these ids and what they become a part of."""

    def __init__(self, stories: Collection[str] = ()) -> None:
        self._only = set(stories)
        self._articles: dict[str, int] = {}

    def change(self, card: StoryJson) -> str | None:
        """What a new version of a story says, in a word; None for a story that is not followed."""
        story, articles = card["id"], card["counts"]["articles"]
        if self._only:
            if story not in self._only and self._only.isdisjoint(card["merged_from"]):
                return None
            self._only.add(card["into"] or story)
        before = self._articles.get(story)
        self._articles[story] = articles
        if card["status"] != "open":
            del self._articles[story]
            return str(card["status"])
        if card["version"] == 1:
            return "new"
        if before is None or articles == before:
            return "changed"
        return f"{articles - before:+,}"


async def follow_stories(
    settings: Settings, asked: Collection[str], *, since: int | str, limit: int | None, wants_json: bool
) -> None:
    """Prints each change that was written since then, and goes on; stops after `limit`.

    `asked`: ids of stories, which may be shortened, or of articles. Raises Problem if there is no such story.
    """
    async with open_story_topics(settings) as topics:
        ids: set[str] = set()
        for one in asked:
            card = await topics.find(one, may_be_short=True)
            ids |= {card["id"], *card["merged_from"]}
    followed, topic, printed = Followed(ids), settings.topic(Channel.STORIES), 0
    partitions = await partitions_of(settings, topic)
    async with consumer(settings) as client:
        client.assign(partitions)
        async with asking(settings):
            await seek(client, partitions, since)
        waiting = f"waiting for changes of {topic}; Ctrl-C ends it"
        async for record in read_records(
            client, partitions, settings, follow=True, on_wait=lambda: say(waiting)
        ):
            card = value_of(record)
            word = followed.change(card) if card else None
            if word is None:
                continue
            if wants_json:
                print_json(card)
            else:
                print_line(change_line(card, word))
            printed += 1
            if printed == limit:
                return


def change_line(card: StoryJson, word: str) -> str:
    """`2026-01-13 10:05:00  +2  c8e8…  4 articles, 2 copies, 2 independent sources: Ferry aground  [open]`"""
    at = printable(card["last_seen_at"])[:19].replace("T", " ")
    into = f"  into {printable(card['into'])}" if card["into"] else ""
    return f"{at}  {word:<8} {printable(card['id'])}  {story_in_a_line(card)}{into}"
