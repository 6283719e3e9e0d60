"""The nouns of the product: frozen values that every floor shares. Nothing here reads, writes or decides."""
