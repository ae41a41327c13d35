"""A studio of the laptop cloud and its admin, who works over HTTP as a front end would."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.browser.visit import SLOW_MS, Cloud


class StudioAdmin:
    """One new organisation; its widget may stand on the laptop cloud's studio site."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._clerk_id = f"org_{uuid.uuid4().hex[:12]}"
        self._user_id = f"user_{uuid.uuid4().hex[:12]}"
        self.home = f"/api/organizations/{self._clerk_id}"
        self.call("PATCH", "", {"allowedOrigins": [cloud.studio_site], "widgetEnabled": True})
        made = self.call("POST", "/widget-key")
        self.key: str = made["studio"]["widget"]["key"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call a route of the organisation as its admin."""
        sign_in = {
            "userId": self._user_id,
            "name": "Ada Admin",
            "organizations": [{"id": self._clerk_id, "role": "admin", "slug": "cedar-street"}],
        }
        token = httpx.post(f"{self.cloud.clerk}/v1/sign-in", json=sign_in).json()["token"]
        answer = httpx.request(
            method,
            f"{self.cloud.url}{self.home}{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=SLOW_MS / 1000,
        )
        assert answer.is_success, answer.text
        return answer.json()

    def hold_class(self, **told: Any) -> str:
        """A class in some days: its id."""
        starts_at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        body = {
            "name": "Vinyasa Flow",
            "type": "yoga",
            "startsAt": (starts_at + timedelta(days=2)).isoformat(),
            "durationMinutes": 60,
            "capacity": 10,
            "priceCents": 1500,
            "instructor": "Ines",
            "location": "Room 2",
            **told,
        }
        class_session_id: str = self.call("POST", "/classes", body)["classSessionId"]
        return class_session_id

    def roster(self, class_session_id: str) -> list[dict[str, Any]]:
        """Who is in a class."""
        items: list[dict[str, Any]] = self.call("GET", f"/classes/{class_session_id}/roster")[
            "items"
        ]
        return items
