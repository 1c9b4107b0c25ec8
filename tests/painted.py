"""Pictures that look alike and are not: codes, charts, cards, screenshots. Another seed is another picture."""

import random
from itertools import pairwise

import numpy as np
from images import photo
from PIL import Image, ImageDraw, ImageFont

WORDS = (
    "harbour", "council", "storm", "market", "bridge", "school", "river", "budget", "winter", "festival",
    "museum", "railway", "election", "doctor", "garden", "window", "police", "summer", "island", "history",
    "theatre", "library", "station", "football", "kitchen",
)  # fmt: skip


def font(size):
    return ImageFont.load_default(size)


def qr(seed, modules=29, cell=8):
    """A code of random modules with the three marks of a QR code."""
    code = np.random.default_rng(seed).integers(0, 2, (modules, modules))
    mark = np.pad(np.pad(np.ones((3, 3), int), 1), 1, constant_values=1)
    for down, across in ((0, 0), (0, modules - 8), (modules - 8, 0)):
        code[down : down + 8, across : across + 8] = 0
        down, across = min(down, 0) or down + (down > 0), across + (across > 0)  # noqa: PLW2901
        code[down : down + 7, across : across + 7] = mark
    code = np.pad(code, 4)
    return Image.fromarray(((1 - code) * 255).astype(np.uint8)).resize((len(code) * cell,) * 2, 0)


def barcode(seed, changed=None, width=400, height=160):
    """A bar code; with ``changed`` the bars of one digit are others."""
    bars = np.random.default_rng(seed).integers(0, 2, 95)
    if changed is not None:
        bars[3 + 7 * changed : 10 + 7 * changed] ^= 1
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    for place in np.flatnonzero(bars):
        left = 20 + place * (width - 40) / 95
        draw.rectangle((left, 10, left + (width - 40) / 95 - 1, height - 10), fill=0)
    return image


def headline(seed, words):
    return " ".join(random.Random(seed).choices(WORDS, k=words)).capitalize()


def card(seed, width=600, height=315):
    """A news card: one photo, one colour, another headline."""
    image = photo(5, width, height)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 0.6, width, height), fill=(20, 40, 90))
    draw.text((20, 18), "NEWS", font=font(30), fill="white")
    for line in range(2):
        draw.text((20, height * 0.64 + line * 46), headline(seed * 7 + line, 3), font=font(34), fill="white")
    return image


def bars(seed, changed=None, width=480, height=300):
    """A bar chart; with ``changed`` one bar is a tenth higher."""
    shares = np.random.default_rng(seed).uniform(0.2, 0.85, 6)
    if changed is not None:
        shares[changed] += 0.1
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.text((140, 6), "Visitors by month", font=font(20), fill="black")
    for line in range(6):
        draw.line((40, 40 + line * 44, width - 10, 40 + line * 44), fill=(210, 210, 210))
    for bar, share in enumerate(shares):
        draw.rectangle((50 + bar * 70, 260 - share * 220, 96 + bar * 70, 260), fill=(60, 110, 190))
    return image


def pie(seed, side=320):
    """A pie chart of four parts."""
    image = Image.new("RGB", (side, side * 4 // 5), "white")
    draw, start = ImageDraw.Draw(image), -90.0
    colours = ((60, 110, 190), (220, 90, 60), (90, 170, 90), (240, 200, 70))
    for part, colour in zip(np.random.default_rng(seed).dirichlet([3] * 4) * 360, colours, strict=True):
        draw.pieslice((60, 20, side - 60, side - 100), start, start + part, fill=colour)
        start += part
    return image


def curve(seed, width=480, height=300):
    """A line chart."""
    steps = np.cumsum(np.random.default_rng(seed).normal(0, 1, 60))
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.line((40, 30, 40, height - 30, width - 10, height - 30), fill="black", width=2)
    heights = height - 40 - (steps - steps.min()) / np.ptp(steps) * (height - 80)
    draw.line(list(zip(np.linspace(42, width - 20, 60).tolist(), heights.tolist(), strict=True)), fill="red", width=3)
    return image


def town(seed, width=480, height=320):
    """A map with a marker somewhere else."""
    chance = random.Random(7)
    image = Image.new("RGB", (width, height), (235, 232, 222))
    draw = ImageDraw.Draw(image)
    corners = [(chance.uniform(0, width), chance.uniform(0, height)) for _ in range(40)]
    for one, other in pairwise(corners):
        draw.line((one, other), fill="white", width=chance.randrange(3, 8))
    for left, top in corners[:10]:
        draw.text((left - 40, top), f"{chance.choice(WORDS).title()} St", font=font(12), fill=(90, 90, 90))
    place = random.Random(seed + 100)
    left, top = place.uniform(40, width - 40), place.uniform(40, height - 40)
    draw.ellipse((left - 9, top - 24, left + 9, top - 6), fill=(220, 40, 40))
    draw.polygon([(left - 8, top - 12), (left + 8, top - 12), (left, top)], fill=(220, 40, 40))
    return image


def table(digit, width=600, height=400, size=16):
    """A screenshot of numbers, in one of which the last digit is given."""
    chance = random.Random(3)
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, 34), fill=(50, 60, 80))
    for row in range(12):
        for column in range(5):
            text = str(chance.randrange(1000, 9999))
            told = text[:-1] + str(digit) if (row, column) == (6, 3) else text
            draw.text((20 + column * 115, 50 + row * 28), told, font=font(size), fill=(30, 30, 30))
    return image


