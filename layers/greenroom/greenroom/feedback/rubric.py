"""The rubric: the five axes that an interview is judged on, and how long each text may be."""

from dataclasses import dataclass

SUMMARY_CHARS_MAX = 1_500
COMMENT_CHARS_MAX = 800  # comments, per-question feedback, answer summaries
ITEM_CHARS_MAX = 400  # one strength, improvement, next step, question, quote
ITEMS_MIN = 3  # strengths and improvements: three to five of each
ITEMS_MAX = 5
QUOTES_MAX = 5
QUESTIONS_MAX = 20
STEPS_MAX = 5
SCORE_MAX = 100


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its key in the model's answer, its name for people, what it asks."""

    key: str
    name: str
    asks: str


AXES = (
    Axis(
        "communication",
        "Communication",
        "Is the answer clear, to the point and easy to follow? Does it answer what was asked?",
    ),
    Axis(
        "structure",
        "Structure",
        "Do stories have situation, task, action and result (STAR), with a result that counts?",
    ),
    Axis(
        "roleKnowledge",
        "Role knowledge",
        "Is what is said about the work correct, concrete and as deep as the role asks for?",
    ),
    Axis(
        "problemSolving",
        "Problem solving",
        "Are problems taken apart, options weighed, assumptions named, decisions given reasons?",
    ),
    Axis(
        "confidence",
        "Confidence and delivery",
        "Does the person own their part, stay steady when unsure, and avoid hedging and fillers?",
    ),
)
