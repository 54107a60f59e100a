"""Copies of lake and ledger made while they are written, and the way back. See docs/backup.md."""
