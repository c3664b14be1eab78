"""Renders the chart for the tests, by Helm's own code: `python -m tests.delivery.rendering` answers JSON by JSON.

A process of its own, since Helm is written in Go and its runtime would stay in the one that runs the tests.
Reads a list of values from stdin; answers with a list of documents for each, or with the error as text, then with
what `helm lint` found.
"""

import json
import sys
from pathlib import Path
from typing import Any

import helm_python
import yaml

CHART = Path(__file__).parents[2] / "deploy" / "helm" / "bee-customers"
NAMES = {"name": "trial", "namespace": "bees", "is_install": True}


def rendered(chart: helm_python.Chart, values: dict[str, Any]) -> list[dict[str, Any]] | str:
    try:
        chart.validate_schema(values)
        templates = chart.render(values, **NAMES)
    except helm_python.HelmError as error:
        return str(error)
    texts = [text for path, text in templates.items() if path.endswith(".yaml")]
    return [document for text in texts for document in yaml.safe_load_all(text) if document]


def main() -> None:
    asked = json.load(sys.stdin)
    with helm_python.Chart.load(str(CHART)) as chart:
        answers = [rendered(chart, values) for values in asked]
    lint = [helm_python.lint(str(CHART), values, strict=True) for values in asked]
    json.dump({"rendered": answers, "lint": lint}, sys.stdout)


if __name__ == "__main__":
    main()
