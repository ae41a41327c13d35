"""An exam for a preschool, its quota, and what an admin sees of both, with the whole product."""

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.screenshots import Screenshots
from tests.browser.visit import SLOW_MS, Visit

WINDOWS = [
    pytest.param(width, scheme, marks=pytest.mark.window(width=width, scheme=scheme))
    for width, scheme in ((1280, "light"), (390, "dark"))
]
QUOTA = 2


def preschool_of(teacher: Visit) -> str:
    """A new preschool where the person teaches, with two exams a month: its id."""
    name = f"Sunny Side {uuid.uuid4().hex[:8]}"
    made = teacher.cloud.operator(
        "tenant", "create", "--kind", "preschool", "--name", name,
        "--member", f"{teacher.user_id()}:teacher",
    )  # fmt: skip
    teacher.cloud.operator(
        "tenant", "quota", "preschool", made["id"], "exam_generation", "--limit", str(QUOTA)
    )
    return str(made["id"])


def generate(teacher: Visit, topic: str) -> None:
    """Ask for an exam of five questions."""
    page = teacher.page
    page.get_by_label("Subject").fill("Mathematics")
    page.get_by_label("Topic").fill(topic)
    page.get_by_label("Questions", exact=True).fill("5")
    page.get_by_role("button", name="Generate the exam").click()


def open_part(admin: Visit, name: str) -> None:
    """Another of the admins' pages."""
    parts = admin.page.get_by_role("navigation", name="Admin")
    parts.get_by_role("link", name=name, exact=True).click()
    expect(admin.page.get_by_role("heading", level=1)).to_have_text(name, timeout=SLOW_MS)
    expect(admin.page.locator("main .loading")).to_have_count(0, timeout=SLOW_MS)


def quota(teacher: Visit) -> Any:
    """The bar of the preschool."""
    return teacher.page.locator(".quota").first


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_a_preschool_generates_exams_until_its_quota_is_used_up_and_an_admin_reads_it(
    visit: Visit, other_visit: Visit, width: int, scheme: str, tmp_path: Path
) -> None:
    """Two exams, a refusal that says when it opens again, and the figures of both."""
    teacher, admin = visit, other_visit
    shots = Screenshots("ai", tmp_path, width)
    teacher.sign_in()
    preschool = preschool_of(teacher)
    page = teacher.page
    page.get_by_role("link", name="AI", exact=True).click()
    page.get_by_label("For whom").select_option(f"preschool:{preschool}", timeout=SLOW_MS)
    expect(quota(teacher)).to_contain_text("0 of 2 used", timeout=SLOW_MS)
    shots.take(teacher, "empty")

    generate(teacher, "Addition")
    exam = page.get_by_role("article")
    expect(exam.locator(".question-item")).to_have_count(5, timeout=SLOW_MS)
    expect(quota(teacher)).to_contain_text("1 of 2 used", timeout=SLOW_MS)
    expect(page.locator(".ai-log li")).to_contain_text("Done", timeout=SLOW_MS)
    page.get_by_role("button", name="Show answers").click()
    page.get_by_text("What it took").click()
    expect(page.locator("[data-log]")).to_have_attribute("data-log", "stored")
    shots.take(teacher, "exam")

    generate(teacher, "Multiplication")
    expect(quota(teacher)).to_contain_text("Used up.", timeout=SLOW_MS)
    expect(exam).to_contain_text("Multiplication")
    generate(teacher, "Fractions")
    refused = page.get_by_role("alert").filter(has_text="The quota is used up")
    expect(refused).to_contain_text("0 of 2 units left", timeout=SLOW_MS)
    expect(refused).to_contain_text(re.compile(r"It opens again on 1 \w+ \d{4}"))
    shots.take(teacher, "quota")

    read_as_admin(admin, teacher, preschool, shots)


def read_as_admin(admin: Visit, teacher: Visit, preschool: str, shots: Screenshots) -> None:
    """The figures of the preschool, the teacher's file, and how the platform is."""
    page = admin.page
    admin.sign_in_as_admin()
    page.get_by_role("link", name="Admin", exact=True).click()
    expect(page.locator(".chart-bar").first).to_be_attached(timeout=SLOW_MS)
    shots.take(admin, "usage")
    page.get_by_label("By", exact=True).select_option("tenant")
    page.get_by_role("button", name="Show").click()
    row = page.get_by_role("row").filter(has_text=preschool)
    # Calls, done, failed, cancelled, units.
    expect(row.get_by_role("cell")).to_contain_text(["2", "2", "0", "0", "2"], timeout=SLOW_MS)
    shots.take(admin, "usage-by-tenant")
    with page.expect_download(timeout=SLOW_MS) as download:
        page.get_by_role("button", name="Download CSV").click()
    assert preschool in Path(download.value.path()).read_text()

    open_part(admin, "Users")
    page.get_by_label("Search").fill(teacher.name)
    page.get_by_role("link", name=teacher.name).click(timeout=SLOW_MS)
    page.get_by_label(re.compile("to give")).fill("2", timeout=SLOW_MS)
    page.get_by_label("Reason").fill("For the exams that we tried")
    page.get_by_role("button", name="Adjust").click()
    page.get_by_role("dialog").get_by_role("button", name="Give").click()
    expect(page.get_by_text("3.00 VocahireCredits before")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_text("The books agree")).to_be_visible(timeout=SLOW_MS)
    shots.take(admin, "user")

    page.get_by_role("link", name="What happened").click()
    expect(page.locator(".story")).to_contain_text("joined", timeout=SLOW_MS)
    shots.take(admin, "audit")
    open_part(admin, "Trail")
    expect(page.get_by_role("table")).to_contain_text("For the exams that we tried")
    shots.take(admin, "trail")
    open_part(admin, "Invariants")
    page.get_by_role("button", name="Check everything").click()
    expect(page.get_by_role("button", name="Check again")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_text("Everything agrees.", exact=True).last).to_be_visible()
    shots.take(admin, "invariants")
    open_part(admin, "Quotas")
    page.get_by_role("link", name=preschool).click(timeout=SLOW_MS)
    expect(page.get_by_text("2 of 2 used")).to_be_visible(timeout=SLOW_MS)
    page.get_by_label("Units to give").fill("1")
    page.get_by_label("Reason of the units").fill("One more exam")
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_text("2 of 3 used")).to_be_visible(timeout=SLOW_MS)
    shots.take(admin, "quotas")
    open_part(admin, "Diagnostics")
    for look in page.get_by_role("button", name=re.compile("^Look:")).all():
        look.click()
        expect(page.locator("main .loading")).to_have_count(0, timeout=SLOW_MS)
    expect(page.locator(".failure")).to_have_count(0)
    shots.take(admin, "diagnostics")
