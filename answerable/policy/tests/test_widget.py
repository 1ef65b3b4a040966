"""[widget.*]: what a file may say of a product, and what it comes to."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from answerable.people.widget_queries import Key, Product
from answerable.policy.read import SHIPPED, parse
from answerable.policy.tests.test_read import GOOD, problems
from answerable.policy.widget import products

CLOUD = """
[widget.cloud]
name = "Acme Cloud"
origins = ["https://app.acme.example"]
vouches_for = ["norrland.example"]

[[widget.cloud.keys]]
id = "1"
secret_variable = "CLOUD_ONE"
"""


def pem(bits: int) -> str:
    key = rsa.generate_private_key(65537, bits).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ('"https://app.acme.example"', '"https://app.acme.example/"', "widget.cloud.origins[0]", "an origin such as"),
        ('"https://app.acme.example"', '"https://*.acme.example"', "widget.cloud.origins[0]", "an origin such as"),
        ('"https://app.acme.example"', '"http://app.acme.example"', "widget.cloud.origins[0]", "an origin such as"),
        (
            '"https://app.acme.example"',
            '"https://app.acme.example:443"',
            "widget.cloud.origins[0]",
            "an origin such as",
        ),
        ('["https://app.acme.example"]', "[]", "widget.cloud.origins", "at least one entry"),
        ('vouches_for = ["norrland.example"]', "", "widget.cloud.vouches_for", "e-mail domains whose people"),
        ('["norrland.example"]', '["@norrland"]', "widget.cloud.vouches_for[0]", "a mail domain"),
        ('name = "Acme', 'brand = "blue"\nname = "Acme', "widget.cloud.brand", "a colour"),
        ('name = "Acme', 'algorithm = "none"\nname = "Acme', "widget.cloud.algorithm", '"HS256" or "RS256"'),
        ('name = "Acme', 'algorithm = "RS256"\nname = "Acme', "widget.cloud.keys[0].public_key", "an RSA public key"),
        ('secret_variable = "CLOUD_ONE"', "", "widget.cloud.keys[0]", "secret_variable, since"),
        ('"CLOUD_ONE"', '"s3cret"', "widget.cloud.keys[0].secret_variable", "never the secret"),
        ("[widget.cloud]", "[widget.demo-product]", "widget.demo-product", "another key"),
    ],
)
def test_what_a_file_cannot_say(old: str, new: str, key: str, expected: str) -> None:
    text = CLOUD.replace(old, new, 1)
    if "demo" in new:
        text = text.replace("widget.cloud.", "widget.demo-product.")
    found = [(one.key, one.expected) for one in problems(f"{GOOD}\n{text}")]
    assert any(name == key and expected in words for name, words in found), found


def test_a_public_key_stands_in_the_file_and_a_small_one_does_not() -> None:
    def with_key(bits: int) -> str:
        text = CLOUD.replace('secret_variable = "CLOUD_ONE"', f"public_key = '''{pem(bits)}'''")
        return f"{GOOD}\n" + text.replace('name = "Acme', 'algorithm = "RS256"\nname = "Acme')

    assert parse(with_key(2048), "x").widget["cloud"].keys[0].public_key
    assert problems(with_key(1024))[0].key == "widget.cloud.keys[0].public_key"


def test_the_example_is_right() -> None:
    lines = SHIPPED.read_text().splitlines()
    begin = lines.index("# [widget.cloud]")
    example = "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[begin : lines.index("", begin)])
    example = "\n".join(line for line in example.splitlines() if not line.startswith(" "))
    (row,) = products(parse(f"{GOOD}\n{example}", "x"))
    assert (row["key"], row["brand"], row["algorithm"]) == ("cloud", "#0b5fff", "HS256")
    assert Product("cloud", "x", (), "HS256", (Key("1", "A_VARIABLE_THAT_NOBODY_SET"),), ()).signs_in is False
