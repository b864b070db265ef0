"""Where the files of the workflow stand."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DEFAULT = ROOT / "config.yaml"
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
