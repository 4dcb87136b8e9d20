"""The workflow of releases and its check agree with the project; the check says what is wrong in one line."""

import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.scripts import load_script
from worker import __version__

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "deploy" / "release" / "check"
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


@pytest.fixture(scope="module")
def check() -> ModuleType:
    return load_script(SCRIPT)


def wheel_of(folder: Path, *, without: str = "", more: str = "") -> Path:
    """A wheel with the names of all files that it must have, and none of their content."""
    tracked = subprocess.run(
        ["git", "-C", str(ROOT), "ls-tree", "-r", "--name-only", "HEAD", "worker", "seeds"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    names = {f"worker/{name}" if name.startswith("seeds/") else name for name in tracked} - {"worker/seeds"}
    names |= {"dateline-1.dist-info/licenses/LICENSE", "dateline-1.dist-info/RECORD"}
    wheel = folder / "dateline-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in (names | ({more} if more else set())) - {without}:
            archive.writestr(name, b"")
    return wheel


def test_a_wheel_with_all_files_of_the_package_passes(check: ModuleType, tmp_path: Path) -> None:
    check.check_files(wheel_of(tmp_path))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"without": "worker/model/encoder/model.onnx"},
            "the wheel lacks worker/model/encoder/model.onnx, and 0 more",
        ),
        ({"without": "worker/seeds/nato.txt"}, "the wheel lacks worker/seeds/nato.txt, and 0 more"),
        ({"without": "dateline-1.dist-info/licenses/LICENSE"}, "the wheel lacks licenses/LICENSE"),
        ({"more": "tests/conftest.py"}, "the wheel has tests/conftest.py, and 0 more"),
    ],
)
def test_a_wheel_that_lacks_a_file_or_has_one_too_many_is_told(
    check: ModuleType, tmp_path: Path, wrong: dict[str, str], said: str
) -> None:
    with pytest.raises(check.Problem) as problem:
        check.check_files(wheel_of(tmp_path, **wrong))
    assert str(problem.value) == said


def test_what_was_built_before_is_not_mixed_in(tmp_path: Path) -> None:
    (tmp_path / "dateline-0.0.1.tar.gz").touch()
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--dist", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert (
        done.stderr
        == f"check: {tmp_path}/dateline-0.0.1.tar.gz is there already: `make clean`, or another --dist\n"
    )


def test_the_workflow_runs_the_check_for_its_tag_before_anything_is_published() -> None:
    assert any(
        step.get("run", "").startswith("deploy/release/check ")
        for step in WORKFLOW["jobs"]["packages"]["steps"]
    )
    assert WORKFLOW["jobs"]["publish"]["needs"] == ["packages", "image"]
    (build,) = [step for step in STEPS if "build-push-action" in step.get("uses", "")]
    assert build["with"]["sbom"] is True
    assert build["with"]["provenance"] == "mode=max"
    assert (ROOT / build["with"]["file"]).exists()


def test_the_image_is_tagged_as_the_chart_asks_for_it() -> None:
    (build,) = [step for step in STEPS if "build-push-action" in step.get("uses", "")]
    assert build["with"]["tags"].endswith(":${{ steps.name.outputs.version }}")
    (name,) = [step for step in STEPS if step.get("id") == "name"]
    ref = {"GITHUB_REPOSITORY": "News/Dateline", "GITHUB_REF_NAME": f"v{__version__}"}
    done = subprocess.run(
        ["bash", "-euc", f"GITHUB_OUTPUT=/dev/stdout\n{name['run']}"], env=ref, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == ["name=ghcr.io/news/dateline", f"version={__version__}"]
    # Where no tag is given, the chart takes its appVersion, which another test holds equal to the version.
    helpers = (ROOT / "deploy/helm/dateline/templates/_helpers.tpl").read_text(encoding="utf-8")
    assert "(default .Chart.AppVersion .Values.image.tag)" in helpers


def test_what_is_built_and_the_chart_are_attested_and_published_together() -> None:
    runs = [step.get("run", step.get("uses", "")) for step in WORKFLOW["jobs"]["packages"]["steps"]]
    check, package, attest, upload = (
        next(number for number, run in enumerate(runs) if run.startswith(begins))
        for begins in ("deploy/release/check", "helm package", "actions/attest", "actions/upload-artifact")
    )
    assert check < package < attest < upload
    chart = runs[package].split()[2]
    assert (ROOT / chart / "Chart.yaml").exists()


def test_no_job_may_do_more_than_it_needs() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    writing = {
        name for name, job in WORKFLOW["jobs"].items() if job["permissions"].get("contents") == "write"
    }
    assert writing == {"publish"}
