"""Rows as GitLab's API shows them. Nothing is changed here."""
