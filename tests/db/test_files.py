"""Attachments, on both databases, worked by a handler, a colleague and a stranger."""

import io
import zipfile
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, insert, select, update

from engine import files
from engine.errors import Invalid, NotFound
from engine.tables import blob, setting
from web.city import City

REPORT = {"source": "collector", "title": "井盖缺失", "area": "yuanlin", "place": "章华中路"}
COLLECTOR, LEADER, STRANGER = "lijianguo", "sunguoqing", "lvshuhua"


def photo(colour: str = "red", size: tuple[int, int] = (1200, 900)) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "CANARY-MAKER"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", exif=exif, comment=b"CANARY-COMMENT")
    return out.getvalue()


@pytest.fixture
def case(city: City) -> int:
    return city.start("case_dispatch", REPORT, COLLECTOR)


def count_blobs(city: City) -> int:
    with city.core.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(blob)).scalar_one())


def test_a_photo_is_drawn_anew_upright_and_says_nothing_else(city: City, case: int) -> None:
    accepted = city.accept("../..\\現場\u202e.jpeg", photo())
    assert accepted.name == "現場.jpg"
    city.attach(case, [accepted], COLLECTOR)
    got = files.fetch(city.core, case, accepted.id, LEADER)
    image = Image.open(io.BytesIO(got.content))
    assert image.size == (900, 1200)
    assert not image.getexif()
    assert b"CANARY" not in got.content
    small = files.fetch(city.core, case, accepted.id, LEADER, thumbnail=True)
    assert max(Image.open(io.BytesIO(small.content)).size) == 320


def test_it_is_written_with_history_and_only_once(city: City, case: int) -> None:
    accepted = city.accept("a.jpg", photo())
    for _ in range(2):
        assert city.attach(case, [accepted], COLLECTOR)["files"] == [accepted.id]
    assert [row["id"] for row in files.listing(city.core, case, COLLECTOR)] == [accepted.id]
    assert [row["kind"] for row in city.trail(case)].count("attached") == 1
    other = city.start("case_dispatch", REPORT, COLLECTOR, accepted=[accepted])
    assert [row["hash"] for row in files.listing(city.core, other, COLLECTOR)] == [accepted.hash]
    assert count_blobs(city) == 2


def test_a_photo_of_a_form_comes_with_the_completion_or_not_at_all(city: City, case: int) -> None:
    task = city.tasks(case)[0]
    accepted = city.accept("a.jpg", photo())
    with pytest.raises(Exception, match="answer"):
        city.complete(task, {"nonsense": 1}, LEADER, accepted=[accepted])
    assert files.listing(city.core, case, LEADER) == []


def test_a_stranger_neither_reads_nor_writes_nor_learns(city: City, case: int) -> None:
    accepted = city.accept("a.jpg", photo())
    city.attach(case, [accepted], COLLECTOR)
    said = set()
    for act in (
        lambda: files.fetch(city.core, case, accepted.id, STRANGER),
        lambda: files.fetch(city.core, case + 1, accepted.id, STRANGER),
        lambda: files.listing(city.core, case, STRANGER),
        lambda: city.attach(case, [city.accept("b.jpg", photo("blue"))], STRANGER),
    ):
        with pytest.raises(NotFound) as refused:
            act()
        said.add(str(refused.value))
    assert len(said) == 1
    assert count_blobs(city) == 2


@pytest.mark.parametrize(
    "name, content",
    [
        ("a.jpg", b""),
        ("a.jpg", b"\xff\xd8\xffnot a picture"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        ("a.txt", b"  <html><script>1</script></html>"),
        ("a.exe", b"MZ\x90\x00\x03"),
        ("a.docx", b"PK\x03\x04 broken"),
        ("a.txt", b"bell \x07"),
    ],
)
def test_what_it_is_decides_not_what_it_is_called(city: City, name: str, content: bytes) -> None:
    with pytest.raises(Invalid):
        city.accept(name, content)


def test_office_files_are_told_apart_and_macros_refused(city: City) -> None:
    def office(*members: str) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for member in members:
                archive.writestr(member, "x")
        return out.getvalue()

    assert city.accept("表.zip", office("xl/workbook.xml")).name == "表.xlsx"
    assert city.accept("公文.ofd", office("OFD.xml")).type == "application/ofd"
    assert city.accept("说明.TXT", "你好".encode("gb18030")).type == "text/plain"
    with pytest.raises(Invalid):
        city.accept("a.docx", office("word/document.xml", "word/vbaProject.bin"))
    with pytest.raises(Invalid):
        city.accept("a.zip", office("anything"))


def test_a_bomb_is_refused_before_it_is_unpacked(city: City) -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert len(out.getvalue()) < 200_000
    with pytest.raises(Invalid):
        city.accept("bomb.png", out.getvalue())


def test_limits_are_settings(city: City, case: int) -> None:
    def limit(key: str, value: int) -> None:
        with city.core.db.write() as connection:
            if not connection.execute(update(setting).where(setting.c.key == key).values(value=value)).rowcount:
                connection.execute(insert(setting).values(key=key, value=value))

    first, second = city.accept("a.jpg", photo()), city.accept("b.jpg", photo("blue"))
    city.attach(case, [first], COLLECTOR)
    limit("file_bytes_most", 100)
    with pytest.raises(files.TooLarge, match="one file"):
        city.accept("c.jpg", photo())
    limit("files_per_case_most", 1)
    with pytest.raises(files.TooLarge, match="1 attachments"):
        city.attach(case, [second], COLLECTOR)
    limit("files_per_case_most", 9)
    limit("file_bytes_per_case_most", first.size + second.size - 1)
    with pytest.raises(files.TooLarge, match="a case has"):
        city.attach(case, [second], COLLECTOR)
    limit("file_bytes_per_case_most", 10**9)
    limit("file_bytes_per_person_and_day_most", first.size + 1)
    with pytest.raises(files.TooLarge, match="a day"):
        city.attach(case, [second], COLLECTOR)
    city.attach(case, [second], LEADER)


def test_contents_nobody_attached_are_swept_others_stay(city: City, case: int) -> None:
    attached, orphan = city.accept("a.jpg", photo()), city.accept("b.jpg", photo("blue"))
    city.attach(case, [attached], COLLECTOR)
    files.keep(city.core, [orphan])
    assert files.sweep(city.core) == 0
    with city.core.db.write() as connection:
        connection.execute(update(blob).values(at=city.core.db.now_on(connection) - timedelta(days=2)))
    files.keep(city.core, [orphan])  # wanted again a moment before the sweep
    assert files.sweep(city.core) == 0
    with city.core.db.write() as connection:
        connection.execute(update(blob).values(at=city.core.db.now_on(connection) - timedelta(days=2)))
    assert files.sweep(city.core) == 2
    assert files.fetch(city.core, case, attached.id, COLLECTOR).content == attached.content
