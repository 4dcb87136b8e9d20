"""The schema of the raw topic: what publishers may send as JSON. `worker.intake.fields` reads it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class RawArticle(BaseModel):
    """A raw article. Give `text` or `html` (or an alias); where both are there, `text` wins.

    Other forms of the same topic: ninjs 3.x (`application/vnd.iptc.newsinjson`), plain text and HTML, told
    apart by the `content-type` header, or by their content where there is none. A null value retracts the
    article named by its `id` header, else by its key. Fields that are not named here are kept under `extra`
    and come out again.
    """

    model_config = ConfigDict(extra="allow")

    id: str | int | float | None = Field(
        default=None, description="without one the article gets a hash of its canonical url, else of its text"
    )
    url: str | None = None
    headline: str | None = None
    title: str | None = Field(default=None, description="accepted for `headline`")
    text: str | None = Field(default=None, description="comes out unchanged; offsets hold against it")
    body: str | None = Field(default=None, description="accepted for `text`")
    html: str | None = Field(default=None, description="the article's text is extracted from it")
    source: str | None = None
    language: str | None = Field(
        default=None, description="BCP 47; guessed from the text where it is missing"
    )
    published_at: str | int | float | None = Field(
        default=None,
        description="ISO 8601; UTC where it names no zone. What can't be read is null and kept under `extra`",
    )
    authors: list[str | int | float] | None = None
    extra: dict[str, Any] | None = Field(default=None, description="its members come out under `extra`")
