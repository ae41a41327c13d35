"""What ``make check-template`` leaves out is little, and each has its reason."""

import re

import yaml

from tests.contract.template import ROOT

CONFIGURATION = (ROOT / ".checkov.yaml").read_text(encoding="utf-8")
EXCEPTIONS_MAX = 3


def test_at_most_three_checks_are_left_out_each_with_its_reason() -> None:
    left_out = yaml.safe_load(CONFIGURATION)["skip-check"]
    reasoned = re.findall(r"^(?:  # .{20,}\n)+  - (CKV\w+)$", CONFIGURATION, re.MULTILINE)

    assert len(left_out) <= EXCEPTIONS_MAX
    assert reasoned == left_out


def test_nothing_is_left_out_at_the_resource_or_softly() -> None:
    assert "checkov:" not in (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert not {"soft-fail", "baseline", "check"} & set(yaml.safe_load(CONFIGURATION))


def test_the_template_has_no_aliases_of_yaml_which_cloudformation_does_not_read() -> None:
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")

    assert not re.findall(r"^[^#\n\"']*: [&*]\w+", text, re.MULTILINE)


def test_the_template_ignores_no_rule_of_cfn_lint() -> None:
    assert "cfn-lint" not in (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert not list(ROOT.glob(".cfnlintrc*"))
