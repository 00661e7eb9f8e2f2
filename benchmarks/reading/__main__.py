"""How well texts are read: all parts of this folder, one after the other.

    python -m focus_lime.benchmarks.reading [--data DIR]

DIR holds `cuad/`, `evidence_inference/`, `qmsum/` and `bipia/`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from . import formats, pdf, sentences, speed


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m focus_lime.benchmarks.reading")
    parser.add_argument("--data", default="../shared/data", help="the folder of the texts")
    data = parser.parse_args(arguments).data
    status = sentences.main(["--data", data, "--split", "test"])
    contracts = Path(data, "cuad", "CUAD_v1_subset.json")
    print("# Sentences that stand whole in what is read of PDFs\n")
    print(pdf.report(pdf.contracts(contracts)))
    return status or speed.main([]) or formats.main(["--data", data])


if __name__ == "__main__":
    sys.exit(main())
