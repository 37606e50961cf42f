from . import (
    test_amounts,
    test_changes,
    test_customers,
    test_exceptions,
    test_inbox,
    test_performance,
    test_personal_data,
    test_seller,
    test_stock,
    test_sync,
    test_translations,
)
