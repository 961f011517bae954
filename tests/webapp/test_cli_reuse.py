"""`winnow reuse`: what it writes, what takes part, and what it does with what cannot be compared."""

import csv
import io
import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

import detect
from detect import pipeline
from webapp.cli import main

MENU = "Home | World | Sport | Weather | Archive"
END = "Copyright of the Harbour Post, all rights reserved here"
SMALL = (
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "that",
    "it",
    "with",
    "for",
    "on",
    "was",
    "from",
    "which",
    "after",
    "when",
)

# One paragraph each, natural and long enough to be told; around it stands what the other page does not have.
SHARED = {
    "Greek": "Το νέο πλοίο της γραμμής έφτασε χθες το πρωί στο λιμάνι της Πάτρας, όπου το υποδέχτηκαν ο δήμαρχος, "
    "μαθητές δύο σχολείων και εκατοντάδες κάτοικοι της πόλης που περίμεναν στην προκυμαία από τα χαράματα, ενώ η "
    "φιλαρμονική έπαιζε παλιά τραγούδια της θάλασσας και οι ψαράδες άναβαν φωτοβολίδες πάνω από τα νερά του κόλπου.",
    "Arabic": "وصلت السفينة الجديدة صباح أمس إلى ميناء المدينة القديمة حيث كان في استقبالها رئيس البلدية وتلاميذ من "
    "مدرستين ومئات السكان الذين انتظروا على الرصيف منذ طلوع الفجر بينما كانت الفرقة الموسيقية تعزف أغاني البحر "
    "القديمة وأشعل الصيادون المشاعل فوق مياه الخليج احتفالا بعودة الخط البحري بعد انقطاع دام عشر سنوات كاملة.",
    "Chinese": "新渡轮昨天早晨抵达老城港口，市长、两所学校的学生和数百名居民从黎明起就在码头等候，乐队演奏着古老的海洋歌曲，"
    "渔民们在海湾上空点燃了烟火，庆祝这条中断了十年的航线重新开通，许多老人说他们从来没有想到还能再次看到轮船驶进这座安静的港口。",
    "Thai": "เรือโดยสารลำใหม่มาถึงท่าเรือเมืองเก่าเมื่อเช้าวานนี้โดยมีนายกเทศมนตรี นักเรียนจากสองโรงเรียน และชาวเมืองหลายร้อยคนมารอต้อนรับที่"
    "ท่าเรือตั้งแต่รุ่งเช้า วงดนตรีบรรเลงเพลงทะเลเก่าแก่ ขณะที่ชาวประมงจุดพลุเหนืออ่าวเพื่อฉลองการกลับมาของเส้นทางเดินเรือที่หยุดไปสิบปี",
}
AROUND = {
    "Greek": ["Η βροχή σταμάτησε το απόγευμα και οι δρόμοι στέγνωσαν γρήγορα.", "Τα μουσεία θα μείνουν κλειστά αύριο λόγω απεργίας."],
    "Arabic": ["توقف المطر بعد الظهر وجفت الشوارع بسرعة في كل الأحياء.", "ستبقى المتاحف مغلقة غدا بسبب إضراب العمال فيها."],
    "Chinese": ["下午雨停了，街道很快就干了，孩子们又出来踢球。", "由于工人罢工，所有博物馆明天都将关闭一整天。"],
    "Thai": ["ฝนหยุดตกในช่วงบ่ายและถนนแห้งอย่างรวดเร็ว", "พิพิธภัณฑ์ทั้งหมดจะปิดในวันพรุ่งนี้เนื่องจากการนัดหยุดงาน"],
}  # fmt: skip


def sentence(pick: random.Random) -> str:
    """Fourteen words, half of them invented: what two sentences share is small words."""
    words = (
        "".join(pick.choices("abdeginorstu", k=7)) if pick.random() < 0.5 else pick.choice(SMALL) for _ in range(14)
    )
    return f"{' '.join(words).capitalize()}."


def story(number: int, sentences: int = 4) -> str:
    """Sentences that no other number has."""
    pick = random.Random(number)
    return " ".join(sentence(pick) for _ in range(sentences))


