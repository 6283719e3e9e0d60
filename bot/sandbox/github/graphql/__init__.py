"""GitHub's GraphQL endpoint: executed by graphql-core over the published schema.

A field of the schema that the sandbox does not model is an error and a recorded violation, never a silent null.
"""

from bot.sandbox.github.graphql.engine import Engine

__all__ = ["Engine"]
