"""Moved to ``bureau.intake.records``, because ``bureau enrich`` cuts customers' files with it too. Import from there."""

from bureau.intake.records import REASONS, WHOLE, Records, Text, read_records

__all__ = ["REASONS", "WHOLE", "Records", "Text", "read_records"]
