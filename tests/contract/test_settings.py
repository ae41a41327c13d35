"""Settings, template.yaml and .env.example name the same variables."""

import re
from collections.abc import Iterator

import pytest

from greenroom import wiring
from greenroom.kernel import settings
from greenroom.kernel.limits import Limits
from greenroom.kernel.secrets import NAMES
from greenroom.kernel.settings import Settings
from tests.contract.template import ROOT, Intrinsic, environment, functions, template

# Powertools reads these itself.
OF_POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}

# Members of the one secret in AWS, variables on a laptop.
SECRETS = {
    "OPENAI_API_KEY",
    "LLM_API_KEY",
    "TURN_SECRET",
    "TOKEN_SEALING_KEYS",
    "FINGERPRINT_KEY",
    "WIDGET_SIGNING_KEYS",
    "CLERK_SECRET_KEY",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRETS",
    "CLERK_WEBHOOK_SECRETS",
}
# Read by the laptop cloud alone.
OF_THE_LAPTOP = {"GREENROOM_PORT", "GREENROOM_DATA_DIR", "GREENROOM_ENGINE"}

each_function = pytest.mark.parametrize("name", sorted(functions()))


def groups(base: type[Settings] = Settings) -> Iterator[type[Settings]]:
    for group in base.__subclasses__():
        yield group
        yield from groups(group)


def all_variables() -> set[str]:
    of_the_kernel = [group for group in groups() if group.__module__ == settings.__name__]
    return {name for group in of_the_kernel for name in group.variables()}


def variable_name(parameter: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parameter).upper()


def test_every_function_has_settings_of_its_own() -> None:
    assert set(wiring.FUNCTION_SETTINGS) == set(functions())


@each_function
def test_every_variable_that_a_function_reads_stands_in_the_template(name: str) -> None:
    assert wiring.FUNCTION_SETTINGS[name].variables() <= set(environment(name))


@each_function
def test_every_variable_in_the_template_is_read_by_somebody(name: str) -> None:
    assert set(environment(name)) - OF_POWERTOOLS <= all_variables()


def test_the_diagnostics_know_every_secret() -> None:
    assert set(NAMES) == SECRETS


@each_function
def test_no_secret_stands_in_the_template(name: str) -> None:
    assert not set(environment(name)) & SECRETS


@each_function
def test_the_settings_of_a_function_can_be_made_from_the_template(name: str) -> None:
    """The literals and the defaults of the parameters are values that the settings accept."""
    references = {p: str(d.get("Default", "")) for p, d in template()["Parameters"].items()}
    references |= {"ClerkIssuer": "https://clerk.example.com"}
    environ = {
        variable: references.get(value.argument, "") if isinstance(value, Intrinsic) else value
        for variable, value in environment(name).items()
        if not isinstance(value, Intrinsic) or isinstance(value.argument, str)
    }

    wiring.FUNCTION_SETTINGS[name].read(environ)


def test_the_limits_in_the_template_are_the_defaults_of_the_code() -> None:
    written = environment(next(iter(functions())))

    for name, value in vars(Limits()).items():
        assert written[name.upper()] == str(value)


def test_a_parameter_has_the_name_and_the_default_of_its_variable() -> None:
    """So that a laptop can set it under the variable's name."""
    defaults = {
        name.upper(): field.default
        for group in groups()
        for name, field in group.fields.items()
        if field.default not in (None, "")
    }
    for variable, value in environment(next(iter(functions()))).items():
        parameter = str(value.argument) if isinstance(value, Intrinsic) else ""
        if parameter in template()["Parameters"]:
            assert variable_name(parameter) == variable
            written = template()["Parameters"][parameter].get("Default")
            assert written in {None, ""} or written == defaults.get(variable)


def test_the_example_explains_every_variable_and_secret_and_no_other() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = [m.group(1) for line in lines if (m := re.match(r"#? ?([A-Z][A-Z0-9_]+)=", line))]

    assert len(named) == len(set(named))
    assert set(named) == all_variables() | SECRETS | OF_THE_LAPTOP
