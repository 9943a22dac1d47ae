"""Checks what no general tool can know of deploy/: that it speaks of this version of accountd, and of nothing invented.

Run by scripts/deploy-check from the root of the repository. Ends with 1 and the list of all faults, if there are any.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

import yaml

DEPLOY = Path("deploy")
FAULTS: list[str] = []


def fault(path: Path | str, words: str) -> None:
    FAULTS.append(f"{path}: {words}")


def documents(path: Path) -> list:
    return [document for document in yaml.safe_load_all(path.read_text()) if document is not None]


def known_settings() -> set[str]:
    """Every key of the template, uncommented or not, by its full name."""
    keys, section = set(), ""
    for line in (DEPLOY / "accountd.toml").read_text().splitlines():
        if match := re.fullmatch(r"\[([a-z0-9_.]+)\]", line):
            section = match[1] + "."
        elif match := re.match(r"#?([a-z0-9_]+) = ", line):
            keys.add(section + match[1])
    return keys


def settings_of(table: dict, prefix: str = "") -> list[str]:
    names = []
    for key, value in table.items():
        names += settings_of(value, f"{prefix}{key}.") if isinstance(value, dict) else [prefix + key]
    return names


def check_settings() -> str:
    known = known_settings()
    files = [DEPLOY / part / "accountd.toml" for part in ["compose", "container", "kubernetes"]]
    count = 0
    for path in files:
        for name in settings_of(tomllib.loads(path.read_text())):
            count += 1
            if name not in known:
                fault(path, f"there is no setting {name}")
    texts = [path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix in {".yaml", ".conf", ".sh", ".toml"}]
    for path in texts:
        for variable in re.findall(r"ACCOUNTD_([A-Z0-9_]+)", path.read_text()):
            count += 1
            name = variable.lower().replace("__", ".")
            if name != "config" and name not in known:
                fault(path, f"there is no variable ACCOUNTD_{variable}")
    # What comments and configurations of proxies name in passing.
    sections = {name.split(".")[0] for name in known}
    pattern = re.compile(rf"(?<![\w./-])({'|'.join(sorted(sections))})\.([a-z][a-z0-9_]+)(?![\w.])")
    for path in texts:
        if path == DEPLOY / "accountd.toml":
            continue
        for section, key in pattern.findall(path.read_text()):
            count += 1
            name = f"{section}.{key}"
            if not any(one == name or one.startswith(f"{name}.") for one in known):
                fault(path, f"there is no setting {section}.{key}")
    return f"{count} mentions of settings are of settings that exist"


def known_metrics() -> dict[str, dict[str, set[str]]]:
    """The metrics of docs/metrics.md, each with its labels and their values."""
    metrics = {}
    for line in Path("docs/metrics.md").read_text().splitlines():
        if match := re.match(r"\| `(\w+)` \| \w+ \| ([^|]*) \|", line):
            labels = [re.match(r"`(\w+)`(?:: )?(.*)", part.strip()) for part in match[2].split(";") if part.strip()]
            metrics[match[1]] = {label[1]: set(re.findall(r"`([^`]+)`", label[2])) for label in labels}
    return metrics


def check_metrics() -> str:
    metrics = known_metrics()
    used = set()
    for path in [*DEPLOY.glob("prometheus/*.yaml"), DEPLOY / "grafana/accountd.json"]:
        text = path.read_text().replace('\\"', '"')
        for name, selector in re.findall(r"\b((?:accountd|rpc_server|http_server|process)_[a-z_]+)(\{[^{}]*\})?", text):
            # A histogram is three series.
            name = re.sub(r"_(bucket|count|sum)$", "", name)
            if any(name in labels for labels in metrics.values()):
                continue
            if name not in metrics:
                fault(path, f"there is no metric {name}")
                continue
            used.add(name)
            for label, operator, value in re.findall(r'(\w+)(=~|=)"([^"]*)"', selector):
                if label in {"job", "instance"}:
                    continue
                words = set(value.split("|") if operator == "=~" else [value])
                if strangers := words - metrics[name].get(label, set()):
                    fault(path, f"{name} has no {label} {', '.join(sorted(strangers))}")
    dashboard = DEPLOY / "grafana/accountd.json"
    for name in metrics:
        if name not in dashboard.read_text():
            fault(dashboard, f"nothing is made of {name}")
    return f"alerts and dashboard use {len(used)} of {len(metrics)} metrics, by values that they have"


def check_alerts() -> str:
    path = DEPLOY / "prometheus/alerts.yaml"
    rules = [rule for group in documents(path)[0]["groups"] for rule in group["rules"]]
    raised: dict[str, set[bool]] = {}
    for test in documents(DEPLOY / "prometheus/alerts_test.yaml")[0]["tests"]:
        for alert in test["alert_rule_test"]:
            raised.setdefault(alert["alertname"], set()).add(bool(alert["exp_alerts"]))
    operations = Path("docs/operations.md")
    headings = set()
    if operations.exists():
        lines = re.findall(r"^#+ (.*)$", operations.read_text(), re.MULTILINE)
        headings = {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}
    for rule in rules:
        name = rule["alert"]
        notes = rule.get("annotations", {})
        for key in ["summary", "description", "runbook_url"]:
            if not notes.get(key):
                fault(path, f"{name} has no {key}")
        anchor = re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower()
        if notes.get("runbook_url") != f"docs/operations.md#{anchor}":
            fault(path, f"the runbook_url of {name} is not docs/operations.md#{anchor}")
        if operations.exists() and anchor not in headings:
            fault(operations, f"there is no heading for {anchor}, where {name} sends its reader")
        if raised.get(name) != {True, False}:
            fault(path, f"alerts_test.yaml does not try {name} both ways")
    return f"{len(rules)} alerts have their annotations, and tests both ways"


def images(node) -> list[str]:
    if isinstance(node, dict):
        own = [node["image"]] if isinstance(node.get("image"), str) else []
        return own + [image for value in node.values() for image in images(value)]
    return [image for value in node for image in images(value)] if isinstance(node, list) else []


def check_images() -> str:
    version = tomllib.loads(Path("Cargo.toml").read_text())["workspace"]["package"]["version"]
    count = 0
    for path in DEPLOY.rglob("*.yaml"):
        for document in documents(path):
            for image in images(document):
                count += 1
                in_kustomization = image == "accountd" and "kubernetes" in path.parts
                if not in_kustomization and not re.search(r":v?\d+\.\d+", image):
                    fault(path, f"the image {image} is not pinned")
                if image.startswith("accountd:") and image != f"accountd:{version}":
                    fault(path, f"the image is {image}, but Cargo.toml has {version}")
            if document.get("kind") == "Kustomization":
                for image in document.get("images", []):
                    if str(image["newTag"]) != version:
                        fault(path, f"the tag is {image['newTag']}, but Cargo.toml has {version}")
    return f"{count} images are pinned, those of accountd to {version}"


def check_dockerfile() -> str:
    path = Path("Dockerfile")
    text = path.read_text()
    channel = tomllib.loads(Path("rust-toolchain.toml").read_text())["toolchain"]["channel"]
    if f"ARG RUST={channel}\n" not in text:
        fault(path, f"RUST is not {channel}, the channel of rust-toolchain.toml")
    version = tomllib.loads(Path("Cargo.toml").read_text())["workspace"]["package"]["version"]
    if f'org.opencontainers.image.version="{version}"\n' not in text:
        fault(path, f"the label with the version is not {version}")
    return f"the Dockerfile builds {version} with Rust {channel}"


def check_comments() -> str:
    count = 0
    for path in DEPLOY.rglob("*"):
        if path.suffix == ".json":
            if not json.loads(path.read_text()).get("description"):
                fault(path, "has no description")
        elif path.is_file():
            lines = [line for line in path.read_text().splitlines() if not line.startswith("#!")]
            if not lines[0].startswith("# "):
                fault(path, "does not say at its head what it is for")
        count += path.is_file()
    return f"{count} files say at their head what they are for"


def main() -> None:
    checks = [check_settings, check_metrics, check_alerts, check_images, check_dockerfile, check_comments]
    said = [check() for check in checks]
    if FAULTS:
        sys.exit("\n".join(FAULTS))
    print("\n".join(said))


main()
