"""Pictures that come as data URIs: of each only its hash remains, as Discord names what lies on its CDN."""

from hashlib import md5

from acord.sandbox.answers import Json

__all__ = ["image_hash", "with_images"]


def image_hash(uri: str | None) -> str | None:
    """32 hexadecimal digits, with ``a_`` before them where the picture may move; None for None."""
    if uri is None:
        return None
    digest = md5(uri.encode(), usedforsecurity=False).hexdigest()
    return f"a_{digest}" if uri.startswith("data:image/gif") else digest


def with_images(body: Json, *fields: str) -> Json:
    """The body with hashes where it has pictures."""
    return body | {field: image_hash(body[field]) for field in fields if field in body}