COPIED = story(7000)
ABOUT = (
    "The Harbour Post is an independent newspaper that has been printed in the old town for more than a hundred years. "
    "It belongs to its readers, who elect the board each spring and read the accounts in the town hall before they vote."
)


def page(id: str, *parts: str, **fields: str) -> dict[str, str]:
    return {"id": id, "site": "post.example", "text": "\n".join([MENU, *parts]), **fields}


def write(path: Path, *rows: dict) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def rows() -> list[dict[str, str]]:
    """Six pages of one site, each with the note about the paper under it; a copied paragraph on b, e and elsewhere."""
    made = []
    for number, letter in enumerate("abcdef"):
        own = [story(100 * number + 1), story(100 * number + 2), story(100 * number + 3)]
        made.append(page(f"p/{letter}", own[0], *([COPIED] if letter in "be" else []), *own[1:], ABOUT, END))
    elsewhere = {"site": "other.example", "url": "http://other.example/2020/05/03/story"}
    return [*made, page("q", story(901), COPIED, story(902), **elsewhere)]


@pytest.fixture
def crawl(tmp_path, rows) -> Path:
    return write(tmp_path / "crawl.jsonl", *rows)


def winnow(*arguments: object, input: bytes | None = None):
    return CliRunner().invoke(main, ["reuse", *(str(argument) for argument in arguments)], input=input)


def found(*arguments: object, code: int = 0) -> list[dict]:
    """What the command writes to standard output."""
    result = winnow(*arguments, "--out", "-")
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.stdout_bytes.decode().splitlines()]


def pages_of(records: list[dict]) -> list[tuple[str, str]]:
    return [(record["a"]["id"], record["b"]["id"]) for record in records]


def text_at(rows: list[dict], place: dict) -> str:
    text = next(row["text"] for row in rows if row["id"] == place["id"])
    return text[place["start"] : place["stop"]]


def test_a_passage_is_a_line_with_both_places_and_what_is_known_of_them(crawl, rows):
    records = found(crawl)
    assert pages_of(records) == [("p/b", "p/e"), ("p/b", "q"), ("p/e", "q")]
    for record in records:
        assert list(record) == ["a", "b", "similarity", "cluster", "kind", "first"]
        assert list(record["a"]) == list(record["b"]) == ["id", "start", "stop", "site"]
        assert (record["similarity"], record["cluster"], record["kind"]) == (1.0, "1", "exact")
        assert text_at(rows, record["a"]) == text_at(rows, record["b"]) == COPIED
    assert [record["b"]["site"] for record in records] == ["post.example", "other.example", "other.example"]


def test_similarity_has_four_places_at_most(tmp_path):
    words = COPIED.split()
    changed = " ".join([*words[:20], "tern", *words[21:30], "gull", *words[31:]])
    path = write(tmp_path / "in.jsonl", page("a", story(1), COPIED), page("b", changed, story(2)))
    (record,) = found(path, "--no-learn")
    assert 0.8 < record["similarity"] < 1 and record["similarity"] == round(record["similarity"], 4)


def test_the_page_that_came_out_first_is_named_where_dates_tell(tmp_path):
    shared = {
        "a": ("2020-05-04", "2020-05-03", "b"),
        "c": ("2020-05-03", "2020-05-04", "a"),
        "d": ("", "2020-05-03", ""),
    }
    for name, (date, other, first) in shared.items():
        path = write(
            tmp_path / f"{name}.jsonl",
            page("one", story(1), COPIED, date=date),
            page("two", COPIED, story(2), date=other),
        )
        assert [record["first"] for record in found(path, "--no-learn")] == [first]


def test_a_page_of_no_known_site_has_none(tmp_path):
    path = write(tmp_path / "in.jsonl", page("a", story(1), COPIED), page("b", story(2), COPIED))
    (record,) = found(path, "--site-from", "none")
    assert "site" not in record["a"] and "site" not in record["b"]


def test_what_a_site_prints_under_each_of_its_pages_is_no_reuse_unless_it_is_asked_for(crawl, rows):
    def notes(records):
        return [record for record in records if "elect the board" in text_at(rows, record["a"])]

    assert not notes(found(crawl))
    assert ("p/a", "p/c") in pages_of(notes(found(crawl, "--keep-boilerplate")))


