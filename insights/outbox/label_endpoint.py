"""An OpenAI-compatible chat completions endpoint that may propose labels. Off unless VOC_LABEL_ENDPOINT is set.

Only the configured address is called: no redirect is followed, no proxy of the environment is used, and outside this
machine the connection must be encrypted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from insights.errors import DeliveryError, SettingsError
from insights.outbox.address import resolve
from insights.settings import Settings

MOST_BYTES = 65_536
MOST_TOKENS = 40


@dataclass(frozen=True)
class LabelEndpoint:
    """Calls `url`/chat/completions with a model's name and, where there is one, a key. `seconds` bounds a whole call."""

    url: str
    model: str
    key: str = ""
    seconds: float = 10.0

    def __call__(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The answer's text. Raises DeliveryError when the endpoint fails, is slow, or answers something else."""
        body = {
            "model": self.model,
            "messages": [dict(one) for one in messages],
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
        }
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        try:
            with httpx.Client(timeout=self.seconds, follow_redirects=False, trust_env=False) as client:
                answer = self._read(client, body, headers)
            return str(answer["choices"][0]["message"]["content"] or "")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, IndexError, TypeError) as error:
            raise DeliveryError(
                f"The label endpoint gave no proposal ({type(error).__name__}): check VOC_LABEL_ENDPOINT and "
                "VOC_LABEL_MODEL, or empty them. The labels mined here are kept."
            ) from error

    def _read(self, client: httpx.Client, body: dict[str, Any], headers: dict[str, str]) -> Any:
        """The answer as JSON; never more than 64 kB nor longer than `seconds` of it."""
        until = time.monotonic() + self.seconds
        with client.stream("POST", f"{self.url.rstrip('/')}/chat/completions", json=body, headers=headers) as response:
            if response.status_code != httpx.codes.OK:
                raise httpx.HTTPError(f"status {response.status_code}")
            content = b""
            for part in response.iter_bytes():
                content += part
                if len(content) > MOST_BYTES or time.monotonic() > until:
                    raise httpx.HTTPError("too long an answer")
        return json.loads(content)


def label_endpoint(settings: Settings) -> LabelEndpoint | None:
    """The configured endpoint, None where there is none. Raises SettingsError for an address that may not be called."""
    if not settings.label_endpoint:
        return None
    if not settings.label_model:
        raise SettingsError("VOC_LABEL_ENDPOINT is set without VOC_LABEL_MODEL: name the model, or empty the endpoint.")
    try:
        resolve(settings.label_endpoint, allow_private=True)
    except DeliveryError as error:
        raise SettingsError(
            f"VOC_LABEL_ENDPOINT ({settings.label_endpoint.partition('?')[0]}) cannot be used: it must be an https "
            "address, or http on this machine, without a password in it."
        ) from error
    key = settings.label_key.get_secret_value() if settings.label_key else ""
    return LabelEndpoint(settings.label_endpoint, settings.label_model, key, settings.label_seconds)
