import copy
import pickle

import pytest

from detect import Memory, MemoryFileError, Page, learn


@pytest.fixture
def memory(site: list[Page]) -> Memory:
    return learn([*site, Page("other", "Another site says this in a line of its own.", "other.example")])


def test_a_memory_comes_back_from_its_bytes(memory: Memory) -> None:
    again = Memory.unpack(memory.pack())
    assert again == memory
    assert again.pack() == memory.pack()
    assert again.sites == ("other.example", "post.example")
    assert again.pages("post.example") == 12


def test_learning_twice_is_learning_once(site: list[Page]) -> None:
    assert learn(site) + learn(site) == learn(site)
    assert learn([*site, *site]).pack() == learn(site).pack()


def test_a_changed_page_is_another_page(site: list[Page]) -> None:
    changed = Page(site[0].id, site[0].text + "\nCorrected on Tuesday.", site[0].site)
    assert learn([*site, changed]).pages("post.example") == 13


def test_forgetting_what_was_never_learned_changes_nothing(memory: Memory) -> None:
    assert memory - learn([Page("unknown", "Nobody learned this.", "post.example")]) == memory


def test_the_operands_of_a_sum_stay_what_they_were(site: list[Page]) -> None:
    one, other = learn(site[:3]), learn(site[3:])
    before = one.pack(), other.pack()
    _ = one + other - one
    assert (one.pack(), other.pack()) == before


def test_a_page_without_a_site_or_a_word_teaches_nothing() -> None:
    assert not learn([Page("a", "Some words here."), Page("b", "...", "post.example")])


def test_a_memory_can_be_pickled_and_copied(memory: Memory) -> None:
    assert pickle.loads(pickle.dumps(memory)) == copy.deepcopy(memory) == memory


def test_saving_leaves_the_file_and_nothing_beside_it(memory: Memory, tmp_path) -> None:
    memory.save(tmp_path / "site.winnow")
    memory.save(tmp_path / "site.winnow")
    assert Memory.load(tmp_path / "site.winnow") == memory
    assert [path.name for path in tmp_path.iterdir()] == ["site.winnow"]


@pytest.mark.parametrize("damage", ["cut", "flipped", "other kind", "empty", "header"])
def test_a_damaged_memory_is_refused_with_its_file_and_what_to_do(memory: Memory, tmp_path, damage: str) -> None:
    blob = memory.pack()
    blob = {
        "cut": blob[:-5],
        "flipped": blob[:200] + bytes([blob[200] ^ 1]) + blob[201:],
        "other kind": b"PK\x03\x04" + blob,
        "empty": b"",
        "header": blob[:16],
    }[damage]
    path = tmp_path / "broken.winnow"
    path.write_bytes(blob)
    with pytest.raises(MemoryFileError, match=r"broken\.winnow.*(again|restore)"):
        Memory.load(path)
