import pytest
from simulator import amazon_models


def pytest_collection_modifyitems(items):
    if not amazon_models.available():
        reason = f"contract tests need Amazon's API models in {amazon_models.DIRECTORY} (or $SPAPI_MODELS); they are not part of this repository"
        for item in items:
            if 'contract' in str(item.path):
                item.add_marker(pytest.mark.skip(reason=reason))
