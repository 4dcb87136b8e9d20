"""What records do to the index, and that it is the same however often the indexer is killed."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.search.search_documents import SECOND, document, find, index, put, retract, searching, write
from worker.channels import Channel
from worker.search.answer import Sort
from worker.search.file import IndexProblem, opened_for_search, opened_for_writing
from worker.search.layout import ID_BITS
from worker.search.writing import Change, Writer, Written

V = SECOND * 1000


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ([put(document("old"), offset=1), put(document("new"), offset=2)], "new"),
        ([put(document("old", version=V), offset=1), put(document("new", version=V - 5), offset=2)], "new"),
        ([put(document("new"), offset=2), put(document("old"), offset=1)], "new"),
        ([put(document("old"), offset=1), retract("a1", offset=2)], None),
        ([put(document("old"), offset=1), retract("a1", offset=2), put(document("new"), offset=3)], "new"),
        ([retract("a1", offset=1)], None),
        # Another partition, since partitions were added: offsets say nothing, versions do.
        ([put(document("old"), offset=9), put(document("new", version=V + 1), partition=1)], "new"),
        ([put(document("new", version=V + 1), partition=1), put(document("old"), offset=9)], "new"),
        ([put(document("same"), offset=9), put(document("same"), partition=1)], "same"),
        ([put(document("old"), offset=9), retract("a1", partition=1, version=V)], None),
        ([put(document("new"), offset=9), retract("a1", partition=1, version=V - 1)], "new"),
        ([retract("a1", partition=1, version=V + 1), put(document("old"), offset=9)], None),
    ],
)
@pytest.mark.parametrize("is_one_batch", [True, False])
def test_the_latest_record_of_an_article_stands(
    tmp_path: Path, changes: list[Change], left: str | None, is_one_batch: bool
) -> None:
    path = tmp_path / "index.sqlite"
    for batch in [changes] if is_one_batch else [[change] for change in changes]:
        write(path, batch)
    for word in ("old", "new", "same"):
        assert find(path, word) == ["a1"] * (word == left)
    assert find(path, "NOT nothing") == ["a1"] * (left is not None)


def test_a_batch_says_what_it_did(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    assert write(path, [put(document("a")), put(document("b", id="b"), offset=1)]) == Written(indexed=2)
    done = write(
        path,
        [retract("a1", offset=2), retract("never", offset=3), put(document(id="b", version=1), partition=1)],
    )
    assert done == Written(deleted=1, outdated=1)


changes = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 1), st.integers(0, 3), st.booleans()), max_size=20
)


@settings(deadline=None, max_examples=25)
@given(changes, st.lists(st.integers(1, 5), min_size=20, max_size=20))
def test_batches_of_any_size_make_the_same_index(tmp_path_factory, changes, sizes) -> None:
    folder = tmp_path_factory.mktemp("index")
    records = []
    for offset, (article, partition, age, is_document) in enumerate(changes):
        version = V + age * 1000
        words = f"word{offset} all"
        records.append(
            put(document(words, id=article, version=version), offset=offset, partition=partition)
            if is_document
            else retract(article, offset=offset, partition=partition, version=version)
        )
    write(folder / "one", records)
    rest, sizes = list(records), list(sizes)
    while rest:
        size = sizes.pop()
        write(folder / "many", rest[:size])
        rest = rest[size:]
    if not records:
        return
    with searching(folder / "one") as find_in_one, searching(folder / "many") as find_in_many:
        assert sorted(find_in_one("all")) == sorted(find_in_many("all"))
        for offset in range(len(records)):
            assert find_in_one(f"word{offset}") == find_in_many(f"word{offset}")


def test_many_articles_of_one_second_are_all_there_the_last_first(tmp_path: Path) -> None:
    count = (1 << ID_BITS) + 10
    path = index(tmp_path / "index.sqlite", [document("port", id=f"a{n}") for n in range(count)])
    write(path, [put(document("port", id="earlier", version=V - 1000), offset=count)])
    newest = find(path, "port", sort=Sort.NEWEST, limit=3)
    assert newest == [f"a{count - 1 - n}" for n in range(3)]
    assert find(path, f"port until:{SECOND}") == ["earlier"]
    assert len(find(path, f"port since:{SECOND}", limit=5000)) == 2000


@pytest.mark.parametrize(
    ("published_at", "second"),
    [
        ("2026-01-31T08:00:00Z", 1769846400),
        ("2026-01-31T10:00:00+02:00", 1769846400),
        ("2026-01-31", 1769817600),
        ("1950-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59Z", (1 << 32) - 1),
        ("soon", SECOND),
        (None, SECOND),
    ],
)
def test_an_article_is_as_old_as_its_publication_else_as_its_record(tmp_path, published_at, second) -> None:
    path = index(tmp_path / "index.sqlite", [document(published_at=published_at)])
    assert find(path, f"since:{second} until:{second + 1}") == ["a1"]
    assert find(path, f"since:{second + 1} OR until:{second}") == []


def test_only_one_process_writes_an_index(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    with opened_for_writing(path), pytest.raises(IndexProblem, match="being written by another"):
        opened_for_writing(path).__enter__()
    with opened_for_writing(path):
        pass


def test_one_searches_while_another_writes(tmp_path: Path) -> None:
    path = index(tmp_path / "index.sqlite", [document("port")])
    with opened_for_writing(path) as connection:
        writer = Writer(connection)
        with searching(path) as find_before:
            assert find_before("port") == ["a1"]
            writer.write([put(document("strike"), offset=1)], {(Channel.SEARCH, 0): 2})
            assert find_before("port") == ["a1"]
        assert find(path, "port") == []
        assert find(path, "strike") == ["a1"]


def test_an_index_of_another_version_is_emptied_and_that_is_said(tmp_path: Path) -> None:
    path, said = index(tmp_path / "index.sqlite", [document("port")]), []
    with opened_for_writing(path) as connection:
        connection.execute("UPDATE about SET value = '1.1' WHERE name = 'unicode'")
    with opened_for_writing(path, say=said.append) as connection:
        assert Writer(connection).positions == {}
        assert Writer(connection).count == 0
        connection.execute("PRAGMA user_version = 99")
    assert len(said) == 1
    assert "another version" in said[0]
    with pytest.raises(IndexProblem, match="another version"), opened_for_search(path):
        pass


@pytest.mark.parametrize("content", [b"some text that is no database", b"x" * 5000])
def test_a_file_that_is_no_index_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes"
    path.write_bytes(content)
    for opened in (opened_for_writing, opened_for_search):
        with pytest.raises(IndexProblem, match="not a database"), opened(path):
            pass
    assert path.read_bytes() == content


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    for opened in (opened_for_writing, opened_for_search):
        with pytest.raises(IndexProblem, match="no index of dateline's"), opened(path):
            pass


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexProblem, match="No such file"), opened_for_writing(tmp_path / "no" / "index"):
        pass
    with pytest.raises(IndexProblem, match="`dateline index` makes it"), opened_for_search(tmp_path / "no"):
        pass


WRITES = """
import sys
from pathlib import Path
from tests.unit.search.search_documents import assign, document, put, retract
from worker.channels import Channel
from worker.search.file import opened_for_writing
from worker.search.writing import Writer

