"""Reads docker-compose.yml, the Dockerfile and docs/installing.md as their tools would."""

import re
import shlex
from typing import Any

import yaml

from pharmrefer.local import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("pharmrefer:")}
ONE_SHOT = {name for name, service in SERVICES.items() if service["restart"] == "no"}
INSTALLING = (ROOT / "docs" / "installing.md").read_text()
SECRETS = "/run/secrets/"


def documented(words: str) -> str:
    """Return the block of commands in docs/installing.md that holds ``words``."""
    (block,) = [text for text in re.findall(r"```sh\n(.*?)```", INSTALLING, re.S) if words in text]
    return str(block).replace("\\\n", " ")


def command(service: str) -> list[str]:
    """Return a service's command line."""
    given = SERVICES[service]["command"]
    return shlex.split(given) if isinstance(given, str) else list(given)


def environment(service: str) -> dict[str, str]:
    """Return a service's variables, as they are written."""
    return dict(SERVICES[service].get("environment", {}))


def interpolate(text: str, given: dict[str, str]) -> str:
    """Put in what .env says, as Compose does; fail where a value is required and missing."""

    def value(found: "re.Match[str]") -> str:
        name, operator, rest = found.groups()
        assert name in given or operator == ":-", f"{name}: {rest}"
        return given.get(name, rest)

    return re.sub(r"\$\{([A-Z_]+)(?:(:-|:\?)([^}]*))?\}", value, text)


def seconds(text: str) -> float:
    """Read a duration such as 40s."""
    assert text.endswith("s"), text
    return float(text[:-1])


def instructions() -> list[list[tuple[str, str]]]:
    """Return the Dockerfile's instructions, stage by stage; the first of a stage is FROM."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.M)
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    stages: list[list[tuple[str, str]]] = []
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, " ".join(rest.split())))
    return stages
