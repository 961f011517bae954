"""Invented languages in several scripts: vocabularies that fall as words do, and sentences and headlines of them.

In: the name of a language and a source of chance. Out: text. Each language has some of its script's own most
frequent words at the head and syllables at random behind them, by rank as Zipf has it: 1 / (rank + 2.7).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

_VOCABULARY = 12_000
_DRAWS = 1 << 17  # how finely the chances of words are told apart
_COMMA = 14  # one word in so many has one behind it
_SENTENCE = (7, 28)  # words
_HEADLINE = (6, 12)


class Recipe(NamedTuple):
    """What a language is made of; `share` of the pages of a crawl are in it."""

    share: float
    head: str
    onsets: str
    vowels: str
    codas: str
    space: str = " "
    stop: str = "."
    comma: str = ","


RECIPES = {
    "latin-1": Recipe(
        0.25,
        "the of and to in a is that for on was with as it at by from be this have are not but they",
        "b c d f g h l m n p r s t v w st tr pl sh ch gr",
        "a e i o u ea ou ee",
        "- - - n r s l t nd rk",
    ),
    "latin-2": Recipe(
        0.15,
        "der die und in den von zu das mit sich auf für ist im dem nicht ein eine als auch",
        "b d f g h k l m n r s t w sch z pf kl br",
        "a e i o u ä ö ü ei au",
        "- - n r s t ch ng ft",
    ),
    "latin-3": Recipe(
        0.15,
        "de la que el en y los se del las un por con una su para es al lo como",
        "b c d f g j l m n p r s t v ll ñ br tr",
        "a e i o u á é í ó ia ue",
        "- - - n r s l",
    ),
    "latin-4": Recipe(
        0.15,
        "ve bir bu da için de ile çok daha olarak olan en gibi sonra kadar ise",
        "b c ç d g h k l m n p r s ş t v y z",
        "a e ı i o ö u ü",
        "- - n r l k ş m",
    ),
    "cyrillic": Recipe(
        0.08,
        "в и на не что с по как это из к за от для его был при но",
        "б в г д ж з к л м н п р с т ч ш ст пр",
        "а е и о у ы я ю",
        "- - - н р с й т",
    ),
    "greek": Recipe(
        0.05,
        "και το να της του η στην για με που από στο τα οι σε",
        "β γ δ θ κ λ μ ν π ρ σ τ φ χ στ πρ",
        "α ε η ι ο υ ω ά έ ό ου",
        "- - - ς ν",
    ),
    "arabic": Recipe(
        0.05,
        "في من على إلى أن التي عن مع هذا كان ما بعد",
        "ب ت ث ج ح خ د ر ز س ش ص ط ع ف ق ك ل م ن ه و ي ال",
        "ا و ي - -",
        "- - - ن ة ر",
        comma="،",
    ),
    "chinese": Recipe(
        0.08,
        "的 了 在 是 和 一 有 不 为 这 上 中 大 到 说 人",
        " ".join(map(chr, range(0x4E2D, 0x4E2D + 700))),
        "-",
        "-",
        space="",
        stop="。",
        comma="，",
    ),
    "thai": Recipe(
        0.04,
        "และ ที่ ใน ของ เป็น การ มี ได้ ไม่ ว่า ให้ จะ",
        "ก ข ค ง จ ช ด ต ท น บ ป พ ม ย ร ล ว ส ห",
        "า ิ ี ุ ู ั -",
        "- น ม ก ง ย",
        space="",
        stop=" ",
        comma=" ",
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """The words of a language, by rank, and behind them the same with a comma.

    `draws`: places in `words`, each as often as it is likely. `space` stands between words, `stop` ends a sentence.
    """

    name: str
    words: NDArray[np.object_]
    draws: NDArray[np.int64]
    space: str
    stop: str

    def sentences(self, chance: Generator, count: int) -> list[str]:
        """So many sentences, each with its end."""
        ends = np.cumsum(chance.integers(*_SENTENCE, count))
        ranks = self.draws[chance.integers(0, _DRAWS, ends[-1])]
        ranks[ends - 1] %= _VOCABULARY
        words = self.words[ranks].tolist()
        join, stop, start, made = self.space.join, self.stop, 0, []
        for end in ends.tolist():
            text = join(words[start:end])
            made.append(text[0].upper() + text[1:] + stop)
            start = end
        return made

    def headline(self, chance: Generator, words: tuple[int, int] = _HEADLINE) -> str:
        """A line of `words` (from, below) without an end."""
        ranks = self.draws[chance.integers(0, _DRAWS, chance.integers(*words))] % _VOCABULARY
        text = self.space.join(self.words[ranks].tolist())
        return text[0].upper() + text[1:]

    def paragraph(self, chance: Generator, count: int) -> str:
        """So many sentences as one paragraph."""
        return (self.space and " ").join(self.sentences(chance, count)).rstrip()


@functools.cache
def language(name: str) -> Language:
    """The language of this name, always the same. Raises KeyError when there is none."""
    recipe = RECIPES[name]
    chance = np.random.default_rng(list(name.encode()))
    words = dict.fromkeys(recipe.head.split())
    while len(words) < _VOCABULARY:
        words.update(dict.fromkeys(_invent(recipe, chance, len(words))))
    listed = [_dressed(word, rank) for rank, word in enumerate(list(words)[:_VOCABULARY])]
    both = np.array(listed + [word + recipe.comma for word in listed], np.object_)
    chances = np.cumsum(1 / (np.arange(_VOCABULARY) + 2.7))
    draws = np.searchsorted(chances / chances[-1], (np.arange(_DRAWS) + 0.5) / _DRAWS)
    draws[::_COMMA] += _VOCABULARY
    return Language(name, both, draws, recipe.space, recipe.stop)


def _invent(recipe: Recipe, chance: Generator, rank: int) -> list[str]:
    """Some words; the rarer, the longer."""
    syllables = 1 if rank < 150 else 2 if rank < 4_000 or not recipe.space else 3
    parts = [part.split() * syllables for part in (recipe.onsets, recipe.vowels, recipe.codas)]
    drawn = [chance.choice(part, (100, syllables)) for part in parts]
    return [_spelled(*rows) for rows in zip(*drawn, strict=True)]


def _spelled(onsets: NDArray[np.str_], vowels: NDArray[np.str_], codas: NDArray[np.str_]) -> str:
    syllables = zip(onsets, vowels, codas, strict=True)
    return "".join("".join(syllable) for syllable in syllables).replace("-", "")


def _dressed(word: str, rank: int) -> str:
    """Every so many words are a name or a number."""
    if rank % 97 == 96:
        return str(rank % 31 if rank % 2 else 1900 + rank % 130)
    return word.capitalize() if rank > 50 and rank % 12 == 0 else word
