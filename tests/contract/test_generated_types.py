"""What readers generate from the schemas has plain names, and reads records that have a field more.

Types for Python are generated in every run, in this process. Those for TypeScript need Node and packages from
npm, which `make types` installs.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from pydantic import BaseModel, ValidationError

from worker.channels import Channel
from worker.records.schemas import RECORD_TYPES, WRITTEN_BY_OTHERS

SCHEMAS = Path(__file__).parents[2] / "schemas"
EXAMPLES = {
    channel: sorted((SCHEMAS / "examples" / channel.value).glob("*.json")) for channel in RECORD_TYPES
}
NPM = Path(__file__).parent / "typescript" / "node_modules" / ".bin"
WRITTEN = sorted(set(RECORD_TYPES) - WRITTEN_BY_OTHERS)
NUMBERED = re.compile(r"^(?:class|export interface|export type) (\w*\d)\b", re.MULTILINE)


def name_of(channel):
    return RECORD_TYPES[channel].__name__


def grown(path):
    return orjson.loads(path.read_bytes()) | {"added_later": {"x": 1}}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    generator = pytest.importorskip("datamodel_code_generator", reason="pip install -e '.[dev]' installs it")
    formats = pytest.importorskip("datamodel_code_generator.format")
    folder = tmp_path_factory.mktemp("types")
    for channel in RECORD_TYPES:
        generator.generate(
            SCHEMAS / f"{channel.value}.schema.json",
            input_file_type=generator.InputFileType.JsonSchema,
            output=folder / f"{channel.name.lower()}.py",
            output_model_type=generator.DataModelType.PydanticV2BaseModel,
            target_python_version=formats.PythonVersion.PY_311,
            formatters=[formats.Formatter.BUILTIN],
        )
    return {channel: folder / f"{channel.name.lower()}.py" for channel in RECORD_TYPES}


@pytest.fixture(scope="module")
def models(sources):
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for channel, path in sources.items():
            spec = importlib.util.spec_from_file_location(f"generated_{path.stem}", path)
            module = importlib.util.module_from_spec(spec)
            # Pydantic looks up names there.
            patch.setitem(sys.modules, spec.name, module)
            spec.loader.exec_module(module)
            found[channel] = getattr(module, name_of(channel))
        yield found


@pytest.mark.parametrize("channel", RECORD_TYPES)
def test_pythons_types_have_plain_names(sources, channel):
    source = sources[channel].read_text()
    assert f"class {name_of(channel)}(" in source
    assert NUMBERED.findall(source) == []


@pytest.mark.parametrize("channel", WRITTEN)
def test_pythons_types_read_a_record_with_an_unknown_field(models, channel):
    for path in EXAMPLES[channel]:
        record = models[channel].model_validate(grown(path))
        assert isinstance(record, BaseModel)
        # `romanized` is absent where no name is in another script, `story` from an alert about an article.
        absent = {"romanized", "story"} if channel is Channel.ALERTS else {"romanized"}
        assert set(type(record).model_fields) - absent == set(orjson.loads(path.read_bytes())) - absent


def test_pythons_types_have_times(models):
    record = models[Channel.QUOTES].model_validate(grown(EXAMPLES[Channel.QUOTES][0]))
    assert isinstance(record.article.published_at, datetime)
    assert record.article.published_at.utcoffset() == UTC.utcoffset(None)


@pytest.mark.parametrize("kind", ["direct", "added later"])
def test_pythons_types_take_values_of_an_enumeration_that_they_do_not_know(models, kind):
    fields = grown(EXAMPLES[Channel.QUOTES][0]) | {"kind": kind}
    assert models[Channel.QUOTES].model_validate(fields).kind == kind


def test_pythons_types_refuse_an_unknown_field_of_a_rule_as_the_worker_does(models):
    path = EXAMPLES[Channel.RULES][0]
    assert models[Channel.RULES].model_validate(orjson.loads(path.read_bytes()))
    with pytest.raises(ValidationError, match="added_later"):
        models[Channel.RULES].model_validate(grown(path))


@pytest.fixture(scope="module")
def typescript(tmp_path_factory):
    if not shutil.which("node") or not (NPM / "json2ts").exists():
        pytest.skip("make types installs what generates TypeScript")
    folder = tmp_path_factory.mktemp("typescript")
    run("json2ts", "-i", f"{SCHEMAS}/*.schema.json", "-o", str(folder))
    return folder


def run(tool, *arguments):
    done = subprocess.run(
        [str(NPM / tool), *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("channel", RECORD_TYPES)
def test_typescripts_types_have_plain_names(typescript, channel):
    source = (typescript / f"{channel.value}.schema.d.ts").read_text()
    assert f"export interface {name_of(channel)} " in source
    assert NUMBERED.findall(source) == []
    assert len(re.findall("^export ", source, re.MULTILINE)) <= 10, "no types for single fields"


def test_typescripts_types_fit_records_with_an_unknown_field(typescript):
    lines = []
    for number, (channel, path) in enumerate((c, path) for c in WRITTEN for path in EXAMPLES[c]):
        lines.append(f'import type {{ {name_of(channel)} as T{number} }} from "./{channel.value}.schema";')
        lines.append(f"export const record{number}: T{number} = {orjson.dumps(grown(path)).decode()};")
    script = typescript / "records.ts"
    script.write_text("\n".join(lines), encoding="utf-8")
    run("tsc", "--noEmit", "--strict", str(script))
