"""A transcript and an honest answer to it, for the tests of this folder."""

from typing import Any

from greenroom.interviews.transcript import Message

TURNS = [
    Message("assistant", "Tell me about a hard bug.", 1),
    Message("user", "I led the migration to “Postgres” and we cut latency by 40% — really.", 2),
    Message("assistant", "How did you find it?", 3),
    Message("user", "I bisected the deploys until one was left.", 4),
    Message("assistant", "What would you do differently?", 5),
    Message("user", "I'd write the load test first.", 6),
]


def category(**changes: Any) -> dict[str, Any]:
    return {"score": 60, "comment": "You were clear.", "evidence": [], **changes}


def answer(**changes: Any) -> dict[str, Any]:
    """What an honest model answers, in the keys of the schema."""
    return {
        "summary": "You gave concrete answers.",
        "overallScore": 62,
        "categories": {
            "communication": category(evidence=["I bisected the deploys"]),
            "structure": category(score=50),
            "roleKnowledge": category(score=70),
            "problemSolving": category(score=65),
            "confidence": category(score=55),
        },
        "strengths": ["Concrete results", "Calm", "Method"],
        "improvements": ["Name the result", "Shorter set-up", "Say what you decided"],
        "questions": [
            {
                "question": "Tell me about a hard bug.",
                "answerSummary": "A migration that got slow.",
                "feedback": "Begin with the result.",
                "score": 61,
            }
        ],
        "nextSteps": ["Practise one STAR story a day"],
        **changes,
    }