def framed(seed, side=360):
    """A photo in an ornate frame, always the same one."""
    image = Image.new("RGB", (side, side), (120, 20, 20))
    draw = ImageDraw.Draw(image)
    for place in range(0, side, 20):
        for left, top in ((place, 5), (place, side - 17), (5, place), (side - 17, place)):
            draw.ellipse((left, top, left + 12, top + 12), fill="gold")
    image.paste(photo(seed, side - 80, side - 80), (40, 40))
    return image


def captcha(seed, width=200, height=70):
    """Five letters and some lines."""
    chance = random.Random(seed)
    image = Image.new("RGB", (width, height), (235, 240, 245))
    draw = ImageDraw.Draw(image)
    for place, letter in enumerate(chance.sample("ABCDEFGHKLMNPRSTUVWXYZ23456789", 5)):
        draw.text((15 + place * 35, 5 + chance.randrange(14)), letter, font=font(38), fill=(40, 60, 120))
    for _ in range(4):
        ends = [(chance.uniform(0, width), chance.uniform(0, height)) for _ in range(2)]
        draw.line(ends, fill=(90, 120, 160), width=2)
    return image


def logo(seed, width=400, height=120):
    """The logo of one family, with the name of another house."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((10, 10, 110, 110), fill=(160, 30, 60))
    draw.polygon([(60, 20), (90, 90), (30, 90)], fill="white")
    draw.text((130, 15), "Hotel Group", font=font(40), fill=(60, 60, 60))
    draw.text((130, 70), WORDS[seed].upper(), font=font(28), fill=(160, 30, 60))
    return image


def button(seed, width=240, height=60):
    """A button with another word."""
    image = Image.new("RGB", (width, height), (40, 120, 200))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height // 2, width, height), fill=(30, 100, 180))
    draw.text((30, 12), WORDS[seed].title(), font=font(30), fill="white")
    return image


def crossword(seed, cells=13, cell=24):
    """A grid with some black squares."""
    black = np.random.default_rng(seed).random((cells, cells)) < 0.2
    image = Image.new("L", (cells * cell + 1,) * 2, 255)
    draw = ImageDraw.Draw(image)
    for row in range(cells):
        for column in range(cells):
            box = (column * cell, row * cell, column * cell + cell, row * cell + cell)
            draw.rectangle(box, outline=0, fill=0 if black[row, column] else 255)
    return image


def clock(seed, side=240):
    """A clock that shows another time."""
    image = Image.new("RGB", (side, side), "white")
    draw, middle = ImageDraw.Draw(image), side / 2
    draw.ellipse((8, 8, side - 8, side - 8), outline="black", width=5)
    chance = random.Random(seed)
    for length, width in ((60, 8), (95, 4)):
        turn = chance.uniform(0, 6.283)
        draw.line(
            (middle, middle, middle + length * np.sin(turn), middle - length * np.cos(turn)), fill="black", width=width
        )
    return image


TEMPLATES = (qr, barcode, card, bars, pie, curve, town, framed, captcha, logo, button, crossword, clock)


def wallpaper(shift=0, side=256, period=64):
    """One tile again and again, cut a little lower down."""
    tile = np.asarray(photo(9, period, period))
    tiled = np.tile(tile, (side // period + 2, side // period + 1, 1))
    return Image.fromarray(np.ascontiguousarray(tiled[shift : shift + side, :side]))
