"""Opens report.html in headless Chromium and looks whether it works: tools/report_test.py REPORT CHROMIUM FOLDER_FOR_PICTURES"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

failures: list[str] = []


def expect(holds: bool, what: str) -> None:
    if not holds:
        failures.append(what)


def picture(page: Page) -> str:
    """The slice as drawn, once the drawing that was asked for is done."""
    page.wait_for_timeout(150)
    return page.evaluate("document.querySelector('#viewer canvas').toDataURL()")


def drawn_plots(page: Page) -> tuple[int, int]:
    """How many plots there are, and how many of them show something."""
    return tuple(page.evaluate("""() => {
      const canvases = [...document.querySelectorAll('#plots canvas')];
      const copy = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
      const shows = (canvas) => {
        Object.assign(copy.canvas, { width: canvas.width, height: canvas.height });
        copy.drawImage(canvas, 0, 0);
        return new Set(new Uint32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size > 3;
      };
      return [canvases.length, canvases.filter(shows).length];
    }"""))


def check_viewer(page: Page, name: str) -> None:
    seen = {picture(page)}
    slider = page.locator("#slice-number")
    last = int(slider.get_attribute("max"))
    expect(last >= 2, f"{name}: the slider has {last + 1} places")
    place = page.locator("output").inner_text()
    slider.focus()
    page.keyboard.press("Home")
    seen.add(picture(page))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    seen.add(picture(page))
    expect(len(seen) == 3, f"{name}: the slider shows {len(seen)} pictures in three places")
    expect(page.locator("output").inner_text() != place, f"{name}: the place beside the slider stays {place}")
    page.evaluate(f"() => {{ const s = document.getElementById('slice-number'); s.value = {(last + 1) // 2}; s.dispatchEvent(new Event('input')); }}")
    for select in ("slice-state", "slice-field", "slice-axis"):
        before, n = picture(page), page.locator(f"#{select} option").count()
        chosen = page.locator(f"#{select}").input_value()
        shown = {before}
        for option in range(n):
            page.locator(f"#{select}").select_option(str(option))
            shown.add(picture(page))
        page.locator(f"#{select}").select_option(chosen)
        expect(n > 1 and len(shown) > 1, f"{name}: {select} has {n} choices and shows {len(shown)} pictures")
        expect(picture(page) == before, f"{name}: {select} set back shows another picture")
    page.locator("#viewer canvas").hover()
    page.wait_for_timeout(100)
    expect("µm:" in page.locator(".readout").inner_text(), f"{name}: no value under the pointer")


def check_plots(page: Page, name: str) -> None:
    n, shown = drawn_plots(page)
    expect(n > 8 and shown == n, f"{name}: {shown} of {n} plots show something")
    expect(all(page.evaluate("[...document.querySelectorAll('#plots canvas')].map((c) => (c.getAttribute('aria-label') || '').length > 20)")), f"{name}: a plot has no description")
    page.locator("#plot-over").select_option("1")
    n_steps, shown_steps = drawn_plots(page)
    expect(shown_steps == n_steps, f"{name}: over load steps {shown_steps} of {n_steps} plots show something")
    page.locator("#plot-over").select_option("0")
    page.locator("#plots summary").first.click()
    page.wait_for_timeout(200)
    expect(page.locator("#plots tbody tr").count() >= 3, f"{name}: the first plot's numbers are not there")
    page.locator("#plots summary").first.click()


def check_layout(page: Page, name: str, width: int) -> None:
    expect(page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}: the page scrolls sideways")
    wide = page.evaluate("""() => [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.wide, pre')).map((e) => e.tagName + '.' + e.className)""")
    expect(not wide, f"{name}: beyond the right edge: {wide[:5]}")
    expect(all(page.evaluate("[...document.images].map((i) => i.naturalWidth > 0 && i.alt.length > 10)")), f"{name}: a picture is broken or has no description")
    expect(page.evaluate("document.querySelectorAll('select:not([id]), input:not([aria-label])').length") == 0, f"{name}: a control without a name")


def check(browser, report: Path, width: int, scheme: str, pictures: Path) -> str:
    name = f"{width} px, {scheme}"
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.on("console", lambda message: expect(False, f"{name}: console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: expect(False, f"{name}: {error}"))
    page.on("request", lambda request: expect(request.url.startswith(("file:", "data:", "blob:")), f"{name}: asks for {request.url}"))
    page.goto(report.resolve().as_uri())
    page.wait_for_timeout(300)
    expect(page.locator("#status").inner_text() == "Finished", f"{name}: the status is {page.locator('#status').inner_text()}")
    check_layout(page, name, width)
    check_plots(page, name)
    check_viewer(page, name)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.screenshot(path=str(pictures / f"report_{width}_{scheme}.png"), full_page=True)
    if width > 1000 and scheme == "dark":
        page.emulate_media(media="print")
        page.wait_for_timeout(200)
        expect(page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", f"{name}: paper is not white")
    page.close()
    return ground


def main() -> int:
    report, chromium, pictures = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        grounds = {(width, scheme): check(browser, report, width, scheme, pictures) for width in (1400, 380) for scheme in ("light", "dark")}
        browser.close()
    expect(grounds[1400, "light"] != grounds[1400, "dark"], "light and dark look alike")
    for failure in failures:
        print(f"report_test: {failure}", file=sys.stderr)
    print(f"report_test: {report}, {report.stat().st_size / 1e6:.1f} MB, in {len(grounds)} windows: " + (f"{len(failures)} faults" if failures else "all well"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
