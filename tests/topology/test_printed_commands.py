"""Each command of the pages that needs the pipeline and no Kafka runs as printed.

Those that take long, or do what another does, are run by the long tests. What else is run, and what is only
parsed, is said in tests/unit/pages/test_printed_commands.py.
"""

import pytest

from tests.unit.pages.printed_commands import (
    PAGES,
    WITH_THE_PIPELINE,
    make_inputs,
    run_as_printed,
    shell_environment,
    typed,
)

LONG = {
    "dateline score",
    "dateline enrich articles/more.jsonl | cut -c1-150",
    "dateline enrich article.txt articles.jsonl page.html > enriched.jsonl",
}
TYPED = [printed for page in PAGES for printed in typed(page)]
CASES = [
    pytest.param(printed, code, marks=[pytest.mark.long] if beginning in LONG else [], id=printed.text)
    for beginning, code in WITH_THE_PIPELINE.items()
    for printed in TYPED
    if printed.text.startswith(beginning)
]


@pytest.mark.parametrize(("printed", "code"), CASES)
def test_it_runs_as_printed(printed, code, tmp_path):
    make_inputs(tmp_path)
    # Each process loads its pipelines, and inputs are few, and in English.
    settings = {"DATELINE_PROCESSES": "1", "DATELINE_LANGUAGES": "en"}
    done = run_as_printed(printed, tmp_path, shell_environment(tmp_path, **settings))
    assert done.returncode == code, done
    assert "Traceback" not in done.stderr
    assert done.stdout or ">" in printed.text
