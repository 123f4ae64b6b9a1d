"""A person at the page, and what each state of the product looks like: checked every time, photographed on request.

With SCREENSHOTS set to a folder (`make screenshots`) every state leaves four pictures there, `NAME.png`,
`NAME-dark.png`, `NAME-narrow.png` and `NAME-narrow-dark.png`: 1280 and 400 pixels wide, in both themes.
"""

import io
import os
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Locator, Page

Theme = Literal["light", "dark"]

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 400, "height": 860}
FREQUENT, RARE = 64, 64  # colours of a picture's palette: the areas exactly, the emoji nearly; a third of the bytes

# To its end, with what stands above it; a message that is higher than the pane from its beginning, unless told.
INTO_VIEW = """(message, toItsEnd) => {
  const high = message.offsetHeight > message.closest(".message-list").clientHeight;
  message.style.scrollMargin = "14px";
  message.scrollIntoView({ block: high && !toItsEnd ? "start" : "end", behavior: "instant" });
}"""

PICTURES_ARE_THERE = "() => [...document.images].every(image => image.complete && image.naturalWidth > 0)"
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

# What nobody should see: something beyond the window's edge, text that is cut off, raw JSON outside the inspector.
FLAWS = """() => {
  const edge = document.documentElement.clientWidth;
  const found = [];
  const name = node => `${node.tagName.toLowerCase()}.${node.className} "${node.textContent.trim().slice(0, 40)}"`;
  const shown = node => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const scrolls = ".table-scroll, .carousel-block, .raw pre, .visually-hidden, .icon";
  if (document.documentElement.scrollWidth > edge) found.push("the page is wider than the window");
  for (const node of document.querySelectorAll("body *")) {
    if (node.closest(scrolls) || !shown(node)) continue;
    const box = node.getBoundingClientRect();
    if (box.width && (box.right > edge + 1 || box.left < -1)) found.push(`beyond the edge: ${name(node)}`);
    const text = [...node.childNodes].some(one => one.nodeType === Node.TEXT_NODE && one.data.trim());
    const style = getComputedStyle(node);
    if (!text || style.textOverflow === "ellipsis" || node.matches("option, textarea, select")) continue;
    const cut = (style.overflowX === "hidden" && node.scrollWidth > node.clientWidth + 1)
      || (style.overflowY === "hidden" && node.scrollHeight > node.clientHeight + 1);
    if (cut) found.push(`cut off: ${name(node)}`);
    if (!node.closest(".raw") && /\\{\\s*"[\\w-]+"\\s*:/.test(node.textContent)) found.push(`raw JSON: ${name(node)}`);
  }
  return [...new Set(found)].slice(0, 12);
}"""


class Screen:
    """One person after the other at the same page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        page.emulate_media(reduced_motion="reduce")

    def go(self, place: str, person: str) -> None:
        """Load the page at a place, as somebody."""
        self.page.goto("about:blank")  # else a mere change of the fragment would not load the page
        self.page.goto(f"{self._url}/?as={person}#{place}")

    def open(self, channel: str) -> None:
        """Go to a channel, as a newcomer who opens the printed address."""
        self.page.goto(self._url)
        self.page.get_by_role("navigation", name="Channels").get_by_role("link", name=channel).click()

    def act_as(self, name: str) -> None:
        """Use the switcher, which loads the page anew."""
        with self.page.expect_navigation():
            self.page.get_by_role("combobox", name="Acting as").select_option(label=name)

    @property
    def thread(self) -> Locator:
        """The thread pane."""
        return self.page.get_by_role("complementary", name="Thread")

    @property
    def channel(self) -> Locator:
        """The channel pane."""
        return self.page.get_by_role("main")

    @property
    def dialog(self) -> Locator:
        """The open dialog."""
        return self.page.get_by_role("dialog")

    def sample(self, file_name: str) -> Locator:
        """A sample file of the panel."""
        return self.page.locator(".sample").filter(has_text=file_name)

    def drop_into_channel(self, file_name: str) -> None:
        """Drop a sample and open the thread that hangs on it."""
        self.sample(file_name).get_by_role("button", name="Drop into channel").click()
        self.channel.get_by_role("button", name="repl").last.click()

    def command(self, text: str) -> None:
        """Type a command into the channel's composer."""
        box = self.channel.get_by_role("textbox").last
        box.fill(text)
        box.press("Enter")

    def state(self, name: str, words: str = "", to_its_end: bool = False) -> None:
        """Looks at the product in this state, wide and narrow; with the thread's newest message with these words.

        A message that is higher than the window is shown from its beginning, or `to_its_end`.

        Fails where anything is beyond the edge, cut off or raw; takes the pictures where some are wanted.
        """
        before = self.page.viewport_size
        flaws: list[str] = []
        for size, suffix in ((WIDE, ""), (NARROW, "-narrow")):
            self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
            self._settle(words, to_its_end)
            flaws += [f"{name}{suffix}: {flaw}" for flaw in self.page.evaluate(FLAWS)]
            self._photograph(name + suffix)
        if before is not None:
            self.page.set_viewport_size(before)
        assert not flaws, flaws

    def _settle(self, words: str, to_its_end: bool) -> None:
        self.page.mouse.move(0, 0)
        self._drawn()
        if words:
            self.thread.get_by_role("article").filter(has_text=words).last.evaluate(INTO_VIEW, to_its_end)

    def _drawn(self) -> None:
        self.page.wait_for_function(PICTURES_ARE_THERE)
        self.page.evaluate(DRAWN)

    def _photograph(self, name: str) -> None:
        folder = os.environ.get("SCREENSHOTS")
        if not folder:
            return
        themes: tuple[Theme, ...] = ("light", "dark")
        for theme in themes:
            self.page.emulate_media(color_scheme=theme)
            self._drawn()
            picture = Image.open(io.BytesIO(self.page.screenshot(caret="hide"))).convert("RGB")
            path = Path(folder) / f"{name}{'-dark' if theme == 'dark' else ''}.png"
            _few_colours(picture).save(path, optimize=True)
        self.page.emulate_media(color_scheme="light")


def _few_colours(picture: Image.Image) -> Image.Image:
    frequent = sorted(picture.getcolors(picture.width * picture.height) or (), reverse=True)[:FREQUENT]
    exact = [channel for _, colour in frequent if isinstance(colour, tuple) for channel in colour]
    nearly = picture.quantize(RARE, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette(exact + nearly)
    drawn = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    # Pillow looks for the nearest in steps of four, which gives a dark area a tint: the frequent ones by hand.
    places = {bytes(exact[3 * number : 3 * number + 3]): number for number in range(len(exact) // 3)}
    colours, numbers = picture.tobytes(), bytearray(drawn.tobytes())
    for at in range(len(numbers)):
        numbers[at] = places.get(colours[3 * at : 3 * at + 3], numbers[at])
    drawn.frombytes(bytes(numbers))
    return drawn
