"""Caseworth: the credit underwriter's desk."""

import os

__version__ = "0.1.0"

# onnxruntime would number this machine, keep events of its use in the home folder and send them; it asks when loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
