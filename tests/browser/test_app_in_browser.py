"""The photo lab as a web page, in a browser, by the address that the command printed."""

from pathlib import Path

from hands_and_eyes import at, choose, expect_picture, image_of, press, save_and_compare, slider
from playwright.sync_api import Browser, expect

from colorlab import Colorizer


def test_the_photo_lab_colors_takes_hints_and_saves(
    browser: Browser, app_address: str, shipped: Colorizer, tmp_path: Path
) -> None:
    page = browser.new_page()
    page.set_default_timeout(120_000)
    page.goto(app_address)
    lab = page.locator(".colorlab")
    begin = lab.locator("canvas[aria-label='astronaut in gray and color']")  # behind the curtain
    expect(begin).to_be_visible(timeout=120_000)
    press(lab, "Color")
    expect(page).to_have_title("colorlab")
    expect(page.get_by_text("ColorizeLab")).to_have_count(0)
    expect_picture(lab, shipped.colorize(image_of("astronaut")))

    image_of("rocket").save(tmp_path / "launch.png")
    choose(lab, tmp_path / "launch.png")
    expect(lab.get_by_role("img", name="launch.png in color")).to_be_visible()
    slider(lab, "Hue shift").press("End")
    press(lab, "Place hints")
    page.mouse.click(*at(lab, (0.2, 0.3)))
    expect(lab.get_by_role("button", name="Hint 1")).to_be_visible()
    settings = save_and_compare(lab, tmp_path / "out.png", "rocket", shipped)
    assert settings["hue_shift"] == 180 and len(settings["hints"]) == 1
    page.close()
