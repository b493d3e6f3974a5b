"""The Flask app at /ui: hands out the form, the answer to it, scored files and the service's health.

Nothing here changes anything, so that a form which another site makes a browser send can do no more than ask for a
prediction nobody sees; browsers say where a request comes from, and those from elsewhere are refused all the same.
Everything shown is put into the templates' places by Jinja, which escapes it, or by the script as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from serve.http.active_model import ActiveModel, NoModel
from serve.page import batch, example, number_format
from serve.page.health import ReadWindow, judge_health
from serve.page.page import Asked, Asking
from serve.page.preview import make_preview
from serve.settings import ROOT
from stages.core.errors import ModelError, PipelineError
from stages.wording.numbers import count, plural
from stages.wording.params import Alert, Report
from stages.wording.vocabulary import sentence

MOUNT = "/ui"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATIC = Path(__file__).parent / "static"
MAX_FORM_BYTES = 256 * 1024
UPLOAD_OVERHEAD_BYTES = 64 * 1024
"""Bytes of an upload that are not the file's."""
MAX_UPLOAD_BYTES = batch.MAX_BYTES + UPLOAD_OVERHEAD_BYTES
MAX_BYTES = {
    "": 0,
    "/": MAX_FORM_BYTES,
    "/answer": MAX_FORM_BYTES,
    "/batch": MAX_UPLOAD_BYTES,
    "/health": 0,
    "/example.csv": 0,
}
PATHS = {
    f"{MOUNT}{path}": max_bytes
    for path, max_bytes in [
        *MAX_BYTES.items(),
        *((f"/static/{file.name}", 0) for file in STATIC.iterdir() if file.is_file()),
    ]
}
"""Every path there is, and how many bytes it takes: what stands before the app lets no other and no more through."""
TIMEOUT_S = batch.TIMEOUT_S + 10.0
"""Seconds within which everything here is answered."""
GetModel = Callable[[], ActiveModel | NoModel]


class Page:
    """The page of the model that is served now, which may be another one the next time."""

    def __init__(self, get_model: GetModel, report: Report, read_window: ReadWindow, rule: Alert) -> None:
        self._get_model = get_model
        self._report = report
        self._read_window = read_window
        self.rule = rule
        self._asking: Asking | PipelineError | None = None
        self._asking_model: ActiveModel | NoModel | None = None

    def get_asking(self) -> Asking:
        """Return what asks the model. Raises PipelineError where there is none."""
        model = self._get_model()
        asking = self._asking
        if asking is None or self._asking_model is not model:
            asking = _make_asking(model, self._report)
            self._asking, self._asking_model = asking, model
        if isinstance(asking, PipelineError):
            raise asking
        return asking

    def render(self, asked: Asked, status: int = 200, template: str = "page.html", **more: Any) -> tuple[str, int]:
        """Return the page, or the part of it that holds an answer, and the status."""
        asking = self.get_asking()
        return render_template(
            template, asking=asking, asked=asked, model=asking.model, manifest=asking.model.manifest,
            language=asking.language, health=self.judge_health(), rule=self.rule, limits=batch, **more,
        ), status  # fmt: skip

    def judge_health(self) -> Any:
        """Return the health as it is shown."""
        return judge_health(self._read_window(), self.rule)


def make_app(page: Page) -> Flask:
    """Return the app, to be mounted at MOUNT."""
    flask_app = Flask(__name__, static_folder=str(STATIC))
    flask_app.config["MAX_CONTENT_LENGTH"] = MAX_UPLOAD_BYTES
    flask_app.config["MAX_FORM_MEMORY_SIZE"] = MAX_FORM_BYTES
    flask_app.config["MAX_FORM_PARTS"] = 5000
    flask_app.jinja_env.trim_blocks = flask_app.jinja_env.lstrip_blocks = True
    flask_app.jinja_env.filters["count"] = count
    _secure(flask_app)
    _add_row_routes(flask_app, page)
    _add_file_routes(flask_app, page)
    return flask_app


def _secure(flask_app: Flask) -> None:
    """Add what holds of every answer, those to what went wrong among them."""

    @flask_app.before_request
    def refuse_other_sites() -> tuple[str, int] | None:
        if request.method != "POST":
            return None
        request.max_content_length = MAX_BYTES.get(request.path, 0)
        if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            return "This form takes no requests from other sites.", 403
        return None

    @flask_app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    @flask_app.errorhandler(PipelineError)
    def show_unready(error: PipelineError) -> tuple[str, int]:
        return render_template("unready.html", reason=str(error).replace(f"{ROOT}/", "")), 503

    @flask_app.errorhandler(HTTPException)
    def show_error(error: HTTPException) -> tuple[Any, int]:
        return f"{error.name}: {error.description}", error.code or 500


