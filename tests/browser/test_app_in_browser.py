"""The photo lab as a web page, in a browser, by the address that the command printed."""

from playwright.sync_api import Browser, expect


def test_the_photo_lab_appears_and_colors(browser: Browser, app_address: str) -> None:
    page = browser.new_page()
    page.set_default_timeout(120_000)
    page.goto(app_address)
    lab = page.locator(".colorlab")
    expect(lab.get_by_role("img", name="astronaut in color")).to_be_visible(timeout=120_000)
    expect(page).to_have_title("colorlab")
    expect(page.get_by_text("ColorizeLab")).to_have_count(0)

    lab.get_by_role("button", name="rocket").click()
    expect(lab.get_by_role("img", name="rocket in color")).to_be_visible(timeout=120_000)
    page.close()
