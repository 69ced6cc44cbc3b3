"""What data-subject rights and retention need: what is held of somebody, who was told, how long that is remembered.

Imports ``population`` (what is held), ``overlay`` (what was reported of it), ``store`` and what is below them.
Deliberately absent: a second audit table (the usage row is the audit row), HTTP, and any way of finding somebody but by
the whole tax id.
"""
