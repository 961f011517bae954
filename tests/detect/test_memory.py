import copy
import io
import pickle

import pytest

from detect import Memory, MemoryFileError, Page, label, learn, memory_file
from detect.memory_file import StoredSites

OTHER = Page("other", "Another site says this in a line of its own.", "other.example")


@pytest.fixture
def memory(site: list[Page]) -> Memory:
    return learn([*site, OTHER])


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


def test_a_site_is_read_when_it_is_asked_for_and_told_to_be_damaged_then(memory: Memory, tmp_path) -> None:
    path = tmp_path / "broken.winnow"
    blob = bytearray(memory.pack())
    blob[60] ^= 1  # in the block of the first site
    path.write_bytes(blob)
    loaded = Memory.load(path)
    assert loaded.sites == memory.sites
    assert loaded.keys("post.example") == memory.keys("post.example")
    with pytest.raises(MemoryFileError, match=r"broken\.winnow.*(again|restore)"):
        loaded.pages("other.example")
    with pytest.raises(MemoryFileError):
        Memory.unpack(bytes(blob))


def test_what_a_file_holds_labels_as_it_did_in_memory_and_in_another_process(site: list[Page], tmp_path) -> None:
    learn(site[:7]).save(tmp_path / "one.winnow")
    learn(site[5:]).save(tmp_path / "other.winnow")
    loaded = Memory.load(tmp_path / "one.winnow") + Memory.load(tmp_path / "other.winnow")
    sent = pickle.dumps(loaded)
    assert len(sent) < 1000  # where the files are, not what is in them
    expected = [label(page, learn(site)).pack() for page in site]
    for known in (loaded, pickle.loads(sent), learn(site[3:6]) + loaded):
        assert known == learn(site)
        assert [label(page, known).pack() for page in site] == expected
        assert known.pack() == learn(site).pack()


def test_a_file_that_was_replaced_is_not_taken_for_the_one_that_was_loaded(site: list[Page], tmp_path) -> None:
    learn(site).save(tmp_path / "site.winnow")
    sent = pickle.dumps(Memory.load(tmp_path / "site.winnow"))
    learn(site[:5]).save(tmp_path / "site.winnow")
    with pytest.raises(MemoryFileError, match=r"site\.winnow.*changed"):
        pickle.loads(sent)


def test_sites_are_written_in_order_as_samples_or_as_another_file_has_them(memory: Memory) -> None:
    blocks = StoredSites(memory.pack())
    each = [
        (site, blocks.block(site) or b"" if site == "post.example" else memory.sample(site)) for site in memory.sites
    ]
    out = io.BytesIO()
    memory_file.write(out, each)
    assert out.getvalue() == memory.pack()
    with pytest.raises(ValueError, match="other"):
        memory_file.write(io.BytesIO(), reversed(each))


def test_forgetting_leaves_what_a_file_holds_of_other_sites_where_it_is(memory: Memory, site, tmp_path) -> None:
    memory.save(tmp_path / "all.winnow")
    left = Memory.load(tmp_path / "all.winnow").without(site)
    assert left.sites == ("other.example",)
    assert left == learn([OTHER])
    assert len(pickle.dumps(left)) < 1000
    assert left.without([OTHER]) == Memory()
    assert memory.without(site[:4]) == memory - learn(site[:4])


def test_counts_of_sites_that_were_not_asked_for_of_late_make_room(site, monkeypatch) -> None:
    monkeypatch.setattr("detect.memory._ROOM", 0)
    pages = [Page(page.id, page.text, name) for page in site for name in ("a.example", "b.example")]
    memory = learn(pages)
    first = memory.index("a.example")
    assert memory.index("a.example") is first
    memory.index("b.example")
    assert memory.index("a.example") is not first


@pytest.mark.parametrize("damage", ["cut", "flipped", "other kind", "empty", "header"])
def test_a_damaged_memory_is_refused_with_its_file_and_what_to_do(memory: Memory, tmp_path, damage: str) -> None:
    blob = memory.pack()
    blob = {
        "cut": blob[:-5],
        "flipped": blob[:-50] + bytes([blob[-50] ^ 1]) + blob[-49:],
        "other kind": b"PK\x03\x04" + blob,
        "empty": b"",
        "header": blob[:16],
    }[damage]
    path = tmp_path / "broken.winnow"
    path.write_bytes(blob)
    with pytest.raises(MemoryFileError, match=r"broken\.winnow.*(again|restore)"):
        Memory.load(path)
