"""Types for the ids that travel through the product, so that one is never taken for another.

They are the forge's own ids: a commit's SHA in lower-case hex, an account's or repository's number.
"""

from typing import NewType

Sha = NewType("Sha", str)
"""A commit id as the forge gives it."""

BlobId = NewType("BlobId", str)
"""A git blob id."""

PatchId = NewType("PatchId", str)
"""Identity of a whole patch: see `bot.model.change.patch_identity`."""

AccountId = NewType("AccountId", int)
"""An account's number on its forge. It survives a rename; the login does not."""

Tier = NewType("Tier", str)
"""A name from the policy's ordered list of tiers; only the policy knows the order."""
