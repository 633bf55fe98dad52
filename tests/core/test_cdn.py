"""Addresses on the content network: what the builders make, and what they refuse."""

from datetime import UTC, datetime

import pytest

import acord.cdn as cdn
from acord.core.errors import InvalidRequest

STILL, MOVING = "1269e74af4df7417b13759eae50c83dc", "a_1269e74af4df7417b13759eae50c83dc"


def test_a_still_image_is_png_unless_said_otherwise() -> None:
    assert f"https://cdn.discordapp.com/avatars/80/{STILL}.png" == cdn.user_avatar(80, STILL)
    assert f"https://cdn.discordapp.com/avatars/80/{STILL}.jpg" == cdn.user_avatar(80, STILL, format="jpeg")


def test_an_animated_hash_is_an_animated_webp_unless_said_otherwise() -> None:
    base = f"https://cdn.discordapp.com/icons/80/{MOVING}"

    assert f"{base}.webp?animated=true" == cdn.guild_icon(80, MOVING)
    assert f"{base}.gif" == cdn.guild_icon(80, MOVING, format="gif")
    assert f"{base}.png" == cdn.guild_icon(80, MOVING, animated=False)
    assert f"{base}.webp" == cdn.guild_icon(80, MOVING, format="webp", animated=False)
    assert f"{base}.png" == cdn.guild_icon(80, MOVING, format="png")


def test_a_size_goes_into_the_query_before_the_animation() -> None:
    assert cdn.user_banner(80, MOVING, size=512).endswith(".webp?size=512&animated=true")


@pytest.mark.parametrize("size", [0, 15, 17, 8, 8192, -16, True])
def test_a_size_that_is_no_power_of_two_in_range_is_refused(size: int) -> None:
    with pytest.raises(InvalidRequest, match="power of two from 16 to 4096"):
        cdn.user_avatar(80, STILL, size=size)


@pytest.mark.parametrize("size", [16, 32, 64, 128, 256, 512, 1024, 2048, 4096])
def test_every_size_that_discord_serves_is_taken(size: int) -> None:
    assert cdn.user_avatar(80, STILL, size=size).endswith(f"?size={size}")


def test_a_format_that_is_not_served_is_refused_with_the_list() -> None:
    with pytest.raises(InvalidRequest, match="jpg, jpeg, png, webp"):
        cdn.guild_splash(80, STILL, format="gif")  # type: ignore[arg-type]  # what the test is about


def test_a_gif_of_a_still_image_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="does not move"):
        cdn.user_avatar(80, STILL, format="gif")


def test_a_still_image_cannot_be_made_to_move() -> None:
    with pytest.raises(InvalidRequest, match="animated"):
        cdn.user_avatar(80, STILL, animated=True)


@pytest.mark.parametrize("image", ["", "..", None, 5])
def test_what_is_no_hash_is_refused(image: object) -> None:
    with pytest.raises(InvalidRequest, match="avatar"):
        cdn.user_avatar(80, image)  # type: ignore[arg-type]  # what the test is about


def test_a_hash_cannot_lead_elsewhere() -> None:
    assert "https://cdn.discordapp.com/avatars/80/..%2F1%3Fx%23.png" == cdn.user_avatar(80, "../1?x#")


def test_an_emoji_moves_where_the_caller_says_so() -> None:
    assert "https://cdn.discordapp.com/emojis/5.webp" == cdn.custom_emoji(5)
    assert "https://cdn.discordapp.com/emojis/5.webp?animated=true" == cdn.custom_emoji(5, animated=True)
    assert "https://cdn.discordapp.com/emojis/5.gif" == cdn.custom_emoji(5, format="gif", animated=True)
    with pytest.raises(InvalidRequest, match="does not move"):
        cdn.custom_emoji(5, format="gif")


def test_a_sticker_gif_lies_on_the_media_host() -> None:
    assert "https://media.discordapp.net/stickers/5.gif" == cdn.sticker(5, format="gif")
    assert "https://cdn.discordapp.com/stickers/5.png" == cdn.sticker(5)
    assert "https://cdn.discordapp.com/stickers/5.json" == cdn.sticker(5, format="json")


def test_images_of_a_member_lie_under_guild_and_user() -> None:
    assert f"https://cdn.discordapp.com/guilds/1/users/2/avatars/{STILL}.png" == cdn.guild_member_avatar(1, 2, STILL)


def test_the_default_avatar_follows_from_the_id_or_the_old_discriminator() -> None:
    user = 80351110224678912

    assert (user >> 22) % 6 == cdn.default_avatar_index(user)
    assert 1337 % 5 == cdn.default_avatar_index(user, "1337")
    assert "https://cdn.discordapp.com/embed/avatars/2.png" == cdn.default_user_avatar(2)
    with pytest.raises(InvalidRequest, match="from 0 to 5"):
        cdn.default_user_avatar(6)


def test_a_signed_attachment_tells_when_it_expires() -> None:
    url = "https://cdn.discordapp.com/attachments/1/2/a.png?ex=65d903de&is=65c68ede&hm=00"

    assert datetime(2024, 2, 23, 20, 45, 18, tzinfo=UTC) == cdn.attachment_expiry(url)
    assert cdn.attachment_expiry("https://cdn.discordapp.com/avatars/1/x.png") is None
    assert cdn.attachment_expiry("https://cdn.discordapp.com/a.png?ex=zz") is None
