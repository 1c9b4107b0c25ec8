"""Scenes painted for planted copies, and pictures that look alike and are not: another seed is another picture."""

import random

import numpy as np
from images import photo
from painted import card, font, headline
from PIL import Image, ImageChops, ImageDraw, ImageFilter


def scene(seed, width=480, height=320):
    """A landscape of hills, houses, trees and a sky, or soft shapes; no two sizes, no two colours are the same."""
    chance = random.Random(seed)
    if seed % 4 == 0:
        return photo(seed, width, height)
    sky = Image.new("RGB", (1, 2))
    sky.putdata([tuple(chance.randrange(90, 250) for _ in range(3)) for _ in range(2)])
    image = sky.resize((width, height), 2)
    draw = ImageDraw.Draw(image)
    for layer in range(3):
        base = height * (0.35 + 0.2 * layer)
        tops = [base + chance.uniform(-0.15, 0.15) * height for _ in range(9)]
        hill = [(place * width / 8, top) for place, top in enumerate(tops)]
        draw.polygon([*hill, (width, height), (0, height)], fill=tuple(chance.randrange(30, 200) for _ in range(3)))
        for _ in range(chance.randrange(4, 14)):
            left, foot = chance.uniform(0, width), base + chance.uniform(0, 0.25) * height
            size = chance.uniform(0.03, 0.12) * height * (1 + layer / 2)
            ink = tuple(chance.randrange(10, 245) for _ in range(3))
            if chance.random() < 0.5:
                draw.rectangle((left, foot - size, left + size * 1.3, foot), fill=ink)
                draw.rectangle((left + size / 3, foot - size / 2, left + size / 2, foot), fill=(40, 30, 20))
            else:
                draw.ellipse((left, foot - size * 1.5, left + size, foot - size / 2), fill=ink)
                draw.line((left + size / 2, foot - size / 2, left + size / 2, foot), fill=(60, 40, 20), width=3)
    return grained(image.filter(ImageFilter.GaussianBlur(0.6)), seed, 3.0)


def grained(image, seed, strength):
    """What a sensor adds."""
    noise = np.random.default_rng(seed).normal(0, strength, (image.height, image.width, 3))
    return Image.fromarray(np.clip(np.asarray(image, float) + noise, 0, 255).astype(np.uint8))


def receipt(seed, width=320, height=460):
    """A till receipt: one shop and one list of goods, other sums."""
    goods, sums = random.Random(5), random.Random(seed)
    image = Image.new("RGB", (width, height), (250, 249, 244))
    draw = ImageDraw.Draw(image)
    draw.text((80, 14), "CORNER SHOP", font=font(24), fill="black")
    draw.text((60, 50), "12 Mill Lane, open 8 to 20", font=font(15), fill="black")
    for row in range(11):
        top = 90 + row * 26
        draw.text(
            (24, top), goods.choice(("Bread", "Milk 1 l", "Apples", "Soap", "Cheese")), font=font(17), fill="black"
        )
        draw.text((230, top), f"{sums.uniform(0.5, 30):6.2f}", font=font(17), fill="black")
    draw.line((20, 384, width - 20, 384), fill="black", width=2)
    draw.text((24, 396), "TOTAL", font=font(22), fill="black")
    draw.text((210, 396), f"{sums.uniform(30, 200):7.2f}", font=font(22), fill="black")
    return image


def night(seed, width=480, height=320):
    """A dark picture, always the same dim room, with another small thing in it."""
    room = np.asarray(photo(3, width, height).filter(ImageFilter.GaussianBlur(3)), float)
    image = Image.fromarray((room * 0.14).astype(np.uint8))
    chance = random.Random(seed)
    left, top, side = chance.uniform(20, width - 80), chance.uniform(20, height - 80), chance.uniform(18, 46)
    draw = ImageDraw.Draw(image)
    ink = tuple(chance.randrange(120, 250) for _ in range(3))
    (draw.ellipse if seed % 2 else draw.rectangle)((left, top, left + side, top + side * 0.8), fill=ink)
    return grained(image, seed, 1.5)


def second(seed, later, width=480, height=320):
    """A scene from a hand-held camera, a second later: a step aside, other grain, and somebody who walks through it."""
    chance = random.Random(seed * 31 + later)
    image = ImageChops.offset(
        scene(seed * 4 + 1, width + 40, height + 40), chance.randrange(-6, 7), chance.randrange(-4, 5)
    )
    image = image.crop((20, 20, width + 20, height + 20))
    draw = ImageDraw.Draw(image)
    left, foot = (0.15 + 0.3 * later) * width + chance.uniform(-20, 20), 0.9 * height
    draw.ellipse((left + 8, foot - 96, left + 30, foot - 72), fill=(210, 170, 140))
    draw.rectangle((left, foot - 72, left + 38, foot - 24), fill=(150, 30, 50))
    draw.rectangle((left + 6, foot - 24, left + 32, foot), fill=(30, 40, 80))
    return grained(image, seed * 31 + later, 4.0)


def laid_over(image, kind, seed, share=0.3):
    """A picture with a mark: a word, a logo, a band or a pattern of words, over about so much of it."""
    chance = random.Random(f"{kind} {seed}")
    image, (width, height) = image.convert("RGB"), image.size
    layer = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(layer)
    if kind == "band":
        high = round(height * share)
        top = chance.choice((0, height - high, round((height - high) * chance.uniform(0.2, 0.8))))
        draw.rectangle((0, top, width, top + high), fill=(*(chance.randrange(0, 256) for _ in range(3)), 255))
        draw.text((width * 0.05, top + high * 0.25), headline(seed, 2), font=font(max(10, high * 0.4)), fill="white")
    elif kind == "logo":
        wide, high = width * share**0.5, height * share**0.5
        left, top = chance.uniform(0, width - wide), chance.uniform(0, height - high)
        ink, other = (tuple(chance.randrange(0, 256) for _ in range(3)) for _ in range(2))
        draw.rounded_rectangle((left, top, left + wide, top + high), high / 8, fill=(*ink, 255))
        draw.ellipse((left + wide * 0.1, top + high * 0.15, left + wide * 0.5, top + high * 0.85), fill=(*other, 255))
        draw.text((left + wide * 0.55, top + high * 0.3), "Ltd", font=font(max(10, high * 0.3)), fill="white")
    elif kind == "word":
        size = height * share
        word = chance.choice(("SOLD", "COPY", "PROOF", "SAMPLE", "DRAFT"))
        left = (width - font(size).getlength(word)) * chance.random()
        draw.text((left, chance.uniform(0, height - 1.3 * size)), word, font=font(size), fill=(255, 255, 255, 200))
    else:
        for row in range(-1, 9):
            for column in range(-1, 5):
                place = column * width / 4 + row % 2 * width / 8, row * height / 8
                draw.text(place, "preview", font=font(height * share / 5), fill=(255, 255, 255, 110))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


MARKS = ("band", "logo", "word", "pattern")
LOOKALIKES = {
    "template": [card(seed) for seed in range(12)],
    "receipts": [receipt(seed) for seed in range(12)],
    "night": [night(seed) for seed in range(12)],
    "seconds": [second(seed, later) for seed in range(4) for later in range(3)],
    "marks": [laid_over(scene(seed), "band", 7, 0.4) for seed in range(12)],
}
"""Kinds of pictures none of which is a copy of another."""
