"""The schema of the raw topic: what publishers may send as JSON. `worker.intake.fields` reads it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

# Lengths in code points. An identity or an address that is longer makes a dead letter, since a part of it
# would be another one. What people read is cut. A url is longest where it carries signatures and tokens;
# common web servers take 8 KiB of one. It must be below 10,000, to which trafilatura cuts a page's url.
MAX_ID_CHARS = 1_000
MAX_URL_CHARS = 8_192
MAX_LANGUAGE_CHARS = 64
# As much of a headline as alert rules look at.
MAX_HEADLINE_CHARS = 10_000
MAX_SOURCE_CHARS = 1_000
MAX_AUTHOR_CHARS = 1_000
MAX_AUTHORS = 1_000


class RawArticle(BaseModel):
    """A raw article. Give `text` or `html` (or another name for them); where both are there, `text` wins.

    Other forms of the same topic: ninjs (`application/vnd.iptc.newsinjson`), the JSON of many feeds, whose
    names for these fields the contract lists, XML of news, plain text and HTML, told apart by the
    `content-type` header, or by their content where there is none. Any of them may come in an envelope of
    Kafka Connect, Debezium or CloudEvents, or behind a schema registry's frame. A null value retracts the
    article named by its `id` header, else by its key. Fields that are not named here are kept under `extra`
    and come out again.
    """

    model_config = ConfigDict(extra="allow")

    id: str | int | float | None = Field(
        default=None,
        description="at most 1,000 characters; without one the article gets a hash of its canonical url, "
        "else of its text",
    )
    url: str | None = Field(default=None, description="at most 8,192 characters")
    headline: str | None = Field(default=None, description="cut to 10,000 characters")
    title: str | dict[str, Any] | None = Field(
        default=None, description="accepted for `headline`; as an object, what is `rendered` or its `value`"
    )
    text: str | None = Field(
        default=None,
        description="comes out unchanged, unless `extra.text_changes` says otherwise; offsets hold against "
        "what comes out",
    )
    body: str | dict[str, Any] | None = Field(
        default=None, description="accepted for `text`; as an object, its `processed` or `value`"
    )
    html: str | None = Field(default=None, description="the article's text is extracted from it")
    source: str | dict[str, Any] | None = Field(
        default=None, description="cut to 1,000 characters; as an object, its `name` or `title`"
    )
    language: str | None = Field(
        default=None,
        description="BCP 47, a code of ISO 639 or an English name, at most 64 characters; told from the text "
        "where it is missing, or where the text is clearly in another language that is allowed",
    )
    published_at: str | int | float | list[int] | None = Field(
        default=None,
        description="ISO 8601, a date as in mail or in English words, seconds or milliseconds since 1970, or "
        "feedparser's nine numbers; UTC where it names no zone. What can't be known, such as 03/04/2025, is "
        "null and kept under `extra`",
    )
    authors: list[str | int | float | dict[str, Any] | None] | str | dict[str, Any] | None = Field(
        default=None,
        description="names, or objects with a `name`; the first 1,000 are kept, each cut to 1,000 characters",
    )
    extra: dict[str, Any] | None = Field(default=None, description="its members come out under `extra`")
