"""What data-subject rights and retention need of the audit trail.

Imports ``store`` and what is below it. Deliberately absent: a second audit table: the usage row is the audit row.
"""
