"""How an Agent Server lets Signoff in: the table ``[server]`` of ``signoff.toml``."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ServerAccess(BaseModel):
    """``[server]`` of ``signoff.toml``: how an Agent Server lets Signoff in. Keys and headers are never shown.

    ``timeout``: seconds that one request may take; in a third of them it has to answer at all when it is opened;
    ``every``: seconds between two looks at what has moved.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_key: SecretStr | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    timeout: float = Field(default=30, gt=0, le=600)
    every: float = Field(default=1, ge=0, le=3_600)


def shown(url: str) -> str:
    """Return a URL as it may be shown and kept on record: without a password, and without what stands behind ``?``."""
    return re.sub(r"://([^/@:]*).*@", r"://\1@", url).partition("?")[0]


def knocked(client: Any, seconds: float) -> Any:
    """Return whatever answers an `httpx.Client` at its address within so many seconds. Raises what httpx raises.

    The client of langgraph-sdk 0.4 tries six times to connect, which takes eight seconds where nobody listens.
    """
    import httpx  # noqa: PLC0415 - comes with the extra

    told = {"base_url": client.base_url, "headers": client.headers}
    with httpx.Client(transport=httpx.HTTPTransport(), timeout=seconds, **told) as once:
        return once.get("/info")
