"""Who is let in: keys, of which only the hash is kept, and how often each may ask."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from server import ROOT, Server

from serve import keys
from serve.http.auth import AccessControl
from serve.http.rate import AddressRateLimiter, RateLimiter
from serve.scoring.errors import ApiError
from serve.settings import Settings
from stages.core.errors import ServeError

KEY = "a-key-of-the-page"


def line(name: str, key: str) -> str:
    return f"{name}:{hashlib.sha256(key.encode()).hexdigest()}"


@pytest.fixture
def access() -> AccessControl:
    return AccessControl(keys.parse([line("other", "x" * 43), "# a comment", "", line("page", KEY)], "keys"))


def basic(password: str) -> bytes:
    return b"Basic " + base64.b64encode(f"anyone:{password}".encode())


@pytest.mark.parametrize(
    "header",
    [
        (b"x-api-key", KEY.encode()),
        (b"authorization", b"Bearer " + KEY.encode()),
        (b"authorization", b"bearer  " + KEY.encode()),
        (b"authorization", basic(KEY)),
    ],
)
def test_a_known_key_is_let_in_however_it_is_sent(access: AccessControl, header: tuple[bytes, bytes]) -> None:
    assert access.authenticate("/predict", dict([(b"host", b"x"), header])) == "page"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"authorization", b"")],
        [(b"authorization", b"Bearer")],
        [(b"authorization", b"Bearer " + KEY.encode() + b"x")],
        [(b"authorization", b"Basic \xff\xff")],
        [(b"authorization", b"Digest " + KEY.encode())],
        [(b"authorization", basic(""))],
        [(b"x-api-key", b"")],
        [(b"x-api-key", line("page", KEY).partition(":")[2].encode())],  # the hash is no key
        [(b"x-api-key", b"\xff" * 100_000)],
    ],
)
def test_any_other_is_refused_with_401(access: AccessControl, headers: list[tuple[bytes, bytes]]) -> None:
    for path in ("/predict", "/metrics", "/ui", "/", "/nowhere"):
        with pytest.raises(ApiError) as refused:
            access.authenticate(path, dict(headers))
        assert refused.value.status == 401
        assert b"www-authenticate" in dict(refused.value.headers)
        assert KEY not in str(refused.value)


@pytest.mark.parametrize("place", range(32))
def test_a_key_whose_hash_differs_in_one_byte_is_not_known(place: int) -> None:
    near = bytearray(hashlib.sha256(KEY.encode()).digest())
    near[place] ^= 1
    access = AccessControl(keys.parse([f"page:{near.hex()}"], "keys"))
    with pytest.raises(ApiError, match="this key is not known"):
        access.authenticate("/predict", {b"x-api-key": KEY.encode()})


def test_probes_and_a_service_without_keys_ask_for_none(access: AccessControl) -> None:
    assert access.authenticate("/livez", {}) is None
    assert access.authenticate("/readyz", {}) is None
    assert AccessControl(keys.Keys()).authenticate("/predict", {}) is None


def test_a_key_that_asks_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    # given two requests a second for each key, and two workers that share the count
    workers = [RateLimiter(tmp_path, 2.0), RateLimiter(tmp_path, 2.0)]
    # when one key asks through both of them at once, then two are let through and the next must wait
    assert [workers[turn % 2].seconds_to_wait(0, 100.0) for turn in range(4)] == pytest.approx([0, 0, 0.5, 0.5])
    # and another key has its own
    assert workers[0].seconds_to_wait(1, 100.0) == 0
    # and refused ones cost nothing: half a second later there is one again, no more
    assert workers[1].seconds_to_wait(0, 100.5) == 0
    assert workers[0].seconds_to_wait(0, 100.5) == pytest.approx(0.5)
    # and a pause saves up no more than a second's
    assert [bool(workers[0].seconds_to_wait(0, 1000.0)) for _ in range(3)] == [False, False, True]


def test_a_slow_rate_still_lets_the_first_one_through(tmp_path: Path) -> None:
    rate = RateLimiter(tmp_path, 0.1)
    assert rate.seconds_to_wait(0, 5.0) == 0
    assert rate.seconds_to_wait(0, 5.0) == pytest.approx(10.0)
    assert rate.seconds_to_wait(0, 15.0) == 0


def test_the_refusal_names_key_and_seconds(tmp_path: Path) -> None:
    access = AccessControl(keys.parse([line("page", KEY)], "keys"), RateLimiter(tmp_path, 0.1))
    headers = {b"x-api-key": KEY.encode()}
    assert access.authenticate("/predict", headers) == "page"
    with pytest.raises(ApiError, match="the key 'page' asks more often than it may") as refused:
        access.authenticate("/predict", headers)
    assert refused.value.status == 429
    assert dict(refused.value.headers)[b"retry-after"] == b"10"


def test_keys_come_from_the_variable_else_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a file
    (tmp_path / "keys").write_text(line("filed", "f") + "\r\n")
    settings = Settings(keys_file="keys", rate_per_key=1.0)
    assert keys.load(settings, tmp_path).find(b"f") == keys.KeyOwner(0, "filed")
    # when the variable is set, too, then it alone counts
    monkeypatch.setenv("SERVE_KEYS", f"{line('one', 'a')}, {line('two', 'b')}")
    assert keys.load(settings, tmp_path).find(b"b") == keys.KeyOwner(1, "two")
    assert keys.load(settings, tmp_path).find(b"f") is None
    # but an empty one, a secret that was forgotten, opens nothing
    monkeypatch.setenv("SERVE_KEYS", " ")
    assert len(keys.load(settings, tmp_path)) == 1
    monkeypatch.setenv("SERVE_KEYS", "off")
    assert len(keys.load(settings, tmp_path)) == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no key"),
        (b"# nobody yet\n", "holds no key"),
        (b"page:secret-in-plain\n", "line 1: must be name:sha256"),
        (line("page", KEY).encode() + b"\nsecret-in-plain\n", "line 2: must be name:sha256"),
        (line("a b", KEY).encode(), "line 1"),
        (line("page", KEY).upper().encode(), "line 1"),
        (b"\xff\xfe", "is not UTF-8"),
        (None, "No such file"),
    ],
)
def test_a_keys_file_that_is_wrong_is_named_and_not_repeated(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "keys").write_bytes(content)
    with pytest.raises(ServeError, match=said) as raised:
        keys.load(Settings(keys_file="keys"), tmp_path)
    assert str(tmp_path / "keys") in str(raised.value)
    assert "secret-in-plain" not in str(raised.value)


def test_a_rate_without_keys_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match="rate_per_key is set, but no keys are"):
        keys.load(Settings(rate_per_key=1.0), tmp_path)


def test_a_key_is_made_shown_once_and_let_in(tmp_path: Path) -> None:
    # given a key made by the command
    made = subprocess.run(
        [sys.executable, "-m", "serve.keys", "page"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    key, stored = (text.rpartition(": ")[2] for text in made.stdout.splitlines())
    # then its line lets it in, and does not hold it
    (tmp_path / "keys").write_text(stored)
    assert key not in stored
    assert len(key) == 43
    assert keys.load(Settings(keys_file="keys"), tmp_path).find(key.encode()) == keys.KeyOwner(0, "page")
    # and a name that the file could not hold is refused
    refused = subprocess.run([sys.executable, "-m", "serve.keys", "a:b"], cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "may hold letters" in refused.stderr


def refused(access: AccessControl, peer: str, **headers: bytes) -> int | None:
    try:
        access.authenticate(
            "/predict", {name.replace("_", "-").encode(): value for name, value in headers.items()}, peer
        )
    except ApiError as error:
        return error.status
    return None


def test_an_address_without_a_key_may_ask_so_often_over_all_workers(tmp_path: Path) -> None:
    # given two workers, and one request in ten seconds
    one, other = (AccessControl(keys.Keys(), address_limiter=AddressRateLimiter(tmp_path, 0.1)) for _ in range(2))
    assert [refused(one, "192.0.2.1"), refused(other, "192.0.2.1"), refused(one, "192.0.2.2")] == [None, 429, None]
    # then a network of IPv6 is one address, and a health probe is always answered
    assert [refused(one, "2001:db8::1"), refused(one, "2001:db8::2"), refused(one, "2001:db8:0:1::1")] == [
        None,
        429,
        None,
    ]
    assert one.authenticate("/livez", {}, "192.0.2.1") is None
    # and where keys are asked for, one that is known has its own limit
    keyed = AccessControl(keys.parse([line("page", KEY)], "keys"), address_limiter=AddressRateLimiter(tmp_path, 0.1))
    assert refused(keyed, "192.0.2.1", x_api_key=KEY.encode()) is None
    assert [refused(keyed, "192.0.2.3"), refused(keyed, "192.0.2.3", x_api_key=b"guess")] == [401, 429]


def test_only_the_proxy_says_who_the_caller_is(tmp_path: Path) -> None:
    access = AccessControl(keys.Keys(), address_limiter=AddressRateLimiter(tmp_path, 0.1), proxy="192.0.2.9")
    # given callers behind the proxy, who may have claimed something themselves
    assert refused(access, "192.0.2.9", x_forwarded_for=b"203.0.113.1") is None
    assert refused(access, "192.0.2.9", x_forwarded_for=b"10.0.0.1, 203.0.113.1") == 429
    assert refused(access, "192.0.2.9", x_forwarded_for=b"203.0.113.2") is None
    assert [refused(access, "192.0.2.9"), refused(access, "192.0.2.9")] == [None, 429]
    # also where a socket of both kinds tells them, with a port, as IPv6
    assert refused(access, "::ffff:192.0.2.9", x_forwarded_for=b"203.0.113.1:443") == 429
    assert refused(access, "::ffff:203.0.113.7") is None
    # and one who comes by another way
    assert refused(access, "203.0.113.3", x_forwarded_for=b"203.0.113.4") is None
    assert refused(access, "203.0.113.3", x_forwarded_for=b"203.0.113.5") == 429


def test_the_service_knows_the_address_it_is_asked_from(repo: Path) -> None:
    server = Server(repo, settings="  rate_per_address: 0.01\n  proxy: 127.0.0.1\n")
    try:
        server.wait()
        statuses = [
            server.ask("GET", "/schema", x_forwarded_for=address).status
            for address in ("203.0.113.1", "203.0.113.1", "203.0.113.2")
        ]
        assert statuses == [200, 429, 200]
        assert server.ask("GET", "/schema", x_forwarded_for="203.0.113.1").headers["retry-after"] >= "1"
    finally:
        server.stop()
