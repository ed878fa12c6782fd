"""The part of the soak that asks again: every edition of sixty nights as of then, and rebuilt from landing."""

from pathlib import Path

from tests.soak import Tell, vintages

SEED, NIGHTS = 301, 60


def run(folder: Path, tell: Tell) -> tuple[str, list[str]]:
    """Its section of docs/reliability.md, and what does not hold."""
    found = vintages.Found()
    vintages.run(folder, NIGHTS, SEED, found)
    tell(f"seed {SEED}: {NIGHTS} nights, {len(found.wrong)} differences")
    return page(found), found.wrong


def page(found: vintages.Found) -> str:
    """What was compared."""
    asked = sum("as of then" in one for one in found.wrong)
    others = {one.split(":")[0] for one in found.wrong if "rebuilt" in one}
    return f"""# Editions asked for again

`python -m tests.soak --part vintage` writes this: {len(found.saved)} nights of the small invented city of the
corrections (seed {SEED}; layers run without Spark, quality does not judge), with data late, corrected, withdrawn,
repeated, landed out of order and nights after they were sent. After a third of the nights one definition gets a second
version and another closes earlier; after half a street moves to another district and is called otherwise; after two
thirds the city has another name and one indicator is not declared any more. On each night what `citypulse values`
prints is saved (CSV and JSON of everything, CSV of the indicator that goes, the revisions of one value), and every file
of the edition. Every {vintages.EVERY} nights and at the end OPTIMIZE and VACUUM run with no retention at all:
{found.swept:,} files went. Then each is asked for again.

| statement | found | asked |
|---|---|---|
| answers `--as-of` a night, and files of its edition, that are not those saved on it, byte for byte |\
 {asked} of {found.asked:,} | 0 |
| editions rebuilt from landing in another folder whose root, files or answers are others |\
 {len(others)} of {found.rebuilt} | 0 |

{found.revised:,} published rows of the history say that their value was changed after its period was closed.
"""
