"""The table of docs/metrics.md that lists the alert rules: `python -m deploy.prometheus.table` prints it."""

from pathlib import Path
from typing import Any

import yaml

ALERTS = Path(__file__).with_name("alerts.yaml")


def alert_rules() -> list[dict[str, Any]]:
    """Every rule of the file, in its order."""
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def alerts_table() -> str:
    """A row for each alert: its name, linked to its section of the runbook, and when it fires."""
    heads = ("alert", "severity", "fires when", "for")
    rows = [
        (
            f"[{rule['alert']}](runbook.md#{rule['alert'].lower()})",
            rule["labels"]["severity"],
            rule["annotations"]["summary"],
            rule.get("for", ""),
        )
        for rule in alert_rules()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))


if __name__ == "__main__":
    print(alerts_table())
