"""`winnow clean --one-copy`: text that pages share is written once, and every cut says where it still stands."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import detect
from detect import pipeline
from webapp.cli import main

WIRE = (
    "The dredger that has kept the channel open since the spring flood will leave on Friday, a week earlier than its "
    "owners had promised, and nobody in the harbour office could say on Monday which ship would take its place. "
    "Pilots measured eleven feet of water over the bar at the lowest tide, which is enough for the trawlers but not "
    "for the grain ships, so the mill upriver has begun to buy its wheat by rail and has let two lightermen go."
)
OWN = {
    "a": "Snow fell on the upper farms before dawn, and the school bus turned back at the quarry with nine children.",
    "b": "The museum has bought a stuffed walrus from a bankrupt circus and does not know through which door it fits.",
    "c": "Voters rejected the tramline for the third time, although both newspapers and the bishop had asked for it.",
}
LAST = {
    "a": "Its driver walked them home through the orchard and was given soup by four grateful families.",
    "b": "A joiner has offered to saw the beast in two, which the director called an interesting thought.",
    "c": "Turnout was the lowest since records began, and the mayor blamed both rain and football for it.",
}
DATES = {"a": "2020-05-04", "b": "2020-05-02", "c": "2020-05-03"}


def row(id: str, **fields: str) -> dict[str, str]:
    text = f"{OWN[id]}\n{WIRE}\n{LAST[id]}"
    return {"id": id, "site": f"{id}.example", "text": text, "date": DATES[id], **fields}


def write(path: Path, *rows: dict) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def cleaned(path: Path, *options: object, code: int = 0) -> list[dict]:
    result = CliRunner().invoke(
        main, ["clean", str(path), "--out", "-", "--format", "jsonl", *(str(option) for option in options)]
    )
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def crawl(tmp_path) -> Path:
    return write(tmp_path / "in.jsonl", *map(row, "abc"))


def test_without_it_every_page_keeps_its_text(crawl):
    assert all(WIRE in record["text"] and "cuts" not in record for record in cleaned(crawl))


@pytest.mark.parametrize("keep", ["representative", "earliest"])
def test_one_page_keeps_the_passage_and_every_page_what_is_its_own(crawl, keep):
    records = cleaned(crawl, "--one-copy", keep)
    with_it = [record["id"] for record in records if WIRE in record["text"]]
    assert len(with_it) == 1 and (keep == "representative" or with_it == ["b"])
    for record in records:
        assert OWN[record["id"]] in record["text"] and LAST[record["id"]] in record["text"]
        if record["id"] not in with_it:
            assert "dredger" not in record["text"] and "lightermen" not in record["text"]


def test_a_cut_says_where_the_copy_that_stays_stands(crawl, tmp_path):
    texts = {one["id"]: one["text"] for one in map(row, "abc")}
    assert CliRunner().invoke(
        main, ["clean", str(crawl), "--out", str(tmp_path / "out"), "--one-copy", "earliest"]
    ).exit_code == 0  # fmt: skip
    manifest = [json.loads(line) for line in (tmp_path / "out" / "manifest.jsonl").read_text("utf-8").splitlines()]
    for records in (cleaned(crawl, "--one-copy", "earliest"), manifest):
        cuts = {record["id"]: [cut for cut in record["cuts"] if cut["kind"] == "reused"] for record in records}
        assert not cuts["b"] and len(cuts["a"]) == len(cuts["c"]) == 1
        for id in "ac":
            (cut,) = cuts[id]
            assert texts[id][cut["start"] : cut["stop"]].strip() == WIRE
            kept = cut["kept"]
            assert kept["id"] == "b" and texts["b"][kept["start"] : kept["stop"]] == WIRE


def test_order_of_the_pages_and_number_of_workers_make_no_difference(crawl, tmp_path):
    other = write(tmp_path / "other.jsonl", *map(row, "cab"))
    once = sorted(cleaned(crawl, "--one-copy", "representative", "--site", "x"), key=lambda record: record["id"])
    for path, workers in ((other, 1), (crawl, 2)):
        again = cleaned(path, "--one-copy", "representative", "--site", "x", "--workers", workers)
        assert sorted(again, key=lambda record: record["id"]) == once


def test_a_page_with_the_id_of_another_is_written_whole(tmp_path):
    double = {**row("a"), "text": f"{WIRE}\nNothing else."}
    path = write(tmp_path / "in.jsonl", *map(row, "abc"), double)
    records = cleaned(path, "--one-copy", "earliest")
    assert [record["id"] for record in records] == ["a", "b", "c", "a"]
    assert WIRE not in records[0]["text"] and WIRE in records[3]["text"]


def test_spans_cannot_show_it(crawl):
    assert cleaned(crawl, "--one-copy", "earliest", "--format", "spans", code=2) == []


def test_a_page_that_cannot_be_compared_counts_as_one_failure(crawl, monkeypatch):
    label = pipeline.label

    def stumble(page, memory, **how):
        return 1 / 0 if page.id == "b" else label(page, memory, **how)

    monkeypatch.setattr(pipeline, "label", stumble)
    monkeypatch.setattr(detect, "label", stumble)
    result = CliRunner().invoke(
        main, ["clean", str(crawl), "--out", "-", "--format", "jsonl", "--one-copy", "earliest", "--workers", "1"]
    )
    assert result.exit_code == 1 and "2 pages written" in result.stderr and "; 1 failed" in result.stderr
    texts = {record["id"]: record["text"] for record in map(json.loads, result.stdout.splitlines())}
    assert WIRE in texts["c"] and WIRE not in texts["a"]
