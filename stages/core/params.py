"""Typed parameters: a section of `params.yaml` becomes a msgspec Struct, or an error that says which key is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec
from ruamel.yaml import YAML  # what DVC reads and writes the file with: YAML 1.2, where yes is a text
from ruamel.yaml.error import YAMLError

from stages.core.errors import ParamsError, did_you_mean, list_choices

PARAMS = Path("params.yaml")
T = TypeVar("T", bound="Params")


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every section: immutable, and a key it does not know is an error."""


def read(path: Path = PARAMS) -> dict[str, Any]:
    """All sections of the file as plain values. Raises ParamsError when it cannot be read or is not YAML."""
    try:
        return parse(path.read_bytes(), path)
    except FileNotFoundError:
        raise ParamsError(f"{path} is missing. Run the command from the top folder of the repository.") from None
    except OSError as error:
        raise ParamsError(f"{path} cannot be read ({error.strerror}).") from None


def parse(content: bytes, path: Path = PARAMS) -> dict[str, Any]:
    """All sections of such a file; `path` names it in errors. Raises ParamsError when it is not YAML."""
    try:
        sections = YAML(typ="safe").load(content)
    except (YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path} is not valid YAML: {error}") from None
    if not isinstance(sections, dict):
        raise ParamsError(f"{path} must hold one section for each stage, but holds {type(sections).__name__}.")
    return sections


def load(section: str, kind: type[T], path: Path = PARAMS) -> T:
    """The section as a `kind`. Raises ParamsError for an unknown key, a wrong type or a missing section."""
    sections = read(path)
    if section not in sections:
        raise ParamsError(f"{path} has no section '{section}'.{did_you_mean(section, map(str, sections))}")
    return convert(sections[section] or {}, kind, f"{path}: {section}")


def convert(value: Any, kind: type[T], where: str) -> T:
    """The plain value as a `kind`; `where` names it in errors."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ParamsError(explain(str(error), where, kind)) from None


def explain(message: str, where: str, kind: type[Params]) -> str:
    """msgspec's message with the key's full path and, for an unknown key or value, those that are known."""
    text, _, path = message.partition(" - at `$")
    full = where + re.sub(r"\[\.\.\.\]", ".*", path.rstrip("`"))
    unknown = re.search(r"unknown field `(.+)`", text)
    if unknown:
        return f"{full}: unknown key '{unknown[1]}'.{did_you_mean(unknown[1], sorted(_keys(kind)))}"
    refused = re.fullmatch(r"Invalid enum value '?(.*?)'?", text)
    if refused and (allowed := _allowed(kind, re.findall(r"\[.*?\]|\w+", path))):
        return f"{full}: '{refused[1]}' is not allowed.{list_choices(refused[1], allowed)}"
    return f"{full}: {text}."


def _allowed(annotation: Any, path: list[str]) -> list[str]:
    """The values that an annotation leaves to what stands at the path in it: keys, and `[…]` for an element's place."""
    if path and isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        types = {field.encode_name: field.type for field in msgspec.structs.fields(annotation)}
        return _allowed(types[path[0]], path[1:])
    if get_origin(annotation) is Literal:
        return [] if path else [str(value) for value in get_args(annotation)]
    deeper = path[1:] if path and get_origin(annotation) in (dict, list, tuple) else path
    return [value for part in get_args(annotation) for value in _allowed(part, deeper)]


def _keys(kind: Any) -> set[str]:
    """Every key a section may hold at any depth: an unknown one is compared with all of them."""
    found: set[str] = set()
    for field in msgspec.structs.fields(kind):
        found.add(field.encode_name)
        for nested in _structs(field.type):
            found |= _keys(nested)
    return found


def _structs(annotation: Any) -> list[type[msgspec.Struct]]:
    """The Struct classes inside a type annotation such as `dict[str, Gate]`."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return [annotation]
    return [kind for part in getattr(annotation, "__args__", ()) for kind in _structs(part)]
