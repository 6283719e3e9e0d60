"""Simulated forges: a program of its own that keeps state, speaks over loopback HTTP and can be told to misbehave.

It imports nothing of the rest of the product, so that a wrong idea about a forge cannot be shared by both sides. What
keeps it honest is beside it in `contracts/`: the descriptions the forges publish themselves.
"""

import sys

# Not to be had, as far as jsonschema sees: its grammar takes seconds to load at every start, and is for nothing but the
# formats "iri" and "iri-reference", of which the contracts have none.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # the import system's own sign for that
