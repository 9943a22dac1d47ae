"""Prints the queries of the dashboard that is named as rules, so that promtool can read them."""

import json
import sys
from pathlib import Path

import yaml

FILLED_IN = {"$__rate_interval": "1m", "$job": ".+", "$instance": ".+"}


def main() -> None:
    rules = []
    for panel in json.loads(Path(sys.argv[1]).read_text())["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"]
            for variable, value in FILLED_IN.items():
                query = query.replace(variable, value)
            if "$" in query:
                sys.exit(f"{panel['title']}: nothing fills in {query}")
            rules.append({"record": f"query:{panel['id']}:{target['refId']}", "expr": query})
    print(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))


main()
