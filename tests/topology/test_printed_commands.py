"""Each command of the pages that needs the pipeline and no Kafka runs as printed.

`dateline score`, which takes a minute, is run by the long tests. What else is run, and what is only
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

TYPED = [printed for page in PAGES for printed in typed(page)]
CASES = [
    pytest.param(
        printed, code, marks=[pytest.mark.long] if beginning == "dateline score" else [], id=printed.text
    )
    for beginning, code in WITH_THE_PIPELINE.items()
    for printed in TYPED
    if printed.text.startswith(beginning)
]


@pytest.mark.parametrize(("printed", "code"), CASES)
def test_it_runs_as_printed(printed, code, tmp_path):
    make_inputs(tmp_path)
    # Each process loads the pipeline, and inputs are few.
    done = run_as_printed(printed, tmp_path, shell_environment(tmp_path, DATELINE_PROCESSES="1"))
    assert done.returncode == code, done
    assert "Traceback" not in done.stderr
    assert done.stdout or ">" in printed.text
