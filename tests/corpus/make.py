"""Writes the corpus: ``python tests/corpus/make.py``. What the cases are is in ``sources``, one family per file."""

import importlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
FAMILIES = ("models", "tools", "mcp", "functions", "decisions", "unions", "hard", "collections_", "samples")

sys.path.insert(0, str(HERE / "sources"))
for family in FAMILIES:
    cases = importlib.import_module(family).CASES
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in cases)
    (HERE / f"{family.rstrip('_')}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{family.rstrip('_')}: {len(cases)}")
