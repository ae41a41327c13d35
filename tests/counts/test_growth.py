"""What pages and acts cost does not grow with the table; a million rows are for ``make bench``."""

from benchmarks import growth, page

SMALL, LARGE = growth.SIZES[:2]


def test_no_act_costs_more_with_ten_thousand_rows_than_with_ten() -> None:
    with growth.measured((SMALL, LARGE), lambda _: None) as (small, large):
        assert {
            name: (small[name], large[name]) for name in small if small[name] != large[name]
        } == {}

        written = page.read()[growth.TITLE].splitlines()
        for name in small:
            (line,) = [one for one in written if one.startswith(f"| {name} |")]
            assert line == growth.row(name, [small[name], large[name], large[name]])


def test_the_plot_is_drawn_of_every_act() -> None:
    drawn = growth.PLOT.read_text(encoding="utf-8")

    assert drawn.count("<polyline") == 7
