"""GitLab's GraphQL endpoint: executed by graphql-core over the part of the published schema that the product uses.

A field that the schema has and the sandbox does not model is an error and a recorded violation, never a silent null.
"""

from bot.sandbox.gitlab.graphql.engine import Engine

__all__ = ["Engine"]
