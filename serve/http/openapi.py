"""The API's description at /docs.json: BentoML's own, with the columns of the model that is served."""

from __future__ import annotations

from typing import Any

from serve.scoring.decode import EXACT
from serve.scoring.loader import Model
from stages.contracts.manifest import Input

TYPES: dict[str, dict[str, Any]] = {
    "number": {"type": "number"},
    "integer": {"type": "integer", "minimum": -EXACT, "maximum": EXACT},
    "boolean": {"type": "boolean"},
    "category": {"type": "string"},
    "ordinal": {"type": "string"},
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "date-time", "pattern": "Z$"},
}
ERROR = {
    "type": "object",
    "properties": {
        "error": {"type": "string"},
        "row": {"type": "integer"},
        "field": {"type": "string"},
        "reason": {"type": "string"},
    },
    "required": ["error"],
}
REFUSALS = {
    "400": "The request is not what the schema says",
    "401": "A key is needed (where the service asks for one), and none that is known was sent",
    "408": "The request did not arrive in time",
    "413": "The body or the number of rows is too large",
    "415": "The content type is not application/json",
    "429": "The key or the address asks more often than it may; retry-after says when to come again",
    "503": "There is no model to answer with, or too much to do; then with retry-after",
}
PAGES = {
    "schema": "The inputs of the model that is served",
    "model": "The manifest of the model that is served",
    "drift": "How far what is asked has moved from what the model that is served was trained on",
}
KEYS = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic", "description": "any name, the key as password"},
    "header": {"type": "apiKey", "in": "header", "name": "x-api-key"},
}
"""Ways to send a key; the service may be one that asks for none."""


def described(document: dict[str, Any], model: Model) -> dict[str, Any]:
    """The OpenAPI document with the request, the answer and the refusals of POST /predict filled in."""
    post = {
        **document["paths"]["/predict"]["post"],
        "requestBody": {"required": True, "content": _json(request(model))},
        "responses": {
            "200": {"description": "One prediction a row, in the same order", "content": _json(answer(model))},
            **{status: {"description": text, "content": _json(ERROR)} for status, text in REFUSALS.items()},
        },
    }
    pages = {f"/{name}": _page(name, text) for name, text in PAGES.items()}
    return {
        **document,
        "paths": {**document["paths"], "/predict": {"post": post}, **pages},
        "components": {**document.get("components", {}), "securitySchemes": KEYS},
        "security": [{}, *({name: []} for name in KEYS)],
    }


def request(model: Model) -> dict[str, Any]:
    """JSON schema of a request's body."""
    inputs = model.manifest.inputs
    row = {
        "type": "object",
        "properties": {column.name: _field(column) for column in inputs},
        "required": [column.name for column in inputs if not column.nullable],
        "additionalProperties": False,
        "example": {column.name: _example(column, model) for column in inputs},
    }
    return {
        "type": "object",
        "properties": {"rows": {"type": "array", "items": row}},
        "required": ["rows"],
        "additionalProperties": False,
    }


def _field(column: Input) -> dict[str, Any]:
    """A column's type. The levels of an ordinal one are told, not required: another text gets a warning."""
    levels = {"description": " < ".join(column.levels)} if column.levels else {}
    return {**TYPES[column.type], "nullable": column.nullable, **levels}


def answer(model: Model) -> dict[str, Any]:
    """JSON schema of an answer's body."""
    said = _number(model) if model.manifest.task == "regression" else _class(model.manifest.target.classes)
    prediction = {
        "type": "object",
        "properties": {**said, "warnings": {"type": "array", "items": {"type": "string"}}},
        "required": [*said, "warnings"],
    }
    about = {"type": "object", "properties": {"version": {"type": "string"}, "approved": {"type": "boolean"}}}
    return {
        "type": "object",
        "properties": {"predictions": {"type": "array", "items": prediction}, "model": about},
    }


def _class(classes: list[str]) -> dict[str, Any]:
    """One of the classes, and the probability of each."""
    chance = {"type": "number", "minimum": 0, "maximum": 1}
    probabilities = {"type": "object", "properties": dict.fromkeys(classes, chance), "required": classes}
    return {"prediction": {"type": "string", "enum": classes}, "probabilities": probabilities}


def _number(model: Model) -> dict[str, Any]:
    """A number and, where the model has one, the interval around it."""
    interval = model.manifest.interval
    if interval is None:
        return {"prediction": {"type": "number"}}
    text = f"low and high: about {interval.share:.0%} of the values lie between"
    ends = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2, "description": text}
    return {"prediction": {"type": "number"}, "interval": ends}


def _example(column: Input, model: Model) -> Any:
    """A value the model has seen: what the page offers to try."""
    codes = model.manifest.features.codes.get(column.name)
    if column.levels:
        return column.levels[0]
    if codes:
        return min(codes)
    plain = {"boolean": False, "date": "2013-11-30", "time": "2013-11-30T17:00:00Z", "category": "", "text": ""}
    if column.type == "integer" and column.low is not None:
        return int(column.low)
    return column.low if column.low is not None else plain.get(column.type, 0)


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _page(name: str, text: str) -> dict[str, Any]:
    answers = {"200": {"description": text}}
    return {"get": {"tags": ["Service APIs"], "operationId": name, "responses": answers}}
