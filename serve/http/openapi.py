"""The API's description at /docs.json: BentoML's own, with the columns of the model that is served."""

from __future__ import annotations

from typing import Any

from serve.explain.explainer import MAX_EXPLAINED
from serve.scoring.decode import MAX_EXACT
from serve.scoring.loader import Model
from stages.contracts.manifest import Input

VALUE_SCHEMAS: dict[str, dict[str, Any]] = {
    "number": {"type": "number"},
    "integer": {"type": "integer", "minimum": -MAX_EXACT, "maximum": MAX_EXACT},
    "boolean": {"type": "boolean"},
    "category": {"type": "string"},
    "ordinal": {"type": "string"},
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "date-time", "pattern": "Z$"},
}
ERROR_SCHEMA = {
    "type": "object",
    "properties": {
        "error": {"type": "string"},
        "row": {"type": "integer"},
        "field": {"type": "string"},
        "reason": {"type": "string"},
    },
    "required": ["error"],
}
MODEL_SCHEMA = {"type": "object", "properties": {"version": {"type": "string"}, "approved": {"type": "boolean"}}}
REASON_SCHEMA = {
    "type": "object",
    "properties": {
        "input": {"type": "string"},
        "part": {"type": "string", "enum": ["season", "weekday", "hour"], "description": "of a date, what acts"},
        "step": {"type": "number"},
    },
    "required": ["input", "step"],
}
EXPLAIN_SCHEMA = {
    "type": "object",
    "properties": {
        "explanations": {
            "type": "array",
            "items": {
                "type": "object",
                "nullable": True,
                "description": "value = usual + the steps + rest",
                "properties": {
                    "label": {"type": "string", "nullable": True, "description": "the class whose chance it is"},
                    "value": {"type": "number"},
                    "usual": {"type": "number"},
                    "reasons": {"type": "array", "items": REASON_SCHEMA},
                    "rest": {"type": "number"},
                },
                "required": ["label", "value", "usual", "reasons", "rest"],
            },
        },
        "model": MODEL_SCHEMA,
    },
}
STATUS_DESCRIPTIONS = {
    "400": "The request is not what the schema says",
    "401": "A key is needed (where the service asks for one), and none that is known was sent",
    "408": "The request did not arrive in time",
    "413": "The body or the number of rows is too large",
    "415": "The content type is not application/json",
    "429": "The key or the address asks more often than it may; retry-after says when to come again",
    "503": "There is no model to answer with, or too much to do; then with retry-after",
}
PAGE_DESCRIPTIONS = {
    "schema": "The inputs of the model that is served",
    "model": "The manifest of the model that is served",
    "drift": "How far what is asked has moved from what the model that is served was trained on",
}
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic", "description": "any name, the key as password"},
    "header": {"type": "apiKey", "in": "header", "name": "x-api-key"},
}
"""Ways to send a key; the service may be one that asks for none."""


def described(document: dict[str, Any], model: Model) -> dict[str, Any]:
    """Return the OpenAPI document with the requests, answers and refusals of the POST paths filled in."""
    request = describe_request(model)
    few = {**request["properties"]["rows"], "maxItems": MAX_EXPLAINED}
    posts = {
        "/predict": (request, "One prediction a row, in the same order", describe_answer(model)),
        "/explain": (
            {**request, "properties": {"rows": few}},
            "One explanation a row, in the same order; null of a model that keeps none",
            EXPLAIN_SCHEMA,
        ),
    }
    pages = {f"/{name}": _describe_page(name, text) for name, text in PAGE_DESCRIPTIONS.items()}
    return {
        **document,
        "paths": {
            **document["paths"],
            **{path: {"post": _describe_post(document["paths"][path]["post"], *post)} for path, post in posts.items()},
            **pages,
        },
        "components": {**document.get("components", {}), "securitySchemes": SECURITY_SCHEMES},
        "security": [{}, *({name: []} for name in SECURITY_SCHEMES)],
    }


def _describe_post(post: dict[str, Any], request: dict[str, Any], text: str, answer: dict[str, Any]) -> dict[str, Any]:
    refusals = {
        status: {"description": reason, "content": _json_content(ERROR_SCHEMA)}
        for status, reason in STATUS_DESCRIPTIONS.items()
    }
    return {
        **post,
        "requestBody": {"required": True, "content": _json_content(request)},
        "responses": {"200": {"description": text, "content": _json_content(answer)}, **refusals},
    }


def describe_request(model: Model) -> dict[str, Any]:
    """Return the JSON schema of a request's body."""
    inputs = model.manifest.inputs
    row = {
        "type": "object",
        "properties": {column.name: _describe_input(column) for column in inputs},
        "required": [column.name for column in inputs if not column.nullable],
        "additionalProperties": False,
        "example": {column.name: _pick_example(column, model) for column in inputs},
    }
    return {
        "type": "object",
        "properties": {"rows": {"type": "array", "items": row}},
        "required": ["rows"],
        "additionalProperties": False,
    }


def _describe_input(column: Input) -> dict[str, Any]:
    """Return a column's schema. The levels of an ordinal one are told, not required: another text gets a warning."""
    levels = {"description": " < ".join(column.levels)} if column.levels else {}
    return {**VALUE_SCHEMAS[column.type], "nullable": column.nullable, **levels}


def describe_answer(model: Model) -> dict[str, Any]:
    """Return the JSON schema of an answer's body."""
    prediction_fields = (
        _describe_number(model)
        if model.manifest.task == "regression"
        else _describe_classes(model.manifest.target.classes)
    )
    prediction = {
        "type": "object",
        "properties": {**prediction_fields, "warnings": {"type": "array", "items": {"type": "string"}}},
        "required": [*prediction_fields, "warnings"],
    }
    return {
        "type": "object",
        "properties": {"predictions": {"type": "array", "items": prediction}, "model": MODEL_SCHEMA},
    }


def _describe_classes(classes: list[str]) -> dict[str, Any]:
    """Return the fields of a classification: one of the classes, and the probability of each."""
    probability = {"type": "number", "minimum": 0, "maximum": 1}
    probabilities = {"type": "object", "properties": dict.fromkeys(classes, probability), "required": classes}
    return {"prediction": {"type": "string", "enum": classes}, "probabilities": probabilities}


def _describe_number(model: Model) -> dict[str, Any]:
    """Return the fields of a regression: a number and, where the model has one, the interval around it."""
    interval = model.manifest.interval
    if interval is None:
        return {"prediction": {"type": "number"}}
    description = f"low and high: about {interval.share:.0%} of the values lie between"
    bounds = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2, "description": description}
    return {"prediction": {"type": "number"}, "interval": bounds}


def _pick_example(column: Input, model: Model) -> Any:
    """Return a value the model has seen: what the page offers to try."""
    codes = model.manifest.features.codes.get(column.name)
    if column.levels:
        return column.levels[0]
    if codes:
        return min(codes)
    placeholders = {"boolean": False, "date": "2013-11-30", "time": "2013-11-30T17:00:00Z", "category": "", "text": ""}
    if column.type == "integer" and column.low is not None:
        return int(column.low)
    return column.low if column.low is not None else placeholders.get(column.type, 0)


def _json_content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _describe_page(name: str, text: str) -> dict[str, Any]:
    responses = {"200": {"description": text}}
    return {"get": {"tags": ["Service APIs"], "operationId": name, "responses": responses}}
