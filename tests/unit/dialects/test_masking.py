"""Secrets are masked where they are shown, and only there."""

from __future__ import annotations

import pytest

from signoff.dialects.masking import MASK, mask_secrets


@pytest.mark.parametrize("key", ["password", "API_KEY", "accessToken", "db-password", "client_secret", "Authorization"])
def test_the_value_of_a_secret_key_is_masked_at_any_depth(key):
    assert mask_secrets({"a": [{key: "hunter2", "user": "ada"}]}) == {"a": [{key: MASK, "user": "ada"}]}


@pytest.mark.parametrize("key", ["tokens_used", "secretary", "passwordless", "cookies_eaten", "max_tokens"])
def test_harmless_keys_are_left_alone(key):
    assert mask_secrets({key: 5}) == {key: 5}


@pytest.mark.parametrize("key", ["secretary", "token_count"])
def test_a_key_counts_only_when_it_ends_in_a_secret_word(key):
    assert mask_secrets({key: "x"}) == {key: "x"}


def test_nothing_is_masked_where_there_is_nothing():
    assert mask_secrets({"password": None, "token": ""}) == {"password": None, "token": ""}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Args: {'password': 'hun ter2', 'to': 'a'}", f"Args: {{'password': {MASK}, 'to': 'a'}}"),
        ('{"api_key": "abc", "n": 1}', f'{{"api_key": {MASK}, "n": 1}}'),
        ("curl -H 'Authorization: Bearer abcdef123456'", f"curl -H 'Authorization: Bearer {MASK}'"),
        ("https://x/?token=abc&n=1", f"https://x/?token={MASK}&n=1"),
        ("Your password must be long.", "Your password must be long."),
        ("The token: a short history", "The token: a short history"),
    ],
)
def test_secrets_written_into_texts_are_masked(text, shown):
    assert mask_secrets({"description": text}) == {"description": shown}


def test_the_value_itself_is_left_alone():
    value = {"password": "x", "list": [{"token": "y"}]}

    mask_secrets(value)

    assert value == {"password": "x", "list": [{"token": "y"}]}


def test_which_keys_are_secret_can_be_set():
    assert mask_secrets({"iban": "DE1", "password": "x"}, keys=["iban"]) == {"iban": MASK, "password": "x"}
    assert mask_secrets({"password": "x", "t": "password=x"}, keys=[]) == {"password": "x", "t": "password=x"}
