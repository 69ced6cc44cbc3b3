"""Files enriched, by the command and as jobs: how fast, how much memory, and beside Splink. See README.md."""