def test_a_memory_file_stands_in_for_learning(crawl, tmp_path, rows):
    two = write(tmp_path / "two.jsonl", *(row for row in rows if row["id"] in ("p/a", "p/c")))
    memory = tmp_path / "post.memory"
    assert CliRunner().invoke(main, ["learn", str(crawl), "--memory", str(memory)]).exit_code == 0
    assert found(two, "--memory", memory, "--no-learn") == []
    assert found(two, "--memory", memory) == []
    assert pages_of(found(two, "--keep-boilerplate")) == [("p/a", "p/c")]


def test_the_pages_to_compare_with_are_learned_from_too(crawl, tmp_path, rows):
    one = write(tmp_path / "one.jsonl", page("new", story(5000), ABOUT))
    assert found(one, "--against", crawl) == []
    assert "p/a" in {a for pair in pages_of(found(one, "--against", crawl, "--keep-boilerplate")) for a in pair}


def test_against_compares_with_those_pages_only(tmp_path, rows):
    known = write(tmp_path / "known.jsonl", *(row for row in rows if row["id"] in ("p/a", "p/b", "q")))
    new = write(
        tmp_path / "new.jsonl", *(row for row in rows if row["id"] in ("p/e", "p/c")), page("r", COPIED, story(6))
    )
    records = found(new, "--against", known)
    assert pages_of(records) == [("p/b", "p/e"), ("p/b", "r"), ("p/e", "q"), ("q", "r")]


def test_several_places_can_be_compared_with_and_one_can_be_standard_input(tmp_path, rows):
    new = write(tmp_path / "new.jsonl", rows[4])
    known = [write(tmp_path / f"{n}.jsonl", rows[n]) for n in (1, 6)]
    both = found(new, "--against", known[0], "--against", known[1], "--no-learn")
    assert set(pages_of(both)) == {("p/b", "p/e"), ("p/e", "q")}
    piped = winnow(new, "--against", "-", "--out", "-", "--no-learn", input=known[1].read_bytes())
    assert pages_of([json.loads(line) for line in piped.stdout.splitlines()]) == [("p/e", "q")]
    assert winnow("-", "--against", "-", "--out", "-").exit_code == 2


def test_nothing_to_compare_with_is_no_reason_to_compare_the_inputs_with_each_other(crawl, tmp_path):
    (tmp_path / "empty").mkdir()
    result = winnow(crawl, "--against", tmp_path / "empty", "--out", tmp_path / "out")
    assert result.exit_code == 1 and "nothing in --against gave a page" in result.stderr
    assert not (tmp_path / "out").exists()


def test_pages_of_the_inputs_that_are_also_compared_with_are_said_to_be_so(crawl, tmp_path, rows):
    result = winnow(write(tmp_path / "new.jsonl", rows[0], rows[4]), "--against", crawl, "--out", "-")
    assert result.exit_code == 0 and "2 pages of the INPUTs found in --against too" in result.stderr


def test_pairs_are_compared_and_no_others(crawl, tmp_path):
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text('{"a": "q", "b": "p/b"}\n\n{"a": "p/a", "b": "q"}\n{"a": "q", "b": "q"}\n')
    assert pages_of(found(crawl, "--pairs", pairs)) == [("p/b", "q")]


