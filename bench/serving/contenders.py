"""Who is measured: how each is installed, started and asked, and where its answer holds the model's numbers."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.serving import processes

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".bench"
"""The peers' environments, made once."""
WORKERS = 2
BOOT_S = 300
PINNED = ("joblib", "msgspec", "numpy", "onnxruntime", "pandas", "ruamel-yaml", "scikit-learn", "bentoml")
Row = dict[str, Any]


class Contender(NamedTuple):
    """A way to serve the model."""

    name: str
    packages: Sequence[str]
    """Of its own environment; none for what runs in the project's."""
    command: Callable[[Place], Sequence[str | Path]]
    body: Callable[[Row, Row], Any]
    """A request for one row, of its inputs and of its features."""
    numbers: Callable[[Any], list[float]]
    """The model's numbers in an answer."""
    path: str = "/predict"


class Place(NamedTuple):
    """Where a contender runs: a folder of its own with a repository in it, its interpreter, its port."""

    folder: Path
    python: Path
    port: int
    task: str

    def bin(self, name: str) -> Path:
        """A command of its environment."""
        return self.python.parent / name


class Started:
    """A running contender."""

    def __init__(self, contender: Contender, repository: Path, task: str, python: Path, folder: Path) -> None:
        self.contender = contender
        self.folder = folder
        place = Place(folder, python, _free_port(), task)
        self.url = f"http://127.0.0.1:{place.port}{contender.path}"
        environment = os.environ | {
            "BENCH_MODEL": str(repository / "model"),
            "BENTOML_DO_NOT_TRACK": "True",
            "BENTOML_HOME": str(folder / "bentoml"),
            "OMP_NUM_THREADS": "1",
            "PATH": os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)]),
            "PYTHON": str(python),
            "PYTHONPATH": str(ROOT),
            "SERVE_LOGS": str(folder / "logs"),
        }
        command = contender.command(place)
        self._output = (folder / "output.txt").open("wb")
        self._process = subprocess.Popen(
            command, cwd=repository, env=environment, stdout=self._output, stderr=self._output, start_new_session=True
        )

    def ask(self, body: Any) -> list[float]:
        """The model's numbers for one request."""
        request = urllib.request.Request(self.url, json.dumps(body).encode(), {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return self.contender.numbers(json.load(answer))

    def wait(self, body: Any) -> None:
        """Until it answers. Raises RuntimeError with its last words when it does not."""
        end = time.monotonic() + BOOT_S
        reason: object = "it ended"
        while time.monotonic() < end and self._process.poll() is None:
            try:
                self.ask(body)
                return
            except (OSError, ValueError, KeyError) as error:
                reason = error
                time.sleep(0.3)
        said = (self.folder / "output.txt").read_text(errors="replace").strip().splitlines()
        raise RuntimeError(f"{reason}; {' / '.join(said[-4:])[-600:]}")

    @property
    def pid(self) -> int:
        """Of the process that was started."""
        return self._process.pid

    def cpu_s(self) -> float:
        """Processor time so far."""
        return processes.cpu_s(processes.tree(self.pid))

    def pss_bytes(self) -> int:
        """Memory now."""
        return processes.pss_bytes(processes.tree(self._process.pid))

    def stop(self) -> None:
        """End it and what it started."""
        everyone = processes.tree(self._process.pid)
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(25)
        for process in everyone:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait(10)
        self._output.close()


def environment(contender: Contender) -> Path:
    """The contender's interpreter, its environment made if it is not there. Raises CalledProcessError."""
    if not contender.packages:
        return Path(sys.executable)
    folder = CACHE / contender.name.replace(" ", "-")
    python, stamp = folder / "bin" / "python", folder / "made-of.json"
    wanted = json.dumps([_pinned(package) for package in contender.packages])
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing {contender.name} into {folder.relative_to(ROOT)}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
        packages = json.loads(wanted)
        subprocess.run([*uv, "pip", "install", "--quiet", "--python", str(python), *packages], check=True)
        stamp.write_text(wanted)
    return python


def repository(folder: Path) -> Path:
    """This checkout's service and model, with two workers."""
    for name in ("serve", "stages"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "model").mkdir()
    for name in ("manifest.json", "model.onnx", "model.pkl", "champion.json"):
        shutil.copy(ROOT / "model" / name, folder / "model" / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "params.yaml").write_text(f"serve:\n  workers: {WORKERS}\n")
    return folder


def _pinned(package: str) -> str:
    """With the project's own version, where the peers must agree with the model's files."""
    if package not in PINNED:
        return package
    return f"{package}=={json.loads((ROOT / 'packages.json').read_text())[package]}"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _rows(inputs: Row, _: Row) -> Any:
    return {"rows": [inputs]}


def _numbers(answer: Any) -> list[float]:
    return [float(number) for number in answer["numbers"][0]]


def _ours(answer: Any) -> list[float]:
    [said] = answer["predictions"]
    return (
        [float(p) for p in said["probabilities"].values()] if "probabilities" in said else [float(said["prediction"])]
    )


def _uvicorn(app: str) -> Callable[[Place], list[str | Path]]:
    options = ["--workers", str(WORKERS), "--no-access-log", "--log-level", "warning"]
    return lambda at: [at.python, "-m", "uvicorn", app, "--port", str(at.port), *options]


def _mlflow(at: Place) -> list[str | Path]:
    model = at.folder / "model"
    script, pickled = ROOT / "bench/serving/apps/mlflow_model.py", ROOT / "model/model.pkl"
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([at.python, script, pickled, model, at.task], env=path, check=True, capture_output=True)
    options = ["--env-manager", "local", "--workers", str(WORKERS), "--port", str(at.port)]
    return [at.bin("mlflow"), "models", "serve", "--model-uri", model, *options]


def _mlserver(at: Place) -> list[str | Path]:
    shutil.copy(ROOT / "model/model.pkl", at.folder / "model.joblib")
    ports = {"http_port": at.port, "grpc_port": _free_port(), "metrics_port": _free_port()}
    settings = {"host": "127.0.0.1", "parallel_workers": WORKERS, "debug": False, **ports}
    model = {
        "name": "model",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "./model.joblib"},
    }
    (at.folder / "settings.json").write_text(json.dumps(settings))
    (at.folder / "model-settings.json").write_text(json.dumps(model))
    return [at.bin("mlserver"), "start", at.folder]


def _v2(_: Row, features: Row) -> Any:
    """A request of the Open Inference Protocol."""
    inputs = [
        {"name": name, "shape": [1, 1], "data": [value], "parameters": {"content_type": "str"}, "datatype": "BYTES"}
        if isinstance(value, str)
        else {"name": name, "shape": [1, 1], "data": [value], "datatype": "FP64"}
        for name, value in features.items()
    ]
    return {"parameters": {"content_type": "pd"}, "inputs": inputs, "outputs": [{"name": "predict_proba"}]}


PICKLE = ("joblib", "msgspec", "numpy", "pandas", "ruamel-yaml", "scikit-learn")
CONTENDERS = [
    Contender("static answer", (), _uvicorn("bench.serving.apps.bare:static"), _rows, lambda _: []),
    Contender("bare ASGI", (), _uvicorn("bench.serving.apps.bare:work"), _rows, _ours),
    Contender(
        "this service", (), lambda at: [Path("serve/start"), "--candidate", "--port", str(at.port)], _rows, _ours
    ),
    Contender(
        "BentoML ONNX",
        ("bentoml", "httptools", "msgspec", "numpy", "onnxruntime", "ruamel-yaml", "uvloop"),
        lambda at: [at.bin("bentoml"), "serve", "bench.serving.apps.bento_onnx:Ordinary", "--port", str(at.port)],
        _rows,
        _numbers,
    ),
    Contender(
        "Flask gunicorn",
        ("flask", "gunicorn", *PICKLE),
        lambda at: [
            at.bin("gunicorn"),
            "-w",
            str(WORKERS),
            "-b",
            f"127.0.0.1:{at.port}",
            "bench.serving.apps.flask_app:app",
        ],
        _rows,
        _numbers,
    ),
    Contender(
        "FastAPI",
        ("fastapi", "httptools", "uvicorn", "uvloop", *PICKLE),
        _uvicorn("bench.serving.apps.fastapi_app:app"),
        _rows,
        _numbers,
    ),
    Contender(
        "MLflow",
        ("mlflow", *PICKLE),
        _mlflow,
        lambda _, features: {"dataframe_records": [features]},
        lambda answer: [float(number) for number in answer["predictions"][0]],
        "/invocations",
    ),
    Contender(
        "MLServer",
        ("mlserver", "mlserver-sklearn", "uvloop<0.22", *PICKLE),
        _mlserver,
        _v2,
        lambda answer: [float(number) for number in answer["outputs"][0]["data"]],
        "/v2/models/model/infer",
    ),
]
