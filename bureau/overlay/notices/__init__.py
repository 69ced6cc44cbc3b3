"""What mail providers and mail servers report, read as ``overlay.events.Event``: pure, bytes in, events out.

Amazon SES by SNS (``ses``), SendGrid (``sendgrid``), delivery status notifications of RFC 3464 and feedback reports of
RFC 5965 (``reports``), and files of any of them (``files``). Imports ``overlay.events`` and ``overlay.bounces``.
Deliberately absent: network. A subscription that Amazon wants confirmed is shown to the operator, never fetched; and
signatures are not verified: who may report is decided by a secret in the address that the provider posts to, so that no
certificate has to be fetched from an address which the notice itself names.
"""
