"""Simulated forges: a program of its own that keeps state, speaks over loopback HTTP and can be told to misbehave.

It imports nothing of the rest of the product, so that a wrong idea about a forge cannot be shared by both sides. What
keeps it honest is beside it in `contracts/`: the descriptions the forges publish themselves.
"""

import sys

# Formats are not judged here, but jsonschema loads a grammar of international addresses wherever one is installed, and
# that takes longer than all the rest of a start.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
