"""`python -m tests.deploy.materials SBOM`: completes the bill of materials of `make release`.

The list of requirements that it is made of has hashes, but neither licences nor what needs what nor the product's own
version: those are read from the installed packages, which are the same by hash. It refuses one that is not installed in
the version listed, unless it is for another platform.
"""

import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from bot import __version__

NAME = "signoff-bot"


def plain(name: str) -> str:
    """A project's name as the package index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licences(found: Distribution) -> list[dict[str, Any]]:
    """The expression of SPDX if the package has one, else what it calls its licence."""
    expression = found.metadata.get("License-Expression")
    if expression:
        return [{"expression": expression}]
    kinds = [each.rpartition(" :: ")[2] for each in found.metadata.get_all("Classifier", []) if each[:7] == "License"]
    named = kinds or [(found.metadata.get("License") or "").partition("\n")[0]]
    return [{"license": {"name": each}} for each in named if each]


def needs(found: Distribution, references: dict[str, str]) -> list[str]:
    """References of what a package needs on this platform, without its extras."""
    wanted = (Requirement(each) for each in found.requires or ())
    names = {plain(each.name) for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})}
    return sorted(references[name] for name in names if name in references)


def completed(bill: dict[str, Any]) -> dict[str, Any]:
    """The bill with version, licences and what needs what."""
    root = bill["metadata"]["component"]
    root |= {"version": __version__, "purl": f"pkg:pypi/{NAME}@{__version__}"}
    references = {plain(each["name"]): each["bom-ref"] for each in bill["components"]}
    dependencies = [{"ref": root["bom-ref"], "dependsOn": needs(distribution(NAME), references)}]
    for each in bill["components"]:
        each.pop("description", None)
        try:
            found = distribution(each["name"])
        except PackageNotFoundError:
            dependencies.append({"ref": each["bom-ref"]})
            continue
        if found.version != each["version"]:
            raise SystemExit(f"{each['name']} {each['version']} is listed, {found.version} is installed: make the lock")
        each["licenses"] = licences(found)
        dependencies.append({"ref": each["bom-ref"], "dependsOn": needs(found, references)})
    return bill | {"dependencies": sorted(dependencies, key=lambda one: str(one["ref"]))}


def main(path: Path) -> None:
    """Complete a file in place, and hold it against the published schema."""
    bill = completed(json.loads(path.read_text()))
    text = json.dumps(bill, indent=2, sort_keys=True) + "\n"
    fault = JsonStrictValidator(SchemaVersion.from_version(bill["specVersion"])).validate_str(text)
    if fault is not None:
        raise SystemExit(f"the bill of materials is not valid: {fault}")
    path.write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
