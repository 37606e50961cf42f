"""Files of Amazon's reports as they were found at sellers and in its documentation, where they are at hand."""

from simulator import amazon_models

DIRECTORY = amazon_models.DIRECTORY.parent / 'samples'
MISSING = f"these contract tests need samples of Amazon's reports in {DIRECTORY}; they are not part of this repository"


def available() -> bool:
    """Return whether the samples are at hand."""
    return DIRECTORY.is_dir()
