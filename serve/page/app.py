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
from serve.page.health import Look, health
from serve.page.page import Asked, Asking
from serve.settings import ROOT
from stages.core.errors import ModelError, PipelineError
from stages.wording.numbers import count, plural
from stages.wording.vocabulary import Alert, Report

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
MOST_FORM = 256 * 1024
OVERHEAD = 64 * 1024
"""Bytes of an upload that are not the file's."""
MOST_FILE = batch.MOST_BYTES + OVERHEAD
MOST = {"": 0, "/": MOST_FORM, "/answer": MOST_FORM, "/batch": MOST_FILE, "/health": 0, "/example.csv": 0}
PATHS = {
    f"{MOUNT}{path}": most
    for path, most in [*MOST.items(), *((f"/static/{file.name}", 0) for file in STATIC.iterdir() if file.is_file())]
}
"""Every path there is, and how many bytes it takes: what stands before the app lets no other and no more through."""
LONGEST_S = batch.LONGEST_S + 10.0
"""Seconds within which everything here is answered."""
Current = Callable[[], ActiveModel | NoModel]


class Page:
    """The page of the model that is served now, which may be another one the next time."""

    def __init__(self, current: Current, report: Report, look: Look, rule: Alert) -> None:
        self._current = current
        self._report = report
        self._look = look
        self.rule = rule
        self._made: Asking | PipelineError | None = None
        self._of: ActiveModel | NoModel | None = None

    def asking(self) -> Asking:
        """What asks the model. Raises PipelineError where there is none."""
        served = self._current()
        made = self._made
        if made is None or self._of is not served:
            made = _made(served, self._report)
            self._made, self._of = made, served
        if isinstance(made, PipelineError):
            raise made
        return made

    def shown(self, asked: Asked, status: int = 200, template: str = "page.html", **more: Any) -> tuple[str, int]:
        """The page, or the part of it that holds an answer."""
        asking = self.asking()
        return render_template(
            template, asking=asking, asked=asked, model=asking.model, manifest=asking.model.manifest,
            language=asking.language, health=self.health(), rule=self.rule, limits=batch, **more,
        ), status  # fmt: skip

    def health(self) -> Any:
        """The health as it is shown."""
        return health(self._look(), self.rule)


def app(page: Page) -> Flask:
    """The app, to be mounted at MOUNT."""
    made = Flask(__name__, static_folder=str(STATIC))
    made.config["MAX_CONTENT_LENGTH"] = MOST_FILE
    made.config["MAX_FORM_MEMORY_SIZE"] = MOST_FORM
    made.config["MAX_FORM_PARTS"] = 5000
    made.jinja_env.trim_blocks = made.jinja_env.lstrip_blocks = True
    made.jinja_env.filters["count"] = count
    _harmless(made)
    _rows(made, page)
    _files(made, page)
    return made


def _harmless(made: Flask) -> None:
    """What holds of every answer, those to what went wrong among them."""

    @made.before_request
    def from_here_only() -> tuple[str, int] | None:
        if request.method != "POST":
            return None
        request.max_content_length = MOST.get(request.path, 0)
        if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            return "This form takes no requests from other sites.", 403
        return None

    @made.after_request
    def with_headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    @made.errorhandler(PipelineError)
    def not_ready(error: PipelineError) -> tuple[str, int]:
        return render_template("unready.html", reason=str(error).replace(f"{ROOT}/", "")), 503

    @made.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Any, int]:
        return f"{error.name}: {error.description}", error.code or 500


def _rows(made: Flask, page: Page) -> None:
    """The form, and the answer to it with the page around it or without."""

    @made.get("/")
    def first() -> tuple[str, int]:
        return page.shown(page.asking().typical())

    @made.post("/")
    def again() -> tuple[str, int]:
        asked = page.asking().ask(request.form)
        return page.shown(asked, _status(asked))

    @made.post("/answer")
    def answer() -> tuple[str, int]:
        asked = page.asking().ask(request.form)
        return page.shown(asked, _status(asked), "answer.html")

    @made.get("/health")
    def state() -> Response:
        return jsonify(page.health()._asdict())


def _files(made: Flask, page: Page) -> None:
    """A file of rows, and one to begin with."""

    @made.post("/batch")
    def scored() -> Any:
        scripted = request.accept_mimetypes.best == "application/json"
        try:
            name, content = _upload()
            found = batch.score(content, name, page.asking().model)
        except batch.Refused as error:
            if scripted:
                return jsonify(error=str(error)), error.status
            return page.shown(page.asking().typical(), error.status, refused=str(error))
        download = f"{re.sub(r'(?i)[.](csv|tsv|txt)$', '', name)}_predictions.csv"
        if not scripted:
            attached = {"Content-Disposition": f'attachment; filename="{download}"'}
            return Response(found.csv, mimetype="text/csv", headers=attached)
        return jsonify(said=summary(found, page.asking()), bad=[f"Line {at}: {why}" for at, why in found.bad],
                       more=found.rows - found.scored - len(found.bad), notes=found.notes, head=found.head,
                       csv=found.csv, name=download)  # fmt: skip

    @made.get("/example.csv")
    def file() -> Response:
        asking = page.asking()
        attached = {"Content-Disposition": "attachment; filename=example.csv"}
        return Response(
            example.text(asking.model.manifest, asking.facts), mimetype="text/csv; charset=utf-8", headers=attached
        )


def summary(found: batch.Scored, asking: Asking) -> str:
    """What came of a file, in one or two sentences."""
    language, manifest = asking.language, asking.model.manifest
    rows = f"{count(found.rows)} {language.one if found.rows == 1 else language.many}"
    said = f"{count(found.scored)} of {rows} scored."
    if not found.scored:
        return said
    if manifest.task == "binary":
        warned = found.predictions[str(manifest.target.positive)]
        named = plural(warned, language.warning, language.warnings)
        return f"{said} {named[:1].upper()}{named[1:]}; the mean chance is {number_format.chance(found.mean or 0.0)}."
    if manifest.task == "multiclass":
        most = ", ".join(f"{label} {count(times)}" for label, times in found.predictions.most_common(5))
        return f"{said} Predicted: {most}."
    spread = asking.facts.usual.quantiles
    amount = number_format.number(found.mean or 0.0, spread[-1] - spread[0] if spread else 0.0)
    return f"{said} The mean prediction is {f'{amount} {language.unit(manifest.target.name)}'.strip()}."


def _made(served: ActiveModel | NoModel, report: Report) -> Asking | PipelineError:
    if isinstance(served, NoModel):
        return ModelError(served.reason)
    try:
        return Asking(served.model, report)
    except PipelineError as error:
        return error


def _upload() -> tuple[str, bytes]:
    """The file that was sent and its name, of plain characters only. Raises Refused where there is none."""
    try:
        sent = request.files.get("file")
    except RequestEntityTooLarge:
        raise batch.Refused(f"The file is larger than {batch.MOST_BYTES // 1024**2} MB.", 413) from None
    if sent is None or not sent.filename:
        raise batch.Refused("Choose a CSV file first.")
    name = re.sub(r"[^\w .()-]", "_", sent.filename.replace("\\", "/").rpartition("/")[2], flags=re.ASCII)[-80:]
    return name, sent.stream.read(batch.MOST_BYTES + 1)


def _status(asked: Asked) -> int:
    return 200 if asked.answer else 422
