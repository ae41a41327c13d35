"""Who looks at the page, in the shapes of ``schemas/openapi.json``."""

from typing import Any

ME = "0b6f7d5e-0000-5000-8000-000000000001"
SIGN_IN = "http://127.0.0.1:9/sign-in"
CONFIG = {
    "clerkPublishableKey": "pk_local_test", "signInUrl": SIGN_IN, "signUpUrl": SIGN_IN,
    "userProfileUrl": "", "fallbackPath": "/", "creditsName": "VocahireCredits",
    "interviewCost": 1.0, "minimumRequired": 0.5,
}  # fmt: skip
PERSON: dict[str, Any] = {
    "userId": ME, "clerkId": "user_1", "email": "robin@example.com", "name": "Robin Reed",
    "credits": 3.0, "minimumRequired": 0.5, "interviewCost": 1.0, "isPremium": False,
    "premiumUntil": None, "canStartInterview": True, "activeSession": None, "role": "user",
    "stale": False,
    "profile": {
        "headline": None, "bio": None, "imageUrl": None, "resumeText": None, "resumeData": None,
    },
}  # fmt: skip
