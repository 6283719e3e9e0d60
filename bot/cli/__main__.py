"""`python -m bot.cli` is `signoff`."""

from bot.cli import main

main()