with opened_for_writing(Path(sys.argv[1])) as connection:
    writer = Writer(connection)
    position = writer.positions.get((Channel.SEARCH, 0), 0)
    print(position, flush=True)
    while True:
        # Each article is written, written again 50 records later, and every seventh taken back.
        batch = []
        for offset in range(position, position + 40):
            article = offset if offset % 100 < 50 else offset - 50
            gone = offset % 100 >= 50 and offset % 7 == 0
            batch.append(assign(f"a{article}", None if gone else f"story{offset}", offset=offset))
            text = f"all of{offset} " + "words " * 50
            batch.append(
                retract(f"a{article}", offset=offset)
                if gone
                else put(document(text, id=f"a{article}", version=article * 1000), offset=offset)
            )
        position += 40
        topics = (Channel.SEARCH, Channel.STORY_ARTICLES)
        writer.write(batch, {(topic, 0): position for topic in topics})
"""


def test_killed_at_any_moment_nothing_is_lost_and_nothing_there_twice(tmp_path: Path) -> None:
    path, draw = tmp_path / "index.sqlite", random.Random(4)
    script = tmp_path / "writes.py"
    script.write_text(WRITES)
    positions = []
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, str(script), str(path)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        ) as process:
            assert process.stdout is not None
            positions.append(int(process.stdout.readline()))
            time.sleep(draw.uniform(0.05, 0.4))
            process.send_signal(signal.SIGKILL)
    with opened_for_writing(path) as connection:
        end = Writer(connection).positions[Channel.SEARCH, 0]
        assert Writer(connection).positions[Channel.STORY_ARTICLES, 0] == end
        assert Writer(connection).count == len(expected(end))
        connection.execute("INSERT INTO words(words) VALUES ('integrity-check')")
    assert positions == sorted(positions)
    assert 0 < positions[-1] <= end
    stands = expected(end)
    with searching(path) as find_in_it:
        for offset in range(end):
            article = f"a{offset if offset % 100 < 50 else offset - 50}"
            found = [article] * (stands.get(article) == offset)
            assert find_in_it(f"of{offset}") == find_in_it(f"story:story{offset}") == found


def expected(end: int) -> dict[str, int]:
    """Which record of each article stands, after so many."""
    stands: dict[str, int] = {}
    for offset in range(end):
        article = f"a{offset if offset % 100 < 50 else offset - 50}"
        if offset % 100 >= 50 and offset % 7 == 0:
            del stands[article]
        else:
            stands[article] = offset
    return stands
