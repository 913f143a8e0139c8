"""The parts of the approval pack; ``packaging/approval.py`` puts them together."""