def test_a_number_is_an_id_in_pairs_as_it_is_in_pages(tmp_path):
    path = write(tmp_path / "in.jsonl", page(1, COPIED, story(1)), page(2, story(2), COPIED), page(3, COPIED))
    pairs = write(tmp_path / "pairs.jsonl", {"a": 1, "b": 2})
    assert pages_of(found(path, "--pairs", pairs, "--no-learn")) == [("1", "2")]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ('{"a": "q", "b": "none"}', "no page has the id 'none'"),
        ('{"a": "q"}', "no pair of ids"),
        ('{"a": "q", "b": ["p/a"]}', "no pair of ids"),
        ('["q", "p/a"]', "no pair of ids"),
        ("q p/a", "no pair of ids"),
        ("[" * 100_000, "no pair of ids"),
    ],
)
def test_a_bad_line_of_pairs_is_named_and_nothing_is_written(crawl, tmp_path, bad, says):
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text('{"a": "q", "b": "p/b"}\n' + bad + "\n")
    result = winnow(crawl, "--pairs", pairs, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "pairs.jsonl:2: " in result.stderr and says in result.stderr
    assert not (tmp_path / "out").exists()


def test_pages_tells_near_duplicates_one_page_a_line(crawl, tmp_path, rows):
    copy = page("p/copy", story(0, 1), *rows[1]["text"].split("\n")[1:])
    assert found(crawl, "--pages") == []
    records = found(write(tmp_path / "copies.jsonl", *rows, copy), "--pages")
    assert [record["id"] for record in records] == ["p/b", "p/copy"]
    for record in records:
        assert list(record) == ["cluster", "id", "site", "representative", "similarity"]
        assert (record["cluster"], record["site"]) == ("1", "post.example")
    leader, other = sorted(records, key=lambda record: not record["representative"])
    assert leader["similarity"] == 1.0 and 0.5 <= other["similarity"] <= 1 and not other["representative"]


def test_pages_against_others_are_those_of_clusters_with_both(tmp_path, rows):
    twins = [page(f"{name}{n}", story(number, 8)) for name, number in (("k", 1), ("n", 2), ("x", 3)) for n in (1, 2)]
    known = write(tmp_path / "known.jsonl", twins[0], twins[1], twins[4])
    new = write(tmp_path / "new.jsonl", twins[2], twins[3], twins[5])
    records = found(new, "--against", known, "--pages", "--keep-boilerplate")
    assert [record["id"] for record in records] == ["x1", "x2"]


def test_shorter_passages_are_told_when_fewer_words_are_asked_for(tmp_path):
    short = story(7001, 1)
    path = write(tmp_path / "in.jsonl", page("a", story(1), short, story(2)), page("b", story(3), story(4), short))
    assert found(path, "--no-learn") == []
    (record,) = found(path, "--no-learn", "--min-words", 12)
    assert record["a"]["stop"] - record["a"]["start"] >= len(short)
    assert winnow(path, "--min-words", 4, "--out", "-").exit_code == 2


def test_thirty_words_are_what_the_help_says_the_shortest_passage_has():
    assert f"[default: {detect.Settings().passage_words}]" in " ".join(winnow("--help").stdout.split())


def test_csv_has_the_same_in_columns(crawl, tmp_path):
    result = winnow(crawl, "--format", "csv", "--out", "-")
    table = list(csv.DictReader(io.StringIO(result.stdout)))
    flat = [
        {f"{side}_{part}": str(value) for side in "ab" for part, value in record[side].items()}
        | {name: str(record[name]) for name in ("similarity", "cluster", "kind", "first")}
        for record in found(crawl)
    ]
    assert table == flat and len(table) == 3
    copies = write(tmp_path / "copies.jsonl", page("a", story(1)), page("b", story(1)))
    lines = winnow(copies, "--pages", "--keep-boilerplate", "--format", "csv", "--out", "-").stdout
    assert lines == (
        "cluster,id,site,representative,similarity\n1,a,post.example,true,1.0\n1,b,post.example,false,1.0\n"
    )


def test_a_spreadsheet_finds_no_formula_in_csv(tmp_path):
    ids = ["=1+1", "+1", "-1", "@a", 'a "quoted", one', "=\nx"]
    path = write(tmp_path / "in.jsonl", *(page(id, story(1), COPIED, site="=cmd()") for id in ids))
    result = winnow(path, "--keep-boilerplate", "--pages", "--format", "csv", "--out", "-")
    cells = [cell for row in csv.reader(io.StringIO(result.stdout)) for cell in row]
    assert {"'=1+1", "'+1", "'-1", "'@a", 'a "quoted", one', "'=\nx", "'=cmd()"} <= set(cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]


@pytest.mark.parametrize("options", [(), ("--pages", "--keep-boilerplate"), ("--format", "csv")])
def test_order_of_the_inputs_and_number_of_workers_leave_the_bytes_alone(tmp_path, rows, options):
    twin = page("p/twin", *rows[0]["text"].split("\n")[1:])
    rows = [*rows, twin, rows[0]]
    files = [write(tmp_path / f"{n}.jsonl", row) for n, row in enumerate(rows)]
    written = []
    for order, workers in ((files, 1), (files[::-1], 1), (random.Random(1).sample(files, len(files)), 2)):
        out = tmp_path / f"out{len(written)}"
        result = winnow(*order, "--out", out, "--workers", workers, *options)
        assert result.exit_code == 0, result.output
        written.append(out.read_bytes())
    assert written[0].count(b"\n") > 1
    assert written[0] == written[1] == written[2]


def test_a_dash_is_standard_output_and_gets_nothing_else(crawl, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert winnow(crawl, "--out", "out").exit_code == 0
    result = winnow(crawl, "--out", "-")
    assert result.stdout_bytes == Path("out").read_bytes()
    assert "3 passages of 7 pages written to standard output" in result.stderr
    assert not Path("-").exists()


def test_nothing_shared_is_an_answer(tmp_path):
    path = write(tmp_path / "in.jsonl", page("a", story(1)), page("b", story(2)))
    result = winnow(path, "--out", tmp_path / "out")
    assert result.exit_code == 0 and (tmp_path / "out").read_bytes() == b""
    assert winnow(path, "--out", tmp_path / "out", "--format", "csv").exit_code == 0
    assert (tmp_path / "out").read_text().startswith("a_id,") and len((tmp_path / "out").read_text().splitlines()) == 1


def test_nothing_to_compare_is_not_a_success(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "out").write_text("before")
    result = winnow(tmp_path / "empty", "--out", tmp_path / "out")
    assert result.exit_code == 1 and "none of the inputs gave a page" in result.stderr
    assert (tmp_path / "out").read_text() == "before"


def test_what_cannot_be_read_is_named_and_the_rest_is_compared(crawl, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text("[1]\n")
    result = winnow(bad, crawl, tmp_path / "none.txt", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert result.stderr.count("bad.jsonl:1: ") == 1 and "none.txt: there is no such file" in result.stderr
    assert "3 passages of 7 pages" in result.stderr and "2 failed" in result.stderr
    assert len((tmp_path / "out").read_text("utf-8").splitlines()) == 3


def test_of_pages_with_one_id_and_two_texts_the_longest_is_compared_in_any_order(crawl, tmp_path):
    other = write(tmp_path / "other.jsonl", page("q", story(901)))
    for inputs in ((crawl, other), (other, crawl)):
        result = winnow(*inputs, "--out", "-", "--no-learn")
        assert result.exit_code == 1 and "other.jsonl:1: " in result.stderr and "an id of its own" in result.stderr
        assert ("p/b", "q") in pages_of([json.loads(line) for line in result.stdout.splitlines()])
    against = winnow(other, rows_file(tmp_path), "--against", crawl, "--out", "-")
    assert against.exit_code == 1 and "other.jsonl:1: " in against.stderr


def rows_file(folder: Path) -> Path:
    return write(folder / "fresh.jsonl", page("fresh", COPIED, story(77)))


@pytest.mark.parametrize("options", [(), ("--keep-boilerplate",)])
def test_a_page_that_the_engine_stumbles_over_is_named_and_the_others_are_compared(
    crawl, tmp_path, monkeypatch, options
):
    date_of = pipeline.date_of

    def stumble(page, labels):
        return 1 / 0 if page.id == "p/b" else date_of(page, labels)

    monkeypatch.setattr(pipeline, "date_of", stumble)
    monkeypatch.setattr(detect, "date_of", stumble)
    result = winnow(crawl, "--out", tmp_path / "out", "--workers", 1, *options)
    assert result.exit_code == 1 and "crawl.jsonl:2: it could not be compared (ZeroDivisionError" in result.stderr
    pairs = pages_of([json.loads(line) for line in (tmp_path / "out").read_text("utf-8").splitlines()])
    assert ("p/e", "q") in pairs and not any("p/b" in pair for pair in pairs)


def test_pairs_of_a_page_that_the_engine_stumbles_over_are_left_out(crawl, tmp_path, monkeypatch):
    label = pipeline.label
    stumble = lambda page, memory, **how: 1 / 0 if page.id == "p/b" else label(page, memory, **how)  # noqa: E731
    monkeypatch.setattr(pipeline, "label", stumble)
    monkeypatch.setattr(detect, "label", stumble)
    pairs = write(tmp_path / "pairs.jsonl", {"a": "p/b", "b": "q"}, {"a": "p/e", "b": "q"})
    assert pages_of(found(crawl, "--pairs", pairs, "--workers", 1, code=1)) == [("p/e", "q")]


def test_a_failure_that_is_no_pages_own_is_told_and_nothing_is_written(crawl, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "compare", lambda *_: 1 / 0)
    result = winnow(crawl, "--out", tmp_path / "out", "--workers", 1)
    assert result.exit_code == 1 and "could not be compared (ZeroDivisionError" in result.stderr
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    "options",
    [
        ("--pages", "--min-words", 20),
        ("--pages", "--pairs", "pairs.jsonl"),
        ("--keep-boilerplate", "--no-learn"),
        ("--keep-boilerplate", "--memory", "m"),
    ],
)
def test_options_that_do_not_go_together_are_refused(crawl, tmp_path, options):
    result = winnow(crawl, "--out", tmp_path / "out", *options)
    assert result.exit_code == 2 and "leave out" in result.stderr


@pytest.mark.parametrize("out", ["crawl.jsonl", "known.jsonl", "pairs.jsonl", "."])
def test_what_is_read_is_never_written_over(crawl, tmp_path, rows, out):
    known = write(tmp_path / "known.jsonl", rows[0])
    pairs = write(tmp_path / "pairs.jsonl", {"a": "q", "b": "p/b"})
    before = {path: path.read_bytes() for path in (crawl, known, pairs)}
    result = winnow(crawl, "--against", known, "--pairs", pairs, "--out", tmp_path / out)
    assert result.exit_code == 2
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("language", SHARED)
def test_a_paragraph_is_found_in_any_script_at_its_own_characters(tmp_path, language):
    shared, (before, after) = SHARED[language], AROUND[language]
    rows = [page("a", f"🚢 {before}", shared), page("b", shared, after)]
    path = write(tmp_path / "in.jsonl", *({**row, "text": row["text"].removeprefix(MENU + "\n")} for row in rows))
    (record,) = found(path, "--no-learn")
    for side in "ab":
        row = json.loads(path.read_text("utf-8").splitlines()["ab".index(side)])
        start, stop = record[side]["start"], record[side]["stop"]
        assert start == row["text"].index(shared)
        assert stop == pytest.approx(start + len(shared), abs=3)


def test_a_paragraph_is_found_in_a_text_of_a_megabyte(tmp_path):
    sentences = [story(number, 1) for number in range(12_000)]
    large = " \n".join(sentences)
    assert len(large) > 1_000_000
    small = " ".join(sentences[5000:5004])
    path = write(tmp_path / "in.jsonl", page("large", large), page("small", story(9999), small))
    records = found(path, "--keep-boilerplate")
    assert pages_of(records) == [("large", "small")]
    assert records[0]["b"]["stop"] - records[0]["b"]["start"] == pytest.approx(len(small), abs=80)


def test_a_text_of_one_word_shares_nothing(tmp_path):
    path = write(tmp_path / "in.jsonl", *({"id": id, "text": "ferry"} for id in "abc"))
    for options in ((), ("--keep-boilerplate",), ("--pages",)):
        assert found(path, *options) == []


def test_a_word_said_a_million_times_is_no_trouble(tmp_path):
    path = write(tmp_path / "in.jsonl", *({"id": id, "text": "sea " * 1_000_000} for id in "ab"), page("c", COPIED))
    for options in ((), ("--keep-boilerplate",), ("--pages",)):
        assert all("c" not in (record.get("id"), record.get("b", {}).get("id")) for record in found(path, *options))
