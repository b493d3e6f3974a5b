"""The pipeline: one module a stage, and beside them the modules that stages share."""

import os

# OpenMP threads that wait for work spin by default: on a busy machine that makes training and scoring several times
# slower. Set before scikit-learn loads OpenMP; a value the user set stays.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
