"""The pipeline: one module a stage, and beside them the modules that stages share."""

import os
import sys

# OpenMP threads that wait for work spin by default: on a busy machine that makes training and scoring several times
# slower. Set before scikit-learn loads OpenMP; a value the user set stays.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# ONNX Runtime (1.29 and newer) keeps an identifier of the machine and sends its makers what it runs, unless told not
# to before it is imported. The service imports this package, too.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

KERNELS = {
    "NPY_ENABLE_CPU_FEATURES": "X86_V2",
    "OPENBLAS_CORETYPE": "Nehalem",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-FMA_Usable,-FMA4_Usable",  # the latter two before glibc 2.33
}
"""What has NumPy, OpenBLAS and the C library's exp and log compute as on the least processor that NumPy runs on
(x86-64-v2). Each would take the newest instructions of the processor it finds, and the last digits with them.
"""

# The C library reads its part when a process starts, so a stage starts once more with it: `python -m stages.<name>`,
# during which alone this package is imported while Python still looks for the module to run.
if sys.argv[0] == "-m" and os.uname().machine == "x86_64":
    _pinned = {name: value for name, value in os.environ.items() if name != "NPY_DISABLE_CPU_FEATURES"} | KERNELS
    if _pinned != os.environ:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], _pinned)