def _add_row_routes(flask_app: Flask, page: Page) -> None:
    """Add the form, and the answer to it with the page around it or without."""

    @flask_app.get("/")
    def show_form() -> tuple[str, int]:
        return page.render(page.get_asking().typical())

    @flask_app.post("/")
    def show_answered_form() -> tuple[str, int]:
        asked = page.get_asking().ask(request.form)
        return page.render(asked, _choose_status(asked))

    @flask_app.post("/answer")
    def show_answer() -> tuple[str, int]:
        asked = page.get_asking().ask(request.form)
        return page.render(asked, _choose_status(asked), "answer.html")

    @flask_app.get("/health")
    def show_health() -> Response:
        return jsonify(page.judge_health()._asdict())


def _add_file_routes(flask_app: Flask, page: Page) -> None:
    """Add the scoring of a file of rows, and a file to begin with."""

    @flask_app.post("/batch")
    def score_file() -> Any:
        scripted = request.accept_mimetypes.best == "application/json"
        try:
            asking = page.get_asking()
            name, content = _read_upload()
            result = batch.score_file(content, name, asking.model)
        except batch.FileRefused as error:
            if scripted:
                return jsonify(error=str(error)), error.status
            return page.render(page.get_asking().typical(), error.status, refused=str(error))
        download = f"{re.sub(r'(?i)[.](csv|tsv|txt)$', '', name)}_predictions.csv"
        if not scripted:
            disposition = {"Content-Disposition": f'attachment; filename="{download}"'}
            return Response(result.csv, mimetype="text/csv", headers=disposition)
        head = make_preview(result.head, asking.model.manifest, asking.language, asking.spread)
        return jsonify(said=summarize(result, asking), bad=[f"Line {at}: {why}" for at, why in result.bad],
                       more=result.rows - result.scored - len(result.bad), notes=result.notes, head=head,
                       csv=result.csv, name=download)  # fmt: skip

    @flask_app.get("/example.csv")
    def download_example() -> Response:
        asking = page.get_asking()
        disposition = {"Content-Disposition": "attachment; filename=example.csv"}
        return Response(
            example.make_example(asking.model.manifest, asking.facts),
            mimetype="text/csv; charset=utf-8",
            headers=disposition,
        )


def summarize(result: batch.ScoredFile, asking: Asking) -> str:
    """Return what came of a file, in one or two sentences."""
    language, manifest = asking.language, asking.model.manifest
    rows = f"{count(result.rows)} {language.one if result.rows == 1 else language.many}"
    text = f"{count(result.scored)} of {rows} scored."
    if not result.scored:
        return text
    if manifest.task == "binary":
        warned = result.predictions[str(manifest.target.positive)]
        named = plural(warned, language.warning, language.warnings)
        mean = f"the mean {language.words.speech.risk} is {number_format.chance(result.mean or 0.0)}"
        return f"{text} {sentence(named)}; {mean}."
    if manifest.task == "multiclass":
        most = ", ".join(f"{label} {count(times)}" for label, times in result.predictions.most_common(5))
        return f"{text} Predicted: {most}."
    amount = number_format.number(result.mean or 0.0, asking.spread)
    return f"{text} The mean prediction is {f'{amount} {language.unit(manifest.target.name)}'.strip()}."


def _make_asking(active_model: ActiveModel | NoModel, report: Report) -> Asking | PipelineError:
    if isinstance(active_model, NoModel):
        return ModelError(active_model.reason)
    try:
        return Asking(active_model.model, report)
    except PipelineError as error:
        return error


def _read_upload() -> tuple[str, bytes]:
    """Return the name, of plain characters only, and the content of the file that was sent. Raises FileRefused."""
    try:
        sent = request.files.get("file")
    except RequestEntityTooLarge:
        raise batch.FileRefused(f"The file is larger than {batch.MAX_BYTES // 1024**2} MB.", 413) from None
    if sent is None or not sent.filename:
        raise batch.FileRefused("Choose a CSV file first.")
    name = re.sub(r"[^\w .()-]", "_", sent.filename.replace("\\", "/").rpartition("/")[2], flags=re.ASCII)[-80:]
    return name, sent.stream.read(batch.MAX_BYTES + 1)


def _choose_status(asked: Asked) -> int:
    return 200 if asked.answer else 422
