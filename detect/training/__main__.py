"""Make the model's weights and its card from labelled pages: `python -m detect.training LABELLED`.

Writes `weights.npz` and `weights.md` into the folder of the package, or into `--out`. The same pages give the same
bytes (with the same releases of LightGBM and NumPy).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from detect import model
from detect.training import card
from detect.training.examples import examples
from detect.training.fit import fit
from detect.training.labelled import read_labelled


def main() -> None:
    """Read, fit, score by pages of other sites, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", type=Path, help="the folder that holds text/*.jsonl.gz")
    parser.add_argument("--out", type=Path, default=model.WEIGHTS.parent)
    parser.add_argument("--datasets", default="", help="only these, separated by commas")
    parser.add_argument("--folds", type=Path, help="write here, as fold-K.npz, the models fitted without a fold")
    options = parser.parse_args()
    pages = list(read_labelled(options.labelled, filter(None, options.datasets.split(","))))
    made = examples(pages)
    fitted = fit(made, lambda words: print(words, flush=True))
    told = card.tell(pages, made, fitted)
    print(told)
    _save(fitted.model, options.out / model.WEIGHTS.name)
    for fold, unseen in enumerate(fitted.unseen if options.folds else ()):
        _save(unseen, options.folds / f"fold-{fold}.npz")
    (options.out / model.WEIGHTS.name).with_suffix(".md").write_text(told, encoding="utf-8")


def _save(made: model.Model, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        np.savez_compressed(out, allow_pickle=False, **model.pack(made))


if __name__ == "__main__":
    main()
