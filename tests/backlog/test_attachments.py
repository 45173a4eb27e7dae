"""Files of an item: kept, handed out, hidden."""

import errno

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.urls import reverse

from backlog.actions import attachments, items
from backlog.models import Attachment
from core.errors import InvalidInput
from core.models import Event

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
HTML = b"<html><script>alert(1)</script></html>"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def item(payments, ines):
    return items.create(payments, by=ines, title="Retry", kind="functional", type="story")


def attach(item, by, content=PNG, name="shot.png"):
    return attachments.add(item, ContentFile(content), name, by=by)


@pytest.mark.parametrize("who", ["ines", "marek", "mia", "dev"])
def test_a_file_is_kept_under_a_name_of_our_own(who, item, media, request):
    user = request.getfixturevalue(who)

    attachment = attach(item, user, name="../../etc/shot.png")

    assert (attachment.name, attachment.content_type, attachment.size) == ("shot.png", "image/png", 28)
    assert "shot" not in attachment.file.name
    event = Event.objects.about(item).newest_first().first()
    assert (event.name, event.data) == (
        "attachment.added",
        {"attachment": attachment.pk, "name": "shot.png", "size": 28},
    )


@pytest.mark.parametrize("who", ["stan", "ada", "eve"])
def test_outside_the_team_nobody_attaches(who, item, dev, request):
    user = request.getfixturevalue(who)
    attachment = attach(item, dev)

    with pytest.raises(PermissionDenied):
        attach(item, user)
    with pytest.raises(PermissionDenied):
        attachments.remove(attachment, by=user)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0JFIF", "image/jpeg"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (HTML, "application/octet-stream"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "application/octet-stream"),
        (b"%PDF-1.7", "application/octet-stream"),
    ],
)
def test_the_first_bytes_say_what_a_file_is(content, content_type, item, dev):
    assert attach(item, dev, content, "picture.png").content_type == content_type


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\Users\\dev\\plan.xlsx", "plan.xlsx"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_shown_name_is_only_a_name(name, shown, item, dev):
    assert attach(item, dev, name=name).name == shown


def test_too_large_empty_and_nameless_files_are_refused(item, dev, settings, media):
    settings.ATTACHMENT_MAX_BYTES = 10

    with pytest.raises(attachments.TooLarge):
        attach(item, dev)
    for content, name in ((b"", "a.txt"), (b"a", "")):
        with pytest.raises(InvalidInput):
            attach(item, dev, content, name)
    assert (Attachment.objects.count(), list(media.iterdir())) == (0, [])


def test_a_full_disk_leaves_neither_row_nor_file(item, dev, media):
    class FullDisk(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"part"
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(attachments.StorageFull):
        attachments.add(item, FullDisk(PNG), "shot.png", by=dev)

    assert not Attachment.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_a_file_is_handed_out_so_that_nothing_of_it_runs(item, dev, client):
    attachment = attach(item, dev, HTML, "page.html")
    client.force_login(dev)

    response = client.get(reverse("backlog:attachment", args=[attachment.pk]))

    assert b"".join(response.streaming_content) == HTML
    assert response["Content-Disposition"] == 'attachment; filename="page.html"'
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize(("who", "status"), [("ines", 200), ("stan", 403), ("ada", 403), ("eve", 404)])
def test_who_may_fetch_a_file(who, status, item, dev, client, request):
    attachment = attach(item, dev)
    client.force_login(request.getfixturevalue(who))

    assert client.get(reverse("backlog:attachment", args=[attachment.pk])).status_code == status


def test_files_of_restricted_items_are_not_found(item, ines, dev, client):
    attachment = attach(item, ines)
    items.edit(item, by=ines, is_restricted=True)
    client.force_login(dev)

    assert client.get(reverse("backlog:attachment", args=[attachment.pk])).status_code == 404


def test_a_removed_file_is_gone_for_readers(item, dev, mia, ines, client):
    attachment = attach(item, dev)
    with pytest.raises(PermissionDenied):
        attachments.remove(attachment, by=mia)

    attachments.remove(attachment, by=ines)

    client.force_login(dev)
    assert client.get(reverse("backlog:attachment", args=[attachment.pk])).status_code == 404
    assert Event.objects.about(item).newest_first().first().name == "attachment.removed"
    with pytest.raises(attachments.AttachmentRemoved):
        attachments.remove(attachment, by=dev)
