"""axe-core on an open page: loaded once for each page, run as often as the page is looked at in another way.

Three quarters of its time go into contrast, which is the same for letters of the same look on the same ground. So that
rule runs on pages with a pairing that no page had before.
"""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

Rules = dict[str, dict[str, Any]]
ALL_BUT_COLOURS: Rules = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"color-contrast": {"enabled": False}},
}
# The same page on another screen can break these alone.
RULES_OF_SCREENS: Rules = {"runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}}
_COLOURS: Rules = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}

# Only what is broken crosses over to the test, and of it only what a person has to know.
_RUN = """async rules => {
    const found = await axe.run({...rules, resultTypes: ["violations"]});
    return found.violations.flatMap(rule =>
        rule.nodes.map(node => `${rule.id}: ${node.target} ${node.failureSummary}`));
}"""
# Letters with what decides how they stand out: their own look, what they stand in, and the first ground below them.
_PAIRINGS = """() => {
    const clear = style => style.backgroundColor === "rgba(0, 0, 0, 0)" && style.backgroundImage === "none";
    const said = part => part.matches("input:not([type=hidden]), select, textarea")
        || [...part.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const pairings = [...document.querySelectorAll("body *")].filter(part => said(part) && part.checkVisibility()).map(
        part => {
            const own = getComputedStyle(part);
            let ground = part;
            while (ground.parentElement && clear(getComputedStyle(ground))) ground = ground.parentElement;
            const below = getComputedStyle(ground);
            return [part.tagName, part.className, part.parentElement.className, ground.className, own.color,
                own.opacity, own.fontSize, own.fontWeight, below.backgroundColor, below.backgroundImage].join(" | ");
        });
    return [...new Set(pairings)];
}"""


def faults_of(page: Page, rules: Rules) -> list[str]:
    """Return what is broken on a page as it is now, and where.

    The page must run scripts: axe waits for ever otherwise.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return list(page.evaluate(_RUN, rules))


def faults_of_colours(page: Page, tried: set[str]) -> list[str]:
    """Return what stands out too little on a page as it is now.

    :param tried: pairings of letters and ground that were measured before; those of this page are added.
    """
    new = set(page.evaluate(_PAIRINGS)) - tried
    tried |= new
    return faults_of(page, _COLOURS) if new else []
