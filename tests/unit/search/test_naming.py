"""Who is named is counted by the hour, and stays right when articles change, move and go."""

import random

import orjson
import pytest

from tests.unit.search.search_documents import SECOND, document, put, quote, retract, write
from worker.nlp.entities.slug import slug
from worker.search.document import read_document
from worker.search.file import opened_for_search, opened_for_writing
from worker.search.naming import EntityCount, NamedEntity, entity_hours, most_named, named_in
from worker.search.writing import Writer

ALL = {"since": 0, "until": 1 << 40, "limit": 10}


def names(path, kind="person", **options):
    with opened_for_search(path) as connection:
        return most_named(connection, kind=kind, **(ALL | options))


def article(id_, people, *, said=0, organisations=(), hour=0, **fields):
    """An article with these people, so many quotes of the first, published in an hour after SECOND's."""
    ids = [f"person:{slug(name)}" for name in people]
    ids += [f"org:{slug(name)}" for name in organisations]
    return document(
        "Text",
        id=id_,
        version=(SECOND + 3600 * hour) * 1000,
        people=list(people),
        organisations=list(organisations),
        entity_ids=ids,
        quotes=[quote("So.", people[0], ids[0])] * said,
        **fields,
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "index.sqlite"


def test_people_are_counted_by_articles_and_quotes(path):
    write(path, [
        put(article("a", ["Ada Obi", "Lena Rast"], said=2), offset=0),
        put(article("b", ["Ada Obi"], said=1, organisations=["Amsel"]), offset=1),
        put(article("c", ["Lena Rast"], said=5), offset=2),
    ])  # fmt: skip
    assert names(path) == [
        EntityCount("person:lena-rast", "Lena Rast", 2, 5),
        EntityCount("person:ada-obi", "Ada Obi", 2, 3),
    ]
    assert [each.id for each in names(path, by_quotes=True, limit=1)] == ["person:lena-rast"]
    assert names(path, kind="org") == [EntityCount("org:amsel", "Amsel", 1, 0)]


def test_a_part_of_a_name_finds_it_in_any_letter_case_and_script(path):
    write(path, [put(article("a", ["ÉLODIE Straße", "Ада Оби"]))])
    assert [each.name for each in names(path, part="élodie STRASSE")] == ["ÉLODIE Straße"]
    assert [each.name for each in names(path, part="оби")] == ["Ада Оби"]
    assert names(path, part="%") == []


def test_only_hours_of_the_span_count(path):
    write(path, [put(article(f"a{hour}", ["Ada Obi"], hour=hour), offset=hour) for hour in range(5)])
    (found,) = names(path, since=SECOND + 3 * 3600, until=SECOND + 9 * 3600)
    assert found.articles == 2
    with opened_for_search(path) as connection:
        hours = entity_hours(connection, "person:ada-obi", since=SECOND + 3600, until=SECOND + 2 * 3600)
    assert hours == [(SECOND // 3600 + hour, 1, 0) for hour in (1, 2)]


def test_a_new_version_and_a_retraction_take_back_what_was_counted(path):
    write(path, [put(article("a", ["Ada Obi"], said=3)), put(article("b", ["Ada Obi"]), offset=1)])
    write(path, [put(article("a", ["Lena Rast"], hour=2), offset=2)])
    assert names(path) == [
        EntityCount("person:ada-obi", "Ada Obi", 1, 0), EntityCount("person:lena-rast", "Lena Rast", 1, 0),
    ]  # fmt: skip
    write(path, [retract("a", offset=3), retract("b", offset=4)])
    assert names(path) == []
    with opened_for_search(path) as connection:
        assert connection.execute("SELECT count(*) FROM naming").fetchone() == (0,)


def test_counts_are_those_of_the_documents_whatever_came_in_which_order(path):
    draw = random.Random(7)
    people = ["Ada Obi", "Lena Rast", "Mo Adu"]
    offset = 0
    for _ in range(30):
        changes = []
        for _ in range(draw.randrange(1, 8)):
            id_, offset = f"a{draw.randrange(6)}", offset + 1
            if draw.random() < 0.3:
                changes.append(retract(id_, offset=offset))
            else:
                wanted = draw.sample(people, draw.randrange(1, 4))
                made = article(id_, wanted, said=draw.randrange(3), hour=draw.randrange(3))
                changes.append(put(made, offset=offset))
        write(path, changes)
        with opened_for_writing(path) as connection:
            rows = connection.execute("SELECT id FROM documents WHERE value IS NOT NULL").fetchall()
            documents = [Writer(connection)._document(row) for (row,) in rows]
        wanted = {}
        for each in (named for one in documents for named in named_in(one)):
            count = wanted.setdefault(each.id, [0, 0])
            count[0] += 1
            count[1] += each.quotes
        assert {each.id: [each.articles, each.quotes] for each in names(path)} == wanted


def test_namesakes_of_one_article_have_the_one_name_and_counts_of_their_own():
    made = read_document(
        orjson.dumps(
            document(
                "Text",
                people=["Jo Ng"],
                organisations=["Jo Ng"],
                entity_ids=["person:jo-ng", "person:jo-ng-2", "org:jo-ng", "gpe:jo-ng", "person:x-y"],
                quotes=[quote("No.", "Jo Ng", "person:jo-ng-2"), quote("Yes.", "a man", None)],
            )
        )
    )
    assert named_in(made) == (
        NamedEntity("person:jo-ng", "Jo Ng", 0),
        NamedEntity("person:jo-ng-2", "Jo Ng", 1),
        NamedEntity("org:jo-ng", "Jo Ng", 0),
        NamedEntity("person:x-y", "x y", 0),
    )
