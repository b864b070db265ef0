"""What axe-core finds wrong with a page, for the tests of both pages."""

from __future__ import annotations

from typing import Any

RUN = (
    "const done = arguments[0], failed = (e) => [{impact: 'serious', id: String(e)}];"
    "axe.run(document).then((r) => done(r.violations), (e) => done(failed(e)))"
)


def serious_faults(driver: Any, axe: str) -> list[tuple[str, list[str]]]:
    """Serious and critical faults, each with the beginning of the elements at fault.

    Args:
        driver: A browser that shows the page.
        axe: Source of axe-core.
    """
    driver.execute_script(axe)
    return [
        (item["id"], [node["html"][:120] for node in item.get("nodes", ())])
        for item in driver.execute_async_script(RUN)
        if item["impact"] in ("serious", "critical")
    ]
