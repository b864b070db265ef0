"""Studies of the method; each module prints the tables that lie beside it.

    python -m studies.alignment > studies/alignment.md

One BLAS thread, as in the solver's workers; set before numpy is imported.
"""

import os
import sys
from pathlib import Path

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
