"""What the interviewer reads from the session's instructions: role, company, kind, level."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VALUE_CHARS_MAX = 80
# First a line of its own ("Job title: X", '"jobTitle": "X"'), then the words of a sentence.
_LABELLED = r"(?im)^[\W_]*(?:the\s+)?(?:{names})\b[\"'*_ ]*[:=]\s*[\"'*_]*([^\n\"]+)"
_ROLE_NAMES = r"job[ _]?title|job|position|role|target role|candidate role"
_COMPANY_NAMES = r"company(?:[ _]?name)?|employer|organi[sz]ation"
_ROLE_SENTENCES = (
    re.compile(
        r"(?i)\b(?:role|position|job|post) of (?:an? |the )?([^.,;:\n]+?)(?= at |[.,;:\n]|$)"
    ),
    re.compile(
        r"(?i)\bfor (?:an? |the )?([^.,;:\n]{2,80}?) (?:role|position|job|interview|post)\b"
    ),
    re.compile(r"(?i)\binterview(?:ing)? (?:with |of )?(?:an? |the )?([^.,;:\n]{2,60}?) candidate"),
)
_COMPANY_SENTENCE = re.compile(r"\bat ([A-Z][\w&'’-]*(?: [A-Z][\w&'’-]*){0,4})")
_KINDS = (
    ("system design", re.compile(r"(?i)system[ _-]?design")),
    ("behavioural", re.compile(r"(?i)behaviou?ral")),
    ("technical", re.compile(r"(?i)technical|coding")),
    ("case", re.compile(r"(?i)case[ _-](?:study|interview)")),
)
_HARD = re.compile(r"(?i)\b(?:hard|senior|staff|principal|lead|expert|advanced|difficult)\b")
_EASY = re.compile(r"(?i)\b(?:easy|entry|junior|beginner|graduate|intern)\b")


@dataclass(frozen=True, slots=True)
class Brief:
    """The interview that the instructions ask for; ``level`` is easy, medium or hard."""

    role: str
    company: str | None
    kind: str
    level: str


def read_brief(instructions: str) -> Brief:
    """Read the instructions of a session; what they do not say has a default."""
    # What follows in blocks is a résumé or an advertisement, with roles and companies of its own.
    instructions = instructions.split("\n<<<", 1)[0]
    labelled = _labelled(instructions, _ROLE_NAMES)
    role = labelled or _in_sentence(instructions)
    company = _labelled(instructions, _COMPANY_NAMES)
    if company is None and (found := _COMPANY_SENTENCE.search(instructions)):
        company = _clean(found.group(1))
    # Where facts stand on lines of their own, the rest may be a résumé: it says no kind.
    sentence = "" if labelled else instructions
    kind_text = _labelled(instructions, r"(?:interview[ _]?)?type") or sentence
    level_text = _labelled(instructions, r"difficulty|level|seniority") or role or ""
    kind = next((name for name, rule in _KINDS if rule.search(kind_text)), "general")
    level = "hard" if _HARD.search(level_text) else "medium"
    level = "easy" if _EASY.search(level_text) else level
    return Brief(role or "Software Engineer", company, kind, level)


def _labelled(instructions: str, names: str) -> str | None:
    found = re.search(_LABELLED.format(names=names), instructions)
    return _clean(found.group(1)) if found else None


def _in_sentence(instructions: str) -> str | None:
    hits = (rule.search(instructions) for rule in _ROLE_SENTENCES)
    return next((_clean(hit.group(1)) for hit in hits if hit), None)


def _clean(value: str) -> str | None:
    bare = " ".join(value.split()).strip(" \"'*_.,;")[:_VALUE_CHARS_MAX]
    known = bare.lower() not in ("", "none", "null", "n/a", "not given", "not specified", "unknown")
    return bare if known else None
