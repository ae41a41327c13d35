"""The same requests have the same answers on the laptop cloud and on the deployed template.

Both are compared with ``answers.json``, which the laptop cloud writes: ``GOLDEN_WRITE=1``.
The laptop's side starts everything that `make run` does (20 s of one core), so that it runs with
`make deploy-local` and with ``THOROUGH=1``; the deployment's side needs `make deploy-local`.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.figures import Figure
from tests.golden.asks import Ask
from tests.golden.platforms import Platform, deployed, laptop
from tests.golden.play import Answers, Player
from tests.golden.requests import PEOPLE, STEPS

GOLDEN = Path(__file__).with_name("answers.json")
ASKS = [step for step in STEPS if isinstance(step, Ask)]
TOLD_MAX = 20

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def answers_of(platform: Platform) -> Answers:
    player = Player(platform, PEOPLE)
    try:
        player.sign_in_everybody()
        return player.play(STEPS)
    finally:
        player.close()


def differences(wanted: Any, found: Any, at: str = "") -> Iterator[str]:
    """Where two answers differ, one line each."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name in sorted({*wanted, *found}):
            if name not in found or name not in wanted:
                yield f"{at}/{name} is only in {'the golden file' if name in wanted else 'this'}"
            else:
                yield from differences(wanted[name], found[name], f"{at}/{name}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from differences(one, other, f"{at}/{index}")
    elif wanted != found:
        yield f"{at}: {str(wanted)[:120]} became {str(found)[:120]}"


def compare(platform: Platform, found: Answers, figure: Figure) -> None:
    golden = json.loads(GOLDEN.read_text())
    compared = [ask.name for ask in ASKS if platform.name not in ask.unlike]
    told = {
        name: lines
        for name in compared
        if (lines := list(differences(golden.get(name), found[name])))
    }
    figure("golden requests", platform.name, good=len(compared) - len(told), of=len(compared))
    assert not told, "\n".join(
        f"{name}: {line}" for name, lines in told.items() for line in lines[:TOLD_MAX]
    )


def test_every_golden_answer_has_its_request_and_its_status() -> None:
    golden = json.loads(GOLDEN.read_text())

    assert list(golden) == [ask.name for ask in ASKS]
    assert [answer["status"] for answer in golden.values()] == [ask.status for ask in ASKS]


@pytest.mark.skipif(
    not (os.environ.get("THOROUGH") or deployed()), reason="THOROUGH=1, or make deploy-local"
)
def test_the_laptop_cloud_answers_as_the_golden_file_says(tmp_path: Path, figure: Figure) -> None:
    with laptop(tmp_path) as platform:
        found = answers_of(platform)

    if os.environ.get("GOLDEN_WRITE"):
        GOLDEN.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    compare(platform, found, figure)


@pytest.mark.skipif(not deployed(), reason="make deploy-local")
def test_the_deployed_template_answers_as_the_golden_file_says(figure: Figure) -> None:
    platform = deployed()
    assert platform is not None

    compare(platform, answers_of(platform), figure)
