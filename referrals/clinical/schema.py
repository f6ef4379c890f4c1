"""The JSON schema of a content pack's files: ``python -m referrals.clinical.schema`` prints it.

docs/clinical-content.schema.json holds it, for editors that check TOML while it is written; a test
says when that file is stale.
"""

import sys
from typing import Any

import msgspec

from referrals.clinical.packs import PackFile, Pathway


def schema() -> dict[str, Any]:
    _, parts = msgspec.json.schema_components([PackFile, Pathway], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "PharmRefer clinical content: pack.toml, or the file of a pathway",
        "anyOf": [{"$ref": "#/$defs/PackFile"}, {"$ref": "#/$defs/Pathway"}],
        "$defs": parts,
    }


def page() -> str:
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
