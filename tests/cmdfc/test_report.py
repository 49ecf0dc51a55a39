import csv
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import cv2
import numpy as np
import pytest
from rich.console import Console

from cmdfc import report
from cmdfc.data.pairs import PairFolder
from cmdfc.engine import TorchEngine
from cmdfc.evaluate import Evaluation
from cmdfc.fusion import FusionConfig, FusionNet
from cmdfc.metrics import COLUMNS
from cmdfc.model import FusionSegmentation
from cmdfc.outputs import Role, network, trivial
from cmdfc.report.choice import choose_pairs
from cmdfc.report.details import find_regions
from cmdfc.report.panels import ERRORS, heat, wrong_labels
from cmdfc.report.plots import Strip, nice_ticks, strip_plot
from cmdfc.segmentation import Segmenter, SegmenterConfig

VOID = {"meta", "link", "img", "input", "br"}


class Page(HTMLParser):
    """Collects what a page refers to, and that its tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.images_without_text: list[str] = []
        self.tags: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        if tag not in VOID:
            self.open.append(tag)
        given = dict(attrs)
        self.links += [given[key] or "" for key in ("src", "href") if key in given]
        if tag == "img" and given.get("alt") is None:
            self.images_without_text.append(given["src"] or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def evaluation(pair_folder: Path) -> Evaluation:
    segmenter = Segmenter(SegmenterConfig())
    fusion = FusionNet(FusionConfig(stem=4, encoder=(4,), decoder=(8,)))
    first = network(TorchEngine(FusionSegmentation(fusion, segmenter), "a"), "<full> & | all", True)
    second = network(TorchEngine(FusionSegmentation(fusion, None), "b"), "no CBAM", False)
    found = Evaluation(PairFolder(pair_folder), [first, second, *trivial(None)])
    for _ in found.run(2):
        pass
    return found


@pytest.fixture(scope="module")
def written(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "report"
    report.write(out, evaluation, "A <title>", pictures=3)
    return out


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    parsed = Page()
    parsed.feed((written / "index.html").read_text(encoding="utf-8"))
    parsed.close()
    return parsed


def test_the_page_is_whole_and_closes_what_it_opens(page: Page) -> None:
    assert page.open == []
    assert page.tags["article"] == 3
    assert page.tags["svg"] == len(COLUMNS)


def test_the_page_refers_only_to_files_that_are_beside_it(page: Page, written: Path) -> None:
    files = [link for link in page.links if not link.startswith(("#", "data:"))]
    assert files
    assert all((written / unquote(link)).is_file() for link in files)
    assert {path.name for path in (written / "pictures").iterdir()} <= {Path(link).name for link in files}


def test_every_picture_has_an_alternative_text(page: Page) -> None:
    assert page.tags["img"] > 20
    assert page.images_without_text == []


def test_names_are_escaped_on_the_page_and_in_markdown(written: Path) -> None:
    html = (written / "index.html").read_text(encoding="utf-8")
    assert "A &lt;title&gt;" in html
    assert "<full>" not in html
    assert "| <full> & \\| all |" in (written / "report.md").read_text(encoding="utf-8")


def test_csv_holds_every_figure_of_every_pair_and_the_means(written: Path, evaluation: Evaluation) -> None:
    pairs = list(csv.DictReader((written / "pairs.csv").read_text(encoding="utf-8").splitlines()))
    assert len(pairs) == 6 * 4
    assert float(pairs[0]["VIF_ir"]) == pytest.approx(
        evaluation.scores["<full> & | all"].rows["00"]["VIF_ir"], abs=1e-6
    )
    means = {
        row["output"]: row
        for row in csv.DictReader((written / "means.csv").read_text(encoding="utf-8").splitlines())
    }
    assert means["copy visible"]["SCD"] == ""
    assert 0 <= float(means["<full> & | all"]["mIoU"]) <= 1
    assert means["no CBAM"]["mIoU"] == ""


def test_tables_fit_a_hundred_columns_whole(evaluation: Evaluation) -> None:
    console = Console(width=100)
    with console.capture() as captured:
        for table in report.tables(evaluation):
            console.print(report.on_terminal(table))
    text = captured.get()
    assert "…" not in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_the_best_that_fuses_is_marked_and_a_copy_never(evaluation: Evaluation) -> None:
    _, parts, *_ = report.tables(evaluation)
    vif_vis = {row.output: row.cells[parts.columns.index("VIF_vis")] for row in parts.rows}
    assert vif_vis["copy visible"].text == "1.000"
    assert not vif_vis["copy visible"].best
    fusing = {name: cell for name, cell in vif_vis.items() if not name.startswith("copy")}
    top = max(fusing.values(), key=lambda cell: float(cell.text))
    assert [cell.text for cell in fusing.values() if cell.best] == [
        cell.text for cell in fusing.values() if cell.text == top.text
    ]


def test_two_subjects_are_told_apart_by_their_differences(evaluation: Evaluation) -> None:
    table = next(table for table in report.tables(evaluation) if table.title.startswith("Differences"))
    assert [row.output for row in table.rows] == ["<full> & | all", "no CBAM"]
    # Both fuse alike: the segmenter changes no pixel.
    assert {cell.text for cell in table.rows[1].cells} == {"+0.000", "+0.00", "–"}


def test_one_output_alone_makes_a_report_without_pictures(
    pair_folder: Path, evaluation: Evaluation, tmp_path: Path
) -> None:
    alone = Evaluation(PairFolder(pair_folder, ["02"]), evaluation.outputs[1:2])
    assert list(alone.run()) == ["02"]
    parsed = Page()
    parsed.feed(report.write(tmp_path, alone, "alone", pictures=0).read_text(encoding="utf-8"))
    assert parsed.tags["article"] == 0
    assert not (tmp_path / "pictures").exists()


def test_shown_pairs_span_dark_and_bright_from_the_worst_to_the_best(evaluation: Evaluation) -> None:
    ranked = Evaluation(evaluation.folder, evaluation.outputs[:1])
    rows = ranked.scores[ranked.outputs[0].name].rows
    for index in range(20):
        rows[f"{index}"] = {"VIF": 1 + index / 100}
        ranked.brightness[f"{index}"] = 20.0 if index % 2 else 120.0
    chosen = choose_pairs(ranked, 6)
    assert [(c.pair, c.dark) for c in chosen] == [
        ("1", True),
        ("9", True),
        ("19", True),
        ("0", False),
        ("8", False),
        ("18", False),
    ]
    assert len(choose_pairs(ranked, 100)) == 20


def test_details_are_the_person_and_the_place_of_difference() -> None:
    flat = np.full((120, 160, 3), 90, np.uint8)
    other = flat.copy()
    other[80:110, 5:40] = 200
    labels = np.zeros((120, 160), np.uint8)
    labels[20:40, 120:130] = 2
    person, difference = find_regions([flat, other], labels)
    assert person.cut(labels).sum() == labels.sum()
    assert difference.cut(other).sum() - difference.cut(flat).sum() == other.sum() - flat.sum()
    assert [r.reason for r in find_regions([flat, other], None)] == ["where outputs differ most"] * 2


def test_wrong_labels_are_coloured_by_the_way_they_are_wrong() -> None:
    picture = np.full((1, 5, 3), 100, np.uint8)
    labels, truth = np.array([[0, 1, 1, 1, 1]], np.uint8), np.array([[1, 0, 2, 1, 255]], np.uint8)
    drawn = wrong_labels(picture, labels, truth)
    assert [tuple(pixel) for pixel in drawn[0, :3]] == [colour for _, colour in ERRORS]
    assert (drawn[0, 3:] == 45).all()


def test_heat_is_dark_where_nothing_differs() -> None:
    picture = np.full((4, 4, 3), 100, np.uint8)
    other = picture.copy()
    other[0, 0] = 200
    drawn = cv2.cvtColor(heat(picture, other), cv2.COLOR_BGR2GRAY)
    assert drawn[0, 0] > 200
    assert drawn[1:].max() < 5


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (-3.0, 250.0), (0.9991, 1.0003), (1e-7, 3e-7)])
def test_ticks_are_few_and_inside_the_range(bounds: tuple[float, float]) -> None:
    ticks = nice_ticks(*bounds)
    assert 2 <= len(ticks) <= 5
    assert bounds[0] <= ticks[0] < ticks[-1] <= bounds[1]


def test_a_plot_without_a_figure_says_so() -> None:
    svg = strip_plot("SCD", [Strip("copy visible", Role.COPY, {"00": float("nan")})])
    assert "undefined" in svg
    assert "nan" not in svg
