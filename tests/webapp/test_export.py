"""What is written of a page: its spans as JSON, value for value what the labels say."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import Labels, Page
from webapp.export import json_line, page_record, spans_record

SIGNALS = ("base", "recurs", "partly", "prose", "list")


def labelled(
    weights: list[list[float]], odds: float = 2.0, of: int = 12, signals: tuple[str, ...] = SIGNALS
) -> tuple[Page, Labels]:
    """A page of one label of four characters for each row of weights, of each kind in turn."""
    n = len(weights)
    labels = Labels(
        signals,
        np.arange(n + 1, dtype=np.int64) * 4,
        np.arange(n, dtype=np.uint8) % 3,
        np.full(n, odds, np.float32),
        np.array(weights, np.float32).reshape(n, len(signals)),
        np.full(n, 3, np.int32),
        np.full(n, of, np.int32),
        np.arange(n) % 2 == 1,
    )
    return Page('a "page"', "Döc\n" * n, "coast.example"), labels


def said(labels: Labels) -> list[dict[str, object]]:
    """The same, label by label and reason by reason."""
    spans = []
    for label in labels:
        span: dict[str, object] = {"start": label.start, "stop": label.stop, "kind": label.kind}
        span["probability"] = round(label.probability, 4)
        if label.repeat:
            span["repeat"] = True
        reasons = []
        for reason in label.reasons:
            counts = {"pages": reason.pages, "of": reason.of} if reason.of or reason.name == "recurs" else {}
            reasons.append({"name": reason.name, **counts, "weight": round(reason.weight, 4)})
        spans.append({**span, "reasons": reasons})
    return spans


number = st.floats(-40, 40, width=32) | st.sampled_from(
    [0.0, -0.0, 0.5, -0.5, 1e-6, 0.00005, 0.03125, 1234.5, 2.0**-40]
)


@given(st.lists(st.lists(number, min_size=5, max_size=5), max_size=6), st.floats(-40, 40), st.sampled_from([0, 12]))
@settings(max_examples=300, deadline=None)
def test_spans_are_written_as_the_labels_have_them(weights: list[list[float]], odds: float, of: int) -> None:
    page, labels = labelled(weights, odds, of=of)
    whole = {"id": page.id, "site": page.site, "length": len(page.text), "spans": said(labels)}
    assert json_line(spans_record(page, labels)) == json.dumps(whole, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("n", [0, 3])
def test_labels_without_reasons_have_empty_lists_of_them(n: int) -> None:
    page, labels = labelled([[]] * n, signals=())
    assert [span["reasons"] for span in json.loads(json_line(spans_record(page, labels)))["spans"]] == [[]] * n


def test_halves_go_to_the_even_digit_as_pythons_do() -> None:
    page, labels = labelled([[1 / 32, 3 / 32, 5 / 32, 7 / 32, 9 / 32]])
    assert json.loads(json_line(spans_record(page, labels)))["spans"] == said(labels)


def test_a_page_is_one_line_whatever_is_in_it() -> None:
    page, labels = labelled([[1.0, 0.0, -2.0, 0.0, 0.0]])
    line = json_line(page_record(page, labels, "\u2028 \0 \1 </script>\n"))
    assert line.count("\n") == 1
    record = json.loads(line)
    assert list(record) == ["id", "site", "length", "spans", "url", "title", "date", "byline", "text", "page_text"]
    assert record["spans"] == said(labels)
    assert record["text"] == "\u2028 \0 \1 </script>\n"
