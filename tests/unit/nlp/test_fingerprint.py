"""A pipeline is known by its files: those that differ from the hashes in its meta.json are named."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import spacy

from tests.forked import run_forked
from worker.nlp.fingerprint import ModelError, fingerprint, hash_files, identity_of, packed_identity, stamp
from worker.nlp.pipeline import SHIPPED, load, pipeline_version
from worker.records.article import PipelineIdentity, PipelineVersion

FLIPPED_BYTES = 20_000
SHORT_BYTES = 10_000


def meta_of(folder: Path) -> dict:
    return json.loads((folder / "meta.json").read_bytes())


def change_meta(folder: Path, **entries: object) -> None:
    """Entries of None are removed."""
    meta = meta_of(folder) | entries
    kept = {name: value for name, value in meta.items() if value is not None}
    (folder / "meta.json").write_text(json.dumps(kept), encoding="utf-8")


def flip(file: Path, *, at: int = 0, size: int = FLIPPED_BYTES) -> None:
    data = bytearray(file.read_bytes())
    data[at : at + size] = bytes(byte ^ 0xFF for byte in data[at : at + size])
    file.write_bytes(data)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "model"))


@pytest.fixture(scope="module")
def shortened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped pipeline's files, the large ones cut: a change is told without hashing 70 MB."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("shortened") / "model"))
    for path in folder.rglob("*"):
        if path.suffix not in (".json", ".cfg") and path.is_file():
            os.truncate(path, min(path.stat().st_size, SHORT_BYTES))
    stamp(folder)
    return folder


@pytest.fixture
def short(shortened: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(shortened, tmp_path / "model"))


def test_the_shipped_pipeline_lists_all_its_files():
    files = {path.relative_to(SHIPPED).as_posix() for path in SHIPPED.rglob("*") if path.is_file()}
    assert meta_of(SHIPPED)["hashes"].keys() == files - {"meta.json"}
    assert meta_of(SHIPPED)["hashes"] == hash_files(SHIPPED), "python -m worker.nlp.fingerprint worker/model"


def test_its_version_has_the_fingerprint_of_its_files():
    version = pipeline_version(load()).version
    assert version == packed_identity(meta_of(SHIPPED)) == f"1.1.0+{fingerprint(SHIPPED)}"
    assert re.fullmatch(r"1\.1\.0\+[0-9a-f]{6}", version)


def test_twenty_kilobytes_that_were_flipped_in_the_model_are_noticed_by_name(copy):
    flip(copy / "encoder" / "model.onnx", at=11_000_000)
    with pytest.raises(ModelError) as raised:
        load(copy)
    expected, found = meta_of(SHIPPED)["hashes"]["encoder/model.onnx"], hash_files(copy)["encoder/model.onnx"]
    assert f"encoder/model.onnx should have the SHA-256 {expected} and has {found}" in str(raised.value)
    assert expected != found


@pytest.mark.parametrize("name", sorted(hash_files(SHIPPED)))
def test_a_byte_of_any_file_is_noticed(short, name):
    flip(short / name, size=1)
    with pytest.raises(ModelError, match=re.escape(f"{name} should have the SHA-256")):
        fingerprint(short)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda folder: (folder / "topics/topics.npz").unlink(), "topics/topics.npz .* is missing"),
        (lambda folder: (folder / "encoder/more.bin").write_bytes(b"1"), "encoder/more.bin is not listed"),
        (lambda folder: (folder / "meta.json").write_bytes(b"{"), "meta.json is not JSON"),
        (lambda folder: change_meta(folder, hashes=["a"]), "meta.json takes an object"),
    ],
)  # fmt: skip
def test_whatever_else_differs_is_named_too(short, change, says):
    change(short)
    with pytest.raises(ModelError, match=says):
        load(short)


@pytest.mark.parametrize("name", [".DS_Store", "encoder/.nfs01", "__pycache__/component.pyc"])
def test_what_other_programs_leave_behind_counts_for_nothing(short, shortened, name):
    (short / name).parent.mkdir(exist_ok=True)
    (short / name).write_bytes(b"x")
    assert fingerprint(short) == fingerprint(shortened)


def test_files_that_were_changed_on_purpose_are_listed_anew(copy):
    flip(copy / "README.md", size=1)
    assert stamp(copy) == packed_identity(meta_of(SHIPPED))
    assert pipeline_version(load(copy)) == pipeline_version(load())


def own_pipeline(folder: Path, version: str = "2.1.0") -> Path:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Growers Union"}])
    nlp.meta["name"], nlp.meta["version"] = "farm", version
    nlp.to_disk(folder)
    return folder


def test_without_hashes_the_fingerprint_is_that_of_the_files(tmp_path):
    folder = own_pipeline(tmp_path / "farm")
    before = pipeline_version(load(folder))
    assert before == PipelineVersion(
        name="en_farm",
        version=f"2.1.0+{fingerprint(folder)}",
        completed_by=PipelineIdentity(name="en_news", version=packed_identity(meta_of(SHIPPED))),
    )
    with (folder / "entity_ruler" / "patterns.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"label":"ORG","pattern":"Union"}\n')
    after = pipeline_version(load(folder))
    assert after.version != before.version
    assert after.completed_by == before.completed_by
    assert before.identity == f"en_farm/{before.version} en_news/{packed_identity(meta_of(SHIPPED))}"


@pytest.mark.parametrize(
    ("change", "is_another"),
    [
        (lambda folder: change_meta(folder, topic_threshold=0.41), True),
        (lambda folder: change_meta(folder, description="English news, and more"), False),
        (lambda folder: flip(folder / "README.md", size=1), False),
        (lambda folder: flip(folder / "config.cfg", size=1), True),
    ],
)
def test_only_what_shapes_tags_makes_another_pipeline(short, shortened, change, is_another):
    change_meta(short, hashes=None)
    change(short)
    assert (fingerprint(short) != fingerprint(shortened)) is is_another


def test_a_copy_of_the_shipped_pipeline_is_the_shipped_one_and_nothing_completes_it(copy):
    assert pipeline_version(load(copy)) == pipeline_version(load())
    assert pipeline_version(load()).completed_by is None


def test_a_pipeline_that_was_loaded_and_saved_elsewhere_keeps_no_hashes(tmp_path):
    nlp = load()
    nlp.meta["topic_threshold"] = 0.9
    nlp.to_disk(tmp_path / "mine")
    assert "hashes" not in meta_of(tmp_path / "mine")
    assert load(tmp_path / "mine").meta["topic_threshold"] == 0.9


@pytest.mark.parametrize(("version", "is_"), [("1.1.0", "1.1.0+3fa9c1"), ("1.1.0+cu12", "1.1.0+cu12.3fa9c1")])
def test_a_fingerprint_is_build_metadata(version, is_):
    assert identity_of(version, "3fa9c1") == is_


def test_a_folder_that_is_no_pipeline_is_not_read_through(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr("worker.nlp.pipeline.fingerprint", read.append)
    with pytest.raises(ModelError, match=re.escape(str(tmp_path))):
        load(tmp_path)
    assert read == []


def test_a_pipeline_without_files_has_its_plain_version():
    assert pipeline_version(load("blank:en")).version == spacy.blank("en").meta["version"]


def run(model: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command that is to load the pipeline, where no broker answers."""
    return run_forked(
        "worker",
        *words,
        stdin=b'{"text": "A day.", "language": "en"}\n',
        env={"PATH": "/bin", "DATELINE_MODEL": str(model), "DATELINE_BROKERS": "127.0.0.1:1"},
        timeout=100,
    )


@pytest.mark.parametrize("words", [["enrich", "-"], ["score"]])
def test_a_command_that_loads_it_ends_with_the_name_of_the_file(short, words):
    flip(short / "encoder" / "model.onnx")
    done = run(short, *words)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "encoder/model.onnx should have the SHA-256" in line


def test_check_names_the_file_beside_what_else_is_wrong(short):
    flip(short / "encoder" / "model.onnx")
    done = run(short, "check")
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if " pipeline " in line]
    assert line.startswith("problem")
    assert "encoder/model.onnx should have the SHA-256" in line
