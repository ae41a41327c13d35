"""The golden requests: what every platform that runs the template must answer alike."""

from typing import Any, Final

from tests.golden.asks import Act, Ask
from tests.golden.of_people import ACCOUNT, DOORS, INTERVIEW
from tests.golden.of_studios import CLASSES
from tests.golden.of_trade import AI, EXPERTS, SHOP

PEOPLE: Final[dict[str, dict[str, Any]]] = {
    "ada": {"userId": "user_golden1", "email": "ada.golden@example.com", "name": "Ada Golden"},
    "bob": {"userId": "user_golden2", "email": "bob.golden@example.com", "name": "Bob Golden"},
    "eve": {"userId": "user_golden3", "email": "eve.golden@example.com", "name": "Eve Expert"},
    "owner": {
        "userId": "user_golden4",
        "email": "owner.golden@example.com",
        "name": "Olga Owner",
        "organizations": [{"id": "org_golden", "role": "org:admin", "slug": "golden"}],
    },
    "admin": {"userId": "user_admin"},
}

STEPS: Final[tuple[Ask | Act, ...]] = (
    *DOORS,
    *ACCOUNT,
    *INTERVIEW,
    *SHOP,
    *EXPERTS,
    *CLASSES,
    *AI,
)
