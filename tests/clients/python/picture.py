"""A profile picture, set, fetched in every form and removed, as a service in Python would do it."""

import hashlib
import io

from PIL import Image, ImageCms, PngImagePlugin

CHUNK = 64 * 1024
# What must not come back: it stands in every place of a file that has room for more than pixels.
SECRET = "52.516275,13.377704"
WIDTH, HEIGHT = 900, 600


def drawn(kind):
    """A picture that lies on its side, red on its left, with all the metadata that its format knows."""
    picture = Image.effect_noise((WIDTH, HEIGHT), 60).convert("RGB")
    picture.paste((230, 20, 20), (0, 0, WIDTH // 2, HEIGHT))
    exif = picture.getexif()
    # To be turned by a quarter, so that the left becomes the top.
    exif[0x0112] = 6
    exif[0x010E] = SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 58.0), 3: "E", 4: (13.0, 22.0, 39.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = io.BytesIO()
    if kind == "JPEG":
        picture.save(file, kind, quality=95, exif=exif, icc_profile=profile, comment=SECRET)
    else:
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET)
        text.add_itxt("Location", SECRET, zip=True)
        picture.save(file, kind, exif=exif, icc_profile=profile, pnginfo=text)
    # Behind the end, where a browser might look.
    return file.getvalue() + f"<html>{SECRET}</html>".encode()


def upload(client, contract, file):
    """Sends the file in chunks and gives back the account."""
    request = contract.UploadProfilePictureRequest
    header = request.Header(size=len(file), sha256=hashlib.sha256(file).digest())

    def parts():
        yield request(header=header)
        for start in range(0, len(file), CHUNK):
            yield request(chunk=file[start : start + CHUNK])

    return client.UploadProfilePicture(parts()).account


def download(client, contract, **wanted):
    """The header and the bytes of what is wanted."""
    first, *chunks = client.DownloadProfilePicture(contract.DownloadProfilePictureRequest(**wanted))
    assert first.WhichOneof("part") == "header", first
    assert all(len(part.chunk) <= CHUNK for part in chunks)
    return first.header, b"".join(part.chunk for part in chunks)


def check_file(header, file, side):
    """Asserts that the file is the upright picture and nothing else."""
    assert len(file) == header.size, header
    assert SECRET.encode() not in file
    with Image.open(io.BytesIO(file)) as picture:
        picture.load()
        assert picture.size == (header.width, header.height) == side, (picture.size, header)
        assert picture.get_format_mimetype() == header.content_type, header
        assert not picture.getexif(), dict(picture.getexif())
        kept = set(picture.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not kept, kept
        red, green, _ = picture.convert("RGB").getpixel((side[0] // 2, side[1] // 8))
        assert red > 200 and green < 60, (red, green)
    end = b"\xff\xd9" if header.content_type == "image/jpeg" else b"IEND\xae\x42\x60\x82"
    assert file.index(end) == len(file) - len(end), "more behind the end"


def live(client, contract, variants):
    """Sets one picture after the other, reads each in all forms, and removes the last."""
    for kind in ("JPEG", "PNG"):
        file = drawn(kind)
        assert len(file) > 2 * CHUNK, len(file)
        with Image.open(io.BytesIO(file)) as original:
            assert {"exif", "icc_profile"} <= set(original.info), original.info
        picture = upload(client, contract, file).picture
        assert (picture.width, picture.height) == (HEIGHT, WIDTH), picture
        assert picture.content_type == f"image/{kind.lower()}", picture
        assert client.GetCurrent(contract.GetCurrentRequest()).account.picture == picture
        check_forms(client, contract, variants, picture)
    removed = client.DeleteProfilePicture(contract.DeleteProfilePictureRequest()).account
    assert not removed.HasField("picture"), removed


def check_forms(client, contract, variants, picture):
    """Reads the picture as a whole, as squares, from its middle, and not again when it is known."""
    for name, side in (("FULL", (HEIGHT, WIDTH)), ("SQUARE_512", (512, 512)), ("SQUARE_128", (128, 128))):
        header, file = download(client, contract, variant=variants.Value(f"PICTURE_VARIANT_{name}"))
        assert header.etag == picture.etag, header
        check_file(header, file, side)
    header, whole = download(client, contract)
    assert header.size == picture.size, header
    half = len(whole) // 2
    header, rest = download(client, contract, offset=half, if_match=picture.etag)
    assert header.size == len(whole) and rest == whole[half:]
    header, nothing = download(client, contract, if_none_match=picture.etag)
    assert header.not_modified and header.etag == picture.etag and not nothing, header
