"""The systems Bureau is measured against, one module each: ``answer(known, asked)``, set up as its own documentation
recommends and given the same records. Imports nothing of Bureau, and never sees who was meant. Deliberately absent:
thresholds chosen by looking at results."""
