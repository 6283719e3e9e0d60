"""How rows look in REST answers and webhook payloads: one function per published schema, nothing decided here."""
