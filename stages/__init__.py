"""The pipeline: one module a stage, and beside them the modules that stages share."""

import os

# OpenMP threads that wait for work spin by default: on a busy machine that makes training and scoring several times
# slower. Set before scikit-learn loads OpenMP; a value the user set stays.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# ONNX Runtime (1.29 and newer) keeps an identifier of the machine and sends its makers what it runs, unless told not
# to before it is imported. The service imports this package, too.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
